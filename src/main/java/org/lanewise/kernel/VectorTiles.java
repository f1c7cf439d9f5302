package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loops of every product of activations and packed weights: a tile of outputs lives
 * in registers while the summed index runs. All compute
 *
 * <pre>
 * c[r][n] = s[r][n] + Σ_k a[r][k] b[k][n]        k ascending, one chain of FMAs per element
 * a[r][k] = a[a0 + r aRow + k]         b[k][n] = b[b0 + k width + n]
 * s[r][n] = s[s0 + r sRow + n]         c[r][n] = c[c0 + r cRow + n]
 * </pre>
 *
 * for a fixed number of rows r and of vectors along n, the width being that of a panel, or of a
 * block where there is one vector. s may be c.
 *
 * <p>The accumulators are spelled out because an array of vectors would live on the heap. What a
 * form costs beside its FMAs are integer operations, which take the same ports: six rows by four
 * vectors, 128 links, reach of 231 GFLOP/s
 *
 * <pre>
 * constant width, every second row reached from the one before     193
 * an index of its own for each row                                 165
 * width and step in variables, so that no bound check is hoisted   164
 * two links in one turn of the loop                                136
 * </pre>
 */
final class VectorTiles {
  static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

  /** Lanes of a vector. */
  static final int N = S.length();

  private VectorTiles() {}

