package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;
import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import jdk.incubator.vector.FloatVector;

/** The gates of the cells on the Vector API: one pass over the gates and the state. */
final class VectorGates {
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
    for (int r = 0; r < rows; r++) {
      for (int p = blockBegin; p < blockEnd; p++) {
        int zi = zOffset + r * zStride + p * PANEL;
        int u = r * stride + p * BLOCK;
        for (int n = 0; n < BLOCK; n += N) {
          lstmUnits(
              cPrevious,
              cPreviousOffset + u + n,
              c,
              cOffset + u + n,
              tanhC,
              tanhCOffset + u + n,
              h,
              hOffset + u + n,
              z,
              zi + n);
        }
      }
    }
  }

  private static void lstmUnits(
      float[] cPrevious,
      int cPreviousAt,
      float[] c,
      int cAt,
      float[] tanhC,
      int tanhCAt,
      float[] h,
      int hAt,
      float[] z,
      int zAt) {
    FloatVector i = VectorMath.sigmoid(FloatVector.fromArray(S, z, zAt));
    FloatVector f = VectorMath.sigmoid(FloatVector.fromArray(S, z, zAt + BLOCK));
    FloatVector g = VectorMath.tanh(FloatVector.fromArray(S, z, zAt + 2 * BLOCK));
    FloatVector o = VectorMath.sigmoid(FloatVector.fromArray(S, z, zAt + 3 * BLOCK));
    FloatVector cell = f.fma(FloatVector.fromArray(S, cPrevious, cPreviousAt), i.mul(g));
    FloatVector t = VectorMath.tanh(cell);
    i.intoArray(z, zAt);
    f.intoArray(z, zAt + BLOCK);
    g.intoArray(z, zAt + 2 * BLOCK);
    o.intoArray(z, zAt + 3 * BLOCK);
    cell.intoArray(c, cAt);
    t.intoArray(tanhC, tanhCAt);
    o.mul(t).intoArray(h, hAt);
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
