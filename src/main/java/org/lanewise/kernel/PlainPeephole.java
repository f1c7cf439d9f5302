package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;

/** The gates of an LSTM with peepholes in plain Java: the equations, one unit at a time. */
final class PlainPeephole {
  private PlainPeephole() {}

  /** {@link Kernels#peepholeForward}. */
  static void forward(
      int rows,
      int blockBegin,
      int blockEnd,
      Packed peephole,
      float[] cPrevious,
      int cPreviousOffset,
      float[] c,
      int cOffset,
      int stride,
      float[] tanhC,
      int tanhCOffset,
      float[] h,
      int hOffset,
      float[] z,
      int zOffset,
      int zStride) {
    float[] w = peephole.values();
    int units = peephole.columns() / 3;
    for (int r = 0; r < rows; r++) {
      for (int u = blockBegin * BLOCK; u < blockEnd * BLOCK; u++) {
        int zAt = zOffset + r * zStride + u / BLOCK * PANEL + u % BLOCK;
        int at = r * stride + u;
        float before = cPrevious[cPreviousOffset + at];
        float i = PlainMath.sigmoid(Math.fma(w[u], before, z[zAt]));
        float f = PlainMath.sigmoid(Math.fma(w[units + u], before, z[zAt + BLOCK]));
        float g = PlainMath.tanh(z[zAt + 2 * BLOCK]);
        float cell = Math.fma(f, before, i * g);
        float o = PlainMath.sigmoid(Math.fma(w[2 * units + u], cell, z[zAt + 3 * BLOCK]));
        float t = PlainMath.tanh(cell);
        z[zAt] = i;
        z[zAt + BLOCK] = f;
        z[zAt + 2 * BLOCK] = g;
        z[zAt + 3 * BLOCK] = o;
        c[cOffset + at] = cell;
        tanhC[tanhCOffset + at] = t;
        h[hOffset + at] = o * t;
      }
    }
  }

  /** {@link Kernels#peepholeBackward}. */
  static void backward(
      int rows,
      int blockBegin,
      int blockEnd,
      Packed peephole,
      float[] dh,
      int dhOffset,
      int dhStride,
      float[] cPrevious,
      int cPreviousOffset,
      int stride,
      float[] tanhC,
      int tanhCOffset,
      float[] dc,
      int dcOffset,
      float[] z,
      int zOffset,
      int zStride) {
    float[] w = peephole.values();
    int units = peephole.columns() / 3;
    for (int r = 0; r < rows; r++) {
      for (int u = blockBegin * BLOCK; u < blockEnd * BLOCK; u++) {
        int zAt = zOffset + r * zStride + u / BLOCK * PANEL + u % BLOCK;
        int at = r * stride + u;
        float i = z[zAt];
        float f = z[zAt + BLOCK];
        float g = z[zAt + 2 * BLOCK];
        float o = z[zAt + 3 * BLOCK];
        float t = tanhC[tanhCOffset + at];
        float deltaH = dh[dhOffset + r * dhStride + u];
        float errorO = deltaH * t * (o * (1f - o));
        float deltaC = Math.fma(deltaH * o, Math.fma(-t, t, 1f), dc[dcOffset + at]);
        deltaC = Math.fma(w[2 * units + u], errorO, deltaC);
        float errorI = deltaC * g * (i * (1f - i));
        float errorF = deltaC * cPrevious[cPreviousOffset + at] * (f * (1f - f));
        float viaI = Math.fma(w[u], errorI, deltaC * f);
        dc[dcOffset + at] = Math.fma(w[units + u], errorF, viaI);
        z[zAt] = errorI;
        z[zAt + BLOCK] = errorF;
        z[zAt + 2 * BLOCK] = deltaC * i * Math.fma(-g, g, 1f);
        z[zAt + 3 * BLOCK] = errorO;
      }
    }
  }

  /** {@link Kernels#accumulateScale}. */
  static void accumulateScale(
      int rows,
      float[] a,
      int aOffset,
      int aStride,
      float[] dz,
      int dzOffset,
      int dzStride,
      float[] g,
      int gOffset) {
    for (int r = 0; r < rows; r++) {
      for (int n = 0; n < BLOCK; n++) {
        float x = a[aOffset + r * aStride + n];
        g[gOffset + n] = Math.fma(x, dz[dzOffset + r * dzStride + n], g[gOffset + n]);
      }
    }
  }
}