  /**
   * Six rows by four vectors: 24 accumulators of the 32 registers of AVX-512 and NEON; enough
   * independent chains to hide the latency of two FMA units, and 10 loads for 24 FMAs. C2 makes 48
   * instructions of a link, for AVX-512. Two links a turn cost a quarter of the speed on an Intel
   * core.
   */
  static void product6x4(
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
    FloatVector c00 = FloatVector.fromArray(S, s, s0);
    FloatVector c01 = FloatVector.fromArray(S, s, s0 + N);
    FloatVector c02 = FloatVector.fromArray(S, s, s0 + 2 * N);
    FloatVector c03 = FloatVector.fromArray(S, s, s0 + 3 * N);
    FloatVector c10 = FloatVector.fromArray(S, s, s0 + sRow);
    FloatVector c11 = FloatVector.fromArray(S, s, s0 + sRow + N);
    FloatVector c12 = FloatVector.fromArray(S, s, s0 + sRow + 2 * N);
    FloatVector c13 = FloatVector.fromArray(S, s, s0 + sRow + 3 * N);
    FloatVector c20 = FloatVector.fromArray(S, s, s0 + 2 * sRow);
    FloatVector c21 = FloatVector.fromArray(S, s, s0 + 2 * sRow + N);
    FloatVector c22 = FloatVector.fromArray(S, s, s0 + 2 * sRow + 2 * N);
    FloatVector c23 = FloatVector.fromArray(S, s, s0 + 2 * sRow + 3 * N);
    FloatVector c30 = FloatVector.fromArray(S, s, s0 + 3 * sRow);
    FloatVector c31 = FloatVector.fromArray(S, s, s0 + 3 * sRow + N);
    FloatVector c32 = FloatVector.fromArray(S, s, s0 + 3 * sRow + 2 * N);
    FloatVector c33 = FloatVector.fromArray(S, s, s0 + 3 * sRow + 3 * N);
    FloatVector c40 = FloatVector.fromArray(S, s, s0 + 4 * sRow);
    FloatVector c41 = FloatVector.fromArray(S, s, s0 + 4 * sRow + N);
    FloatVector c42 = FloatVector.fromArray(S, s, s0 + 4 * sRow + 2 * N);
    FloatVector c43 = FloatVector.fromArray(S, s, s0 + 4 * sRow + 3 * N);
    FloatVector c50 = FloatVector.fromArray(S, s, s0 + 5 * sRow);
    FloatVector c51 = FloatVector.fromArray(S, s, s0 + 5 * sRow + N);
    FloatVector c52 = FloatVector.fromArray(S, s, s0 + 5 * sRow + 2 * N);
    FloatVector c53 = FloatVector.fromArray(S, s, s0 + 5 * sRow + 3 * N);
    for (int k = 0; k < depth; k++) {
      int j = b0 + k * PANEL;
      FloatVector w0 = FloatVector.fromArray(S, b, j);
      FloatVector w1 = FloatVector.fromArray(S, b, j + N);
      FloatVector w2 = FloatVector.fromArray(S, b, j + 2 * N);
      FloatVector w3 = FloatVector.fromArray(S, b, j + 3 * N);
      int i0 = a0 + k;
      FloatVector x0 = FloatVector.broadcast(S, a[i0]);
      c00 = x0.fma(w0, c00);
      c01 = x0.fma(w1, c01);
      c02 = x0.fma(w2, c02);
      c03 = x0.fma(w3, c03);
      FloatVector x1 = FloatVector.broadcast(S, a[i0 + aRow]);
      c10 = x1.fma(w0, c10);
      c11 = x1.fma(w1, c11);
      c12 = x1.fma(w2, c12);
      c13 = x1.fma(w3, c13);
      int i2 = i0 + 2 * aRow;
      FloatVector x2 = FloatVector.broadcast(S, a[i2]);
      c20 = x2.fma(w0, c20);
      c21 = x2.fma(w1, c21);
      c22 = x2.fma(w2, c22);
      c23 = x2.fma(w3, c23);
      FloatVector x3 = FloatVector.broadcast(S, a[i2 + aRow]);
      c30 = x3.fma(w0, c30);
      c31 = x3.fma(w1, c31);
      c32 = x3.fma(w2, c32);
      c33 = x3.fma(w3, c33);
      int i4 = i2 + 2 * aRow;
      FloatVector x4 = FloatVector.broadcast(S, a[i4]);
      c40 = x4.fma(w0, c40);
      c41 = x4.fma(w1, c41);
      c42 = x4.fma(w2, c42);
      c43 = x4.fma(w3, c43);
      FloatVector x5 = FloatVector.broadcast(S, a[i4 + aRow]);
      c50 = x5.fma(w0, c50);
      c51 = x5.fma(w1, c51);
      c52 = x5.fma(w2, c52);
      c53 = x5.fma(w3, c53);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + N);
    c02.intoArray(c, c0 + 2 * N);
    c03.intoArray(c, c0 + 3 * N);
    c10.intoArray(c, c0 + cRow);
    c11.intoArray(c, c0 + cRow + N);
    c12.intoArray(c, c0 + cRow + 2 * N);
    c13.intoArray(c, c0 + cRow + 3 * N);
    c20.intoArray(c, c0 + 2 * cRow);
    c21.intoArray(c, c0 + 2 * cRow + N);
    c22.intoArray(c, c0 + 2 * cRow + 2 * N);
    c23.intoArray(c, c0 + 2 * cRow + 3 * N);
    c30.intoArray(c, c0 + 3 * cRow);
    c31.intoArray(c, c0 + 3 * cRow + N);
    c32.intoArray(c, c0 + 3 * cRow + 2 * N);
    c33.intoArray(c, c0 + 3 * cRow + 3 * N);
    c40.intoArray(c, c0 + 4 * cRow);
    c41.intoArray(c, c0 + 4 * cRow + N);
    c42.intoArray(c, c0 + 4 * cRow + 2 * N);
    c43.intoArray(c, c0 + 4 * cRow + 3 * N);
    c50.intoArray(c, c0 + 5 * cRow);
    c51.intoArray(c, c0 + 5 * cRow + N);
    c52.intoArray(c, c0 + 5 * cRow + 2 * N);
    c53.intoArray(c, c0 + 5 * cRow + 3 * N);
  }

