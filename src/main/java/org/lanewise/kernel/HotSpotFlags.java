package org.lanewise.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** Flags of the virtual machine, where the management modules are there to ask. */
final class HotSpotFlags {
  private HotSpotFlags() {}

  /** The value of a flag, or null when it cannot be told. */
  static String value(String flag) {
    try {
      HotSpotDiagnosticMXBean bean =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return bean == null ? null : bean.getVMOption(flag).getValue();
    } catch (LinkageError | RuntimeException unknown) {
      // No jdk.management in this image, or a machine without such a flag.
      return null;
    }
  }
}
