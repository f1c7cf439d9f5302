package org.lanewise.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
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
import org.lanewise.train.Optimizer;
import org.lanewise.train.Schedule;
import org.lanewise.train.Sgd;
import org.lanewise.train.TrainSpec;
import org.lanewise.train.Trainer;

/** What is trained, by a name with its layers and hidden size. */
public enum TrainTask {
  /** A layer alone: forward, squared error, backward and all weight gradients. */
  LSTM_64(64),
  /** A layer alone. */
  LSTM_128(128),
  /** A layer alone. */
  LSTM_256(256),
  /** A layer alone. */
  LSTM_512(512),
  /** One-hot characters. */
  ONE_HOT_1X128(0, 1, 128),
  /** One-hot characters. */
  ONE_HOT_1X256(0, 1, 256),
  /** One-hot characters. */
  ONE_HOT_2X256(0, 2, 256),
  /** An embedding of 256 for characters. */
  EMBEDDING_1X256(256, 1, 256),
  /** An embedding of 256 for characters. */
  EMBEDDING_2X256(256, 2, 256),
  /** 10,000 words, embeddings of 200, plain gradient descent. */
  WORDS_2X200("word LM 10,000 x 200, 2 x 200, B=20 T=20, SGD, clip 5", 10_000, 200, 2, 200, 20);

  private static final int CHARACTERS = 65;
  private static final int LAYER_BATCH = 32;
  private static final int LAYER_STEPS = 64;
  private static final int WINDOWS = 64;

  private final String title;
  private final int vocabulary;
  private final int embedding;
  private final int layers;
  private final int hidden;
  private final int batch;

  TrainTask(int hidden) {
    this("train LSTM H=" + hidden + " B=32 T=64", 0, 0, 1, hidden, LAYER_BATCH);
  }

  TrainTask(int embedding, int layers, int hidden) {
    this(
        "char LM 65 "
            + (embedding == 0 ? "one-hot" : "embedding " + embedding)
            + ", "
            + layers
            + " x "
            + hidden
            + ", B=50 T=50, Adam, clip 5",
        CHARACTERS,
        embedding,
        layers,
        hidden,
        50);
  }

  TrainTask(String title, int vocabulary, int embedding, int layers, int hidden, int batch) {
    this.title = title;
    this.vocabulary = vocabulary;
    this.embedding = embedding;
    this.layers = layers;
    this.hidden = hidden;
    this.batch = batch;
  }

  /** A run under way; used by one thread. */
  interface Run extends AutoCloseable {
    /**
     * One training step on inputs that the step before has not seen.
     *
     * @return the loss
     */
    double step();

    /** Ends the worker threads. */
    @Override
    void close();
  }

  /** The task in a line, with all of its sizes. */
  String title() {
    return title;
  }

  /** Whether it is a layer alone, whose rate is counted in operations and not in tokens. */
  boolean isLayer() {
    return vocabulary == 0;
  }

  /** Steps of a window: as many as rows of the batch, but for a layer alone. */
  int window() {
    return isLayer() ? LAYER_STEPS : batch;
  }

  /** Positions of a window. */
  int tokens() {
    return batch * window();
  }

  /**
   * Operations of a step of a layer alone as the field counts them: three times the forward ones.
   */
  double countedFlops() {
    return 3.0 * 2 * 4 * hidden * 2 * hidden * tokens();
  }

  /**
   * Operations that a step cannot do without: 6 per weight and position, forward, back and for the
   * weight's gradient; 4 for inputs whose gradient nobody needs; for an embedding no more rows than
   * there are tokens, for one-hot inputs none.
   */
  double neededFlops() {
    double square = 4.0 * hidden * hidden;
    double positions = tokens();
    if (isLayer()) {
      return positions * square * (6 + 4);
    }
    double recurrent = positions * square * 6 * (2 * layers - 1);
    double first = 6.0 * Math.min(positions, vocabulary) * 4 * hidden * embedding;
    return recurrent + first + positions * 6 * hidden * vocabulary;
  }

  /** Starts the task. */
  Run start(int threads) {
    if (isLayer()) {
      return new LayerTraining(hidden, batch, LAYER_STEPS, threads);
    }
    boolean adam = vocabulary == CHARACTERS;
    Optimizer optimizer = adam ? new Adam(0.9, 0.999, 1e-8) : new Sgd();
    TrainSpec spec =
        new TrainSpec(
            batch,
            window(),
            optimizer,
            new Schedule.Constant(adam ? 1e-3 : 1),
            new Clip(Double.POSITIVE_INFINITY, 5),
            0,
            threads);
    return new LanguageModel(new Trainer(parameters(), spec), text());
  }

  /** The parameters that a language model starts from. */
  Parameters parameters() {
    Input input =
        embedding == 0 ? new Input.OneHot(vocabulary) : new Input.Embedding(vocabulary, embedding);
    Parameters parameters =
        new Parameters(new NetworkSpec(input, CellKind.LSTM, hidden, layers, vocabulary));
    new Initializer.Torch().fill(parameters, 1);
    return parameters;
  }

  /** What a language model reads. */
  TextBatches text() {
    int[] ids = vocabulary == CHARACTERS ? characters() : words();
    return new TextBatches(ids, 0, ids.length, batch, window());
  }

  private int[] characters() {
    try (InputStream in = TrainTask.class.getResourceAsStream("tinyshakespeare.txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return Vocabulary.of(text).encode(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int[] words() {
    SplittableRandom random = new SplittableRandom(1);
    return random.ints((long) WINDOWS * tokens() + batch + 1, 0, vocabulary).toArray();
  }

  /** A language model under way through its text, state carried. */
  private static final class LanguageModel implements Run {
    private final Trainer trainer;
    private final TextBatches text;
    private int window;

    LanguageModel(Trainer trainer, TextBatches text) {
      this.trainer = trainer;
      this.text = text;
    }

    @Override
    public double step() {
      Workspace workspace = trainer.workspace();
      text.fill(window, workspace.timeSteps, workspace.tokens, trainer.targets().classes);
      double loss = trainer.step(1);
      workspace.carryState();
      window = (window + 1) % text.windows();
      return loss;
    }

    @Override
    public void close() {
      trainer.close();
    }
  }
}
