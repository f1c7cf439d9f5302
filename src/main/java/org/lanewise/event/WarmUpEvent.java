package org.lanewise.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A model was run until its code was compiled. */
@Name("org.lanewise.WarmUp")
@Label("Warm-up")
@Category("Lanewise")
@Description("A model was run until its code was compiled")
public final class WarmUpEvent extends Event {
  /** The architecture. */
  @Label("Model")
  public String model;

  /** An event that has not begun. */
  public WarmUpEvent() {}
}
