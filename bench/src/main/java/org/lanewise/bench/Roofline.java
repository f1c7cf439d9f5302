package org.lanewise.bench;

import java.util.function.DoubleSupplier;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The two loops that show what one core allows, and the figures of a moment: every other result is
 * read beside them. {@link RooflineBenchmark} measures the loops with all of JMH's care; {@link
 * Limit} and the tables of ratios take rates of some milliseconds, in the same virtual machine and
 * between the rounds of what they judge.
 */
final class Roofline {
  /** Rounds of multiply-adds in a call of {@link #fma12} and {@link #fma24}. */
  static final int ROUNDS = 1000;

  /** Bits of a vector. */
  static final int BITS = FloatVector.SPECIES_PREFERRED.vectorBitSize();

  /** Operations of one multiply-add in every lane. */
  static final double LANE_FLOPS = 2.0 * FloatVector.SPECIES_PREFERRED.length();

  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int N = S.length();

  /** What {@link #read} takes at once: the length of its array is a multiple. */
  private static final int STRIDE = 8 * N;

  /** Floats of a cache line. */
  private static final int LINE = 16;

  /** Floats between the addresses at which arrays may start. */
  private static final int STARTS = 4;

  /** Bytes that a reading of some microseconds covers, also in a small array. */
  private static final int READ_BYTES = 1 << 18;

  // Not final: C2 would fold arithmetic on constants.
  private static float factor = 0.5f;
  private static float term = 0.25f;

  /** Where results go, so that nothing is computed for nobody. */
  static volatile float sink;

  private Roofline() {}

  /**
   * Multiply-adds in 12 chains, which fit the 16 registers of AVX2.
   *
   * @return something of all chains
   */
  static float fma12() {
    FloatVector m = FloatVector.broadcast(S, factor);
    FloatVector b = FloatVector.broadcast(S, term);
    FloatVector c00 = FloatVector.broadcast(S, 0f);
    FloatVector c01 = FloatVector.broadcast(S, 1f);
    FloatVector c02 = FloatVector.broadcast(S, 2f);
    FloatVector c03 = FloatVector.broadcast(S, 3f);
    FloatVector c04 = FloatVector.broadcast(S, 4f);
    FloatVector c05 = FloatVector.broadcast(S, 5f);
    FloatVector c06 = FloatVector.broadcast(S, 6f);
    FloatVector c07 = FloatVector.broadcast(S, 7f);
    FloatVector c08 = FloatVector.broadcast(S, 8f);
    FloatVector c09 = FloatVector.broadcast(S, 9f);
    FloatVector c10 = FloatVector.broadcast(S, 10f);
    FloatVector c11 = FloatVector.broadcast(S, 11f);
    for (int i = 0; i < ROUNDS; i++) {
      c00 = c00.fma(m, b);
      c01 = c01.fma(m, b);
      c02 = c02.fma(m, b);
      c03 = c03.fma(m, b);
      c04 = c04.fma(m, b);
      c05 = c05.fma(m, b);
      c06 = c06.fma(m, b);
      c07 = c07.fma(m, b);
      c08 = c08.fma(m, b);
      c09 = c09.fma(m, b);
      c10 = c10.fma(m, b);
      c11 = c11.fma(m, b);
    }
    return c00.add(c01)
        .add(c02)
        .add(c03)
        .add(c04)
        .add(c05)
        .add(c06)
        .add(c07)
        .add(c08)
        .add(c09)
        .add(c10)
        .add(c11)
        .reduceLanes(VectorOperators.ADD);
  }

  /**
   * Multiply-adds in 24 chains, which four units need.
   *
   * @return something of all chains
   */
  static float fma24() {
    FloatVector m = FloatVector.broadcast(S, factor);
    FloatVector b = FloatVector.broadcast(S, term);
    FloatVector c00 = FloatVector.broadcast(S, 0f);
    FloatVector c01 = FloatVector.broadcast(S, 1f);
    FloatVector c02 = FloatVector.broadcast(S, 2f);
    FloatVector c03 = FloatVector.broadcast(S, 3f);
    FloatVector c04 = FloatVector.broadcast(S, 4f);
    FloatVector c05 = FloatVector.broadcast(S, 5f);
    FloatVector c06 = FloatVector.broadcast(S, 6f);
    FloatVector c07 = FloatVector.broadcast(S, 7f);
    FloatVector c08 = FloatVector.broadcast(S, 8f);
    FloatVector c09 = FloatVector.broadcast(S, 9f);
    FloatVector c10 = FloatVector.broadcast(S, 10f);
    FloatVector c11 = FloatVector.broadcast(S, 11f);
    FloatVector c12 = FloatVector.broadcast(S, 12f);
    FloatVector c13 = FloatVector.broadcast(S, 13f);
    FloatVector c14 = FloatVector.broadcast(S, 14f);
    FloatVector c15 = FloatVector.broadcast(S, 15f);
    FloatVector c16 = FloatVector.broadcast(S, 16f);
    FloatVector c17 = FloatVector.broadcast(S, 17f);
    FloatVector c18 = FloatVector.broadcast(S, 18f);
    FloatVector c19 = FloatVector.broadcast(S, 19f);
    FloatVector c20 = FloatVector.broadcast(S, 20f);
    FloatVector c21 = FloatVector.broadcast(S, 21f);
    FloatVector c22 = FloatVector.broadcast(S, 22f);
    FloatVector c23 = FloatVector.broadcast(S, 23f);
    for (int i = 0; i < ROUNDS; i++) {
      c00 = c00.fma(m, b);
      c01 = c01.fma(m, b);
      c02 = c02.fma(m, b);
      c03 = c03.fma(m, b);
      c04 = c04.fma(m, b);
      c05 = c05.fma(m, b);
      c06 = c06.fma(m, b);
      c07 = c07.fma(m, b);
      c08 = c08.fma(m, b);
      c09 = c09.fma(m, b);
      c10 = c10.fma(m, b);
      c11 = c11.fma(m, b);
      c12 = c12.fma(m, b);
      c13 = c13.fma(m, b);
      c14 = c14.fma(m, b);
      c15 = c15.fma(m, b);
      c16 = c16.fma(m, b);
      c17 = c17.fma(m, b);
      c18 = c18.fma(m, b);
      c19 = c19.fma(m, b);
      c20 = c20.fma(m, b);
      c21 = c21.fma(m, b);
      c22 = c22.fma(m, b);
      c23 = c23.fma(m, b);
    }
    return c00.add(c01)
        .add(c02)
        .add(c03)
        .add(c04)
        .add(c05)
        .add(c06)
        .add(c07)
        .add(c08)
        .add(c09)
        .add(c10)
        .add(c11)
        .add(c12)
        .add(c13)
        .add(c14)
        .add(c15)
        .add(c16)
        .add(c17)
        .add(c18)
        .add(c19)
        .add(c20)
        .add(c21)
        .add(c22)
        .add(c23)
        .reduceLanes(VectorOperators.ADD);
  }

