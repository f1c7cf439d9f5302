package org.lanewise.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Initializer;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Workspace;
import org.lanewise.train.Clip;
import org.lanewise.train.Loss;
import org.lanewise.train.Optimizer;
import org.lanewise.train.Schedule;
import org.lanewise.train.TrainSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The options that every trainer has. */
final class TrainOptions {
  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "model.safetensors",
      description = "Where the model goes (default: ${DEFAULT-VALUE}).")
  Path out;

  @Option(
      names = "--cell",
      paramLabel = "CELL",
      defaultValue = "lstm",
      completionCandidates = CellNames.class,
      description = "Recurrent cell: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  String cell;

  @Option(
      names = "--layers",
      paramLabel = "N",
      defaultValue = "1",
      description = "Recurrent layers (default: ${DEFAULT-VALUE}).")
  int layers;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      defaultValue = "128",
      description = "Hidden units of a layer (default: ${DEFAULT-VALUE}).")
  int hidden;

  @Option(
      names = "--projection",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Values that the units of an LSTM are projected onto at every step, as PyTorch's"
              + " proj_size; 0 for no projection (default: ${DEFAULT-VALUE}).")
  int projection;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "50",
      description = "Sequences side by side (default: ${DEFAULT-VALUE}).")
  int batch;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the training data (default: 10).")
  Integer epochs;

  @Option(names = "--steps", paramLabel = "N", description = "Training steps, instead of epochs.")
  Long steps;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "adam",
      description =
          "sgd, momentum, adam or sparse-adam, which leaves rows of embeddings alone that no"
              + " token of a step touched (default: ${DEFAULT-VALUE}).")
  String optimizer;

  @Option(
      names = "--rate",
      paramLabel = "R",
      defaultValue = "0.002",
      description = "Learning rate (default: ${DEFAULT-VALUE}).")
  double rate;

  @Option(
      names = "--decay",
      paramLabel = "F",
      defaultValue = "1",
      description =
          "Factor on the learning rate at every epoch after --decay-after"
              + " (default: ${DEFAULT-VALUE}, none).")
  double decay;

  @Option(
      names = "--decay-after",
      paramLabel = "N",
      defaultValue = "1",
      description = "Last epoch at the full learning rate (default: ${DEFAULT-VALUE}).")
  int decayAfter;

  @Option(
      names = "--weight-decay",
      paramLabel = "L",
      defaultValue = "0",
      description = "L2 penalty on the parameters (default: ${DEFAULT-VALUE}).")
  double weightDecay;

  @Option(
      names = "--clip-norm",
      paramLabel = "V",
      defaultValue = "5",
      description = "Largest norm of the gradient; 0 for no limit (default: ${DEFAULT-VALUE}).")
  double clipNorm;

  @Option(
      names = "--clip-value",
      paramLabel = "V",
      defaultValue = "0",
      description =
          "Largest magnitude of a gradient's element; 0 for no limit (default: ${DEFAULT-VALUE}).")
  double clipValue;

  @Option(
      names = "--dropout",
      paramLabel = "SHARE",
      defaultValue = "0",
      description =
          "Share of the values dropped in training between layers and before the output"
              + " (default: ${DEFAULT-VALUE}).")
  double dropout;

  @Option(
      names = "--init",
      paramLabel = "LAW",
      defaultValue = "torch",
      description = "First weights: torch, glorot or uniform:R (default: ${DEFAULT-VALUE}).")
  String init;

  @Option(
      names = "--validation",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description =
          "Share of the data, at its end, that is not trained on but evaluated"
              + " (default: ${DEFAULT-VALUE}).")
  double validation;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      description =
          "Steps between evaluations, each of which saves model and checkpoint"
              + " (default: an epoch, at most 200).")
  Long evalEvery;

  @Option(
      names = "--keep",
      paramLabel = "WHICH",
      defaultValue = "last",
      description =
          "Which model is kept: last, or best by validation loss (default: ${DEFAULT-VALUE}).")
  String keep;

  @Option(
      names = "--patience",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Stop after so many evaluations without a better validation loss; 0 for never"
              + " (default: ${DEFAULT-VALUE}).")
  int patience;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "N",
      defaultValue = "0",
      description = "Steps between further checkpoints; 0 for none (default: ${DEFAULT-VALUE}).")
  long checkpointEvery;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the random numbers (default: ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Threads that share a step; the result is the same for any number"
              + " (default: ${DEFAULT-VALUE}).")
  int threads;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description =
          "Most memory for the buffers of a window, as 200m or 2g; where they would take more,"
              + " gates are computed anew and not kept, which takes about twice the time and gives"
              + " the same result.")
  String memory;

  @Option(
      names = "--init-from",
      paramLabel = "MODEL",
      description = "Start with the architecture and the weights of this model.")
  Path initFrom;

  @Option(
      names = "--resume",
      paramLabel = "CHECKPOINT",
      description = "Go on from this checkpoint, with its options; more steps may be given.")
  Path resume;

  @Option(
      names = "--curve",
      paramLabel = "FILE",
      description =
          "Draw training and validation loss over the steps, as .svg or .png, at every evaluation.")
  Path curve;

  @Option(names = "--json", description = "Report in JSON lines on standard output.")
  boolean json;

  /** Where checkpoints go. */
  Path checkpoint() {
    return out.resolveSibling(out.getFileName() + ".checkpoint");
  }

  CellKind cellKind() {
    return CellKind.parse(cell);
  }

  Initializer initializer() {
    return Initializer.parse(init);
  }

  TrainSpec trainSpec(int window, Loss loss) {
    Schedule schedule =
        decay == 1 ? new Schedule.Constant(rate) : new Schedule.EpochDecay(rate, decay, decayAfter);
    Clip clip = new Clip(limit(clipValue), limit(clipNorm));
    return new TrainSpec(
        batch,
        window,
        Optimizer.parse(optimizer),
        schedule,
        clip,
        weightDecay,
        threads,
        loss,
        seed,
        memory());
  }

  /** Bytes. */
  private long memory() {
    if (memory == null) {
      return Long.MAX_VALUE;
    }
    Matcher size = Pattern.compile("([0-9]{1,9})([kmg]?)").matcher(memory.toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      throw new IllegalArgumentException(
          "--memory: found \"" + memory + "\", expected a number with k, m or g, as 200m");
    }
    int power = size.group(2).isEmpty() ? 0 : 1 + "kmg".indexOf(size.group(2));
    return Long.parseLong(size.group(1)) << (10 * power);
  }

  /** Checks that a window fits into the memory. */
  static void checkMemory(CommandSpec spec, NetworkSpec network, TrainSpec training) {
    try {
      Workspace.segment(network, training.window(), training.batch(), training.memory());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  private static double limit(double option) {
    return option == 0 ? Double.POSITIVE_INFINITY : option;
  }

  /** How many steps the run has in all. */
  long totalSteps(int stepsPerEpoch) {
    return steps != null ? steps : (long) stepsPerEpoch * (epochs != null ? epochs : 10);
  }

  /** Steps between evaluations. */
  long evalEvery(int stepsPerEpoch) {
    return evalEvery != null ? evalEvery : Math.min(200, stepsPerEpoch);
  }

  boolean keepBest() {
    return keep.equals("best");
  }

  /** Takes over what a resumed run already knows of its losses and its best model. */
  static void keepLosses(Map<String, String> from, Map<String, String> to) {
    for (String key : new String[] {TrainLoop.BEST_LOSS, TrainLoop.BEST_STEP, TrainLoop.CURVE}) {
      if (from.containsKey(key)) {
        to.put(key, from.get(key));
      }
    }
  }

  /** Checks what no other class does. */
  void check(CommandSpec spec) {
    if (steps != null && epochs != null) {
      throw new ParameterException(spec.commandLine(), "--steps and --epochs exclude each other");
    }
    if (resume != null && initFrom != null) {
      throw new ParameterException(
          spec.commandLine(), "--resume and --init-from exclude each other");
    }
    atLeast(spec, "--steps", 1, steps == null ? 1 : steps);
    atLeast(spec, "--epochs", 1, epochs == null ? 1 : epochs);
    atLeast(spec, "--eval-every", 1, evalEvery == null ? 1 : evalEvery);
    atLeast(spec, "--patience", 0, patience);
    if (!keep.equals("last") && !keep.equals("best")) {
      throw new ParameterException(
          spec.commandLine(), "--keep: found \"" + keep + "\", expected last or best");
    }
    atLeast(spec, "--checkpoint-every", 0, checkpointEvery);
    Path folder = out.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(out)) {
      throw new ParameterException(
          spec.commandLine(), "--out: found " + out + ", expected a file in an existing folder");
    }
    Picture.check(spec, "--curve", curve);
    if (!(validation >= 0 && validation < 1)) {
      throw new ParameterException(
          spec.commandLine(),
          "--validation: found " + validation + ", expected a share from 0 to below 1");
    }
  }

  private static void atLeast(CommandSpec spec, String option, long least, long value) {
    if (value < least) {
      throw new ParameterException(
          spec.commandLine(), option + ": found " + value + ", expected at least " + least);
    }
  }

  /** Refuses options that another one speaks for. */
  static void refuse(CommandSpec spec, String given, String... names) {
    for (String name : names) {
      if (spec.commandLine().getParseResult().hasMatchedOption(name)) {
        throw new ParameterException(
            spec.commandLine(), name + ": the architecture comes with " + given);
      }
    }
  }

  /** The options whose values shape the result, as text for a checkpoint. */
  static Map<String, String> kept(CommandSpec spec, String... names) {
    Map<String, String> kept = new TreeMap<>();
    for (String name : names) {
      Object value = spec.findOption(name).getValue();
      if (value != null) {
        kept.put(name, value.toString());
      }
    }
    return kept;
  }

  /**
   * Takes the kept options of a checkpoint. One that is also typed must say the same, unless it
   * only sets how far to go.
   */
  static void restore(CommandSpec spec, Map<String, String> kept, String... names) {
    ParseResult typed = spec.commandLine().getParseResult();
    boolean newEnd = typed.hasMatchedOption("--steps") || typed.hasMatchedOption("--epochs");
    for (String name : names) {
      OptionSpec option = spec.findOption(name);
      String value = kept.get(name);
      boolean end = name.equals("--steps") || name.equals("--epochs");
      if (end && newEnd) {
        continue;
      }
      if (value == null && option.defaultValue() != null) {
        throw new IllegalArgumentException("not a checkpoint of this command: no setting " + name);
      }
      Object saved = value == null ? null : convert(name, option.type(), value);
      if (!end && typed.hasMatchedOption(name) && !option.getValue().toString().equals(value)) {
        throw new ParameterException(
            spec.commandLine(),
            name
                + ": found "
                + option.getValue()
                + ", but the checkpoint was made with"
                + (value == null ? "out it" : " " + value));
      }
      option.setValue(saved);
    }
  }

  private static Object convert(String name, Class<?> type, String value) {
    try {
      if (type == int.class || type == Integer.class) {
        return Integer.valueOf(value);
      }
      if (type == long.class || type == Long.class) {
        return Long.valueOf(value);
      }
      if (type == List.class) {
        return Arrays.stream(value.replaceAll("[\\[\\] ]", "").split(",", -1))
            .map(Integer::valueOf)
            .toList();
      }
      if (type == Path.class) {
        return Path.of(value);
      }
      return type == double.class ? Double.valueOf(value) : value;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + ": found \"" + value + "\", expected a number", e);
    }
  }

  /** What {@code --cell} can be. */
  static final class CellNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(CellKind.values()).map(CellKind::text).iterator();
    }
  }
}
