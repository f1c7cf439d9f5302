package org.lanewise.kernel;

import java.util.Locale;

/** What the virtual machine and the processor are able to do. */
final class VirtualMachine {
  private VirtualMachine() {}

  /** Why the Vector API would not be fast here and what helps, or null when it would be. */
  static String obstacleToVectors() {
    if (!vectorModuleReadable()) {
      return "the module jdk.incubator.vector is not there; start java with"
          + " --add-modules jdk.incubator.vector";
    }
    String name = System.getProperty("java.vm.name", "").toLowerCase(Locale.ROOT);
    if (!name.contains("hotspot") && !name.contains("openjdk")) {
      return "the Vector API is fast on HotSpot only, and this is " + name;
    }
    String info = System.getProperty("java.vm.info", "").toLowerCase(Locale.ROOT);
    if (info.contains("interpreted") || info.contains("emulated-client")) {
      return "the C2 compiler is off (" + info + "); remove -Xint or -XX:TieredStopAtLevel";
    }
    if ("false".equals(HotSpotFlags.value("UseFMA"))) {
      return "the processor, or -XX:-UseFMA, offers no fused multiply-add";
    }
    return null;
  }

  /** Loaded and readable: in the boot layer, and with a named module that {@code requires} it. */
  private static boolean vectorModuleReadable() {
    return ModuleLayer.boot()
        .findModule("jdk.incubator.vector")
        .map(vector -> VirtualMachine.class.getModule().canRead(vector))
        .orElse(false);
  }
}
