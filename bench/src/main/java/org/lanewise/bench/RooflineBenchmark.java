package org.lanewise.bench;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
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
  private static final double GIGA = 1e-9;

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
      values = Roofline.array(1024.0 * kib);
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
    rate.gflop += GIGA * 12 * Roofline.LANE_FLOPS * Roofline.ROUNDS;
    return Roofline.fma12();
  }

  /**
   * Multiply-adds in 24 chains.
   *
   * @param rate counts operations
   * @return something of all chains
   */
  @Benchmark
  public float fma24(Flops rate) {
    rate.gflop += GIGA * 24 * Roofline.LANE_FLOPS * Roofline.ROUNDS;
    return Roofline.fma24();
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
    rate.gbyte += GIGA * Float.BYTES * Roofline.floats(memory.values);
    return Roofline.read(memory.values, 0, Roofline.floats(memory.values));
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
    System.out.printf(Locale.ROOT, "%nroofline, one core, vectors of %d bits%n", Roofline.BITS);
    System.out.printf(Locale.ROOT, "%-22s %8.1f GFLOP/s%n", "float FMA peak", peak);
    for (Map.Entry<Integer, Double> entry : bandwidths.entrySet()) {
      System.out.printf(
          Locale.ROOT, "read %,9d KiB     %8.1f GB/s%n", entry.getKey(), entry.getValue());
    }
  }
}
