package org.lanewise.kernel;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import jdk.incubator.vector.FloatVector;

/** {@link PlainRnn} on the Vector API. */
final class VectorRnn {
  private VectorRnn() {}

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
      int begin = blockBegin * BLOCK;
      int end = blockEnd * BLOCK;
      if (activation == Activation.TANH) {
        tanh(begin, end, z, zAt, h, hAt);
      } else {
        relu(begin, end, z, zAt, h, hAt);
      }
    }
  }

  private static void tanh(int begin, int end, float[] z, int zAt, float[] h, int hAt) {
    for (int n = begin; n < end; n += N) {
      VectorMath.tanh(FloatVector.fromArray(S, z, zAt + n)).intoArray(h, hAt + n);
    }
  }

  private static void relu(int begin, int end, float[] z, int zAt, float[] h, int hAt) {
    for (int n = begin; n < end; n += N) {
      FloatVector x = FloatVector.fromArray(S, z, zAt + n);
      x.blend(0f, x.compare(LE, 0f)).intoArray(h, hAt + n);
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
      int hAt = hOffset + r * hStride;
      int dhAt = dhOffset + r * hStride;
      int begin = blockBegin * BLOCK;
      int end = blockEnd * BLOCK;
      if (activation == Activation.TANH) {
        tanhBackward(begin, end, h, hAt, dh, dhAt, z, zAt);
      } else {
        reluBackward(begin, end, h, hAt, dh, dhAt, z, zAt);
      }
    }
  }

  private static void tanhBackward(
      int begin, int end, float[] h, int hAt, float[] dh, int dhAt, float[] z, int zAt) {
    FloatVector one = FloatVector.broadcast(S, 1f);
    for (int n = begin; n < end; n += N) {
      FloatVector y = FloatVector.fromArray(S, h, hAt + n);
      FloatVector deltaH = FloatVector.fromArray(S, dh, dhAt + n);
      deltaH.mul(y.neg().fma(y, one)).intoArray(z, zAt + n);
    }
  }

  private static void reluBackward(
      int begin, int end, float[] h, int hAt, float[] dh, int dhAt, float[] z, int zAt) {
    FloatVector zero = FloatVector.zero(S);
    for (int n = begin; n < end; n += N) {
      FloatVector y = FloatVector.fromArray(S, h, hAt + n);
      FloatVector deltaH = FloatVector.fromArray(S, dh, dhAt + n);
      zero.blend(deltaH, y.compare(GT, 0f)).intoArray(z, zAt + n);
    }
  }
}
