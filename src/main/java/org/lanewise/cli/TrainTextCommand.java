package org.lanewise.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.zip.CRC32C;
import org.lanewise.data.TextBatches;
import org.lanewise.data.TextFiles;
import org.lanewise.data.Vocabulary;
import org.lanewise.data.Words;
import org.lanewise.format.FormatException;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.train.Checkpoint;
import org.lanewise.train.CrossEntropy;
import org.lanewise.train.TextRun;
import org.lanewise.train.TrainSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lanewise train text}: a language model of characters or words. */
@Command(
    name = "text",
    description = {
      "Trains a network to predict the next character, or word, of a text.",
      "Saves the model at every evaluation, and a checkpoint beside it to resume from;"
          + " Ctrl-C leaves a good checkpoint."
    },
    footer = {
      "",
      "The classic model of words with two layers of 200 (Zaremba et al. 2014):",
      "  lanewise train text FILE --tokens word --embedding 200 --layers 2 --hidden 200"
          + " --batch 20 --window 20 --optimizer sgd --rate 20 --clip-norm 0.25 --decay 0.5"
          + " --decay-after 4 --epochs 13 --init uniform:0.1",
      "Its rate of 1 and its norm of 5 are those of a loss summed over the 20 steps of a window;"
          + " here the loss is the mean."
    },
    sortOptions = false)
final class TrainTextCommand implements Callable<Integer> {
  /** Metadata key of a model's vocabulary. */
  static final String VOCABULARY = "vocabulary";

  /** Metadata key of the kind of its tokens. */
  private static final String TOKENS = "tokens";

  private static final String TEXT = "text";

  /** Setting of a checkpoint: where its text was. */
  private static final String FILE = "file";

  /** The options whose values shape the result: a resumed run must have the same. */
  private static final String[] KEPT = {
    "--tokens",
    "--min-count",
    "--batch",
    "--window",
    "--epochs",
    "--steps",
    "--optimizer",
    "--rate",
    "--decay",
    "--decay-after",
    "--weight-decay",
    "--clip-norm",
    "--clip-value",
    "--init",
    "--validation",
    "--eval-every",
    "--keep",
    "--patience",
    "--seed"
  };

  @Spec private CommandSpec spec;
  @Mixin private TrainOptions options;

