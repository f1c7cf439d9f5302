package org.lanewise.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.lanewise.cell.CellKind;
import org.lanewise.data.TextBatches;
import org.lanewise.data.Vocabulary;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;
import org.lanewise.train.Adam;
import org.lanewise.train.Clip;
import org.lanewise.train.Schedule;
import org.lanewise.train.TrainSpec;
import org.lanewise.train.Trainer;
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
 * Question: how fast does a character language model train, with everything that a step of training
 * does: forward, backward, clipping, Adam, packing, and reading the next window of text?
 *
 * <p>65 characters, 50 sequences side by side, 50 characters a window, clipped to norm 5, state
 * carried. The counter {@code tokens} reads as characters a second. With more than one thread, JMH
 * must not be pinned to one core.
 *
 * <p>Peer: PyTorch 2.13 with oneDNN on the same configurations; on a core with a peak of 116
 * GFLOP/s, one and two threads:
 *
 * <pre>
 * ONE_HOT_1X128     111,000   189,000
 * ONE_HOT_1X256      33,800    60,500
 * ONE_HOT_2X256      14,400    25,900
 * EMBEDDING_1X256    25,100    45,500
 * EMBEDDING_2X256    12,900    23,600
 * </pre>
 *
 * <p>Limit: the products alone at the FMA peak of {@link RooflineBenchmark}: 6 operations per
 * weight and character, where a one-hot input costs none.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@State(Scope.Thread)
public class TrainStepBenchmark {
  private static final int BATCH = 50;
  private static final int WINDOW = 50;

  /** Input, layers and hidden size; the last are the same as in the name. */
  public enum Model {
    /** One-hot characters, one layer of 128. */
    ONE_HOT_1X128(0, 1, 128),
    /** One-hot characters, one layer of 256. */
    ONE_HOT_1X256(0, 1, 256),
    /** One-hot characters, two layers of 256. */
    ONE_HOT_2X256(0, 2, 256),
    /** An embedding of 256, one layer of 256. */
    EMBEDDING_1X256(256, 1, 256),
    /** An embedding of 256, two layers of 256. */
    EMBEDDING_2X256(256, 2, 256);

    private final int embedding;
    private final int layers;
    private final int hidden;

    Model(int embedding, int layers, int hidden) {
      this.embedding = embedding;
      this.layers = layers;
      this.hidden = hidden;
    }

    NetworkSpec spec(int characters) {
      Input input =
          embedding == 0
              ? new Input.OneHot(characters)
              : new Input.Embedding(characters, embedding);
      return new NetworkSpec(input, CellKind.LSTM, hidden, layers, characters);
    }
  }

  /** The network. */
  @Param public Model model;

  /** Threads that share a step. */
  @Param({"1", "2"})
  public int threads;

  private TextBatches text;
  private Trainer trainer;
  private int window;

  /** Characters seen; per second it reads as characters a second. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Tokens {
    /** Characters. */
    public long tokens;
  }

  /** Reads the text and starts a training run. */
  @Setup
  public void start() {
    String characters = read("tinyshakespeare.txt");
    Vocabulary vocabulary = Vocabulary.of(characters);
    text = new TextBatches(vocabulary.encode(characters), 0, characters.length(), BATCH, WINDOW);
    Parameters parameters = new Parameters(model.spec(vocabulary.size()));
    new Initializer.Torch().fill(parameters, 1);
    TrainSpec spec =
        new TrainSpec(
            BATCH,
            WINDOW,
            new Adam(0.9, 0.999, 1e-8),
            new Schedule.Constant(1e-3),
            new Clip(Double.POSITIVE_INFINITY, 5),
            0,
            threads);
    trainer = new Trainer(parameters, spec);
  }

  private static String read(String name) {
    try (InputStream in = TrainStepBenchmark.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the worker threads. */
  @TearDown
  public void end() {
    trainer.close();
  }

  /**
   * One training step.
   *
   * @param rate counts characters
   * @return the loss of the window
   */
  @Benchmark
  public double step(Tokens rate) {
    Workspace workspace = trainer.workspace();
    text.fill(window, WINDOW, workspace.tokens, trainer.targets().classes);
    double loss = trainer.step(1);
    workspace.carryState();
    window = (window + 1) % text.windows();
    rate.tokens += BATCH * WINDOW;
    return loss;
  }
}
