package org.lanewise.properties;

import java.util.List;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.PlainKernels;
import org.lanewise.kernel.VectorKernels;

/** The implementations that this virtual machine can run. */
final class AllKernels {
  static final Kernels PLAIN = new PlainKernels();

  private AllKernels() {}

  static boolean vectorsArePresent() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  static Kernels vector() {
    return new VectorKernels();
  }

  static List<Kernels> all() {
    return vectorsArePresent() ? List.of(PLAIN, vector()) : List.of(PLAIN);
  }

  /** Skips what compares the two implementations where there is only one. */
  static final class NeedsVectors implements SkipExecutionHook {
    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
      return vectorsArePresent()
          ? SkipResult.doNotSkip()
          : SkipResult.skip("the module jdk.incubator.vector is not there");
    }
  }
}
