package org.lanewise.kernel;

/**
 * The product of one row in plain Java, see {@link Kernels#step}: C2 turns its loops into vector
 * code by itself, and a step of 128 units takes 10 instead of 22 µs.
 *
 * <p>It does so only where it can prove that no output is a weight of another turn. In two arrays
 * under one index an output is the weight of the same turn or none at all; under two indices whose
 * distance is a variable it might be any. So every row of weights is an array of its own, and z
 * begins at 0: where it does not, the product of matrices serves. With eight links a turn it gives
 * up, too.
 */
final class PlainStep {
  private PlainStep() {}

  /** {@link Kernels#step}. */
  static void run(
      StepWeights w,
      boolean fromBias,
      int panelBegin,
      int panelEnd,
      int firstInput,
      int inputs,
      float[] x,
      int xOffset,
      int hidden,
      float[] h,
      int hOffset,
      float[] z,
      int zOffset) {
    Packed p = w.packed;
    if (zOffset != 0) {
      PlainProduct.multiply(
          fromBias, 1, p, firstInput, inputs, panelBegin, panelEnd, x, xOffset, 0, z, zOffset, 0);
      int first = firstInput + inputs;
      PlainProduct.multiply(
          false, 1, p, first, hidden, panelBegin, panelEnd, h, hOffset, 0, z, zOffset, 0);
      return;
    }
    for (int panel = panelBegin; panel < panelEnd && fromBias; panel++) {
      System.arraycopy(p.values(), p.offset(panel, 0), z, p.column(panel), p.width(panel));
    }
    int begin = p.column(panelBegin);
    int end = p.column(panelEnd);
    chain(inputs, begin, end, x, xOffset, w.rows, firstInput, z);
    chain(hidden, begin, end, h, hOffset, w.rows, firstInput + inputs, z);
  }

  /** {@code z[n] += Σ_k a[k] w[k][n]}, four links at a time to spare loads and stores. */
  private static void chain(
      int depth, int begin, int end, float[] a, int a0, float[][] w, int w0, float[] z) {
    int k = 0;
    for (; k + 4 <= depth; k += 4) {
      links4(begin, end, a, a0 + k, w, w0 + k, z);
    }
    for (; k < depth; k++) {
      link(begin, end, a[a0 + k], w[w0 + k], z);
    }
  }

  private static void links4(
      int begin, int end, float[] a, int a0, float[][] w, int w0, float[] z) {
    float[] r0 = w[w0];
    float[] r1 = w[w0 + 1];
    float[] r2 = w[w0 + 2];
    float[] r3 = w[w0 + 3];
    float x0 = a[a0];
    float x1 = a[a0 + 1];
    float x2 = a[a0 + 2];
    float x3 = a[a0 + 3];
    for (int n = begin; n < end; n++) {
      float sum = Math.fma(x0, r0[n], z[n]);
      sum = Math.fma(x1, r1[n], sum);
      sum = Math.fma(x2, r2[n], sum);
      z[n] = Math.fma(x3, r3[n], sum);
    }
  }

  private static void link(int begin, int end, float a, float[] w, float[] z) {
    for (int n = begin; n < end; n++) {
      z[n] = Math.fma(a, w[n], z[n]);
    }
  }
}
