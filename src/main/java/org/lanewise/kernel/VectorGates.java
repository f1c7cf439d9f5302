package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;
import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import jdk.incubator.vector.FloatVector;

/**
 * The gates of an LSTM on the Vector API.
 *
 * <p>Forward is one pass, in which the sigmoids of three gates share one place in the code, and so
 * do the tanh of the candidate and that of the cell: C2 has to inline two activations and no third,
 * see {@link VectorMath}. A tiny step took 43 ns in three passes of one activation each and takes
 * 28 in one (16 units); many rows take a tenth longer. With more than 325 bytes of code the method
 * is too large to be inlined itself, whatever its caller does before it.
 */
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
        int zAt = zOffset + r * zStride + p * PANEL;
        int u = r * stride + p * BLOCK;
        for (int n = 0; n < BLOCK; n += N) {
          FloatVector x = FloatVector.fromArray(S, z, zAt + 2 * BLOCK + n);
          for (int gate = 0; gate < 3; gate++) {
            int at = zAt + (gate < 2 ? gate : gate + 1) * BLOCK + n;
            VectorMath.sigmoid(FloatVector.fromArray(S, z, at)).intoArray(z, at);
          }
          for (int part = 0; part < 2; part++) {
            FloatVector t = VectorMath.tanh(x);
            if (part == 0) {
              FloatVector i = FloatVector.fromArray(S, z, zAt + n);
              FloatVector f = FloatVector.fromArray(S, z, zAt + BLOCK + n);
              FloatVector before = FloatVector.fromArray(S, cPrevious, cPreviousOffset + u + n);
              t.intoArray(z, zAt + 2 * BLOCK + n);
              x = f.fma(before, i.mul(t));
              x.intoArray(c, cOffset + u + n);
            } else {
              FloatVector o = FloatVector.fromArray(S, z, zAt + 3 * BLOCK + n);
              t.intoArray(tanhC, tanhCOffset + u + n);
              o.mul(t).intoArray(h, hOffset + u + n);
            }
          }
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
