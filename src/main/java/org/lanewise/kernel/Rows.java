package org.lanewise.kernel;

import java.util.Arrays;

/**
 * Look-ups, sums over rows and softmax: the control flow that lanes and plain Java share, written
 * once over {@link RowKernels}.
 */
final class Rows {
  private final RowKernels kernels;

  Rows(RowKernels kernels) {
    this.kernels = kernels;
  }

  /** {@link Kernels#lookup}. */
  void lookup(
      int rows,
      Packed w,
      int panelBegin,
      int panelEnd,
      int[] index,
      int indexOffset,
      float[] z,
      int zOffset,
      int zStride) {
    float[] b = w.values();
    for (int r = 0; r < rows; r++) {
      int row = 1 + index[indexOffset + r];
      for (int p = panelBegin; p < panelEnd; p++) {
        int c0 = zOffset + r * zStride + w.column(p);
        kernels.add(w.width(p), b, w.offset(p, 0), b, w.offset(p, row), z, c0);
      }
    }
  }

  /** {@link Kernels#accumulateLookup}. */
  void accumulateLookup(
      int rows,
      int panelBegin,
      int panelEnd,
      int[] index,
      int indexOffset,
      float[] dz,
      int dzOffset,
      int dzStride,
      Packed g) {
    for (int r = 0; r < rows; r++) {
      addRow(panelBegin, panelEnd, 1 + index[indexOffset + r], dz, dzOffset + r * dzStride, g);
    }
  }

  /** {@link Kernels#accumulateBias}. */
  void accumulateBias(
      int rows, int panelBegin, int panelEnd, float[] dz, int dzOffset, int dzStride, Packed g) {
    for (int r = 0; r < rows; r++) {
      addRow(panelBegin, panelEnd, 0, dz, dzOffset + r * dzStride, g);
    }
  }

  private void addRow(int panelBegin, int panelEnd, int row, float[] dz, int dzOffset, Packed g) {
    float[] c = g.values();
    for (int p = panelBegin; p < panelEnd; p++) {
      int c0 = g.offset(p, row);
      kernels.add(g.width(p), c, c0, dz, dzOffset + g.column(p), c, c0);
    }
  }

  /** {@link Kernels#accumulateRows}. */
  void accumulateRows(
      int rows,
      int columnBegin,
      int columnEnd,
      int[] index,
      int indexOffset,
      float[] dz,
      int dzOffset,
      int dzStride,
      float[] s,
      int sOffset,
      int sStride) {
    for (int r = 0; r < rows; r++) {
      int s0 = sOffset + index[indexOffset + r] * sStride + columnBegin;
      int z0 = dzOffset + r * dzStride + columnBegin;
      kernels.add(columnEnd - columnBegin, s, s0, dz, z0, s, s0);
    }
  }

  /** {@link Kernels#softmax}. */
  void softmax(int rows, int columns, float[] y, int offset, int stride) {
    for (int r = 0; r < rows; r++) {
      int y0 = offset + r * stride;
      pad(columns, Float.NEGATIVE_INFINITY, y, y0);
      float sum = exponentials(columns, kernels.max(Packed.padded(columns), y, y0), y, y0);
      kernels.scale(Packed.padded(columns), 1f / sum, y, y0);
      pad(columns, 0f, y, y0);
    }
  }

  /** {@link Kernels#softmaxCrossEntropy}. */
  void softmaxCrossEntropy(
      int rows,
      int columns,
      int[] targets,
      int targetsOffset,
      float scale,
      double[] losses,
      int lossesOffset,
      float[] y,
      int offset,
      int stride) {
    for (int r = 0; r < rows; r++) {
      int y0 = offset + r * stride;
      int target = targets[targetsOffset + r];
      if (target < 0) {
        losses[lossesOffset + r] = 0;
        Arrays.fill(y, y0, y0 + Packed.padded(columns), 0f);
        continue;
      }
      float logit = y[y0 + target];
      pad(columns, Float.NEGATIVE_INFINITY, y, y0);
      float max = kernels.max(Packed.padded(columns), y, y0);
      float sum = exponentials(columns, max, y, y0);
      losses[lossesOffset + r] = StrictMath.log(sum) + ((double) max - logit);
      kernels.scale(Packed.padded(columns), scale / sum, y, y0);
      pad(columns, 0f, y, y0);
      y[y0 + target] -= scale;
    }
  }

  /**
   * With minus infinity the padding takes no part in maximum and sum. Its exponentials are zero,
   * but for a row that holds an infinity or NaN, so zero is put there in the end.
   */
  private static void pad(int columns, float value, float[] y, int y0) {
    Arrays.fill(y, y0 + columns, y0 + Packed.padded(columns), value);
  }

  private float exponentials(int columns, float max, float[] y, int y0) {
    kernels.expShifted(Packed.padded(columns), max, y, y0);
    return kernels.sum(Packed.padded(columns), y, y0);
  }
}
