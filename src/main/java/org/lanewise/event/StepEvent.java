package org.lanewise.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/**
 * One step of a session. A session keeps one event and begins it anew at each step, so that it
 * allocates nothing.
 */
@Name("org.lanewise.Step")
@Label("Step")
@Category("Lanewise")
@Description("One step of a session, if it took longer than the threshold")
@Enabled(false)
@Threshold("100 us")
@StackTrace(false)
public final class StepEvent extends Event {
  /** The architecture. */
  @Label("Model")
  public final String model;

  /**
   * An event that has not begun.
   *
   * @param model the architecture
   */
  public StepEvent(String model) {
    this.model = model;
  }
}
