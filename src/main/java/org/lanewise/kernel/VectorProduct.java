package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;
import static org.lanewise.kernel.VectorTiles.N;

/** Matrix products on the Vector API: which tile computes which outputs, panel by panel. */
final class VectorProduct {
  /** Columns of a four-vector tile. */
  private static final int WIDE = 4 * N;

  /**
   * Whether there are 16 vector registers, which hold no tile of more than two rows by four
   * vectors: lanes of AVX2, unless the processor is one with AVX-512 held to them. There, of 128
   * GFLOP/s, six rows reach 128 and two 98; with 16 registers six reach 62 and two 98.
   */
  private static final boolean FEW_REGISTERS = N == 8 && !"3".equals(HotSpotFlags.value("UseAVX"));

  /**
   * Links of a chain before the next row: the weights of a panel that meet them (32 KB) stay in the
   * L1 cache while all rows pass. Worth a tenth from 256 links on.
   */
  private static final int LINKS = 128;

  /**
   * Rows summed before the next inputs: the error terms of one panel (16 KB) and the inputs that
   * meet them stay in the L1 cache.
   */
  private static final int OUTER_ROWS = 64;

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
    if (rows == 1) {
      multiplyRow(fromBias, w, firstInput, depth, panelBegin, wideEnd, a, aOffset, z, zOffset);
    } else {
      for (int p = panelBegin; p < wideEnd; p++) {
        int first = Math.min(LINKS, depth);
        widePanel(
            fromBias, rows, w, p, firstInput, first, a, aOffset, aStride, z, zOffset, zStride);
        for (int k = first; k < depth; k += LINKS) {
          int links = Math.min(LINKS, depth - k);
          int input = firstInput + k;
          widePanel(false, rows, w, p, input, links, a, aOffset + k, aStride, z, zOffset, zStride);
        }
      }
    }
    for (int p = Math.max(panelBegin, w.widePanels()); p < panelEnd; p++) {
      narrowPanel(
          fromBias, rows, w, p, firstInput, depth, a, aOffset, aStride, z, zOffset, zStride);
    }
  }

  /** Some links of the chains of one wide panel. */
  private static void widePanel(
      boolean fromBias,
      int rows,
      Packed w,
      int panel,
      int firstInput,
      int depth,
      float[] a,
      int a0,
      int aRow,
      float[] z,
      int zOffset,
      int zRow) {
    float[] b = w.values();
    float[] s = fromBias ? b : z;
    int sRow = fromBias ? 0 : zRow;
    for (int n = 0; n < PANEL; n += WIDE) {
      int b0 = w.offset(panel, 1 + firstInput) + n;
      int c0 = zOffset + panel * PANEL + n;
      int s0 = fromBias ? w.offset(panel, 0) + n : c0;
      wideRows(rows, depth, a, a0, aRow, b, b0, s, s0, sRow, z, c0, zRow);
    }
  }

  private static void narrowPanel(
      boolean fromBias,
      int rows,
      Packed w,
      int panel,
      int firstInput,
      int depth,
      float[] a,
      int a0,
      int aRow,
      float[] z,
      int zOffset,
      int zRow) {
    float[] b = w.values();
    float[] s = fromBias ? b : z;
    int sRow = fromBias ? 0 : zRow;
    for (int n = 0; n < BLOCK; n += N) {
      int b0 = w.offset(panel, 1 + firstInput) + n;
      int c0 = zOffset + w.column(panel) + n;
      int s0 = fromBias ? w.offset(panel, 0) + n : c0;
      narrowRows(rows, depth, a, a0, aRow, b, b0, s, s0, sRow, z, c0, zRow);
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
      VectorTiles.product1x8(depth, a, aOffset, b, b0, b1, s, s0, s1, z, zOffset + n, zOffset + m);
    }
    if (n < end) {
      int b0 = w.offset(n / PANEL, 1 + firstInput) + n % PANEL;
      int s0 = fromBias ? w.offset(n / PANEL, 0) + n % PANEL : zOffset + n;
      VectorTiles.product1x4(depth, a, aOffset, 0, b, b0, s, s0, 0, z, zOffset + n, 0);
    }
  }

  /** Sixes as long as no two are left over, fours, twos and one. */
  private static void wideRows(
      int rows,
      int depth,
      float[] a,
      int a0,
      int aRow,
      float[] b,
      int b0,
      float[] s,
      int s0,
      int sRow,
      float[] c,
      int c0,
      int cRow) {
    int r = 0;
    if (!FEW_REGISTERS) {
      for (; rows - r >= 6 && rows - r != 8; r += 6) {
        VectorTiles.product6x4(
            depth, a, a0 + r * aRow, aRow, b, b0, s, s0 + r * sRow, sRow, c, c0 + r * cRow, cRow);
      }
      for (; rows - r >= 4; r += 4) {
        VectorTiles.product4x4(
            depth, a, a0 + r * aRow, aRow, b, b0, s, s0 + r * sRow, sRow, c, c0 + r * cRow, cRow);
      }
    }
    for (; rows - r >= 2; r += 2) {
      VectorTiles.product2x4(
          depth, a, a0 + r * aRow, aRow, b, b0, s, s0 + r * sRow, sRow, c, c0 + r * cRow, cRow);
    }
    if (r < rows) {
      VectorTiles.product1x4(
          depth, a, a0 + r * aRow, aRow, b, b0, s, s0 + r * sRow, sRow, c, c0 + r * cRow, cRow);
    }
  }

  private static void narrowRows(
      int rows,
      int depth,
      float[] a,
      int a0,
      int aRow,
      float[] b,
      int b0,
      float[] s,
      int s0,
      int sRow,
      float[] c,
      int c0,
      int cRow) {
    int r = 0;
    for (; rows - r >= 8; r += 8) {
      VectorTiles.product8x1(
          depth, a, a0 + r * aRow, aRow, b, b0, s, s0 + r * sRow, sRow, c, c0 + r * cRow, cRow);
    }
    for (; r < rows; r++) {
      VectorTiles.product1x1(
          depth, a, a0 + r * aRow, aRow, b, b0, s, s0 + r * sRow, sRow, c, c0 + r * cRow, cRow);
    }
  }

  /** {@link Kernels#accumulateOuter}. */
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
          int c0 = g.offset(p, 1 + firstInput) + n;
          wideInputs(depth, count, a, a0, aStride, dz, z0 + p * PANEL + n, dzStride, c, c0);
        }
      }
      for (int p = Math.max(panelBegin, g.widePanels()); p < panelEnd; p++) {
        for (int n = 0; n < BLOCK; n += N) {
          int c0 = g.offset(p, 1 + firstInput) + n;
          narrowInputs(depth, count, a, a0, aStride, dz, z0 + g.column(p) + n, dzStride, c, c0);
        }
      }
    }
  }

  private static void wideInputs(
      int depth,
      int rows,
      float[] a,
      int a0,
      int aRow,
      float[] b,
      int b0,
      int bRow,
      float[] c,
      int c0) {
    int k = 0;
    if (!FEW_REGISTERS) {
      for (; depth - k >= 6 && depth - k != 8; k += 6) {
        VectorOuterTiles.outer6x4(rows, a, a0 + k, aRow, b, b0, bRow, c, c0 + k * PANEL);
      }
      for (; depth - k >= 4; k += 4) {
        VectorOuterTiles.outer4x4(rows, a, a0 + k, aRow, b, b0, bRow, c, c0 + k * PANEL);
      }
    }
    for (; depth - k >= 2; k += 2) {
      VectorOuterTiles.outer2x4(rows, a, a0 + k, aRow, b, b0, bRow, c, c0 + k * PANEL);
    }
    if (k < depth) {
      VectorOuterTiles.outer1x4(rows, a, a0 + k, aRow, b, b0, bRow, c, c0 + k * PANEL);
    }
  }

  private static void narrowInputs(
      int depth,
      int rows,
      float[] a,
      int a0,
      int aRow,
      float[] b,
      int b0,
      int bRow,
      float[] c,
      int c0) {
    int k = 0;
    for (; depth - k >= 8; k += 8) {
      VectorOuterTiles.outer8x1(rows, a, a0 + k, aRow, b, b0, bRow, c, c0 + k * BLOCK);
    }
    for (; k < depth; k++) {
      VectorOuterTiles.outer1x1(rows, a, a0 + k, aRow, b, b0, bRow, c, c0 + k * BLOCK);
    }
  }
}