  /** Four rows by four vectors: with six, any even number of rows from four up without twos. */
  static void product4x4(
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
    FloatVector c00 = FloatVector.fromArray(S, s, s0);
    FloatVector c01 = FloatVector.fromArray(S, s, s0 + N);
    FloatVector c02 = FloatVector.fromArray(S, s, s0 + 2 * N);
    FloatVector c03 = FloatVector.fromArray(S, s, s0 + 3 * N);
    FloatVector c10 = FloatVector.fromArray(S, s, s0 + sRow);
    FloatVector c11 = FloatVector.fromArray(S, s, s0 + sRow + N);
    FloatVector c12 = FloatVector.fromArray(S, s, s0 + sRow + 2 * N);
    FloatVector c13 = FloatVector.fromArray(S, s, s0 + sRow + 3 * N);
    FloatVector c20 = FloatVector.fromArray(S, s, s0 + 2 * sRow);
    FloatVector c21 = FloatVector.fromArray(S, s, s0 + 2 * sRow + N);
    FloatVector c22 = FloatVector.fromArray(S, s, s0 + 2 * sRow + 2 * N);
    FloatVector c23 = FloatVector.fromArray(S, s, s0 + 2 * sRow + 3 * N);
    FloatVector c30 = FloatVector.fromArray(S, s, s0 + 3 * sRow);
    FloatVector c31 = FloatVector.fromArray(S, s, s0 + 3 * sRow + N);
    FloatVector c32 = FloatVector.fromArray(S, s, s0 + 3 * sRow + 2 * N);
    FloatVector c33 = FloatVector.fromArray(S, s, s0 + 3 * sRow + 3 * N);
    for (int k = 0; k < depth; k++) {
      int j = b0 + k * PANEL;
      FloatVector w0 = FloatVector.fromArray(S, b, j);
      FloatVector w1 = FloatVector.fromArray(S, b, j + N);
      FloatVector w2 = FloatVector.fromArray(S, b, j + 2 * N);
      FloatVector w3 = FloatVector.fromArray(S, b, j + 3 * N);
      int i0 = a0 + k;
      FloatVector x0 = FloatVector.broadcast(S, a[i0]);
      c00 = x0.fma(w0, c00);
      c01 = x0.fma(w1, c01);
      c02 = x0.fma(w2, c02);
      c03 = x0.fma(w3, c03);
      FloatVector x1 = FloatVector.broadcast(S, a[i0 + aRow]);
      c10 = x1.fma(w0, c10);
      c11 = x1.fma(w1, c11);
      c12 = x1.fma(w2, c12);
      c13 = x1.fma(w3, c13);
      int i2 = i0 + 2 * aRow;
      FloatVector x2 = FloatVector.broadcast(S, a[i2]);
      c20 = x2.fma(w0, c20);
      c21 = x2.fma(w1, c21);
      c22 = x2.fma(w2, c22);
      c23 = x2.fma(w3, c23);
      FloatVector x3 = FloatVector.broadcast(S, a[i2 + aRow]);
      c30 = x3.fma(w0, c30);
      c31 = x3.fma(w1, c31);
      c32 = x3.fma(w2, c32);
      c33 = x3.fma(w3, c33);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + N);
    c02.intoArray(c, c0 + 2 * N);
    c03.intoArray(c, c0 + 3 * N);
    c10.intoArray(c, c0 + cRow);
    c11.intoArray(c, c0 + cRow + N);
    c12.intoArray(c, c0 + cRow + 2 * N);
    c13.intoArray(c, c0 + cRow + 3 * N);
    c20.intoArray(c, c0 + 2 * cRow);
    c21.intoArray(c, c0 + 2 * cRow + N);
    c22.intoArray(c, c0 + 2 * cRow + 2 * N);
    c23.intoArray(c, c0 + 2 * cRow + 3 * N);
    c30.intoArray(c, c0 + 3 * cRow);
    c31.intoArray(c, c0 + 3 * cRow + N);
    c32.intoArray(c, c0 + 3 * cRow + 2 * N);
    c33.intoArray(c, c0 + 3 * cRow + 3 * N);
  }

