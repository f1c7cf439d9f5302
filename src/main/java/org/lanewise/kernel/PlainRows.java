package org.lanewise.kernel;

/** {@link RowKernels} in plain Java. */
final class PlainRows implements RowKernels {

  @Override
  public void add(int n, float[] x, int xOffset, float[] y, int yOffset, float[] z, int zOffset) {
    for (int i = 0; i < n; i++) {
      z[zOffset + i] = x[xOffset + i] + y[yOffset + i];
    }
  }

  @Override
  public void scale(int n, float factor, float[] x, int offset) {
    for (int i = 0; i < n; i++) {
      x[offset + i] *= factor;
    }
  }

  @Override
  public float max(int n, float[] x, int offset) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, x[offset + i]);
    }
    return max;
  }

  @Override
  public void expShifted(int n, float shift, float[] x, int offset) {
    for (int i = 0; i < n; i++) {
      x[offset + i] = PlainMath.exp(x[offset + i] - shift);
    }
  }

  @Override
  public float sum(int n, float[] x, int offset) {
    float p0 = 0;
    float p1 = 0;
    float p2 = 0;
    float p3 = 0;
    float p4 = 0;
    float p5 = 0;
    float p6 = 0;
    float p7 = 0;
    float p8 = 0;
    float p9 = 0;
    float p10 = 0;
    float p11 = 0;
    float p12 = 0;
    float p13 = 0;
    float p14 = 0;
    float p15 = 0;
    for (int i = offset; i < offset + n; i += 16) {
      p0 += x[i];
      p1 += x[i + 1];
      p2 += x[i + 2];
      p3 += x[i + 3];
      p4 += x[i + 4];
      p5 += x[i + 5];
      p6 += x[i + 6];
      p7 += x[i + 7];
      p8 += x[i + 8];
      p9 += x[i + 9];
      p10 += x[i + 10];
      p11 += x[i + 11];
      p12 += x[i + 12];
      p13 += x[i + 13];
      p14 += x[i + 14];
      p15 += x[i + 15];
    }
    return Reductions.combine(
        p0 + p8, p1 + p9, p2 + p10, p3 + p11, p4 + p12, p5 + p13, p6 + p14, p7 + p15);
  }
}
