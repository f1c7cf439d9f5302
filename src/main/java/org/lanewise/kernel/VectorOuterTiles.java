package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;
import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost loops of every outer product summed over rows, which is a gradient of packed
 * weights. All compute
 *
 * <pre>
 * c[k][n] += Σ_r a[r][k] b[r][n]                 r ascending, one chain of FMAs per element
 * a[r][k] = a[a0 + r aRow + k]         b[r][n] = b[b0 + r bRow + n]
 * c[k][n] = c[c0 + k width + n]
 * </pre>
 *
 * for a fixed number of inputs k and of vectors along n; see {@link VectorTiles}.
 *
 * <p>The indices run along by addition: worked out from r in every turn, with a multiplication
 * each, they cost a sixth of the speed.
 */
final class VectorOuterTiles {
  private VectorOuterTiles() {}

  /** Six inputs by four vectors. */
  static void outer6x4(
      int rows, float[] a, int a0, int aRow, float[] b, int b0, int bRow, float[] c, int c0) {
    FloatVector c00 = FloatVector.fromArray(S, c, c0);
    FloatVector c01 = FloatVector.fromArray(S, c, c0 + N);
    FloatVector c02 = FloatVector.fromArray(S, c, c0 + 2 * N);
    FloatVector c03 = FloatVector.fromArray(S, c, c0 + 3 * N);
    FloatVector c10 = FloatVector.fromArray(S, c, c0 + PANEL);
    FloatVector c11 = FloatVector.fromArray(S, c, c0 + PANEL + N);
    FloatVector c12 = FloatVector.fromArray(S, c, c0 + PANEL + 2 * N);
    FloatVector c13 = FloatVector.fromArray(S, c, c0 + PANEL + 3 * N);
    FloatVector c20 = FloatVector.fromArray(S, c, c0 + 2 * PANEL);
    FloatVector c21 = FloatVector.fromArray(S, c, c0 + 2 * PANEL + N);
    FloatVector c22 = FloatVector.fromArray(S, c, c0 + 2 * PANEL + 2 * N);
    FloatVector c23 = FloatVector.fromArray(S, c, c0 + 2 * PANEL + 3 * N);
    FloatVector c30 = FloatVector.fromArray(S, c, c0 + 3 * PANEL);
    FloatVector c31 = FloatVector.fromArray(S, c, c0 + 3 * PANEL + N);
    FloatVector c32 = FloatVector.fromArray(S, c, c0 + 3 * PANEL + 2 * N);
    FloatVector c33 = FloatVector.fromArray(S, c, c0 + 3 * PANEL + 3 * N);
    FloatVector c40 = FloatVector.fromArray(S, c, c0 + 4 * PANEL);
    FloatVector c41 = FloatVector.fromArray(S, c, c0 + 4 * PANEL + N);
    FloatVector c42 = FloatVector.fromArray(S, c, c0 + 4 * PANEL + 2 * N);
    FloatVector c43 = FloatVector.fromArray(S, c, c0 + 4 * PANEL + 3 * N);
    FloatVector c50 = FloatVector.fromArray(S, c, c0 + 5 * PANEL);
    FloatVector c51 = FloatVector.fromArray(S, c, c0 + 5 * PANEL + N);
    FloatVector c52 = FloatVector.fromArray(S, c, c0 + 5 * PANEL + 2 * N);
    FloatVector c53 = FloatVector.fromArray(S, c, c0 + 5 * PANEL + 3 * N);
    int i = a0;
    int j = b0;
    for (int r = 0; r < rows; r++) {
      FloatVector z0 = FloatVector.fromArray(S, b, j);
      FloatVector z1 = FloatVector.fromArray(S, b, j + N);
      FloatVector z2 = FloatVector.fromArray(S, b, j + 2 * N);
      FloatVector z3 = FloatVector.fromArray(S, b, j + 3 * N);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(z0, c00);
      c01 = x0.fma(z1, c01);
      c02 = x0.fma(z2, c02);
      c03 = x0.fma(z3, c03);
      FloatVector x1 = FloatVector.broadcast(S, a[i + 1]);
      c10 = x1.fma(z0, c10);
      c11 = x1.fma(z1, c11);
      c12 = x1.fma(z2, c12);
      c13 = x1.fma(z3, c13);
      FloatVector x2 = FloatVector.broadcast(S, a[i + 2]);
      c20 = x2.fma(z0, c20);
      c21 = x2.fma(z1, c21);
      c22 = x2.fma(z2, c22);
      c23 = x2.fma(z3, c23);
      FloatVector x3 = FloatVector.broadcast(S, a[i + 3]);
      c30 = x3.fma(z0, c30);
      c31 = x3.fma(z1, c31);
      c32 = x3.fma(z2, c32);
      c33 = x3.fma(z3, c33);
      FloatVector x4 = FloatVector.broadcast(S, a[i + 4]);
      c40 = x4.fma(z0, c40);
      c41 = x4.fma(z1, c41);
      c42 = x4.fma(z2, c42);
      c43 = x4.fma(z3, c43);
      FloatVector x5 = FloatVector.broadcast(S, a[i + 5]);
      c50 = x5.fma(z0, c50);
      c51 = x5.fma(z1, c51);
      c52 = x5.fma(z2, c52);
      c53 = x5.fma(z3, c53);
      i += aRow;
      j += bRow;
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + N);
    c02.intoArray(c, c0 + 2 * N);
    c03.intoArray(c, c0 + 3 * N);
    c10.intoArray(c, c0 + PANEL);
    c11.intoArray(c, c0 + PANEL + N);
    c12.intoArray(c, c0 + PANEL + 2 * N);
    c13.intoArray(c, c0 + PANEL + 3 * N);
    c20.intoArray(c, c0 + 2 * PANEL);
    c21.intoArray(c, c0 + 2 * PANEL + N);
    c22.intoArray(c, c0 + 2 * PANEL + 2 * N);
    c23.intoArray(c, c0 + 2 * PANEL + 3 * N);
    c30.intoArray(c, c0 + 3 * PANEL);
    c31.intoArray(c, c0 + 3 * PANEL + N);
    c32.intoArray(c, c0 + 3 * PANEL + 2 * N);
    c33.intoArray(c, c0 + 3 * PANEL + 3 * N);
    c40.intoArray(c, c0 + 4 * PANEL);
    c41.intoArray(c, c0 + 4 * PANEL + N);
    c42.intoArray(c, c0 + 4 * PANEL + 2 * N);
    c43.intoArray(c, c0 + 4 * PANEL + 3 * N);
    c50.intoArray(c, c0 + 5 * PANEL);
    c51.intoArray(c, c0 + 5 * PANEL + N);
    c52.intoArray(c, c0 + 5 * PANEL + 2 * N);
    c53.intoArray(c, c0 + 5 * PANEL + 3 * N);
  }

