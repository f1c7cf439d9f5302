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
 * Question: what does the output of a language model cost behind its product? 65 classes are the
 * character model's, 10,000 the word model's.
 *
 * <p>Softmax works in place, so each call starts with a copy of fresh logits; {@code copy} is that
 * alone, to be subtracted. The counter {@code gfloat} reads as 10⁹ logits a second.
 *
 * <p>Peer: PyTorch, which makes separate passes for softmax, loss and gradient: 13% of the word
 * model's training step; and {@code kernels=plain}. Limit: four passes over a row that stays in the
 * L1 cache (65 classes) or in L2 (10,000), the third of them with one exponential per logit; see
 * {@link ActivationBenchmark}.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class SoftmaxBenchmark {
  /** Number of classes. */
  @Param({"65", "10000"})
  public int classes;

  /** Rows of the batch. */
  @Param({"1", "50"})
  public int rows;

  /** The implementation. */
  @Param({"vector", "plain"})
  public String kernels;

  private Kernels implementation;
  private int stride;
  private float[] fresh;
  private float[] y;
  private int[] targets;
  private double[] losses;
  private int turn;

  /** Logits done; per second it reads as 10⁹ a second. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Floats {
    /** 10⁹ logits. */
    public double gfloat;
  }

  /** Makes logits and targets. */
  @Setup
  public void fill() {
    implementation = Fixtures.kernels(kernels);
    stride = Packed.stride(classes);
    fresh = Fixtures.uniform(Fixtures.TURNS * rows * stride, 8, 1);
    y = new float[rows * stride];
    targets = new int[Fixtures.TURNS * rows];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = 7 * i % classes;
    }
    losses = new double[rows];
  }

  private int next() {
    turn = (turn + 1) % Fixtures.TURNS;
    System.arraycopy(fresh, turn * y.length, y, 0, y.length);
    return turn * rows;
  }

  /**
   * What every other method does first.
   *
   * @param rate counts logits
   * @param blackhole takes the result
   */
  @Benchmark
  public void copy(Floats rate, Blackhole blackhole) {
    blackhole.consume(next());
    rate.gfloat += 1e-9 * rows * classes;
    blackhole.consume(y);
  }

  /**
   * Probabilities.
   *
   * @param rate counts logits
   * @param blackhole takes the result
   */
  @Benchmark
  public void softmax(Floats rate, Blackhole blackhole) {
    blackhole.consume(next());
    implementation.softmax(rows, classes, y, 0, stride);
    rate.gfloat += 1e-9 * rows * classes;
    blackhole.consume(y);
  }

  /**
   * Losses and gradients.
   *
   * @param rate counts logits
   * @param blackhole takes the results
   */
  @Benchmark
  public void softmaxCrossEntropy(Floats rate, Blackhole blackhole) {
    int row = next();
    implementation.softmaxCrossEntropy(
        rows, classes, targets, row, 1f / rows, losses, 0, y, 0, stride);
    rate.gfloat += 1e-9 * rows * classes;
    blackhole.consume(y);
    blackhole.consume(losses);
  }
}
