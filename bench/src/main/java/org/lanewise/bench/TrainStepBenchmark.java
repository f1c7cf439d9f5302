package org.lanewise.bench;

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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: how fast does a network train, with everything that a step of training does: forward,
 * backward, clipping, update, packing, and reading the next window of text? The layers alone do
 * without output layer and optimizer.
 *
 * <pre>
 * LSTM_*         one layer, input size = hidden size, 32 sequences of 64 steps
 * ONE_HOT_*      65 characters, 50 sequences of 50, Adam, clipped to norm 5, state carried
 * EMBEDDING_*    the same behind an embedding of 256
 * WORDS_2X200    10,000 words, 20 sequences of 20, gradient descent, clipped to norm 5
 * </pre>
 *
 * <p>The counter {@code tokens} reads as positions a second, {@code gflop} as GFLOP/s of a layer
 * alone, counted as three times the forward operations, and {@code ofLimit} as the fraction of the
 * limit. With more than one thread, JMH must not be pinned to one core.
 *
 * <p>Peer: PyTorch 2.13 with oneDNN on the same configurations; on a core with a peak of 116
 * GFLOP/s, one and two threads, GFLOP/s of the layers, tokens a second of the rest:
 *
 * <pre>
 * LSTM_64                60        90
 * LSTM_128               82       125
 * LSTM_256               94       184
 * LSTM_512               94       184
 * ONE_HOT_1X128     111,000   189,000
 * ONE_HOT_1X256      33,800    60,500
 * ONE_HOT_2X256      14,400    25,900
 * EMBEDDING_1X256    25,100    45,500
 * EMBEDDING_2X256    12,900    23,600
 * WORDS_2X200         4,000     6,600
 * </pre>
 *
 * <p>Limit: the products alone at the FMA peak measured in the same fork, times the threads: 6
 * operations per weight and position, where a one-hot input costs none and an embedding as many
 * rows as there are tokens. {@code bench/train-ratios} runs PyTorch and this in turn.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class TrainStepBenchmark {
  /** What is trained. */
  @Param public TrainTask model;

  /** Threads that share a step. */
  @Param({"1", "2"})
  public int threads;

  private TrainTask.Run run;
  private double gflop;
  private double limit;

  /** What was done. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Done {
    /** Positions seen; per second it reads as tokens a second. */
    public long tokens;

    /** 10⁹ operations of a layer alone; 0 for language models. */
    public double gflop;

    /** Seconds that the limit of the machine allows; per second, the fraction of it reached. */
    public double ofLimit;
  }

  /** Starts a training run. */
  @Setup
  public void start() {
    run = model.start(threads);
    gflop = model.isLayer() ? 1e-9 * model.countedFlops() : 0;
    limit = Limit.seconds(model.neededFlops()) / threads;
  }

  /** Ends the worker threads. */
  @TearDown
  public void end() {
    run.close();
  }

  /**
   * One training step.
   *
   * @param rate counts what was done
   * @return the loss of the window
   */
  @Benchmark
  public double step(Done rate) {
    rate.tokens += model.tokens();
    rate.gflop += gflop;
    rate.ofLimit += limit;
    return run.step();
  }
}
