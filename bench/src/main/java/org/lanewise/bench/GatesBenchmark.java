package org.lanewise.bench;

import java.util.concurrent.TimeUnit;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;
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
 * Question: what do the gates of an LSTM cost beside its products?
 *
 * <p>The gates are computed in place, so each call starts with a copy of fresh pre-activations (of
 * gates and gradients on the way back); {@code copy} is that alone, to be subtracted. The counter
 * {@code munit} reads as 10⁶ hidden units a second: three sigmoids, two hyperbolic tangents and
 * four multiply-adds each on the way forward, no activation on the way back.
 *
 * <p>Peer: a pass of its own over the gates, as ONNX Runtime makes it; and {@code kernels=plain}.
 * Limit: the divisions, one per activation, {@code 16} floats in some 10 cycles on AVX-512; on the
 * way back, the reading and writing of 4 + 3 and 4 + 1 floats a unit.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class GatesBenchmark {
  /** Hidden size. */
  @Param({"16", "32", "64", "128", "256", "512"})
  public int hidden;

  /** Rows of the batch. */
  @Param({"1", "50"})
  public int rows;

  /** The implementation. */
  @Param({"vector", "plain"})
  public String kernels;

  private Kernels implementation;
  private int blocks;
  private int stride;
  private int gateStride;
  private float[] fresh;
  private float[] states;
  private float[] c;
  private float[] tanhC;
  private float[] h;
  private float[] z;
  private int turn;

  /** Units done; per second it reads as 10⁶ units a second. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Units {
    /** 10⁶ hidden units. */
    public double munit;
  }

  /** Makes pre-activations and states. */
  @Setup
  public void fill() {
    implementation = Fixtures.kernels(kernels);
    blocks = Packed.padded(hidden) / Packed.BLOCK;
    stride = Packed.stride(hidden);
    gateStride = Packed.stride(4 * hidden);
    fresh = Fixtures.uniform(Fixtures.TURNS * rows * gateStride, 4, 1);
    states = Fixtures.uniform(Fixtures.TURNS * rows * stride, 1, 2);
    c = new float[rows * stride];
    tanhC = Fixtures.uniform(rows * stride, 1, 3);
    h = Fixtures.uniform(rows * stride, 1, 4);
    z = new float[rows * gateStride];
  }

  private int next() {
    turn = (turn + 1) % Fixtures.TURNS;
    System.arraycopy(fresh, turn * z.length, z, 0, z.length);
    return turn * c.length;
  }

  /**
   * What every other method does first.
   *
   * @param rate counts units
   * @param blackhole takes the result
   */
  @Benchmark
  public void copy(Units rate, Blackhole blackhole) {
    System.arraycopy(states, next(), c, 0, c.length);
    rate.munit += 1e-6 * rows * hidden;
    blackhole.consume(z);
    blackhole.consume(c);
  }

  /**
   * From pre-activations to states.
   *
   * @param rate counts units
   * @param blackhole takes the result
   */
  @Benchmark
  public void lstmForward(Units rate, Blackhole blackhole) {
    System.arraycopy(states, next(), c, 0, c.length);
    implementation.lstmForward(
        rows, 0, blocks, c, 0, c, 0, stride, tanhC, 0, h, 0, z, 0, gateStride);
    rate.munit += 1e-6 * rows * hidden;
    blackhole.consume(h);
  }

  /**
   * From gradients of states to those of pre-activations.
   *
   * @param rate counts units
   * @param blackhole takes the result
   */
  @Benchmark
  public void lstmBackward(Units rate, Blackhole blackhole) {
    int state = next();
    System.arraycopy(states, state, c, 0, c.length);
    implementation.lstmBackward(
        rows, 0, blocks, h, 0, stride, states, state, stride, tanhC, 0, c, 0, z, 0, gateStride);
    rate.munit += 1e-6 * rows * hidden;
    blackhole.consume(z);
    blackhole.consume(c);
  }
}
