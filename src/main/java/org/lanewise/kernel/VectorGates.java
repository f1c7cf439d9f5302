package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;
import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import jdk.incubator.vector.FloatVector;

/**
 * The gates of the cells on the Vector API.
 *
 * <p>C2 stops inlining when a method has grown to 18,000 nodes, which is a little more than two
 * activations, and a vector that crosses a call it did not inline becomes an object: one pass over
 * all gates allocated 768 bytes per 16 units. So the gates are computed in passes of one activation
 * each, and the passes are called from a place that sees at least three of them, where C2 does not
 * try to inline any. What they pass on lies in the L1 cache.
 */
final class VectorGates {
  /** The passes of an LSTM, in order. */
  private static final Pass[] LSTM = {
    VectorGates::lstmSigmoids, VectorGates::lstmCandidate, VectorGates::lstmState
  };

  /**
   * One pass over the gates and states of some rows and blocks; see {@link Kernels#lstmForward}.
   */
  private interface Pass {
    void run(
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
        int zStride);
  }

  private VectorGates() {}

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
    for (Pass pass : LSTM) {
      pass.run(
          rows,
          blockBegin,
          blockEnd,
          cPrevious,
          cPreviousOffset,
          c,
          cOffset,
          stride,
          tanhC,
          tanhCOffset,
          h,
          hOffset,
          z,
          zOffset,
          zStride);
    }
  }

  private static void lstmSigmoids(
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
        int zAt = zOffset + r * zStride + p * PANEL;
        for (int n = 0; n < 3 * BLOCK; n += N) {
          int at = zAt + (n < 2 * BLOCK ? n : n + BLOCK);
          VectorMath.sigmoid(FloatVector.fromArray(S, z, at)).intoArray(z, at);
        }
      }
    }
  }

  private static void lstmCandidate(
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
        int zAt = zOffset + r * zStride + p * PANEL + 2 * BLOCK;
        for (int n = 0; n < BLOCK; n += N) {
          VectorMath.tanh(FloatVector.fromArray(S, z, zAt + n)).intoArray(z, zAt + n);
        }
      }
    }
  }

  private static void lstmState(
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
        int zAt = zOffset + r * zStride + p * PANEL;
        int u = r * stride + p * BLOCK;
        for (int n = 0; n < BLOCK; n += N) {
          FloatVector i = FloatVector.fromArray(S, z, zAt + n);
          FloatVector f = FloatVector.fromArray(S, z, zAt + BLOCK + n);
          FloatVector g = FloatVector.fromArray(S, z, zAt + 2 * BLOCK + n);
          FloatVector o = FloatVector.fromArray(S, z, zAt + 3 * BLOCK + n);
          FloatVector before = FloatVector.fromArray(S, cPrevious, cPreviousOffset + u + n);
          FloatVector cell = f.fma(before, i.mul(g));
          FloatVector t = VectorMath.tanh(cell);
          cell.intoArray(c, cOffset + u + n);
          t.intoArray(tanhC, tanhCOffset + u + n);
          o.mul(t).intoArray(h, hOffset + u + n);
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
        int zi = zOffset + r * zStride + p * PANEL;
        int u = r * stride + p * BLOCK;
        int dhAt = dhOffset + r * dhStride + p * BLOCK;
        for (int n = 0; n < BLOCK; n += N) {
          lstmUnitsBackward(
              dh,
              dhAt + n,
              cPrevious,
              cPreviousOffset + u + n,
              tanhC,
              tanhCOffset + u + n,
              dc,
              dcOffset + u + n,
              z,
              zi + n);
        }
      }
    }
  }

  private static void lstmUnitsBackward(
      float[] dh,
      int dhAt,
      float[] cPrevious,
      int cPreviousAt,
      float[] tanhC,
      int tanhCAt,
      float[] dc,
      int dcAt,
      float[] z,
      int zAt) {
    FloatVector one = FloatVector.broadcast(S, 1f);
    FloatVector i = FloatVector.fromArray(S, z, zAt);
    FloatVector f = FloatVector.fromArray(S, z, zAt + BLOCK);
    FloatVector g = FloatVector.fromArray(S, z, zAt + 2 * BLOCK);
    FloatVector o = FloatVector.fromArray(S, z, zAt + 3 * BLOCK);
    FloatVector t = FloatVector.fromArray(S, tanhC, tanhCAt);
    FloatVector deltaH = FloatVector.fromArray(S, dh, dhAt);
    FloatVector deltaO = deltaH.mul(t);
    FloatVector deltaC = deltaH.mul(o).fma(t.neg().fma(t, one), FloatVector.fromArray(S, dc, dcAt));
    FloatVector deltaI = deltaC.mul(g);
    FloatVector deltaF = deltaC.mul(FloatVector.fromArray(S, cPrevious, cPreviousAt));
    FloatVector deltaG = deltaC.mul(i);
    deltaC.mul(f).intoArray(dc, dcAt);
    deltaI.mul(i.mul(one.sub(i))).intoArray(z, zAt);
    deltaF.mul(f.mul(one.sub(f))).intoArray(z, zAt + BLOCK);
    deltaG.mul(g.neg().fma(g, one)).intoArray(z, zAt + 2 * BLOCK);
    deltaO.mul(o.mul(one.sub(o))).intoArray(z, zAt + 3 * BLOCK);
  }
}
