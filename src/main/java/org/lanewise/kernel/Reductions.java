package org.lanewise.kernel;

/** The fixed shape of every reduction: 16 strided partial results, combined by halves. */
final class Reductions {
  private Reductions() {}

  /** The tree from the level of eight down. */
  static float combine(
      float p0, float p1, float p2, float p3, float p4, float p5, float p6, float p7) {
    return combine(p0 + p4, p1 + p5, p2 + p6, p3 + p7);
  }

  /** The tree from the level of four down. */
  static float combine(float p0, float p1, float p2, float p3) {
    return (p0 + p2) + (p1 + p3);
  }

  /**
   * {@link Kernels#accumulateSquares}, the same code for both implementations: it takes less than a
   * hundredth of a training step. Vectors of floats widened to doubles were twice as fast, and C2
   * boxed them where most ranges are short.
   */
  static void accumulateSquares(int n, float[] x, int offset, double[] p, int pOffset) {
    for (int i = 0; i < n; i++) {
      int j = pOffset + i % 16;
      p[j] = Math.fma((double) x[offset + i], (double) x[offset + i], p[j]);
    }
  }

  /** {@link Kernels#sumOfPartials}, which leaves the levels of the tree in p. */
  static double sumOfPartials(double[] p, int offset) {
    for (int half = 8; half > 0; half /= 2) {
      for (int j = offset; j < offset + half; j++) {
        p[j] += p[j + half];
      }
    }
    return p[offset];
  }
}
