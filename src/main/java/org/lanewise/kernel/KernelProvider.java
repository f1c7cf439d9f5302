package org.lanewise.kernel;

import java.lang.System.Logger.Level;

/**
 * Chooses the kernels, once, when this class is first used.
 *
 * <p>The Vector API is taken when it is fast: the module {@code jdk.incubator.vector} is there, the
 * virtual machine is HotSpot with its C2 compiler on, and the processor multiplies and adds in one
 * instruction. Otherwise the plain-Java kernels run, with the same bits, and one line in the log
 * (of {@link System.Logger} {@code org.lanewise}) says why and what to do about it. The system
 * property {@code lanewise.kernels} set to {@code vector} or {@code scalar} overrides the choice. A
 * newer Java than this library knows is no reason against the Vector API.
 */
public final class KernelProvider {
  /** The system property that overrides the choice. */
  public static final String PROPERTY = "lanewise.kernels";

  private static final Kernels CHOSEN = choose();

  private KernelProvider() {}

  /**
   * The kernels of this virtual machine.
   *
   * @return always the same instance
   * @throws IllegalStateException if the system property {@value #PROPERTY} has an unknown value
   */
  public static Kernels kernels() {
    return CHOSEN;
  }

  private static Kernels choose() {
    String forced = System.getProperty(PROPERTY, "");
    return switch (forced) {
      case "" -> chooseBest();
      case "vector" -> new VectorKernels();
      case "scalar" -> new PlainKernels();
      default ->
          throw new IllegalStateException(
              PROPERTY + ": found \"" + forced + "\", expected vector or scalar");
    };
  }

  private static Kernels chooseBest() {
    String obstacle = VirtualMachine.obstacleToVectors();
    if (obstacle == null) {
      return new VectorKernels();
    }
    System.getLogger("org.lanewise")
        .log(Level.WARNING, "Plain-Java kernels, same results but slower: " + obstacle);
    return new PlainKernels();
  }
}
