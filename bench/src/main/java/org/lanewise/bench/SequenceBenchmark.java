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
 * Question: how fast does a whole sequence go through an LSTM at once: input size = hidden size =
 * H, 128 time steps? One sequence goes through a session, its state carried: the inputs of all
 * steps are one product with many rows, the hidden states remain one row at a time. A batch of 32
 * starts from zero, and every product has many rows.
 *
 * <p>The counter {@code gflop} reads as GFLOP/s, counting {@code 2 * 4H * 2H} operations a step,
 * and {@code ofLimit} as the fraction of the limit that was measured in the same fork.
 *
 * <p>Peers, in GFLOP/s on a core with a peak of 116, batch of 1 and of 32:
 *
 * <pre>
 * H                      64    128    256    512   1024       64    128    256    512   1024
 * PyTorch                34     51     49     43     34       83     94    104    107     94
 * ONNX Runtime           56     67     61     60     44       74     86     93    101     86
 * oneDNN directly        47     61     54     54     37       85     97    105    107     92
 * </pre>
 *
 * <p>Limit: for the input half the FMA peak, for the hidden half {@code 16 H²} bytes a step at the
 * bandwidth of the cache that holds them, or the FMA peak where that takes longer.
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
  @Param({"16", "32", "64", "128", "256", "512", "1024"})
  public int hidden;

  /** Sequences side by side. */
  @Param({"1", "32"})
  public int batch;

  private Session session;
  private BatchRun run;
  private float[][] inputs;
  private float[] outputs;
  private int turn;
  private double gflop;
  private double limit;

  /** Operations done; per second it reads as GFLOP/s. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Flops {
    /** 10⁹ floating-point operations. */
    public double gflop;

    /** Seconds that the limit of the machine allows; per second, the fraction of it reached. */
    public double ofLimit;
  }

  /** Makes a model and inputs. */
  @Setup
  public void start() {
    Parameters parameters =
        new Parameters(new NetworkSpec(new Input.Features(hidden), CellKind.LSTM, hidden, 1, 0));
    new Initializer.Torch().fill(parameters, 1);
    session = batch == 1 ? Model.of(parameters).session() : null;
    run = batch == 1 ? null : new BatchRun(parameters, STEPS, batch);
    inputs = new float[Fixtures.TURNS][];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = Fixtures.uniform(STEPS * batch * hidden, 1, i);
    }
    outputs = new float[STEPS * batch * hidden];
    double half = 2.0 * batch * 4 * hidden * hidden;
    double bytes = 4.0 * Float.BYTES * hidden * hidden;
    gflop = 1e-9 * STEPS * 2 * half;
    limit = STEPS * (Limit.seconds(half) + Limit.seconds(half, bytes));
  }

  /**
   * One sequence, or one batch of them.
   *
   * @param rate counts operations
   * @param blackhole takes the outputs
   */
  @Benchmark
  public void sequence(Flops rate, Blackhole blackhole) {
    turn = (turn + 1) % inputs.length;
    if (batch == 1) {
      session.sequence(STEPS, inputs[turn], outputs);
    } else {
      run.sequences(inputs[turn], outputs);
    }
    rate.gflop += gflop;
    rate.ofLimit += limit;
    blackhole.consume(outputs);
  }
}
