package org.lanewise.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** The state of a training run was written to a file. */
@Name("org.lanewise.Checkpoint")
@Label("Checkpoint")
@Category("Lanewise")
@Description("The state of a training run was written to a file")
public final class CheckpointEvent extends Event {
  /** The file, as it was named. */
  @Label("File")
  public String file;

  /** Training steps done. */
  @Label("Step")
  public long step;

  /** An event that has not begun. */
  public CheckpointEvent() {}
}
