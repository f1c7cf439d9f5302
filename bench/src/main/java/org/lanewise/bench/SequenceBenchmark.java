package org.lanewise.bench;

import java.util.concurrent.TimeUnit;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
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
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Question: how fast does a whole sequence go through an LSTM at once: batch of one, input size =
 * hidden size = H, 128 time steps, state carried? The inputs of all steps are one product with many
 * rows; the hidden states remain one row at a time.
 *
 * <p>The counter {@code gflop} reads as GFLOP/s, counting {@code 2 * 4H * 2H} operations a step.
 *
 * <p>Peers, in GFLOP/s on a core with a peak of 116:
 *
 * <pre>
 * H                      64    128    256    512
 * PyTorch                34     51     49     43
 * ONNX Runtime           56     67     61     60
 * oneDNN directly        47     61     54     54
 * </pre>
 *
 * <p>Limit: for the input half the FMA peak, for the hidden half {@code 16 H²} bytes a step at the
 * bandwidth of the cache that holds them; see {@link RooflineBenchmark}.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class SequenceBenchmark {
  private static final int STEPS = 128;

  /** Input size and hidden size. */
  @Param({"16", "32", "64", "128", "256", "512"})
  public int hidden;

  private Session session;
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

  /** Makes a model and inputs. */
  @Setup
  public void start() {
    Parameters parameters =
        new Parameters(new NetworkSpec(new Input.Features(hidden), CellKind.LSTM, hidden, 1, 0));
    new Initializer.Torch().fill(parameters, 1);
    session = Model.of(parameters).session();
    inputs = new float[Fixtures.TURNS][];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = Fixtures.uniform(STEPS * hidden, 1, i);
    }
    outputs = new float[STEPS * hidden];
  }

  /**
   * One sequence.
   *
   * @param rate counts operations
   * @param blackhole takes the outputs
   */
  @Benchmark
  public void sequence(Flops rate, Blackhole blackhole) {
    turn = (turn + 1) % inputs.length;
    session.sequence(STEPS, inputs[turn], outputs);
    rate.gflop += 1e-9 * 2 * 4 * hidden * 2 * hidden * STEPS;
    blackhole.consume(outputs);
  }
}
