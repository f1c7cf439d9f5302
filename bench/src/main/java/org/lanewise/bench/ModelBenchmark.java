package org.lanewise.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;
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

/**
 * Question: how long does one step of my own model take? {@code -p model=FILE} says which; without
 * it, an LSTM of 64 units runs. {@link StepBenchmark} has the peers and the limit.
 */
// @start region=step
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class ModelBenchmark {
  /** A model file. */
  @Param("")
  public String model;

  private Session session;
  private float[][] inputs;
  private float[] output;
  private int turn;

  /**
   * Loads the model.
   *
   * @throws IOException if that fails
   */
  @Setup
  public void load() throws IOException {
    Model loaded = model.isEmpty() ? Fixtures.lstm(64) : Model.load(Path.of(model));
    session = loaded.session();
    output = new float[loaded.outputSize()];
    inputs = new float[Fixtures.TURNS][];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = Fixtures.uniform(loaded.inputSize(), 1, i); // from -1 to 1, seed i
    }
  }

  /**
   * One step, on an input that is not the last one.
   *
   * @return the output, so that the compiler cannot leave the step out
   */
  @Benchmark
  public float[] step() {
    turn = (turn + 1) % inputs.length;
    session.step(inputs[turn], output);
    return output;
  }
}
// @end