  @picocli.CommandLine.Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "The text, in UTF-8; with --resume, by default that of the checkpoint.")
  private Path file;

  @Option(
      names = "--tokens",
      paramLabel = "KIND",
      defaultValue = "char",
      description =
          "What is predicted: char, or word with <eos> at the end of each line"
              + " (default: ${DEFAULT-VALUE}).")
  private String tokens;

  @Option(
      names = "--min-count",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "How often a word must be seen in the training part; others are <unk>"
              + " (default: ${DEFAULT-VALUE}).")
  private int minCount;

  @Option(
      names = "--embedding",
      paramLabel = "N",
      defaultValue = "0",
      description = "Size of a token's embedding; 0 is one-hot (default: ${DEFAULT-VALUE}).")
  private int embedding;

  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "50",
      description = "Time steps that errors are carried back (default: ${DEFAULT-VALUE}).")
  private int window;

  @Override
  public Integer call() throws IOException {
    options.check(spec);
    if (options.resume != null || options.initFrom != null) {
      TrainOptions.refuse(
          spec,
          options.resume != null ? "--resume" : "--init-from",
          "--cell",
          "--layers",
          "--hidden",
          "--projection",
          "--embedding",
          "--dropout",
          "--tokens",
          "--min-count");
    }
    if (file == null) {
      file = resumedFile();
    }
    String text = TextFiles.read(file);
    Start start = start(text);
    if (options.validation == 0 && (options.keepBest() || options.patience > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--keep best and --patience need validation data, found none");
    }
    TrainSpec trainSpec = usage(() -> options.trainSpec(window, new CrossEntropy()));
    TrainOptions.checkMemory(spec, start.parameters().spec(), trainSpec);
    int[] ids = encode(start.vocabulary(), text);
    int end = (int) ((1 - options.validation) * ids.length);
    TextBatches training = batches(ids, 0, end);
    TextBatches validation = options.validation == 0 ? null : batches(ids, end, ids.length);
    try (TextRun run = new TextRun(start.parameters(), trainSpec, training, validation)) {
      if (start.checkpoint() != null) {
        start.checkpoint().restore(run);
      }
      Map<String, String> settings = new TreeMap<>(TrainOptions.kept(spec, KEPT));
      settings.put(TEXT, fingerprint(text));
      settings.put(FILE, file.toString());
      settings.putAll(vocabulary(start.vocabulary()));
      if (start.checkpoint() != null) {
        TrainOptions.keepLosses(start.checkpoint().settings(), settings);
      }
      return new TrainLoop(
              spec,
              options,
              run,
              start.vocabulary().kind().text(),
              run.tokensPerStep(),
              () -> measure(run, start.vocabulary().kind()),
              settings,
              vocabulary(start.vocabulary()))
          .run();
    }
  }

  /** The text of the checkpoint, under the name that the run before had for it. */
  private Path resumedFile() throws IOException {
    if (options.resume == null) {
      throw new ParameterException(spec.commandLine(), "Missing required parameter: 'FILE'");
    }
    String name = Checkpoint.load(options.resume).settings().get(FILE);
    if (name == null || !Files.isRegularFile(Path.of(name))) {
      throw new ParameterException(
          spec.commandLine(),
          "FILE is missing, and the checkpoint "
              + (name == null ? "does not name it" : "names " + name + ", which is not here"));
    }
    return Path.of(name);
  }

  /** Losses of words are told as the field does, as perplexity, too. */
  private static Map<String, Double> measure(TextRun run, Vocabulary.Kind kind) {
    Map<String, Double> measured = new LinkedHashMap<>();
    double loss = run.evaluate();
    measured.put("valid_loss", loss);
    if (kind == Vocabulary.Kind.WORD) {
      measured.put("valid_perplexity", Math.exp(loss));
    }
    return measured;
  }

  /** A vocabulary as metadata. */
  private static Map<String, String> vocabulary(Vocabulary vocabulary) {
    return Map.of(TOKENS, vocabulary.kind().text(), VOCABULARY, vocabulary.toString());
  }

  /** What a run begins with. */
  private record Start(Parameters parameters, Vocabulary vocabulary, Checkpoint checkpoint) {}

  private Start start(String text) throws IOException {
    if (options.resume != null) {
      Checkpoint checkpoint = Checkpoint.load(options.resume);
      Map<String, String> settings = checkpoint.settings();
      if (!settings.containsKey(TEXT)) {
        throw new FormatException(
            options.resume.toString(), "not a checkpoint of train text: no setting " + TEXT);
      }
      if (!fingerprint(text).equals(settings.get(TEXT))) {
        throw new FormatException(
            options.resume.toString(),
            file
                + " is not the text this checkpoint was made with (found "
                + fingerprint(text)
                + ", expected "
                + settings.get(TEXT)
                + ")");
      }
      try {
        TrainOptions.restore(spec, settings, KEPT);
        options.check(spec);
      } catch (IllegalArgumentException e) {
        throw new FormatException(options.resume.toString(), e.getMessage());
      }
      Vocabulary vocabulary = vocabulary(options.resume, checkpoint.spec(), settings);
      return new Start(new Parameters(checkpoint.spec()), vocabulary, checkpoint);
    }
    if (options.initFrom != null) {
      ModelFile model = ModelFile.load(options.initFrom);
      Vocabulary vocabulary =
          vocabulary(options.initFrom, model.parameters().spec(), model.metadata());
      return new Start(model.parameters(), vocabulary, null);
    }
    Vocabulary vocabulary = newVocabulary(text);
    Parameters parameters = usage(() -> new Parameters(networkSpec(vocabulary.size())));
    Initializer initializer = usage(options::initializer);
    initializer.fill(parameters, options.seed);
    return new Start(parameters, vocabulary, null);
  }

  private Vocabulary newVocabulary(String text) throws IOException {
    Vocabulary.Kind kind = usage(() -> Vocabulary.Kind.parse(tokens));
    try {
      return kind == Vocabulary.Kind.CHAR
          ? Vocabulary.of(text)
          : Words.of(text, 1 - options.validation, minCount);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private NetworkSpec networkSpec(int size) {
    Input input = embedding == 0 ? new Input.OneHot(size) : new Input.Embedding(size, embedding);
    return new NetworkSpec(
        input,
        options.cellKind(),
        options.hidden,
        options.projection,
        options.layers,
        Direction.FORWARD,
        Head.STEPS,
        options.dropout,
        false,
        size);
  }

  /** A value made from options; what is wrong with it is wrong usage. */
  private <T> T usage(java.util.function.Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** The vocabulary of a model that reads and predicts its tokens. */
  static Vocabulary vocabulary(Path path, NetworkSpec network, Map<String, String> metadata)
      throws FormatException {
    String text = metadata.get(VOCABULARY);
    if (text == null) {
      throw new FormatException(path.toString(), "no vocabulary in the metadata: no text model");
    }
    Vocabulary vocabulary;
    try {
      String kind = metadata.getOrDefault(TOKENS, Vocabulary.Kind.CHAR.text());
      vocabulary = Vocabulary.parse(Vocabulary.Kind.parse(kind), text);
    } catch (IllegalArgumentException e) {
      throw new FormatException(path.toString(), e.getMessage());
    }
    int size = vocabulary.size();
    if (network.input().tokens() != size || network.outputSize() != size) {
      throw new FormatException(
          path.toString(),
          "the vocabulary has "
              + size
              + " tokens, but the network reads "
              + network.input().tokens()
              + " and predicts "
              + network.outputSize());
    }
    return vocabulary;
  }

  private int[] encode(Vocabulary vocabulary, String text) throws IOException {
    try {
      return vocabulary.encode(text);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private TextBatches batches(int[] ids, int begin, int end) throws IOException {
    try {
      return new TextBatches(ids, begin, end, options.batch, window);
    } catch (IllegalArgumentException e) {
      String part = begin == 0 ? "the training part: " : "the validation part: ";
      throw new IOException(file + ": " + part + e.getMessage(), e);
    }
  }

  private static String fingerprint(String text) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    return String.format("%d bytes, CRC-32C %08x", bytes.length, crc.getValue());
  }
}
