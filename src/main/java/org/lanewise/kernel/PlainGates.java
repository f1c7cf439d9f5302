package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;

/** The gates of the cells in plain Java: the equations, one unit at a time. */
final class PlainGates {
  private PlainGates() {}

  /** {@link Kernels#lstmForward}. */
  static void lstmForward(
      int rows,
      int blockBegin,
      int blockEnd,
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
    for (int r = 0; r < rows; r++) {
      for (int p = blockBegin; p < blockEnd; p++) {
        for (int n = 0; n < BLOCK; n++) {
          int zAt = zOffset + r * zStride + p * PANEL + n;
          int u = r * stride + p * BLOCK + n;
          float i = PlainMath.sigmoid(z[zAt]);
          float f = PlainMath.sigmoid(z[zAt + BLOCK]);
          float g = PlainMath.tanh(z[zAt + 2 * BLOCK]);
          float o = PlainMath.sigmoid(z[zAt + 3 * BLOCK]);
          float cell = Math.fma(f, cPrevious[cPreviousOffset + u], i * g);
          float t = PlainMath.tanh(cell);
          z[zAt] = i;
          z[zAt + BLOCK] = f;
          z[zAt + 2 * BLOCK] = g;
          z[zAt + 3 * BLOCK] = o;
          c[cOffset + u] = cell;
          tanhC[tanhCOffset + u] = t;
          h[hOffset + u] = o * t;
        }
      }
    }
  }

  /** {@link Kernels#lstmBackward}. */
  static void lstmBackward(
      int rows,
      int blockBegin,
      int blockEnd,
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
    for (int r = 0; r < rows; r++) {
      for (int p = blockBegin; p < blockEnd; p++) {
        for (int n = 0; n < BLOCK; n++) {
          int zAt = zOffset + r * zStride + p * PANEL + n;
          int u = r * stride + p * BLOCK + n;
          float i = z[zAt];
          float f = z[zAt + BLOCK];
          float g = z[zAt + 2 * BLOCK];
          float o = z[zAt + 3 * BLOCK];
          float t = tanhC[tanhCOffset + u];
          float deltaH = dh[dhOffset + r * dhStride + p * BLOCK + n];
          float deltaO = deltaH * t;
          float deltaC = Math.fma(deltaH * o, Math.fma(-t, t, 1f), dc[dcOffset + u]);
          float deltaI = deltaC * g;
          float deltaF = deltaC * cPrevious[cPreviousOffset + u];
          float deltaG = deltaC * i;
          dc[dcOffset + u] = deltaC * f;
          z[zAt] = deltaI * (i * (1f - i));
          z[zAt + BLOCK] = deltaF * (f * (1f - f));
          z[zAt + 2 * BLOCK] = deltaG * Math.fma(-g, g, 1f);
          z[zAt + 3 * BLOCK] = deltaO * (o * (1f - o));
        }
      }
    }
  }
}