  /** Two rows by four vectors: the largest tile that fits the 16 registers of AVX2. */
  static void product2x4(
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
    FloatVector c00 = FloatVector.fromArray(S, s, s0);
    FloatVector c01 = FloatVector.fromArray(S, s, s0 + N);
    FloatVector c02 = FloatVector.fromArray(S, s, s0 + 2 * N);
    FloatVector c03 = FloatVector.fromArray(S, s, s0 + 3 * N);
    FloatVector c10 = FloatVector.fromArray(S, s, s0 + sRow);
    FloatVector c11 = FloatVector.fromArray(S, s, s0 + sRow + N);
    FloatVector c12 = FloatVector.fromArray(S, s, s0 + sRow + 2 * N);
    FloatVector c13 = FloatVector.fromArray(S, s, s0 + sRow + 3 * N);
    for (int k = 0; k < depth; k++) {
      int j = b0 + k * PANEL;
      FloatVector w0 = FloatVector.fromArray(S, b, j);
      FloatVector w1 = FloatVector.fromArray(S, b, j + N);
      FloatVector w2 = FloatVector.fromArray(S, b, j + 2 * N);
      FloatVector w3 = FloatVector.fromArray(S, b, j + 3 * N);
      int i0 = a0 + k;
      FloatVector x0 = FloatVector.broadcast(S, a[i0]);
      c00 = x0.fma(w0, c00);
      c01 = x0.fma(w1, c01);
      c02 = x0.fma(w2, c02);
      c03 = x0.fma(w3, c03);
      FloatVector x1 = FloatVector.broadcast(S, a[i0 + aRow]);
      c10 = x1.fma(w0, c10);
      c11 = x1.fma(w1, c11);
      c12 = x1.fma(w2, c12);
      c13 = x1.fma(w3, c13);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + N);
    c02.intoArray(c, c0 + 2 * N);
    c03.intoArray(c, c0 + 3 * N);
    c10.intoArray(c, c0 + cRow);
    c11.intoArray(c, c0 + cRow + N);
    c12.intoArray(c, c0 + cRow + 2 * N);
    c13.intoArray(c, c0 + cRow + 3 * N);
  }

  /** One row by four vectors. */
  static void product1x4(
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
    FloatVector c00 = FloatVector.fromArray(S, s, s0);
    FloatVector c01 = FloatVector.fromArray(S, s, s0 + N);
    FloatVector c02 = FloatVector.fromArray(S, s, s0 + 2 * N);
    FloatVector c03 = FloatVector.fromArray(S, s, s0 + 3 * N);
    for (int k = 0; k < depth; k++) {
      int j = b0 + k * PANEL;
      FloatVector w0 = FloatVector.fromArray(S, b, j);
      FloatVector w1 = FloatVector.fromArray(S, b, j + N);
      FloatVector w2 = FloatVector.fromArray(S, b, j + 2 * N);
      FloatVector w3 = FloatVector.fromArray(S, b, j + 3 * N);
      int i0 = a0 + k;
      FloatVector x0 = FloatVector.broadcast(S, a[i0]);
      c00 = x0.fma(w0, c00);
      c01 = x0.fma(w1, c01);
      c02 = x0.fma(w2, c02);
      c03 = x0.fma(w3, c03);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + N);
    c02.intoArray(c, c0 + 2 * N);
    c03.intoArray(c, c0 + 3 * N);
  }

  /** Eight rows by one vector, for narrow panels. */
  static void product8x1(
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
    FloatVector c00 = FloatVector.fromArray(S, s, s0);
    FloatVector c10 = FloatVector.fromArray(S, s, s0 + sRow);
    FloatVector c20 = FloatVector.fromArray(S, s, s0 + 2 * sRow);
    FloatVector c30 = FloatVector.fromArray(S, s, s0 + 3 * sRow);
    FloatVector c40 = FloatVector.fromArray(S, s, s0 + 4 * sRow);
    FloatVector c50 = FloatVector.fromArray(S, s, s0 + 5 * sRow);
    FloatVector c60 = FloatVector.fromArray(S, s, s0 + 6 * sRow);
    FloatVector c70 = FloatVector.fromArray(S, s, s0 + 7 * sRow);
    for (int k = 0; k < depth; k++) {
      int j = b0 + k * BLOCK;
      FloatVector w0 = FloatVector.fromArray(S, b, j);
      int i0 = a0 + k;
      FloatVector x0 = FloatVector.broadcast(S, a[i0]);
      c00 = x0.fma(w0, c00);
      FloatVector x1 = FloatVector.broadcast(S, a[i0 + aRow]);
      c10 = x1.fma(w0, c10);
      int i2 = i0 + 2 * aRow;
      FloatVector x2 = FloatVector.broadcast(S, a[i2]);
      c20 = x2.fma(w0, c20);
      FloatVector x3 = FloatVector.broadcast(S, a[i2 + aRow]);
      c30 = x3.fma(w0, c30);
      int i4 = i2 + 2 * aRow;
      FloatVector x4 = FloatVector.broadcast(S, a[i4]);
      c40 = x4.fma(w0, c40);
      FloatVector x5 = FloatVector.broadcast(S, a[i4 + aRow]);
      c50 = x5.fma(w0, c50);
      int i6 = i4 + 2 * aRow;
      FloatVector x6 = FloatVector.broadcast(S, a[i6]);
      c60 = x6.fma(w0, c60);
      FloatVector x7 = FloatVector.broadcast(S, a[i6 + aRow]);
      c70 = x7.fma(w0, c70);
    }
    c00.intoArray(c, c0);
    c10.intoArray(c, c0 + cRow);
    c20.intoArray(c, c0 + 2 * cRow);
    c30.intoArray(c, c0 + 3 * cRow);
    c40.intoArray(c, c0 + 4 * cRow);
    c50.intoArray(c, c0 + 5 * cRow);
    c60.intoArray(c, c0 + 6 * cRow);
    c70.intoArray(c, c0 + 7 * cRow);
  }

