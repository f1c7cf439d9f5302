package org.lanewise.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Model;
import org.lanewise.stream.Streams;
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
 * Question: how fast are many live streams of one LSTM stepped together, input size = hidden size =
 * H: all of them, or those of a random half that have input now?
 *
 * <p>The counter {@code gflop} reads as GFLOP/s, counting {@code 2 * 4H * 2H} operations a stream.
 *
 * <p>Limit: the FMA peak; see {@link RooflineBenchmark}. Beside the products there are the gates,
 * and the states and inputs and outputs of all streams, {@code 24 H} bytes each, which for
 * thousands of streams come from the L3 cache or memory.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class StreamsBenchmark {
  /** Input size and hidden size. */
  @Param({"16", "32", "64", "128", "256", "512"})
  public int hidden;

  /** Open streams. */
  @Param({"64", "4096"})
  public int streams;

  /** Which have input: {@code all} in the order of their slots, or {@code half}, in any order. */
  @Param({"all", "half"})
  public String stepped;

  private Streams together;
  private int count;
  private int[][] slots;
  private float[][] inputs;
  private float[] outputs;
  private int turn;

  /** Operations done; per second it reads as GFLOP/s. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Flops {
    /** 10⁹ floating-point operations. */
    public double gflop;
  }

  /** Makes a model, streams, and inputs. */
  @Setup
  public void start() {
    Parameters parameters =
        new Parameters(new NetworkSpec(new Input.Features(hidden), CellKind.LSTM, hidden, 1, 0));
    new Initializer.Torch().fill(parameters, 1);
    together = Model.of(parameters).streams(streams);
    for (int i = 0; i < streams; i++) {
      together.open();
    }
    boolean all = stepped.equals("all");
    count = all ? streams : streams / 2;
    slots = new int[Fixtures.TURNS][];
    inputs = new float[Fixtures.TURNS][];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = order(all, i);
      inputs[i] = Fixtures.uniform(count * hidden, 1, i);
    }
    outputs = new float[count * hidden];
  }

  private int[] order(boolean all, long seed) {
    int[] order = new int[streams];
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < order.length; i++) {
      int j = all ? i : random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /**
   * One step of the streams that have input.
   *
   * @param rate counts operations
   * @param blackhole takes the outputs
   */
  @Benchmark
  public void stepAll(Flops rate, Blackhole blackhole) {
    turn = (turn + 1) % inputs.length;
    together.stepAll(count, slots[turn], inputs[turn], outputs);
    rate.gflop += 1e-9 * 2 * 4 * hidden * 2 * hidden * count;
    blackhole.consume(outputs);
  }
}
