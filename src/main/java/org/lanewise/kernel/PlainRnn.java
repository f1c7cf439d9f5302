package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;

/** The vanilla RNN in plain Java: the equations, one unit at a time. */
final class PlainRnn {
  private PlainRnn() {}

  /** {@link Kernels#rnnForward}. */
  static void forward(
      Activation activation,
      int rows,
      int blockBegin,
      int blockEnd,
      float[] z,
      int zOffset,
      int zStride,
      float[] h,
      int hOffset,
      int hStride) {
    for (int r = 0; r < rows; r++) {
      int zAt = zOffset + r * zStride;
      int hAt = hOffset + r * hStride;
      for (int n = blockBegin * BLOCK; n < blockEnd * BLOCK; n++) {
        float x = z[zAt + n];
        h[hAt + n] = activation == Activation.TANH ? PlainMath.tanh(x) : x <= 0f ? 0f : x;
      }
    }
  }

  /** {@link Kernels#rnnBackward}. */
  static void backward(
      Activation activation,
      int rows,
      int blockBegin,
      int blockEnd,
      float[] h,
      int hOffset,
      float[] dh,
      int dhOffset,
      int hStride,
      float[] z,
      int zOffset,
      int zStride) {
    for (int r = 0; r < rows; r++) {
      int zAt = zOffset + r * zStride;
      int u = r * hStride;
      for (int n = blockBegin * BLOCK; n < blockEnd * BLOCK; n++) {
        float y = h[hOffset + u + n];
        float deltaH = dh[dhOffset + u + n];
        z[zAt + n] =
            activation == Activation.TANH ? deltaH * Math.fma(-y, y, 1f) : y > 0f ? deltaH : 0f;
      }
    }
  }
}
