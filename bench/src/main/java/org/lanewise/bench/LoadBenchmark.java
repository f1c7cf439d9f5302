package org.lanewise.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.lanewise.cell.CellKind;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Model;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * Question: how long from a model file in the page cache to the output of the first step? Each
 * iteration loads once; {@code -wi 0 -i 1 -f 10} shows what the first load of a process costs, with
 * code that is not yet compiled.
 *
 * <p>The hidden size 1152 makes a file of 33 MB. Limit: the file is copied out of the page cache
 * once, its floats once into the arena and once into the packed weights, and fresh memory has to be
 * cleared for each.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 10)
@Measurement(iterations = 10)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class LoadBenchmark {
  private static final int INPUTS = 512;

  /** Hidden size. */
  @Param({"128", "1152"})
  public int hidden;

  private Path file;
  private float[] input;
  private float[] output;

  /**
   * Writes a model file.
   *
   * @throws IOException if that fails
   */
  @Setup(Level.Trial)
  public void start() throws IOException {
    Parameters parameters =
        new Parameters(
            new NetworkSpec(new Input.Features(INPUTS), CellKind.LSTM, hidden, 1, INPUTS));
    new Initializer.Torch().fill(parameters, 1);
    file = Files.createTempFile("load", ".safetensors");
    new ModelFile(parameters, Map.of()).save(file);
    input = Fixtures.uniform(INPUTS, 1, 0);
    output = new float[INPUTS];
  }

  /**
   * From the file to an output.
   *
   * @return the output
   * @throws IOException if the file cannot be read
   */
  @Benchmark
  public float[] loadToFirstStep() throws IOException {
    Model.load(file).session().step(input, output);
    return output;
  }

  /**
   * Removes the file.
   *
   * @throws IOException if that fails
   */
  @TearDown(Level.Trial)
  public void end() throws IOException {
    Files.delete(file);
  }
}