  /** Four inputs by four vectors. */
  static void outer4x4(
      int rows, float[] a, int a0, int aRow, float[] b, int b0, int bRow, float[] c, int c0) {
    FloatVector c00 = FloatVector.fromArray(S, c, c0);
    FloatVector c01 = FloatVector.fromArray(S, c, c0 + N);
    FloatVector c02 = FloatVector.fromArray(S, c, c0 + 2 * N);
    FloatVector c03 = FloatVector.fromArray(S, c, c0 + 3 * N);
    FloatVector c10 = FloatVector.fromArray(S, c, c0 + PANEL);
    FloatVector c11 = FloatVector.fromArray(S, c, c0 + PANEL + N);
    FloatVector c12 = FloatVector.fromArray(S, c, c0 + PANEL + 2 * N);
    FloatVector c13 = FloatVector.fromArray(S, c, c0 + PANEL + 3 * N);
    FloatVector c20 = FloatVector.fromArray(S, c, c0 + 2 * PANEL);
    FloatVector c21 = FloatVector.fromArray(S, c, c0 + 2 * PANEL + N);
    FloatVector c22 = FloatVector.fromArray(S, c, c0 + 2 * PANEL + 2 * N);
    FloatVector c23 = FloatVector.fromArray(S, c, c0 + 2 * PANEL + 3 * N);
    FloatVector c30 = FloatVector.fromArray(S, c, c0 + 3 * PANEL);
    FloatVector c31 = FloatVector.fromArray(S, c, c0 + 3 * PANEL + N);
    FloatVector c32 = FloatVector.fromArray(S, c, c0 + 3 * PANEL + 2 * N);
    FloatVector c33 = FloatVector.fromArray(S, c, c0 + 3 * PANEL + 3 * N);
    int i = a0;
    int j = b0;
    for (int r = 0; r < rows; r++) {
      FloatVector z0 = FloatVector.fromArray(S, b, j);
      FloatVector z1 = FloatVector.fromArray(S, b, j + N);
      FloatVector z2 = FloatVector.fromArray(S, b, j + 2 * N);
      FloatVector z3 = FloatVector.fromArray(S, b, j + 3 * N);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(z0, c00);
      c01 = x0.fma(z1, c01);
      c02 = x0.fma(z2, c02);
      c03 = x0.fma(z3, c03);
      FloatVector x1 = FloatVector.broadcast(S, a[i + 1]);
      c10 = x1.fma(z0, c10);
      c11 = x1.fma(z1, c11);
      c12 = x1.fma(z2, c12);
      c13 = x1.fma(z3, c13);
      FloatVector x2 = FloatVector.broadcast(S, a[i + 2]);
      c20 = x2.fma(z0, c20);
      c21 = x2.fma(z1, c21);
      c22 = x2.fma(z2, c22);
      c23 = x2.fma(z3, c23);
      FloatVector x3 = FloatVector.broadcast(S, a[i + 3]);
      c30 = x3.fma(z0, c30);
      c31 = x3.fma(z1, c31);
      c32 = x3.fma(z2, c32);
      c33 = x3.fma(z3, c33);
      i += aRow;
      j += bRow;
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + N);
    c02.intoArray(c, c0 + 2 * N);
    c03.intoArray(c, c0 + 3 * N);
    c10.intoArray(c, c0 + PANEL);
    c11.intoArray(c, c0 + PANEL + N);
    c12.intoArray(c, c0 + PANEL + 2 * N);
    c13.intoArray(c, c0 + PANEL + 3 * N);
    c20.intoArray(c, c0 + 2 * PANEL);
    c21.intoArray(c, c0 + 2 * PANEL + N);
    c22.intoArray(c, c0 + 2 * PANEL + 2 * N);
    c23.intoArray(c, c0 + 2 * PANEL + 3 * N);
    c30.intoArray(c, c0 + 3 * PANEL);
    c31.intoArray(c, c0 + 3 * PANEL + N);
    c32.intoArray(c, c0 + 3 * PANEL + 2 * N);
    c33.intoArray(c, c0 + 3 * PANEL + 3 * N);
  }

