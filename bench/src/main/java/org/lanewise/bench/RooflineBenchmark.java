package org.lanewise.bench;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Question: what does one core of this machine allow? Every other figure is read beside these two
 * limits, measured in the same run.
 *
 * <ul>
 *   <li>{@code fma12}, {@code fma24}: multiply-adds in 12 and in 24 chains that do not depend on
 *       each other. The counter {@code gflop} reads as GFLOP/s, an FMA being two operations; the
 *       peak is the higher of the two. 12 chains fit the 16 registers of AVX2; processors with 32
 *       registers and four units need more than 12.
 *   <li>{@code read}: a sum over an array read front to back, as a product reads its weights. The
 *       counter {@code gbyte} reads as GB/s of 10⁹ bytes. The working sets are those of L1, L2, L3
 *       and memory on most machines; {@code -p kib=...} names others.
 * </ul>
 *
 * <p>Peer: the data sheet: units times lanes times 2 times clock. Limit: it is the limit. The array
 * is a {@code float[]}, whose data starts 16 bytes into a cache line, so with 512-bit lanes every
 * load straddles two lines, and reading from L1 is slower than the data sheet says; the kernels
 * read such arrays.
 *
 * <p>{@link #main} prints the limits as a table.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class RooflineBenchmark {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int N = S.length();
  private static final int ROUNDS = 1000;
  private static final double GIGA = 1e-9;

  private float factor = 0.5f;
  private float term = 0.25f;

  /** Operations done; per second it reads as GFLOP/s. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Flops {
    /** 10⁹ floating-point operations. */
    public double gflop;
  }

  /** Bytes read; per second it reads as GB/s. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Bytes {
    /** 10⁹ bytes. */
    public double gbyte;
  }

  /** What is read. */
  @State(Scope.Thread)
  public static class Memory {
    /** Size of the array in KiB. */
    @Param({"16", "512", "16384", "262144"})
    public int kib;

    private float[] values;

    /** Fills the array. */
    @Setup
    public void fill() {
      values = Fixtures.uniform(kib * 256, 1, 1);
    }
  }

  /**
   * Multiply-adds in 12 chains.
   *
   * @param rate counts operations
   * @return something of all chains
   */
  @Benchmark
  public float fma12(Flops rate) {
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
    rate.gflop += GIGA * 2 * 12 * N * ROUNDS;
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
   * Multiply-adds in 24 chains.
   *
   * @param rate counts operations
   * @return something of all chains
   */
  @Benchmark
  public float fma24(Flops rate) {
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
    rate.gflop += GIGA * 2 * 24 * N * ROUNDS;
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
   * @param memory the array
   * @param rate counts bytes
   * @return the sum
   */
  @Benchmark
  public float read(Memory memory, Bytes rate) {
    float[] x = memory.values;
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = FloatVector.zero(S);
    FloatVector s2 = FloatVector.zero(S);
    FloatVector s3 = FloatVector.zero(S);
    FloatVector s4 = FloatVector.zero(S);
    FloatVector s5 = FloatVector.zero(S);
    FloatVector s6 = FloatVector.zero(S);
    FloatVector s7 = FloatVector.zero(S);
    for (int i = 0; i < x.length; i += 8 * N) {
      s0 = s0.add(FloatVector.fromArray(S, x, i));
      s1 = s1.add(FloatVector.fromArray(S, x, i + N));
      s2 = s2.add(FloatVector.fromArray(S, x, i + 2 * N));
      s3 = s3.add(FloatVector.fromArray(S, x, i + 3 * N));
      s4 = s4.add(FloatVector.fromArray(S, x, i + 4 * N));
      s5 = s5.add(FloatVector.fromArray(S, x, i + 5 * N));
      s6 = s6.add(FloatVector.fromArray(S, x, i + 6 * N));
      s7 = s7.add(FloatVector.fromArray(S, x, i + 7 * N));
    }
    rate.gbyte += GIGA * Float.BYTES * x.length;
    return s0.add(s1)
        .add(s2.add(s3))
        .add(s4.add(s5).add(s6.add(s7)))
        .reduceLanes(VectorOperators.ADD);
  }

  /**
   * Prints the limits as a table.
   *
   * @param args options of JMH, for example {@code -f 1 -p kib=32,1024}
   * @throws RunnerException if the benchmark fails
   * @throws CommandLineOptionException if an option is not understood
   */
  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .parent(new CommandLineOptions(args))
                    .include("\\." + RooflineBenchmark.class.getSimpleName() + "\\.")
                    .build())
            .run();
    double peak = 0;
    Map<Integer, Double> bandwidths = new TreeMap<>();
    for (RunResult result : results) {
      if (result.getSecondaryResults().containsKey("gflop")) {
        peak = Math.max(peak, result.getSecondaryResults().get("gflop").getScore());
      } else {
        bandwidths.put(
            Integer.valueOf(result.getParams().getParam("kib")),
            result.getSecondaryResults().get("gbyte").getScore());
      }
    }
    System.out.printf(Locale.ROOT, "%nroofline, one core, vectors of %d bits%n", S.vectorBitSize());
    System.out.printf(Locale.ROOT, "%-22s %8.1f GFLOP/s%n", "float FMA peak", peak);
    for (Map.Entry<Integer, Double> entry : bandwidths.entrySet()) {
      System.out.printf(
          Locale.ROOT, "read %,9d KiB     %8.1f GB/s%n", entry.getKey(), entry.getValue());
    }
  }
}
