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
   * {@link Kernels#sumOfSquares}, the same code for both implementations: at one conversion and one
   * FMA per element it takes less than a hundredth of a training step.
   */
  static double sumOfSquares(int n, float[] x, int offset) {
    double p0 = 0;
    double p1 = 0;
    double p2 = 0;
    double p3 = 0;
    double p4 = 0;
    double p5 = 0;
    double p6 = 0;
    double p7 = 0;
    double p8 = 0;
    double p9 = 0;
    double p10 = 0;
    double p11 = 0;
    double p12 = 0;
    double p13 = 0;
    double p14 = 0;
    double p15 = 0;
    int i = offset;
    int end = offset + n;
    for (; i + 16 <= end; i += 16) {
      p0 = square(x[i], p0);
      p1 = square(x[i + 1], p1);
      p2 = square(x[i + 2], p2);
      p3 = square(x[i + 3], p3);
      p4 = square(x[i + 4], p4);
      p5 = square(x[i + 5], p5);
      p6 = square(x[i + 6], p6);
      p7 = square(x[i + 7], p7);
      p8 = square(x[i + 8], p8);
      p9 = square(x[i + 9], p9);
      p10 = square(x[i + 10], p10);
      p11 = square(x[i + 11], p11);
      p12 = square(x[i + 12], p12);
      p13 = square(x[i + 13], p13);
      p14 = square(x[i + 14], p14);
      p15 = square(x[i + 15], p15);
    }
    // What is left goes to the first partial sums; beyond the end there are zeros to add.
    p0 = square(i < end ? x[i] : 0f, p0);
    p1 = square(i + 1 < end ? x[i + 1] : 0f, p1);
    p2 = square(i + 2 < end ? x[i + 2] : 0f, p2);
    p3 = square(i + 3 < end ? x[i + 3] : 0f, p3);
    p4 = square(i + 4 < end ? x[i + 4] : 0f, p4);
    p5 = square(i + 5 < end ? x[i + 5] : 0f, p5);
    p6 = square(i + 6 < end ? x[i + 6] : 0f, p6);
    p7 = square(i + 7 < end ? x[i + 7] : 0f, p7);
    p8 = square(i + 8 < end ? x[i + 8] : 0f, p8);
    p9 = square(i + 9 < end ? x[i + 9] : 0f, p9);
    p10 = square(i + 10 < end ? x[i + 10] : 0f, p10);
    p11 = square(i + 11 < end ? x[i + 11] : 0f, p11);
    p12 = square(i + 12 < end ? x[i + 12] : 0f, p12);
    p13 = square(i + 13 < end ? x[i + 13] : 0f, p13);
    p14 = square(i + 14 < end ? x[i + 14] : 0f, p14);
    p0 += p8;
    p1 += p9;
    p2 += p10;
    p3 += p11;
    p4 += p12;
    p5 += p13;
    p6 += p14;
    p7 += p15;
    p0 += p4;
    p1 += p5;
    p2 += p6;
    p3 += p7;
    p0 += p2;
    p1 += p3;
    return p0 + p1;
  }

  private static double square(float x, double sum) {
    return Math.fma((double) x, (double) x, sum);
  }
}
