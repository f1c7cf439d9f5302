package org.lanewise.kernel;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;
import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The product of one row on the Vector API, see {@link Kernels#step}: eight vectors of outputs stay
 * in registers while the inputs and then the hidden units pass. Eight chains cover the latency of
 * two FMA units; four would leave half of them idle.
 *
 * <p>One vector of ints gives one vector of outputs in float32, two in bfloat16, four in int8.
 * Outputs are named by their column; those of one vector of ints lie {@link Packed#BLOCK} apart.
 *
 * <p>Most loops run to a place in memory and not to a number of turns, so that C2 does not count
 * them: those that it counts it unrolls, eight times where most are long, and then the vectors of
 * bfloat16 do not fit the registers (4.0 against 2.6 µs at 128 inputs and as many units), and it
 * works out limits before them that take longer than a short one. In return it takes the checks of
 * bounds out of a loop that it counts, which is worth a tenth in float32 with 256-bit vectors.
 */
final class VectorStep {
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;

  /** Groups of four vectors in a panel. */
  private static final int GROUPS = PANEL / (4 * N);

  /** From the columns of one vector of two weights in an int to those of the next. */
  private static final int NEXT = N == BLOCK ? 2 * BLOCK : N;

  private VectorStep() {}

  /**
   * One past the last panel that {@link #run} is the right one for: it takes the wide ones, unless
   * there is a single group of reduced weights. For that the tiles over the heap are 30 ns faster,
   * which do less before their loop, and never is memory the limit.
   */
  static int end(StepWeights w, int panelBegin, int panelEnd) {
    int end = Math.max(panelBegin, Math.min(panelEnd, w.packed.widePanels()));
    boolean single = (end - panelBegin) * GROUPS == 1;
    return single && w.format != StepWeights.Format.FLOAT32 ? panelBegin : end;
  }

  /** Whether {@link #group} is the way for these weights: they are one group. */
  static boolean isGroup(StepWeights w) {
    return GROUPS == 1 && w.small;
  }

  /**
   * {@link Kernels#step} for weights that are one group: nothing to work out before the loop. A
   * step of 8 units with one input takes 52 ns so, on the long way 59.
   */
  static void group(
      StepWeights w,
      boolean fromBias,
      int firstInput,
      int inputs,
      float[] x,
      int x0,
      int hidden,
      float[] h,
      int h0,
      float[] z,
      int z0) {
    long b0 = (1L + firstInput) * PANEL * Float.BYTES;
    float[] s = fromBias ? w.packed.values() : z;
    single(inputs, x, x0, hidden, h, h0, w.values, b0, s, fromBias ? 0 : z0, z, z0);
  }

  /** {@link Kernels#step} for the panels before {@link #end}. */
  static void run(
      StepWeights w,
      boolean fromBias,
      int panelBegin,
      int panelEnd,
      int firstInput,
      int inputs,
      float[] x,
      int x0,
      int hidden,
      float[] h,
      int h0,
      float[] z,
      int z0) {
    float[] s = fromBias ? w.packed.values() : z;
    int end = panelEnd * GROUPS;
    for (int g = panelBegin * GROUPS; g < end; g += 2) {
      // With an odd number of groups the last is computed twice, which takes no longer, if its
      // weights are reduced.
      int f = Math.min(g + 1, end - 1);
      long b0 = start(w, g, firstInput);
      long b1 = start(w, f, firstInput);
      int n0 = column(w, g);
      int n1 = column(w, f);
      int s0 = fromBias ? w.packed.offset(g / GROUPS, 0) + n0 % PANEL : z0 + n0;
      int s1 = fromBias ? w.packed.offset(f / GROUPS, 0) + n1 % PANEL : z0 + n1;
      int z1 = z0 + n1;
      switch (w.format) {
        case FLOAT32 -> {
          if (f == g) {
            single(inputs, x, x0, hidden, h, h0, w.values, b0, s, s0, z, z0 + n0);
          } else {
            float32(inputs, x, x0, hidden, h, h0, w.values, b0, b1, s, s0, s1, z, z0 + n0, z1);
          }
        }
        case BFLOAT16 ->
            bfloat16(inputs, x, x0, hidden, h, h0, w.values, b0, b1, s, s0, s1, z, z0 + n0, z1);
        case INT8 -> int8(inputs, x, x0, hidden, h, h0, w, b0, b1, n0, n1, s, s0, s1, z, z0);
      }
    }
  }

  /** Where the weights of a group for an input begin, in bytes. */
  private static long start(StepWeights w, int group, int input) {
    int at = w.packed.offset(group / GROUPS, 1 + input) + group % GROUPS * 4 * N;
    return (long) at * w.format.bytes;
  }

  /** The first column of a group. */
  private static int column(StepWeights w, int group) {
    int g = group % GROUPS;
    int first =
        switch (w.format) {
          case FLOAT32 -> g * 4 * N;
          case BFLOAT16 -> g * 2 * N / BLOCK * 2 * BLOCK + g * 2 * N % BLOCK;
          case INT8 -> g * N;
        };
    return group / GROUPS * PANEL + first;
  }

  static FloatVector floats(MemorySegment w, long at) {
    return FloatVector.fromMemorySegment(S, w, at, ByteOrder.nativeOrder());
  }

  private static IntVector ints(MemorySegment w, long at) {
    return IntVector.fromMemorySegment(I, w, at, ByteOrder.nativeOrder());
  }

  /** Outputs of one group. */
  private static void single(
      int inputs,
      float[] x,
      int x0,
      int hidden,
      float[] h,
      int h0,
      MemorySegment w,
      long b0,
      float[] s,
      int s0,
      float[] z,
      int z0) {
    FloatVector c0 = FloatVector.fromArray(S, s, s0);
    FloatVector c1 = FloatVector.fromArray(S, s, s0 + N);
    FloatVector c2 = FloatVector.fromArray(S, s, s0 + 2 * N);
    FloatVector c3 = FloatVector.fromArray(S, s, s0 + 3 * N);
    float[] a = x;
    int a0 = x0;
    int depth = inputs;
    long i = b0;
    for (int part = 0; part < 2; part++) {
      int k = a0;
      for (long end = i + depth * (4L * PANEL); i != end; i += 4L * PANEL) {
        FloatVector v = FloatVector.broadcast(S, a[k++]);
        c0 = v.fma(floats(w, i), c0);
        c1 = v.fma(floats(w, i + 4L * N), c1);
        c2 = v.fma(floats(w, i + 8L * N), c2);
        c3 = v.fma(floats(w, i + 12L * N), c3);
      }
      a = h;
      a0 = h0;
      depth = hidden;
    }
    c0.intoArray(z, z0);
    c1.intoArray(z, z0 + N);
    c2.intoArray(z, z0 + 2 * N);
    c3.intoArray(z, z0 + 3 * N);
  }

  /** Outputs of two groups. */
  private static void float32(
      int inputs,
      float[] x,
      int x0,
      int hidden,
      float[] h,
      int h0,
      MemorySegment w,
      long b0,
      long b1,
      float[] s,
      int s0,
      int s1,
      float[] z,
      int z0,
      int z1) {
    FloatVector c0 = FloatVector.fromArray(S, s, s0);
    FloatVector c1 = FloatVector.fromArray(S, s, s0 + N);
    FloatVector c2 = FloatVector.fromArray(S, s, s0 + 2 * N);
    FloatVector c3 = FloatVector.fromArray(S, s, s0 + 3 * N);
    FloatVector c4 = FloatVector.fromArray(S, s, s1);
    FloatVector c5 = FloatVector.fromArray(S, s, s1 + N);
    FloatVector c6 = FloatVector.fromArray(S, s, s1 + 2 * N);
    FloatVector c7 = FloatVector.fromArray(S, s, s1 + 3 * N);
    float[] a = x;
    int a0 = x0;
    int depth = inputs;
    long i0 = b0;
    long j0 = b1;
    for (int part = 0; part < 2; part++) {
      for (int k = 0; k < depth; k++) {
        long i = i0 + k * (4L * PANEL);
        long j = j0 + k * (4L * PANEL);
        FloatVector v = FloatVector.broadcast(S, a[a0 + k]);
        c0 = v.fma(floats(w, i), c0);
        c1 = v.fma(floats(w, i + 4L * N), c1);
        c2 = v.fma(floats(w, i + 8L * N), c2);
        c3 = v.fma(floats(w, i + 12L * N), c3);
        c4 = v.fma(floats(w, j), c4);
        c5 = v.fma(floats(w, j + 4L * N), c5);
        c6 = v.fma(floats(w, j + 8L * N), c6);
        c7 = v.fma(floats(w, j + 12L * N), c7);
      }
      i0 += depth * (4L * PANEL);
      j0 += depth * (4L * PANEL);
      a = h;
      a0 = h0;
      depth = hidden;
    }
    c0.intoArray(z, z0);
    c1.intoArray(z, z0 + N);
    c2.intoArray(z, z0 + 2 * N);
    c3.intoArray(z, z0 + 3 * N);
    c4.intoArray(z, z1);
    c5.intoArray(z, z1 + N);
    c6.intoArray(z, z1 + 2 * N);
    c7.intoArray(z, z1 + 3 * N);
  }

  /** Outputs of two groups; the upper half of a float is the weight. */
  private static void bfloat16(
      int inputs,
      float[] x,
      int x0,
      int hidden,
      float[] h,
      int h0,
      MemorySegment w,
      long b0,
      long b1,
      float[] s,
      int s0,
      int s1,
      float[] z,
      int z0,
      int z1) {
    FloatVector c0 = FloatVector.fromArray(S, s, s0);
    FloatVector c1 = FloatVector.fromArray(S, s, s0 + BLOCK);
    FloatVector c2 = FloatVector.fromArray(S, s, s0 + NEXT);
    FloatVector c3 = FloatVector.fromArray(S, s, s0 + NEXT + BLOCK);
    FloatVector c4 = FloatVector.fromArray(S, s, s1);
    FloatVector c5 = FloatVector.fromArray(S, s, s1 + BLOCK);
    FloatVector c6 = FloatVector.fromArray(S, s, s1 + NEXT);
    FloatVector c7 = FloatVector.fromArray(S, s, s1 + NEXT + BLOCK);
    float[] a = x;
    int a0 = x0;
    int depth = inputs;
    long i = b0;
    long j = b1;
    for (int part = 0; part < 2; part++) {
      int k = a0;
      for (long end = i + depth * (2L * PANEL); i != end; i += 2L * PANEL) {
        FloatVector v = FloatVector.broadcast(S, a[k++]);
        IntVector w0 = ints(w, i);
        c0 = v.fma(w0.lanewise(LSHL, 16).reinterpretAsFloats(), c0);
        c1 = v.fma(w0.and(0xffff0000).reinterpretAsFloats(), c1);
        IntVector w1 = ints(w, i + 4L * N);
        c2 = v.fma(w1.lanewise(LSHL, 16).reinterpretAsFloats(), c2);
        c3 = v.fma(w1.and(0xffff0000).reinterpretAsFloats(), c3);
        IntVector w2 = ints(w, j);
        c4 = v.fma(w2.lanewise(LSHL, 16).reinterpretAsFloats(), c4);
        c5 = v.fma(w2.and(0xffff0000).reinterpretAsFloats(), c5);
        IntVector w3 = ints(w, j + 4L * N);
        c6 = v.fma(w3.lanewise(LSHL, 16).reinterpretAsFloats(), c6);
        c7 = v.fma(w3.and(0xffff0000).reinterpretAsFloats(), c7);
        j += 2L * PANEL;
      }
      a = h;
      a0 = h0;
      depth = hidden;
    }
    c0.intoArray(z, z0);
    c1.intoArray(z, z0 + BLOCK);
    c2.intoArray(z, z0 + NEXT);
    c3.intoArray(z, z0 + NEXT + BLOCK);
    c4.intoArray(z, z1);
    c5.intoArray(z, z1 + BLOCK);
    c6.intoArray(z, z1 + NEXT);
    c7.intoArray(z, z1 + NEXT + BLOCK);
  }

  /**
   * Outputs of two groups; a byte among the lowest bits of {@code 2^(23 + e)} counts units of
   * {@code 2^e}.
   */
  private static void int8(
      int inputs,
      float[] x,
      int x0,
      int hidden,
      float[] h,
      int h0,
      StepWeights w,
      long b0,
      long b1,
      int n0,
      int n1,
      float[] s,
      int s0,
      int s1,
      float[] z,
      int z0) {
    FloatVector c0 = FloatVector.fromArray(S, s, s0);
    FloatVector c1 = FloatVector.fromArray(S, s, s0 + BLOCK);
    FloatVector c2 = FloatVector.fromArray(S, s, s0 + 2 * BLOCK);
    FloatVector c3 = FloatVector.fromArray(S, s, s0 + 3 * BLOCK);
    FloatVector c4 = FloatVector.fromArray(S, s, s1);
    FloatVector c5 = FloatVector.fromArray(S, s, s1 + BLOCK);
    FloatVector c6 = FloatVector.fromArray(S, s, s1 + 2 * BLOCK);
    FloatVector c7 = FloatVector.fromArray(S, s, s1 + 3 * BLOCK);
    float[] m = w.widening;
    int half = m.length / 2;
    IntVector m0 = FloatVector.fromArray(S, m, n0).reinterpretAsInts();
    FloatVector d0 = FloatVector.fromArray(S, m, half + n0);
    IntVector m1 = FloatVector.fromArray(S, m, n0 + BLOCK).reinterpretAsInts();
    FloatVector d1 = FloatVector.fromArray(S, m, half + n0 + BLOCK);
    IntVector m2 = FloatVector.fromArray(S, m, n0 + 2 * BLOCK).reinterpretAsInts();
    FloatVector d2 = FloatVector.fromArray(S, m, half + n0 + 2 * BLOCK);
    IntVector m3 = FloatVector.fromArray(S, m, n0 + 3 * BLOCK).reinterpretAsInts();
    FloatVector d3 = FloatVector.fromArray(S, m, half + n0 + 3 * BLOCK);
    IntVector m4 = FloatVector.fromArray(S, m, n1).reinterpretAsInts();
    FloatVector d4 = FloatVector.fromArray(S, m, half + n1);
    IntVector m5 = FloatVector.fromArray(S, m, n1 + BLOCK).reinterpretAsInts();
    FloatVector d5 = FloatVector.fromArray(S, m, half + n1 + BLOCK);
    IntVector m6 = FloatVector.fromArray(S, m, n1 + 2 * BLOCK).reinterpretAsInts();
    FloatVector d6 = FloatVector.fromArray(S, m, half + n1 + 2 * BLOCK);
    IntVector m7 = FloatVector.fromArray(S, m, n1 + 3 * BLOCK).reinterpretAsInts();
    FloatVector d7 = FloatVector.fromArray(S, m, half + n1 + 3 * BLOCK);
    float[] a = x;
    int a0 = x0;
    int depth = inputs;
    long i = b0;
    long j = b1;
    for (int part = 0; part < 2; part++) {
      int k = a0;
      for (long end = i + depth * (long) PANEL; i != end; i += PANEL) {
        FloatVector v = FloatVector.broadcast(S, a[k++]);
        IntVector w0 = ints(w.values, i);
        IntVector w1 = ints(w.values, j);
        c0 = v.fma(w0.and(0xff).or(m0).reinterpretAsFloats().sub(d0), c0);
        c1 = v.fma(w0.lanewise(LSHR, 8).and(0xff).or(m1).reinterpretAsFloats().sub(d1), c1);
        c2 = v.fma(w0.lanewise(LSHR, 16).and(0xff).or(m2).reinterpretAsFloats().sub(d2), c2);
        c3 = v.fma(w0.lanewise(LSHR, 24).or(m3).reinterpretAsFloats().sub(d3), c3);
        c4 = v.fma(w1.and(0xff).or(m4).reinterpretAsFloats().sub(d4), c4);
        c5 = v.fma(w1.lanewise(LSHR, 8).and(0xff).or(m5).reinterpretAsFloats().sub(d5), c5);
        c6 = v.fma(w1.lanewise(LSHR, 16).and(0xff).or(m6).reinterpretAsFloats().sub(d6), c6);
        c7 = v.fma(w1.lanewise(LSHR, 24).or(m7).reinterpretAsFloats().sub(d7), c7);
        j += PANEL;
      }
      a = h;
      a0 = h0;
      depth = hidden;
    }
    c0.intoArray(z, z0 + n0);
    c1.intoArray(z, z0 + n0 + BLOCK);
    c2.intoArray(z, z0 + n0 + 2 * BLOCK);
    c3.intoArray(z, z0 + n0 + 3 * BLOCK);
    c4.intoArray(z, z0 + n1);
    c5.intoArray(z, z0 + n1 + BLOCK);
    c6.intoArray(z, z0 + n1 + 2 * BLOCK);
    c7.intoArray(z, z0 + n1 + 3 * BLOCK);
  }
}
