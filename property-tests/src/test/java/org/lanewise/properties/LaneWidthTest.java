package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.PlainKernels;
import org.lanewise.kernel.VectorKernels;

/**
 * The build runs the tests on lanes of several widths and without any; this makes sure that it
 * does. The system property {@code expected.lanes} says how many floats a vector should hold, 0 for
 * a virtual machine without the Vector API.
 */
@Tag("bits")
class LaneWidthTest {
  private static final Integer EXPECTED = Integer.getInteger("expected.lanes");

  @Test
  void lanesAreAsWideAsTheBuildSays() {
    assumeTrue(EXPECTED != null && EXPECTED > 0, "no expectation");
    int most = Integer.parseInt(flag("MaxVectorSize")) / Float.BYTES;
    assertEquals(Math.min(EXPECTED, most), FloatVector.SPECIES_PREFERRED.length());
    assertInstanceOf(VectorKernels.class, KernelProvider.kernels());
    System.out.println("Lanes of this run: " + FloatVector.SPECIES_PREFERRED.length());
  }

  @Test
  void lanesAreAbsentWhereTheBuildSaysSo() {
    assumeTrue(EXPECTED != null && EXPECTED == 0, "no expectation");
    assertEquals(false, AllKernels.vectorsArePresent());
    assertInstanceOf(PlainKernels.class, KernelProvider.kernels());
    System.out.println("Lanes of this run: none");
  }

  /** The machine lowers MaxVectorSize to what the processor has. */
  private static String flag(String name) {
    return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .getVMOption(name)
        .getValue();
  }
}
