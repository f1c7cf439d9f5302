package org.lanewise.stream;

import com.sun.management.ThreadMXBean;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/** What the virtual machine tells of itself, where the management modules are there to ask. */
final class VirtualMachine {
  private final CompilationMXBean compilation;
  private final ThreadMXBean threads;

  VirtualMachine() {
    CompilationMXBean compilers = null;
    ThreadMXBean counts = null;
    try {
      compilers = ManagementFactory.getCompilationMXBean();
      if (compilers != null && !compilers.isCompilationTimeMonitoringSupported()) {
        compilers = null;
      }
      counts = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
      if (counts != null && !counts.isThreadAllocatedMemoryEnabled()) {
        counts = null;
      }
    } catch (LinkageError | RuntimeException unknown) {
      // Modules missing in this image, or a machine that does not count: then nobody is asked.
    }
    this.compilation = compilers;
    this.threads = counts;
  }

  /** Time that the compilers have reported since the start, or 0 where it is not known. */
  long compilationMillis() {
    return compilation == null ? 0 : compilation.getTotalCompilationTime();
  }

  /** What this thread has allocated since its start, or 0 where it is not known. */
  long allocatedBytes() {
    return threads == null ? 0 : threads.getCurrentThreadAllocatedBytes();
  }
}
