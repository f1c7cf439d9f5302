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
 * Question: how close do the matrix products of a recurrent layer come to the machine's peak?
 *
 * <p>The shapes are those of back-propagation through time in a layer of H units with four gates:
 *
 * <pre>
 * affine            z  [rows][4H]  = b + a [rows][H] W [H][4H]     inputs of a step, or of all steps
 * product           z  [rows][4H] += a [rows][H] W [H][4H]         hidden states of one step
 * productBack       dh [rows][H]  += dz [rows][4H] Wᵀ [4H][H]      error terms of one step
 * accumulateOuter   dW [H][4H]    += aᵀ [H][rows] dz [rows][4H]    weight gradients
 * </pre>
 *
 * <p>Each is {@code 2 * rows * H * 4H} operations, an FMA being two; the counter {@code gflop}
 * reads as GFLOP/s, {@code ofLimit} as the fraction of the limit. One row is inference, 50 rows a
 * batch of the character model.
 *
 * <p>Peer: oneDNN behind PyTorch's LSTM, 94 to 107 GFLOP/s on a core whose peak is 116 for batches
 * of 32, 50 to 60 for one row; and {@code kernels=plain}, the same law without lanes. Limit: {@link
 * RooflineBenchmark}, the FMA peak for several rows; for one row, every weight is read once for one
 * FMA, so half an operation per byte times the bandwidth of the cache that holds 16 H² bytes.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class ProductBenchmark {
  /** Hidden size H. */
  @Param({"16", "32", "64", "128", "256", "512"})
  public int hidden;

  /** Rows of the batch. */
  @Param({"1", "6", "32", "50"})
  public int rows;

  /** The implementation. */
  @Param({"vector", "plain"})
  public String kernels;

  private Kernels implementation;
  private Packed weights;
  private Packed transposed;
  private Packed gradient;
  private int stride;
  private int gateStride;
  private float[] a;
  private float[] dz;
  private float[] z;
  private float[] dh;
  private double gflop;
  private double limit;
  private int turn;

  /** Operations done; per second it reads as GFLOP/s. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Flops {
    /** 10⁹ floating-point operations. */
    public double gflop;

    /** Seconds that the limit of the machine allows; per second, the fraction of it reached. */
    public double ofLimit;
  }

  /** Makes matrices. */
  @Setup
  public void fill() {
    implementation = Fixtures.kernels(kernels);
    weights = Fixtures.packed(hidden, 4 * hidden, 1);
    transposed = Fixtures.packed(4 * hidden, hidden, 2);
    gradient = new Packed(hidden, 4 * hidden);
    stride = Packed.stride(hidden);
    gateStride = Packed.stride(4 * hidden);
    a = Fixtures.uniform(Fixtures.TURNS * rows * stride, 1, 3);
    dz = Fixtures.uniform(Fixtures.TURNS * rows * gateStride, 1, 4);
    z = new float[rows * gateStride];
    dh = new float[rows * stride];
    gflop = 1e-9 * 2 * rows * hidden * 4 * hidden;
    limit = Limit.seconds(1e9 * gflop, 4.0 * Float.BYTES * hidden * hidden);
  }

  private int next() {
    turn = (turn + 1) % Fixtures.TURNS;
    return turn * rows;
  }

  /**
   * Inputs of a step times their weights, from the bias on.
   *
   * @param rate counts operations
   * @param blackhole takes the result
   */
  @Benchmark
  public void affine(Flops rate, Blackhole blackhole) {
    implementation.affine(
        rows, weights, hidden, 0, weights.panels(), a, next() * stride, stride, z, 0, gateStride);
    rate.gflop += gflop;
    rate.ofLimit += limit;
    blackhole.consume(z);
  }

  /**
   * Hidden states times their weights, added.
   *
   * @param rate counts operations
   * @param blackhole takes the result
   */
  @Benchmark
  public void product(Flops rate, Blackhole blackhole) {
    implementation.product(
        rows,
        weights,
        0,
        hidden,
        0,
        weights.panels(),
        a,
        next() * stride,
        stride,
        z,
        0,
        gateStride);
    rate.gflop += gflop;
    rate.ofLimit += limit;
    blackhole.consume(z);
  }

  /**
   * Error terms of the gates times the transposed weights.
   *
   * @param rate counts operations
   * @param blackhole takes the result
   */
  @Benchmark
  public void productBack(Flops rate, Blackhole blackhole) {
    implementation.product(
        rows,
        transposed,
        0,
        4 * hidden,
        0,
        transposed.panels(),
        dz,
        next() * gateStride,
        gateStride,
        dh,
        0,
        stride);
    rate.gflop += gflop;
    rate.ofLimit += limit;
    blackhole.consume(dh);
  }

  /**
   * Weight gradients: outer products of hidden states and error terms.
   *
   * @param rate counts operations
   * @param blackhole takes the result
   */
  @Benchmark
  public void accumulateOuter(Flops rate, Blackhole blackhole) {
    int row = next();
    implementation.accumulateOuter(
        rows,
        0,
        hidden,
        0,
        gradient.panels(),
        a,
        row * stride,
        stride,
        dz,
        row * gateStride,
        gateStride,
        gradient);
    rate.gflop += gflop;
    rate.ofLimit += limit;
    blackhole.consume(gradient);
  }
}
