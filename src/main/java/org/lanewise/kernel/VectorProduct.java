package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;
import static org.lanewise.kernel.VectorTiles.N;

/** Matrix products on the Vector API: which tile computes which outputs, panel by panel. */
final class VectorProduct {
  /** Columns of a four-vector tile. */
  private static final int WIDE = 4 * N;

  /**
   * Rows of the large tile. With eight lanes the processor is taken for an AVX2 machine, whose 16
   * registers hold no more than two rows by four vectors.
   */
  private static final int ROWS = N == 8 ? 2 : 6;

  /**
   * Rows summed before the next panel: the error terms of one panel (32 KB) stay in the L1 cache
   * while all inputs meet them.
   */
  private static final int OUTER_ROWS = 128;

  private VectorProduct() {}

  /**
   * {@link Kernels#affine} when the chains start at the bias, {@link Kernels#product} when at z.
   */
  static void multiply(
      boolean fromBias,
      int rows,
      Packed w,
      int firstInput,
      int depth,
      int panelBegin,
      int panelEnd,
      float[] a,
      int aOffset,
      int aStride,
      float[] z,
      int zOffset,
      int zStride) {
    int wideEnd = Math.min(panelEnd, w.widePanels());
    float[] b = w.values();
    float[] s = fromBias ? b : z;
    int sRow = fromBias ? 0 : zStride;
    if (rows == 1) {
      multiplyRow(fromBias, w, firstInput, depth, panelBegin, wideEnd, a, aOffset, z, zOffset);
    } else {
      for (int p = panelBegin; p < wideEnd; p++) {
        for (int n = 0; n < PANEL; n += WIDE) {
          int b0 = w.offset(p, 1 + firstInput) + n;
          int c0 = zOffset + p * PANEL + n;
          int s0 = fromBias ? w.offset(p, 0) + n : c0;
          tileRows(rows, depth, a, aOffset, aStride, 1, b, b0, PANEL, s, s0, sRow, z, c0, zStride);
        }
      }
    }
    for (int p = Math.max(panelBegin, w.widePanels()); p < panelEnd; p++) {
      for (int n = 0; n < BLOCK; n += N) {
        int b0 = w.offset(p, 1 + firstInput) + n;
        int c0 = zOffset + w.column(p) + n;
        int s0 = fromBias ? w.offset(p, 0) + n : c0;
        narrowRows(rows, depth, a, aOffset, aStride, 1, b, b0, BLOCK, s, s0, sRow, z, c0, zStride);
      }
    }
  }

  /** {@link Kernels#accumulateOuter}: the same tiles, with rows and inputs exchanged. */
  static void accumulateOuter(
      int rows,
      int firstInput,
      int depth,
      int panelBegin,
      int panelEnd,
      float[] a,
      int aOffset,
      int aStride,
      float[] dz,
      int dzOffset,
      int dzStride,
      Packed g) {
    float[] c = g.values();
    int wideEnd = Math.min(panelEnd, g.widePanels());
    for (int r = 0; r < rows; r += OUTER_ROWS) {
      int count = Math.min(OUTER_ROWS, rows - r);
      int a0 = aOffset + r * aStride;
      int z0 = dzOffset + r * dzStride;
      for (int p = panelBegin; p < wideEnd; p++) {
        for (int n = 0; n < PANEL; n += WIDE) {
          int b0 = z0 + p * PANEL + n;
          int c0 = g.offset(p, 1 + firstInput) + n;
          tileRows(depth, count, a, a0, 1, aStride, dz, b0, dzStride, c, c0, PANEL, c, c0, PANEL);
        }
      }
      for (int p = Math.max(panelBegin, g.widePanels()); p < panelEnd; p++) {
        for (int n = 0; n < BLOCK; n += N) {
          int b0 = z0 + g.column(p) + n;
          int c0 = g.offset(p, 1 + firstInput) + n;
          narrowRows(depth, count, a, a0, 1, aStride, dz, b0, dzStride, c, c0, BLOCK, c, c0, BLOCK);
        }
      }
    }
  }

