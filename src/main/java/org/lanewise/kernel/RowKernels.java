package org.lanewise.kernel;

/**
 * What look-ups, sums and softmax do along one row, on lanes or in plain Java. Lengths are
 * multiples of {@link Packed#BLOCK}.
 */
interface RowKernels {

  /** {@code z = x + y}; z may be x or y. */
  void add(int n, float[] x, int xOffset, float[] y, int yOffset, float[] z, int zOffset);

  /** {@code x = factor x}. */
  void scale(int n, float factor, float[] x, int offset);

  /** The largest element, NaN when there is one. */
  float max(int n, float[] x, int offset);

  /** {@code x = exp(x - shift)}. */
  void expShifted(int n, float shift, float[] x, int offset);

  /** The sum, as a reduction in float. */
  float sum(int n, float[] x, int offset);
}