  /** Two inputs by four vectors. */
  static void outer2x4(
      int rows, float[] a, int a0, int aRow, float[] b, int b0, int bRow, float[] c, int c0) {
    FloatVector c00 = FloatVector.fromArray(S, c, c0);
    FloatVector c01 = FloatVector.fromArray(S, c, c0 + N);
    FloatVector c02 = FloatVector.fromArray(S, c, c0 + 2 * N);
    FloatVector c03 = FloatVector.fromArray(S, c, c0 + 3 * N);
    FloatVector c10 = FloatVector.fromArray(S, c, c0 + PANEL);
    FloatVector c11 = FloatVector.fromArray(S, c, c0 + PANEL + N);
    FloatVector c12 = FloatVector.fromArray(S, c, c0 + PANEL + 2 * N);
    FloatVector c13 = FloatVector.fromArray(S, c, c0 + PANEL + 3 * N);
    int i = a0;
    int j = b0;
    for (int r = 0; r < rows; r++) {
      FloatVector z0 = FloatVector.fromArray(S, b, j);
      FloatVector z1 = FloatVector.fromArray(S, b, j + N);
      FloatVector z2 = FloatVector.fromArray(S, b, j + 2 * N);
      FloatVector z3 = FloatVector.fromArray(S, b, j + 3 * N);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(z0, c00);
      c01 = x0.fma(z1, c01);
      c02 = x0.fma(z2, c02);
      c03 = x0.fma(z3, c03);
      FloatVector x1 = FloatVector.broadcast(S, a[i + 1]);
      c10 = x1.fma(z0, c10);
      c11 = x1.fma(z1, c11);
      c12 = x1.fma(z2, c12);
      c13 = x1.fma(z3, c13);
      i += aRow;
      j += bRow;
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + N);
    c02.intoArray(c, c0 + 2 * N);
    c03.intoArray(c, c0 + 3 * N);
    c10.intoArray(c, c0 + PANEL);
    c11.intoArray(c, c0 + PANEL + N);
    c12.intoArray(c, c0 + PANEL + 2 * N);
    c13.intoArray(c, c0 + PANEL + 3 * N);
  }

