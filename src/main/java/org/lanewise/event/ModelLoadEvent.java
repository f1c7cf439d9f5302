package org.lanewise.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A model was read from a file, checked and packed. */
@Name("org.lanewise.ModelLoad")
@Label("Model Load")
@Category("Lanewise")
@Description("A model was read from a file, checked and packed")
public final class ModelLoadEvent extends Event {
  /** The file, as it was named. */
  @Label("File")
  public String file;

  /** Floats that were loaded. */
  @Label("Parameters")
  public long parameters;

  /** An event that has not begun. */
  public ModelLoadEvent() {}
}
