package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;

/** The gates of a GRU in plain Java: the equations, one unit at a time. */
final class PlainGru {
  private PlainGru() {}

  /** {@link Kernels#gruForward}. */
  static void forward(
      int rows,
      int blockBegin,
      int blockEnd,
      float[] hPrevious,
      int hPreviousOffset,
      float[] h,
      int hOffset,
      int stride,
      float[] z,
      int zOffset,
      int zStride) {
    for (int row = 0; row < rows; row++) {
      for (int p = blockBegin; p < blockEnd; p++) {
        for (int k = 0; k < BLOCK; k++) {
          int at = zOffset + row * zStride + p * PANEL + k;
          int u = row * stride + p * BLOCK + k;
          float r = PlainMath.sigmoid(z[at]);
          float update = PlainMath.sigmoid(z[at + BLOCK]);
          float n = PlainMath.tanh(Math.fma(r, z[at + 3 * BLOCK], z[at + 2 * BLOCK]));
          z[at] = r;
          z[at + BLOCK] = update;
          z[at + 2 * BLOCK] = n;
          h[hOffset + u] = Math.fma(update, hPrevious[hPreviousOffset + u] - n, n);
        }
      }
    }
  }

  /** {@link Kernels#gruBackward}. */
  static void backward(
      int rows,
      int blockBegin,
      int blockEnd,
      float[] hPrevious,
      int hPreviousOffset,
      float[] dh,
      int dhOffset,
      int stride,
      float[] dhPrevious,
      int dhPreviousOffset,
      float[] z,
      int zOffset,
      int zStride) {
    for (int row = 0; row < rows; row++) {
      for (int p = blockBegin; p < blockEnd; p++) {
        for (int k = 0; k < BLOCK; k++) {
          int at = zOffset + row * zStride + p * PANEL + k;
          int u = row * stride + p * BLOCK + k;
          int before = dhPreviousOffset + u;
          float r = z[at];
          float update = z[at + BLOCK];
          float n = z[at + 2 * BLOCK];
          float hidden = z[at + 3 * BLOCK];
          float deltaH = dh[dhOffset + u];
          float deltaUpdate = deltaH * (hPrevious[hPreviousOffset + u] - n);
          float deltaN = deltaH * (1f - update) * Math.fma(-n, n, 1f);
          float deltaR = deltaN * hidden;
          dhPrevious[before] = Math.fma(deltaH, update, dhPrevious[before]);
          z[at] = deltaR * (r * (1f - r));
          z[at + BLOCK] = deltaUpdate * (update * (1f - update));
          z[at + 2 * BLOCK] = deltaN;
          z[at + 3 * BLOCK] = deltaN * r;
        }
      }
    }
  }
}