  /** One input by four vectors. */
  static void outer1x4(
      int rows, float[] a, int a0, int aRow, float[] b, int b0, int bRow, float[] c, int c0) {
    FloatVector c00 = FloatVector.fromArray(S, c, c0);
    FloatVector c01 = FloatVector.fromArray(S, c, c0 + N);
    FloatVector c02 = FloatVector.fromArray(S, c, c0 + 2 * N);
    FloatVector c03 = FloatVector.fromArray(S, c, c0 + 3 * N);
    int i = a0;
    int j = b0;
    for (int r = 0; r < rows; r++) {
      FloatVector z0 = FloatVector.fromArray(S, b, j);
      FloatVector z1 = FloatVector.fromArray(S, b, j + N);
      FloatVector z2 = FloatVector.fromArray(S, b, j + 2 * N);
      FloatVector z3 = FloatVector.fromArray(S, b, j + 3 * N);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(z0, c00);
      c01 = x0.fma(z1, c01);
      c02 = x0.fma(z2, c02);
      c03 = x0.fma(z3, c03);
      i += aRow;
      j += bRow;
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + N);
    c02.intoArray(c, c0 + 2 * N);
    c03.intoArray(c, c0 + 3 * N);
  }

  /** Eight inputs by one vector, for narrow panels. */
  static void outer8x1(
      int rows, float[] a, int a0, int aRow, float[] b, int b0, int bRow, float[] c, int c0) {
    FloatVector c00 = FloatVector.fromArray(S, c, c0);
    FloatVector c10 = FloatVector.fromArray(S, c, c0 + BLOCK);
    FloatVector c20 = FloatVector.fromArray(S, c, c0 + 2 * BLOCK);
    FloatVector c30 = FloatVector.fromArray(S, c, c0 + 3 * BLOCK);
    FloatVector c40 = FloatVector.fromArray(S, c, c0 + 4 * BLOCK);
    FloatVector c50 = FloatVector.fromArray(S, c, c0 + 5 * BLOCK);
    FloatVector c60 = FloatVector.fromArray(S, c, c0 + 6 * BLOCK);
    FloatVector c70 = FloatVector.fromArray(S, c, c0 + 7 * BLOCK);
    int i = a0;
    int j = b0;
    for (int r = 0; r < rows; r++) {
      FloatVector z0 = FloatVector.fromArray(S, b, j);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(z0, c00);
      FloatVector x1 = FloatVector.broadcast(S, a[i + 1]);
      c10 = x1.fma(z0, c10);
      FloatVector x2 = FloatVector.broadcast(S, a[i + 2]);
      c20 = x2.fma(z0, c20);
      FloatVector x3 = FloatVector.broadcast(S, a[i + 3]);
      c30 = x3.fma(z0, c30);
      FloatVector x4 = FloatVector.broadcast(S, a[i + 4]);
      c40 = x4.fma(z0, c40);
      FloatVector x5 = FloatVector.broadcast(S, a[i + 5]);
      c50 = x5.fma(z0, c50);
      FloatVector x6 = FloatVector.broadcast(S, a[i + 6]);
      c60 = x6.fma(z0, c60);
      FloatVector x7 = FloatVector.broadcast(S, a[i + 7]);
      c70 = x7.fma(z0, c70);
      i += aRow;
      j += bRow;
    }
    c00.intoArray(c, c0);
    c10.intoArray(c, c0 + BLOCK);
    c20.intoArray(c, c0 + 2 * BLOCK);
    c30.intoArray(c, c0 + 3 * BLOCK);
    c40.intoArray(c, c0 + 4 * BLOCK);
    c50.intoArray(c, c0 + 5 * BLOCK);
    c60.intoArray(c, c0 + 6 * BLOCK);
    c70.intoArray(c, c0 + 7 * BLOCK);
  }

  /** One input by one vector. */
  static void outer1x1(
      int rows, float[] a, int a0, int aRow, float[] b, int b0, int bRow, float[] c, int c0) {
    FloatVector c00 = FloatVector.fromArray(S, c, c0);
    int i = a0;
    int j = b0;
    for (int r = 0; r < rows; r++) {
      FloatVector z0 = FloatVector.fromArray(S, b, j);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(z0, c00);
      i += aRow;
      j += bRow;
    }
    c00.intoArray(c, c0);
  }
}