  /** One row: two groups of four vectors at a time, which lie side by side or in two panels. */
  private static void multiplyRow(
      boolean fromBias,
      Packed w,
      int firstInput,
      int depth,
      int panelBegin,
      int panelEnd,
      float[] a,
      int aOffset,
      float[] z,
      int zOffset) {
    float[] b = w.values();
    float[] s = fromBias ? b : z;
    int end = panelEnd * PANEL;
    int n = panelBegin * PANEL;
    for (; n + 2 * WIDE <= end; n += 2 * WIDE) {
      int m = n + WIDE;
      int b0 = w.offset(n / PANEL, 1 + firstInput) + n % PANEL;
      int b1 = w.offset(m / PANEL, 1 + firstInput) + m % PANEL;
      int s0 = fromBias ? w.offset(n / PANEL, 0) + n % PANEL : zOffset + n;
      int s1 = fromBias ? w.offset(m / PANEL, 0) + m % PANEL : zOffset + m;
      VectorTiles.tile1x8(
          depth, a, aOffset, b, b0, b1, PANEL, s, s0, s1, z, zOffset + n, zOffset + m);
    }
    if (n < end) {
      int b0 = w.offset(n / PANEL, 1 + firstInput) + n % PANEL;
      int s0 = fromBias ? w.offset(n / PANEL, 0) + n % PANEL : zOffset + n;
      VectorTiles.tile1x4(depth, a, aOffset, 0, 1, b, b0, PANEL, s, s0, 0, z, zOffset + n, 0);
    }
  }

  private static void tileRows(
      int rows,
      int depth,
      float[] a,
      int a0,
      int aRow,
      int aStep,
      float[] b,
      int b0,
      int bStep,
      float[] s,
      int s0,
      int sRow,
      float[] c,
      int c0,
      int cRow) {
    int r = 0;
    if (ROWS == 6) {
      for (; r + 6 <= rows; r += 6) {
        VectorTiles.tile6x4(
            depth,
            a,
            a0 + r * aRow,
            aRow,
            aStep,
            b,
            b0,
            bStep,
            s,
            s0 + r * sRow,
            sRow,
            c,
            c0 + r * cRow,
            cRow);
      }
    }
    for (; r + 2 <= rows; r += 2) {
      VectorTiles.tile2x4(
          depth,
          a,
          a0 + r * aRow,
          aRow,
          aStep,
          b,
          b0,
          bStep,
          s,
          s0 + r * sRow,
          sRow,
          c,
          c0 + r * cRow,
          cRow);
    }
    if (r < rows) {
      VectorTiles.tile1x4(
          depth,
          a,
          a0 + r * aRow,
          aRow,
          aStep,
          b,
          b0,
          bStep,
          s,
          s0 + r * sRow,
          sRow,
          c,
          c0 + r * cRow,
          cRow);
    }
  }

  private static void narrowRows(
      int rows,
      int depth,
      float[] a,
      int a0,
      int aRow,
      int aStep,
      float[] b,
      int b0,
      int bStep,
      float[] s,
      int s0,
      int sRow,
      float[] c,
      int c0,
      int cRow) {
    int r = 0;
    for (; r + 8 <= rows; r += 8) {
      VectorTiles.tile8x1(
          depth,
          a,
          a0 + r * aRow,
          aRow,
          aStep,
          b,
          b0,
          bStep,
          s,
          s0 + r * sRow,
          sRow,
          c,
          c0 + r * cRow,
          cRow);
    }
    for (; r < rows; r++) {
      VectorTiles.tile1x1(
          depth,
          a,
          a0 + r * aRow,
          aRow,
          aStep,
          b,
          b0,
          bStep,
          s,
          s0 + r * sRow,
          sRow,
          c,
          c0 + r * cRow,
          cRow);
    }
  }
}
