package org.lanewise.bench;

import java.util.concurrent.TimeUnit;
import org.lanewise.kernel.Kernels;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * Question: what does one activation cost?
 *
 * <p>Arguments are uniform in ±8, where the two saturating functions are so at the ends only. The
 * counter {@code gfloat} reads as 10⁹ results a second; 16 divided by it is nanoseconds for 16
 * floats.
 *
 * <p>Peer: {@code math}, the same function of {@link Math} in double, cast to float (for sigmoid by
 * its formula); and {@code kernels=plain}, the same operations one float at a time. Limit: the
 * division, 2.6 ns for 16 floats with AVX-512 at 3.7 GHz; exp has none, and is limited by its 14
 * operations on two units.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class ActivationBenchmark {
  /** Floats in a call. */
  @Param({"64", "4096"})
  public int n;

  /** The implementation; math is the peer. */
  @Param({"vector", "plain", "math"})
  public String kernels;

  private Kernels implementation;
  private float[] x;
  private float[] y;
  private int turn;

  /** Results; per second it reads as 10⁹ a second. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Floats {
    /** 10⁹ results. */
    public double gfloat;
  }

  /** Makes arguments. */
  @Setup
  public void fill() {
    implementation = kernels.equals("math") ? null : Fixtures.kernels(kernels);
    x = Fixtures.uniform(Fixtures.TURNS * n, 8, 1);
    y = new float[n];
  }

  private int next() {
    turn = (turn + 1) % Fixtures.TURNS;
    return turn * n;
  }

  /**
   * The exponential function.
   *
   * @param rate counts results
   * @param blackhole takes the results
   */
  @Benchmark
  public void exp(Floats rate, Blackhole blackhole) {
    int from = next();
    if (implementation == null) {
      for (int i = 0; i < n; i++) {
        y[i] = (float) Math.exp(x[from + i]);
      }
    } else {
      implementation.exp(n, x, from, y, 0);
    }
    rate.gfloat += 1e-9 * n;
    blackhole.consume(y);
  }

  /**
   * The logistic function.
   *
   * @param rate counts results
   * @param blackhole takes the results
   */
  @Benchmark
  public void sigmoid(Floats rate, Blackhole blackhole) {
    int from = next();
    if (implementation == null) {
      for (int i = 0; i < n; i++) {
        y[i] = (float) (1 / (1 + Math.exp(-x[from + i])));
      }
    } else {
      implementation.sigmoid(n, x, from, y, 0);
    }
    rate.gfloat += 1e-9 * n;
    blackhole.consume(y);
  }

  /**
   * The hyperbolic tangent.
   *
   * @param rate counts results
   * @param blackhole takes the results
   */
  @Benchmark
  public void tanh(Floats rate, Blackhole blackhole) {
    int from = next();
    if (implementation == null) {
      for (int i = 0; i < n; i++) {
        y[i] = (float) Math.tanh(x[from + i]);
      }
    } else {
      implementation.tanh(n, x, from, y, 0);
    }
    rate.gfloat += 1e-9 * n;
    blackhole.consume(y);
  }
}