  /**
   * Reads an array front to back, in eight sums that do not depend on each other.
   *
   * @param x the array
   * @param from where it starts
   * @param n floats to read, a multiple of eight vectors
   * @return the sum
   */
  static float read(float[] x, int from, int n) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = FloatVector.zero(S);
    FloatVector s2 = FloatVector.zero(S);
    FloatVector s3 = FloatVector.zero(S);
    FloatVector s4 = FloatVector.zero(S);
    FloatVector s5 = FloatVector.zero(S);
    FloatVector s6 = FloatVector.zero(S);
    FloatVector s7 = FloatVector.zero(S);
    for (int i = from; i < from + n; i += STRIDE) {
      s0 = s0.add(FloatVector.fromArray(S, x, i));
      s1 = s1.add(FloatVector.fromArray(S, x, i + N));
      s2 = s2.add(FloatVector.fromArray(S, x, i + 2 * N));
      s3 = s3.add(FloatVector.fromArray(S, x, i + 3 * N));
      s4 = s4.add(FloatVector.fromArray(S, x, i + 4 * N));
      s5 = s5.add(FloatVector.fromArray(S, x, i + 5 * N));
      s6 = s6.add(FloatVector.fromArray(S, x, i + 6 * N));
      s7 = s7.add(FloatVector.fromArray(S, x, i + 7 * N));
    }
    return s0.add(s1)
        .add(s2.add(s3))
        .add(s4.add(s5).add(s6.add(s7)))
        .reduceLanes(VectorOperators.ADD);
  }

  /**
   * An array to read.
   *
   * @param bytes its size, rounded up to what {@link #read} takes
   * @return numbers, and some more for {@link #bandwidth} to start at
   */
  static float[] array(double bytes) {
    int floats = (int) Math.ceil(bytes / Float.BYTES / STRIDE) * STRIDE;
    return Fixtures.uniform(Math.max(floats, STRIDE) + LINE, 1, 1);
  }

  /** Floats of {@link #array} without what is left for another start. */
  static int floats(float[] array) {
    return array.length - LINE;
  }

  /**
   * The FMA peak at this moment.
   *
   * @param nanos how long to measure each loop
   * @return operations per nanosecond, which is GFLOP/s
   */
  static double peak(long nanos) {
    return Math.max(
        rate(nanos, 12 * LANE_FLOPS * ROUNDS, Roofline::fma12),
        rate(nanos, 24 * LANE_FLOPS * ROUNDS, Roofline::fma24));
  }

  /**
   * The read bandwidth of an array at this moment: the best of four starts, one of which has every
   * load within a cache line, wherever the virtual machine has put the array.
   *
   * @param nanos how long to measure
   * @param x an array of {@link #array}
   * @return bytes per nanosecond, which is GB/s
   */
  static double bandwidth(long nanos, float[] x) {
    int n = floats(x);
    int times = Math.max(1, READ_BYTES / (Float.BYTES * n));
    double best = 0;
    for (int start = 0; start < LINE; start += STARTS) {
      int from = start;
      double work = (double) times * Float.BYTES * n;
      best =
          Math.max(best, rate(nanos / (LINE / STARTS), work, () -> readTimes(times, x, from, n)));
    }
    return best;
  }

  /** Work per nanosecond. */
  private static double rate(long nanos, double work, DoubleSupplier call) {
    long begin = System.nanoTime();
    long now;
    double done = 0;
    do {
      sink = (float) call.getAsDouble();
      done += work;
      now = System.nanoTime();
    } while (now - begin < nanos);
    return done / (now - begin);
  }

  private static double readTimes(int times, float[] x, int from, int n) {
    float sum = 0;
    for (int i = 0; i < times; i++) {
      sum += read(x, from, n);
    }
    return sum;
  }
}