  /** One row by one vector. */
  static void product1x1(
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
    FloatVector c00 = FloatVector.fromArray(S, s, s0);
    for (int k = 0; k < depth; k++) {
      int j = b0 + k * BLOCK;
      FloatVector w0 = FloatVector.fromArray(S, b, j);
      int i0 = a0 + k;
      FloatVector x0 = FloatVector.broadcast(S, a[i0]);
      c00 = x0.fma(w0, c00);
    }
    c00.intoArray(c, c0);
  }

  /**
   * One row by two groups of four vectors, at b0 and b1, s0 and s1, c0 and c1: the step of a single
   * stream. Eight chains cover the latency of the FMA units; four would leave half of them idle.
   */
  static void product1x8(
      int depth,
      float[] a,
      int a0,
      float[] b,
      int b0,
      int b1,
      float[] s,
      int s0,
      int s1,
      float[] c,
      int c0,
      int c1) {
    FloatVector c00 = FloatVector.fromArray(S, s, s0);
    FloatVector c01 = FloatVector.fromArray(S, s, s0 + N);
    FloatVector c02 = FloatVector.fromArray(S, s, s0 + 2 * N);
    FloatVector c03 = FloatVector.fromArray(S, s, s0 + 3 * N);
    FloatVector c10 = FloatVector.fromArray(S, s, s1);
    FloatVector c11 = FloatVector.fromArray(S, s, s1 + N);
    FloatVector c12 = FloatVector.fromArray(S, s, s1 + 2 * N);
    FloatVector c13 = FloatVector.fromArray(S, s, s1 + 3 * N);
    for (int k = 0; k < depth; k++) {
      FloatVector x = FloatVector.broadcast(S, a[a0 + k]);
      int i = b0 + k * PANEL;
      int j = b1 + k * PANEL;
      c00 = x.fma(FloatVector.fromArray(S, b, i), c00);
      c01 = x.fma(FloatVector.fromArray(S, b, i + N), c01);
      c02 = x.fma(FloatVector.fromArray(S, b, i + 2 * N), c02);
      c03 = x.fma(FloatVector.fromArray(S, b, i + 3 * N), c03);
      c10 = x.fma(FloatVector.fromArray(S, b, j), c10);
      c11 = x.fma(FloatVector.fromArray(S, b, j + N), c11);
      c12 = x.fma(FloatVector.fromArray(S, b, j + 2 * N), c12);
      c13 = x.fma(FloatVector.fromArray(S, b, j + 3 * N), c13);
    }
    c00.intoArray(c, c0);
    c01.intoArray(c, c0 + N);
    c02.intoArray(c, c0 + 2 * N);
    c03.intoArray(c, c0 + 3 * N);
    c10.intoArray(c, c1);
    c11.intoArray(c, c1 + N);
    c12.intoArray(c, c1 + 2 * N);
    c13.intoArray(c, c1 + 3 * N);
  }
}
