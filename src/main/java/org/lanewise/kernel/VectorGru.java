package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;
import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import jdk.incubator.vector.FloatVector;

/**
 * {@link PlainGru} on the Vector API, in three passes of at most one activation each, for the
 * reason that {@link VectorPeephole} gives.
 */
final class VectorGru {
  /** The passes, in order: three, so that C2 inlines none of them. */
  private static final Pass[] PASSES = {
    VectorGru::sigmoids, VectorGru::candidate, VectorGru::state
  };

  /** One pass over the gates and states of some rows and blocks; see {@link Kernels#gruForward}. */
  private interface Pass {
    void run(
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
        int zStride);
  }

  private VectorGru() {}

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
    for (Pass pass : PASSES) {
      pass.run(
          rows,
          blockBegin,
          blockEnd,
          hPrevious,
          hPreviousOffset,
          h,
          hOffset,
          stride,
          z,
          zOffset,
          zStride);
    }
  }

  private static void sigmoids(
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
        int at = zOffset + row * zStride + p * PANEL;
        for (int k = 0; k < 2 * BLOCK; k += N) {
          VectorMath.sigmoid(FloatVector.fromArray(S, z, at + k)).intoArray(z, at + k);
        }
      }
    }
  }

  private static void candidate(
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
        int at = zOffset + row * zStride + p * PANEL;
        for (int k = 0; k < BLOCK; k += N) {
          FloatVector r = FloatVector.fromArray(S, z, at + k);
          FloatVector input = FloatVector.fromArray(S, z, at + 2 * BLOCK + k);
          FloatVector hidden = FloatVector.fromArray(S, z, at + 3 * BLOCK + k);
          VectorMath.tanh(r.fma(hidden, input)).intoArray(z, at + 2 * BLOCK + k);
        }
      }
    }
  }

  private static void state(
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
        int at = zOffset + row * zStride + p * PANEL;
        int u = row * stride + p * BLOCK;
        for (int k = 0; k < BLOCK; k += N) {
          FloatVector update = FloatVector.fromArray(S, z, at + BLOCK + k);
          FloatVector n = FloatVector.fromArray(S, z, at + 2 * BLOCK + k);
          FloatVector before = FloatVector.fromArray(S, hPrevious, hPreviousOffset + u + k);
          update.fma(before.sub(n), n).intoArray(h, hOffset + u + k);
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
        int at = zOffset + row * zStride + p * PANEL;
        int u = row * stride + p * BLOCK;
        for (int k = 0; k < BLOCK; k += N) {
          unitsBackward(
              hPrevious,
              hPreviousOffset + u + k,
              dh,
              dhOffset + u + k,
              dhPrevious,
              dhPreviousOffset + u + k,
              z,
              at + k);
        }
      }
    }
  }

  private static void unitsBackward(
      float[] hPrevious,
      int hPreviousAt,
      float[] dh,
      int dhAt,
      float[] dhPrevious,
      int dhPreviousAt,
      float[] z,
      int at) {
    FloatVector one = FloatVector.broadcast(S, 1f);
    FloatVector r = FloatVector.fromArray(S, z, at);
    FloatVector update = FloatVector.fromArray(S, z, at + BLOCK);
    FloatVector n = FloatVector.fromArray(S, z, at + 2 * BLOCK);
    FloatVector hidden = FloatVector.fromArray(S, z, at + 3 * BLOCK);
    FloatVector deltaH = FloatVector.fromArray(S, dh, dhAt);
    FloatVector before = FloatVector.fromArray(S, hPrevious, hPreviousAt);
    FloatVector deltaBefore = FloatVector.fromArray(S, dhPrevious, dhPreviousAt);
    FloatVector deltaUpdate = deltaH.mul(before.sub(n));
    FloatVector deltaN = deltaH.mul(one.sub(update)).mul(n.neg().fma(n, one));
    FloatVector deltaR = deltaN.mul(hidden);
    deltaH.fma(update, deltaBefore).intoArray(dhPrevious, dhPreviousAt);
    deltaR.mul(r.mul(one.sub(r))).intoArray(z, at);
    deltaUpdate.mul(update.mul(one.sub(update))).intoArray(z, at + BLOCK);
    deltaN.intoArray(z, at + 2 * BLOCK);
    deltaN.mul(r).intoArray(z, at + 3 * BLOCK);
  }
}
