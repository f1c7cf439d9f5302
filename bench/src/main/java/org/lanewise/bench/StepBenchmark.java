package org.lanewise.bench;

import java.util.concurrent.TimeUnit;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workers;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * Question: how long does one time step of an LSTM take for somebody who embeds it: batch of one,
 * input size = hidden size = H, state carried, a copy of the output in his array? {@code -p
 * input=1} gives the input a size of its own, {@code -p cell=GRU} takes another cell; {@code -p
 * threads=2} shares the step with a second thread where the layer is large, 512 units or more.
 *
 * <p>Peers, in µs on a core with a peak of 116 GFLOP/s:
 *
 * <pre>
 * H                                16     32     64    128    256    512   1024
 * hand-written C loop            0.12   0.27   1.22    4.7   21.5     86    950
 * RTNeural, fixed sizes          0.07   0.28   1.26    4.9     25
 * ONNX Runtime Java, pinned       5.2    5.7    6.7   10.8     33    108   1070
 * PyTorch, best of eight ways      16     17     20     31     68    188   1830
 * </pre>
 *
 * <p>Limit: every weight is read once, {@code 32 H²} bytes at the bandwidth of the cache that holds
 * them, and used for one FMA. The counter {@code timesLimit} reads as the time of a step in units
 * of that limit, as measured in the same fork: 1.25 is 80% of the limit. The session takes the
 * kernels that the library has chosen; {@code -jvmArgsAppend -Dlanewise.kernels=scalar} forces the
 * plain ones.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class StepBenchmark {
  /** Hidden size. */
  @Param({"8", "16", "32", "64", "128", "256", "512", "1024"})
  public int hidden;

  /** Input size; 0 for the hidden size. */
  @Param({"0"})
  public int input;

  /** The cell. */
  @Param({"LSTM"})
  public CellKind cell;

  /** Threads that share a step of a large layer. */
  @Param({"1"})
  public int threads;

  private Workers workers;
  private Session session;
  private float[][] vectors;
  private float[] output;
  private int turn;
  private double limit;

  /** The limit; in the mode of average times it reads as multiples of it. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Limits {
    /** Microseconds that the limit of the machine allows. */
    public double timesLimit;
  }

  /** Makes a model and inputs. */
  @Setup
  public void start() {
    int inputs = input == 0 ? hidden : input;
    Parameters parameters =
        new Parameters(new NetworkSpec(new Input.Features(inputs), cell, hidden, 1, 0));
    new Initializer.Torch().fill(parameters, 1);
    workers = new Workers(threads);
    session = threads == 1 ? Model.of(parameters).session() : Model.of(parameters).session(workers);
    vectors = new float[Fixtures.TURNS][];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = Fixtures.uniform(inputs, 1, i);
    }
    double weights = (double) cell.gates() * hidden * (inputs + hidden);
    limit = 1e6 * Limit.seconds(2 * weights, Float.BYTES * weights);
    output = new float[hidden];
  }

  /** Ends the threads. */
  @TearDown
  public void end() {
    workers.close();
  }

  /**
   * One step.
   *
   * @param rate counts the limit
   * @param blackhole takes the output
   */
  @Benchmark
  public void step(Limits rate, Blackhole blackhole) {
    turn = (turn + 1) % vectors.length;
    session.step(vectors[turn], output);
    rate.timesLimit += limit;
    blackhole.consume(output);
  }
}
