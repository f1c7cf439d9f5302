package org.lanewise.kernel;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import jdk.incubator.vector.FloatVector;

/**
 * {@link PlainRnn} on the Vector API.
 *
 * <p>C2 would inline the tanh together with the product before it, and whether that fits into the
 * limit that {@link VectorMath} tells of depends on what has been compiled first. So the tanh is
 * called, like the gates of {@link VectorPeephole}, from a place that sees three receivers; the
 * other two do nothing.
 */
final class VectorRnn {
  private static final Pass[] TANH = {VectorRnn::tanh, VectorRnn::nothing, VectorRnn::nothing};

  /** The activation of some rows. */
  private interface Pass {
    void run(
        int rows,
        int begin,
        int end,
        float[] z,
        int zOffset,
        int zStride,
        float[] h,
        int hOffset,
        int hStride);
  }

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
    int begin = blockBegin * BLOCK;
    int end = blockEnd * BLOCK;
    if (activation == Activation.RELU) {
      relu(rows, begin, end, z, zOffset, zStride, h, hOffset, hStride);
    } else {
      for (Pass pass : TANH) {
        pass.run(rows, begin, end, z, zOffset, zStride, h, hOffset, hStride);
      }
    }
  }

  private static void nothing(
      int rows,
      int begin,
      int end,
      float[] z,
      int zOffset,
      int zStride,
      float[] h,
      int hOffset,
      int hStride) {}

  private static void tanh(
      int rows,
      int begin,
      int end,
      float[] z,
      int zOffset,
      int zStride,
      float[] h,
      int hOffset,
      int hStride) {
    for (int r = 0; r < rows; r++) {
      int zAt = zOffset + r * zStride;
      int hAt = hOffset + r * hStride;
      for (int n = begin; n < end; n += N) {
        VectorMath.tanh(FloatVector.fromArray(S, z, zAt + n)).intoArray(h, hAt + n);
      }
    }
  }

  private static void relu(
      int rows,
      int begin,
      int end,
      float[] z,
      int zOffset,
      int zStride,
      float[] h,
      int hOffset,
      int hStride) {
    for (int r = 0; r < rows; r++) {
      int zAt = zOffset + r * zStride;
      int hAt = hOffset + r * hStride;
      for (int n = begin; n < end; n += N) {
        FloatVector x = FloatVector.fromArray(S, z, zAt + n);
        x.blend(0f, x.compare(LE, 0f)).intoArray(h, hAt + n);
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
