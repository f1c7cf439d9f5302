package org.lanewise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.lanewise.data.Base;
import org.lanewise.data.Categories;
import org.lanewise.data.CsvTable;
import org.lanewise.data.Missing;
import org.lanewise.data.Series;
import org.lanewise.data.WindowSpec;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Head;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lanewise train series}: forecasts of the next rows of a table. */
@Command(
    name = "series",
    description = {
      "Trains a network to forecast the next rows of a table from a window of rows.",
      "Columns are standardised with the statistics of the training rows, which come first;"
          + " validation and test rows follow."
    },
    sortOptions = false)
final class TrainSeriesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TrainOptions options;
  @Mixin private SequenceOptions sequences;

  @Parameters(
      paramLabel = "FILE",
      description = "Delimited text whose first line names the columns.")
  private Path file;

  @Option(
      names = "--inputs",
      paramLabel = "NAMES",
      split = ",",
      description = "Columns that are read, with commas between; a new run needs them.")
  private List<String> inputs;

  @Option(
      names = "--targets",
      paramLabel = "NAMES",
      split = ",",
      description = "Columns that are forecast, with commas between; a new run needs them.")
  private List<String> targets;

  @Option(
      names = "--categories",
      paramLabel = "NAMES",
      split = ",",
      description = "Inputs that hold categories and are read as one-hot vectors.")
  private List<String> categories = List.of();

  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "24",
      description = "Rows that a forecast is made from (default: ${DEFAULT-VALUE}).")
  private int window;

  @Option(
      names = "--horizon",
      paramLabel = "N",
      defaultValue = "1",
      description = "Rows that are forecast (default: ${DEFAULT-VALUE}).")
  private int horizon;

  @Option(
      names = "--base",
      paramLabel = "NAME",
      defaultValue = "last",
      description =
          "What the network's output is added to: none, last (the last value) or day:N (the last N"
              + " values, repeated) (default: ${DEFAULT-VALUE}).")
  private String base;

  @Option(names = "--centered", description = "Take the mean of each window from its inputs.")
  private boolean centered;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      defaultValue = "squared",
      description = "squared, absolute or huber (default: ${DEFAULT-VALUE}).")
  private String loss;

  @Option(
      names = "--missing",
      paramLabel = "RULE",
      defaultValue = "error",
      description =
          "Missing values: error, fill-forward, drop-leading or value:X"
              + " (default: ${DEFAULT-VALUE}).")
  private String missing;

  @Option(
      names = "--separator",
      paramLabel = "CHARACTER",
      defaultValue = ",",
      description = "What stands between cells (default: ${DEFAULT-VALUE}).")
  private char separator;

  @Option(
      names = "--parts",
      paramLabel = "A,B,C",
      split = ",",
      description =
          "Rows to train on, to validate on and to test on, from the first on; B and C may be 0"
              + " (default: all rows but the share of --validation, that share, 0).")
  private List<Integer> parts;

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description =
          "At the end, draw forecasts and truth of the test rows, or else the validation rows, as"
              + " .svg or .png: all for a horizon of 1, otherwise the last window.")
  private Path picture;

  @Override
  public Integer call() throws IOException {
    SequenceTraining training = new SequenceTraining(spec, options, sequences, file);
    SeriesTask given =
        training.prepare(
            SeriesTask.class,
            "--inputs",
            "--targets",
            "--categories",
            "--window",
            "--horizon",
            "--base",
            "--centered",
            "--loss",
            "--missing",
            "--separator");
    if (sequences.valid != null || sequences.test != null) {
      throw new ParameterException(
          spec.commandLine(), "series are divided by --parts, not by --valid and --test");
    }
    Picture.check(spec, "--picture", picture);
    Source source = given != null ? source(given) : source(training);
    Series series = source.series();
    int[] ends = ends(training, series.rows());
    if (picture != null && ends[2] == ends[0]) {
      throw new ParameterException(
          spec.commandLine(), "--picture needs test or validation rows, found none");
    }
    try {
      SeriesTask task =
          given != null
              ? given
              : new SeriesTask(
                  source.windows(),
                  source.categories(),
                  source.missing(),
                  separator,
                  series.scaling(0, ends[0]),
                  loss);
      training.usage(task::loss);
      int status =
          training.run(
              task,
              Head.LAST,
              task.loss(),
              task.data(series, 0, ends[0]).examples(),
              ends[1] > ends[0] ? task.data(series, ends[0], ends[1]) : null,
              ends[2] > ends[1] ? task.data(series, ends[1], ends[2]) : null);
      if (status == 0 && picture != null) {
        int from = ends[2] > ends[1] ? ends[1] : ends[0];
        task.picture(ModelFile.load(options.out), series, from, ends[2]).write(picture);
      }
      return status;
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** A file as it is read, and how. */
  private record Source(
      Series series, WindowSpec windows, Map<String, Categories> categories, Missing missing) {}

  private Source source(SequenceTraining training) throws IOException {
    for (String name : new String[] {"--inputs", "--targets"}) {
      if (!spec.commandLine().getParseResult().hasMatchedOption(name)) {
        throw new ParameterException(
            spec.commandLine(), "Missing required option: '" + name + "=NAMES'");
      }
    }
    Missing rule = training.usage(() -> Missing.parse(missing));
    WindowSpec windows =
        training.usage(
            () -> new WindowSpec(inputs, targets, window, horizon, centered, Base.parse(base)));
    CsvTable table = CsvTable.read(file, separator);
    Map<String, Categories> values = new TreeMap<>();
    for (String name : categories) {
      if (!inputs.contains(name) || targets.contains(name)) {
        throw new ParameterException(
            spec.commandLine(),
            "--categories: found " + name + ", expected an input that is no target");
      }
      values.put(name, table.categories(name));
    }
    Series series = table.select(SeriesTask.columns(windows), values, rule);
    return new Source(series, windows, values, rule);
  }

  private Source source(SeriesTask task) throws IOException {
    return new Source(task.series(file), task.windows(), task.categories(), task.missing());
  }

  /** Where the training, validation and test rows end. */
  private int[] ends(SequenceTraining training, int rows) {
    return training.usage(
        () -> {
          if (parts == null) {
            int end = (int) ((1 - options.validation) * rows);
            return new int[] {end, rows, rows};
          }
          long sum = parts.stream().mapToLong(Integer::longValue).sum();
          if (parts.size() != 3
              || parts.get(0) < 1
              || parts.stream().anyMatch(n -> n < 0)
              || sum > rows) {
            throw new IllegalArgumentException(
                "--parts: found " + parts + ", expected three counts of together at most " + rows);
          }
          int first = parts.get(0);
          return new int[] {first, first + parts.get(1), (int) sum};
        });
  }
}
