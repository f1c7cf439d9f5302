package org.lanewise.event;

/** Whether events can be recorded at all; their classes are touched only where they can. */
public final class Events {
  /** The module {@code jdk.jfr} is loaded, and with a named module readable. */
  public static final boolean AVAILABLE =
      ModuleLayer.boot()
          .findModule("jdk.jfr")
          .map(jfr -> Events.class.getModule().canRead(jfr))
          .orElse(false);

  private Events() {}
}
