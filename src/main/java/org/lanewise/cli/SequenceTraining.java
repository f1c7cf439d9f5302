package org.lanewise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.lanewise.data.Example;
import org.lanewise.format.FormatException;
import org.lanewise.format.ModelFile;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Initializer;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.train.Checkpoint;
import org.lanewise.train.Loss;
import org.lanewise.train.SequenceEvaluator;
import org.lanewise.train.SequenceRun;
import org.lanewise.train.TrainSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What the trainers on separate sequences have in common. */
final class SequenceTraining {
  private static final String DATA = "data";

  /** What the metadata of the task is kept under in a checkpoint. */
  private static final String TASK = "task.";

  private static final String[] ARCHITECTURE = {
    "--cell", "--layers", "--hidden", "--projection", "--dropout", "--direction", "--trained-state"
  };

  private static final String[] KEPT = {
    "--valid",
    "--parts",
    ClassOptions.SMOOTHING,
    ClassOptions.CLASS_WEIGHTS,
    "--batch",
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

  private final CommandSpec spec;
  private final TrainOptions options;
  private final SequenceOptions sequences;
  private final Path file;
  private Checkpoint checkpoint;
  private Parameters given;
  private SequenceTask givenTask;

  SequenceTraining(CommandSpec spec, TrainOptions options, SequenceOptions sequences, Path file) {
    this.spec = spec;
    this.options = options;
    this.sequences = sequences;
    this.file = file;
  }

  /**
   * Reads what the run starts from, and makes the options those of the checkpoint, if there is one;
   * call it before they are used.
   *
   * @param kind what is trained
   * @param taskOptions options that make a new task; a checkpoint or a model brings its own
   * @return the task of the checkpoint or of the model to start with, or null when there is neither
   */
  <T extends SequenceTask> T prepare(Class<T> kind, String... taskOptions) throws IOException {
    options.check(spec);
    Path start = options.resume != null ? options.resume : options.initFrom;
    if (start == null) {
      return null;
    }
    String option = options.resume != null ? "--resume" : "--init-from";
    TrainOptions.refuse(spec, option, ARCHITECTURE);
    TrainOptions.refuse(spec, option, taskOptions);
    if (options.resume != null) {
      checkpoint = Checkpoint.load(start);
      given = new Parameters(checkpoint.spec());
      Map<String, String> metadata = new TreeMap<>();
      checkpoint
          .settings()
          .forEach(
              (key, value) -> {
                if (key.startsWith(TASK)) {
                  metadata.put(key.substring(TASK.length()), value);
                }
              });
      givenTask = SequenceTask.of(start, metadata, given.spec());
    } else {
      ModelFile model = ModelFile.load(start);
      given = model.parameters();
      givenTask = SequenceTask.of(start, model.metadata(), given.spec());
    }
    if (!kind.isInstance(givenTask)) {
      throw new FormatException(
          start.toString(),
          "made by train "
              + givenTask.metadata().get(SequenceTask.TASK)
              + ", expected train "
              + spec.name());
    }
    if (checkpoint != null) {
      restoreOptions();
    }
    return kind.cast(givenTask);
  }

  private void restoreOptions() throws IOException {
    String found = fingerprint();
    if (!found.equals(checkpoint.settings().get(DATA))) {
      throw new FormatException(
          options.resume.toString(),
          file
              + " is not the file this checkpoint was made with (found "
              + found
              + ", expected "
              + checkpoint.settings().get(DATA)
              + ")");
    }
    try {
      TrainOptions.restore(spec, checkpoint.settings(), kept());
      options.check(spec);
    } catch (IllegalArgumentException e) {
      throw new FormatException(options.resume.toString(), e.getMessage());
    }
  }

  /** The options whose values shape the result; some commands have not all of them. */
  private String[] kept() {
    return Arrays.stream(KEPT).filter(name -> spec.findOption(name) != null).toArray(String[]::new);
  }

  /** A value made from options; what is wrong with it is wrong usage. */
  <T> T usage(Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /**
   * The share of {@code --validation} is taken evenly from the examples ordered by class, so that
   * every class loses its share, however the file is ordered; both parts keep the file's order.
   */
  List<List<Example>> split(List<Example> examples) {
    int[] ordered =
        IntStream.range(0, examples.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> examples.get(i).classes()[0]))
            .mapToInt(Integer::intValue)
            .toArray();
    boolean[] held = new boolean[examples.size()];
    for (int i = 0; i < ordered.length; i++) {
      held[ordered[i]] = held(i);
    }
    List<Example> training = new ArrayList<>();
    List<Example> validation = new ArrayList<>();
    for (int i = 0; i < held.length; i++) {
      (held[i] ? validation : training).add(examples.get(i));
    }
    return List.of(training, validation);
  }

  /** Whether an example is held back for validation. */
  boolean held(int example) {
    return (long) ((example + 1) * options.validation) > (long) (example * options.validation);
  }

  /**
   * Trains.
   *
   * @param task the work
   * @param head what the result is made of
   * @param loss what training makes small; the test is judged by that of the task
   * @param training examples to train on
   * @param validation examples to evaluate on, or null
   * @param test examples to judge the kept model on, or null
   * @return exit status
   */
  int run(
      SequenceTask task,
      Head head,
      Loss loss,
      List<Example> training,
      SequenceTask.Data validation,
      SequenceTask.Data test)
      throws IOException {
    if (training.isEmpty()) {
      throw new IOException(file + ": nothing is left to train on");
    }
    if (validation == null && (options.keepBest() || options.patience > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--keep best and --patience need validation data, found none");
    }
    Parameters parameters = given != null ? given : parameters(task, head);
    int window = longest(training);
    if (validation != null) {
      window = Math.max(window, longest(validation.examples()));
    }
    int room = window;
    TrainSpec trainSpec = usage(() -> options.trainSpec(room, loss));
    Map<String, String> settings = new TreeMap<>(TrainOptions.kept(spec, kept()));
    settings.put(DATA, fingerprint());
    task.metadata().forEach((key, value) -> settings.put(TASK + key, value));
    TrainOptions.checkMemory(spec, parameters.spec(), trainSpec);
    try (SequenceRun run = new SequenceRun(parameters, trainSpec, training, true)) {
      if (checkpoint != null) {
        checkpoint.restore(run);
        TrainOptions.keepLosses(checkpoint.settings(), settings);
      }
      double steps = training.stream().mapToLong(Example::length).sum();
      double units = task.unit().equals("word") ? steps : training.size();
      TrainLoop loop =
          new TrainLoop(
              spec,
              options,
              run,
              task.unit(),
              units / run.stepsPerEpoch(),
              () -> measure(run, validation),
              settings,
              task.metadata());
      int status = loop.run();
      if (status == 0 && test != null) {
        test(task, test);
      }
      return status;
    }
  }

  private Parameters parameters(SequenceTask task, Head head) {
    NetworkSpec network =
        usage(
            () ->
                new NetworkSpec(
                    task.input(),
                    options.cellKind(),
                    options.hidden,
                    options.projection,
                    options.layers,
                    Direction.parse(sequences.direction),
                    head,
                    options.dropout,
                    sequences.trainedState,
                    task.outputSize()));
    Parameters parameters = usage(() -> new Parameters(network));
    Initializer initializer = usage(options::initializer);
    initializer.fill(parameters, options.seed);
    return parameters;
  }

  private static int longest(List<Example> examples) {
    return examples.stream().mapToInt(Example::length).max().orElse(1);
  }

  private static Map<String, Double> measure(SequenceRun run, SequenceTask.Data validation) {
    Map<String, Double> measured = new LinkedHashMap<>();
    if (validation != null) {
      Metrics metrics = validation.metrics();
      measured.put("valid_loss", run.evaluate(validation.examples(), metrics));
      metrics.values().forEach((name, value) -> measured.put("valid_" + name, value));
    }
    return measured;
  }

  /** Judges the model that was kept, as it is read from its file. */
  private void test(SequenceTask task, SequenceTask.Data test) throws IOException {
    Metrics metrics = test.metrics();
    double loss = evaluate(ModelFile.load(options.out), task, test.examples(), metrics);
    print(spec.commandLine().getOut(), options.json, "test_", loss, metrics);
  }

  /** Runs a model over examples. */
  static double evaluate(
      ModelFile model,
      SequenceTask task,
      List<Example> examples,
      SequenceEvaluator.Visitor visitor) {
    Network network = new Network(KernelProvider.kernels(), model.parameters(), false);
    network.pack(model.parameters().values());
    return new SequenceEvaluator(
            KernelProvider.kernels(),
            network,
            model.parameters(),
            longest(examples),
            Math.min(64, examples.size()),
            task.loss())
        .evaluate(examples, visitor);
  }

  /** Prints a loss and metrics, with a table for people. */
  static void print(PrintWriter out, boolean json, String prefix, double loss, Metrics metrics) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss", loss);
    values.putAll(metrics.values());
    StringBuilder line = new StringBuilder(json ? "{" : "");
    values.forEach(
        (name, value) -> {
          if (json) {
            line.append(line.length() > 1 ? ", " : "").append('"').append(prefix).append(name);
            line.append("\": ").append(Reporter.number("%.6f", value));
          } else {
            String label = (prefix + name).replace('_', ' ');
            line.append(String.format(Locale.ROOT, "%s %.4f  ", label, value));
          }
        });
    out.println(json ? line.append('}').toString() : line.toString().strip());
    if (!json) {
      metrics.report(out);
    }
    out.flush();
  }

  private String fingerprint() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    return String.format("%d bytes, CRC-32C %08x", bytes.length, crc.getValue());
  }
}
