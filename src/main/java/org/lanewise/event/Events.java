package org.lanewise.event;

import jdk.jfr.FlightRecorder;

/** Whether somebody records; the classes of events are touched only then. */
public final class Events {
  /** The module {@code jdk.jfr} is loaded, and with a named module readable. */
  private static final boolean AVAILABLE =
      ModuleLayer.boot()
          .findModule("jdk.jfr")
          .map(jfr -> Events.class.getModule().canRead(jfr))
          .orElse(false);

  private Events() {}

  /**
   * Whether the flight recorder is in use. Costs one read of memory; until it is in use no class of
   * an event is loaded, which would take the flight recorder some 100 ms.
   *
   * @return true from the first recording on
   */
  public static boolean recorded() {
    return AVAILABLE && FlightRecorder.isInitialized();
  }
}
