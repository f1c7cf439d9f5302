package org.lanewise.kernel;

/**
 * Matrix products in plain Java: the readable statement of the law. C2 leaves the inner loops
 * scalar, see {@link PlainStep}.
 */
final class PlainProduct {
  private PlainProduct() {}

  /**
   * {@link Kernels#affine} when the chains start at the bias, {@link Kernels#product} when at z.
   */
  static void multiply(
      boolean fromBias,
      int rows,
      Packed w,
      int firstInput,
      int depth,
      int panelBegin,
      int panelEnd,
      float[] a,
      int aOffset,
      int aStride,
      float[] z,
      int zOffset,
      int zStride) {
    float[] b = w.values();
    for (int p = panelBegin; p < panelEnd; p++) {
      int width = w.width(p);
      for (int r = 0; r < rows; r++) {
        int c0 = zOffset + r * zStride + w.column(p);
        if (fromBias) {
          System.arraycopy(b, w.offset(p, 0), z, c0, width);
        }
        int b0 = w.offset(p, 1 + firstInput);
        chain(depth, width, a, aOffset + r * aStride, 1, b, b0, width, z, c0);
      }
    }
  }

  /** {@link Kernels#accumulateOuter}. */
  static void accumulateOuter(
      int rows,
      int firstInput,
      int depth,
      int panelBegin,
      int panelEnd,
      float[] a,
      int aOffset,
      int aStride,
      float[] dz,
      int dzOffset,
      int dzStride,
      Packed g) {
    for (int p = panelBegin; p < panelEnd; p++) {
      int b0 = dzOffset + g.column(p);
      for (int k = 0; k < depth; k++) {
        int c0 = g.offset(p, 1 + firstInput + k);
        chain(rows, g.width(p), a, aOffset + k, aStride, dz, b0, dzStride, g.values(), c0);
      }
    }
  }

  /**
   * {@code c[n] += Σ_k a[k] b[k][n]}, four links of each chain at a time to spare loads and stores.
   */
  private static void chain(
      int depth,
      int width,
      float[] a,
      int a0,
      int aStep,
      float[] b,
      int b0,
      int bStep,
      float[] c,
      int c0) {
    int k = 0;
    for (; k + 4 <= depth; k += 4) {
      int i = a0 + k * aStep;
      int j = b0 + k * bStep;
      links4(width, a[i], a[i + aStep], a[i + 2 * aStep], a[i + 3 * aStep], b, j, bStep, c, c0);
    }
    for (; k < depth; k++) {
      link(width, a[a0 + k * aStep], b, b0 + k * bStep, c, c0);
    }
  }

  private static void links4(
      int width,
      float a0,
      float a1,
      float a2,
      float a3,
      float[] b,
      int b0,
      int bStep,
      float[] c,
      int c0) {
    int b1 = b0 + bStep;
    int b2 = b1 + bStep;
    int b3 = b2 + bStep;
    for (int n = 0; n < width; n++) {
      float sum = Math.fma(a0, b[b0 + n], c[c0 + n]);
      sum = Math.fma(a1, b[b1 + n], sum);
      sum = Math.fma(a2, b[b2 + n], sum);
      c[c0 + n] = Math.fma(a3, b[b3 + n], sum);
    }
  }

  private static void link(int width, float a, float[] b, int b0, float[] c, int c0) {
    for (int n = 0; n < width; n++) {
      c[c0 + n] = Math.fma(a, b[b0 + n], c[c0 + n]);
    }
  }
}
