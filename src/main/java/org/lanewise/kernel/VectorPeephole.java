package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;
import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import jdk.incubator.vector.FloatVector;

/**
 * The gates of an LSTM with peepholes on the Vector API, in passes of one activation each: all in
 * one method they would be more than C2 inlines, see {@link VectorMath}. The passes are called from
 * a place that sees at least three of them, where C2 does not try to inline any. What they pass on
 * lies in the L1 cache.
 */
final class VectorPeephole {
  private static final Pass[] PASSES = {
    VectorPeephole::inputAndForget,
    VectorPeephole::candidate,
    VectorPeephole::cellAndOutput,
    VectorPeephole::hidden
  };

  /** One pass over some rows and blocks; see {@link Kernels#peepholeForward}. */
  private interface Pass {
    void run(
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
        int zStride);
  }

  private VectorPeephole() {}

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
    for (Pass pass : PASSES) {
      pass.run(
          rows,
          blockBegin,
          blockEnd,
          peephole,
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

  private static void inputAndForget(
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
      for (int p = blockBegin; p < blockEnd; p++) {
        int zAt = zOffset + r * zStride + p * PANEL;
        int u = p * BLOCK;
        for (int n = 0; n < 2 * BLOCK; n += N) {
          int unit = u + n % BLOCK;
          FloatVector before =
              FloatVector.fromArray(S, cPrevious, cPreviousOffset + r * stride + unit);
          FloatVector weight = FloatVector.fromArray(S, w, n / BLOCK * units + unit);
          VectorMath.sigmoid(weight.fma(before, FloatVector.fromArray(S, z, zAt + n)))
              .intoArray(z, zAt + n);
        }
      }
    }
  }

  private static void candidate(
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
    for (int r = 0; r < rows; r++) {
      for (int p = blockBegin; p < blockEnd; p++) {
        int zAt = zOffset + r * zStride + p * PANEL + 2 * BLOCK;
        for (int n = 0; n < BLOCK; n += N) {
          VectorMath.tanh(FloatVector.fromArray(S, z, zAt + n)).intoArray(z, zAt + n);
        }
      }
    }
  }

  private static void cellAndOutput(
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
      for (int p = blockBegin; p < blockEnd; p++) {
        int zAt = zOffset + r * zStride + p * PANEL;
        int u = r * stride + p * BLOCK;
        for (int n = 0; n < BLOCK; n += N) {
          FloatVector i = FloatVector.fromArray(S, z, zAt + n);
          FloatVector f = FloatVector.fromArray(S, z, zAt + BLOCK + n);
          FloatVector g = FloatVector.fromArray(S, z, zAt + 2 * BLOCK + n);
          FloatVector before = FloatVector.fromArray(S, cPrevious, cPreviousOffset + u + n);
          FloatVector cell = f.fma(before, i.mul(g));
          cell.intoArray(c, cOffset + u + n);
          FloatVector weight = FloatVector.fromArray(S, w, 2 * units + p * BLOCK + n);
          int o = zAt + 3 * BLOCK + n;
          VectorMath.sigmoid(weight.fma(cell, FloatVector.fromArray(S, z, o))).intoArray(z, o);
        }
      }
    }
  }

  private static void hidden(
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
    for (int r = 0; r < rows; r++) {
      for (int p = blockBegin; p < blockEnd; p++) {
        int zAt = zOffset + r * zStride + p * PANEL + 3 * BLOCK;
        int u = r * stride + p * BLOCK;
        for (int n = 0; n < BLOCK; n += N) {
          FloatVector t = VectorMath.tanh(FloatVector.fromArray(S, c, cOffset + u + n));
          t.intoArray(tanhC, tanhCOffset + u + n);
          FloatVector.fromArray(S, z, zAt + n).mul(t).intoArray(h, hOffset + u + n);
        }
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
      for (int u = blockBegin * BLOCK; u < blockEnd * BLOCK; u += N) {
        int at = r * stride + u;
        unitsBackward(
            w,
            u,
            units,
            dh,
            dhOffset + r * dhStride + u,
            cPrevious,
            cPreviousOffset + at,
            tanhC,
            tanhCOffset + at,
            dc,
            dcOffset + at,
            z,
            zOffset + r * zStride + u / BLOCK * PANEL + u % BLOCK);
      }
    }
  }

  private static void unitsBackward(
      float[] w,
      int unit,
      int units,
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
    FloatVector errorO = deltaH.mul(t).mul(o.mul(one.sub(o)));
    FloatVector deltaC = deltaH.mul(o).fma(t.neg().fma(t, one), FloatVector.fromArray(S, dc, dcAt));
    deltaC = FloatVector.fromArray(S, w, 2 * units + unit).fma(errorO, deltaC);
    FloatVector errorI = deltaC.mul(g).mul(i.mul(one.sub(i)));
    FloatVector before = FloatVector.fromArray(S, cPrevious, cPreviousAt);
    FloatVector errorF = deltaC.mul(before).mul(f.mul(one.sub(f)));
    FloatVector viaI = FloatVector.fromArray(S, w, unit).fma(errorI, deltaC.mul(f));
    FloatVector.fromArray(S, w, units + unit).fma(errorF, viaI).intoArray(dc, dcAt);
    errorI.intoArray(z, zAt);
    errorF.intoArray(z, zAt + BLOCK);
    deltaC.mul(i).mul(g.neg().fma(g, one)).intoArray(z, zAt + 2 * BLOCK);
    errorO.intoArray(z, zAt + 3 * BLOCK);
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
    for (int n = 0; n < BLOCK; n += N) {
      FloatVector sum = FloatVector.fromArray(S, g, gOffset + n);
      for (int r = 0; r < rows; r++) {
        FloatVector x = FloatVector.fromArray(S, a, aOffset + r * aStride + n);
        sum = x.fma(FloatVector.fromArray(S, dz, dzOffset + r * dzStride + n), sum);
      }
      sum.intoArray(g, gOffset + n);
    }
  }
}
