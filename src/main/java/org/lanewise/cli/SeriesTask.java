package org.lanewise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.lanewise.data.Base;
import org.lanewise.data.Categories;
import org.lanewise.data.CsvTable;
import org.lanewise.data.Example;
import org.lanewise.data.Missing;
import org.lanewise.data.Scaling;
import org.lanewise.data.Series;
import org.lanewise.data.SeriesWindows;
import org.lanewise.data.WindowSpec;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.train.Loss;
import org.lanewise.train.ValueLoss;

/**
 * Forecasts of the next rows of a table, from windows of the rows before.
 *
 * @param windows how windows are cut
 * @param categories values of the columns that hold categories
 * @param missing what becomes of missing values
 * @param separator what stands between cells
 * @param scaling of all columns, from the training rows
 * @param lossName what training makes small: a {@link ValueLoss} in lower case
 */
record SeriesTask(
    WindowSpec windows,
    Map<String, Categories> categories,
    Missing missing,
    char separator,
    Scaling scaling,
    String lossName)
    implements SequenceTask {

  private static final String CATEGORY = "category.";

  SeriesTask {
    categories = Map.copyOf(categories);
  }

  static SeriesTask of(Map<String, String> metadata) {
    Map<String, Categories> categories = new TreeMap<>();
    metadata.forEach(
        (key, value) -> {
          if (key.startsWith(CATEGORY)) {
            categories.put(key.substring(CATEGORY.length()), Categories.parse(value));
          }
        });
    WindowSpec windows =
        new WindowSpec(
            List.of(SequenceTask.value(metadata, "inputs").split("\n", -1)),
            List.of(SequenceTask.value(metadata, "targets").split("\n", -1)),
            Integer.parseInt(SequenceTask.value(metadata, "window")),
            Integer.parseInt(SequenceTask.value(metadata, "horizon")),
            Boolean.parseBoolean(SequenceTask.value(metadata, "centered")),
            Base.parse(SequenceTask.value(metadata, "base")));
    return new SeriesTask(
        windows,
        categories,
        Missing.parse(SequenceTask.value(metadata, "missing")),
        SequenceTask.value(metadata, "separator").charAt(0),
        Scaling.parse(SequenceTask.value(metadata, "scaling")),
        SequenceTask.value(metadata, "loss"));
  }

  @Override
  public Map<String, String> metadata() {
    Map<String, String> text = new LinkedHashMap<>();
    text.put(TASK, "series");
    text.put("inputs", String.join("\n", windows.inputs()));
    text.put("targets", String.join("\n", windows.targets()));
    text.put("window", Integer.toString(windows.window()));
    text.put("horizon", Integer.toString(windows.horizon()));
    text.put("centered", Boolean.toString(windows.centered()));
    text.put("base", windows.base().toString());
    text.put("missing", missing.toString());
    text.put("separator", Character.toString(separator));
    text.put("scaling", scaling.toString());
    text.put("loss", lossName);
    categories.forEach((name, values) -> text.put(CATEGORY + name, values.toString()));
    return text;
  }

  /** The columns that are read: inputs, then targets that are not among them. */
  static List<String> columns(WindowSpec windows) {
    List<String> columns = new ArrayList<>(windows.inputs());
    windows.targets().stream().filter(name -> !columns.contains(name)).forEach(columns::add);
    return columns;
  }

  @Override
  public Input input() {
    int size = 0;
    for (String name : windows.inputs()) {
      size += categories.containsKey(name) ? categories.get(name).values().size() : 1;
    }
    return new Input.Features(size);
  }

  @Override
  public int outputSize() {
    return windows.horizon() * windows.targets().size();
  }

  @Override
  public Head head() {
    return Head.LAST;
  }

  @Override
  public Loss loss() {
    for (ValueLoss loss : ValueLoss.values()) {
      if (loss.name().toLowerCase(java.util.Locale.ROOT).equals(lossName)) {
        return loss;
      }
    }
    throw new IllegalArgumentException(
        "loss: found \"" + lossName + "\", expected squared, absolute or huber");
  }

  @Override
  public String unit() {
    return "window";
  }

  /** The columns of a file. */
  Series series(Path file) throws IOException {
    return CsvTable.read(file, separator).select(columns(windows), categories, missing);
  }

  @Override
  public Data read(Path file, String rows) throws IOException {
    return read(file, rows, 0);
  }

  /** Rows beyond the end of the file can be asked for, as far as the horizon reaches. */
  @Override
  public Data readQuestions(Path file, String rows) throws IOException {
    return read(file, rows, windows.horizon());
  }

  private Data read(Path file, String rows, int beyond) throws IOException {
    Series series = series(file);
    try {
      SeriesWindows cut = new SeriesWindows(series, windows, scaling);
      int[] range = range(rows, series, series.rows() + beyond);
      return data(series, cut, beyond == 0 ? cut.rows(range[0], range[1]) : firsts(series, range));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** Rows of the series from rows of the file. */
  private static int[] range(String rows, Series series, int end) {
    if (rows.isEmpty()) {
      return new int[] {0, end};
    }
    return Arrays.stream(rows.split(":", -1))
        .mapToInt(row -> Math.max(0, Integer.parseInt(row) - series.dropped()))
        .toArray();
  }

  /** The first target rows of all windows whose targets lie in a range. */
  private int[] firsts(Series series, int[] range) {
    int[] firsts =
        IntStream.rangeClosed(Math.max(range[0], windows.window()), range[1] - windows.horizon())
            .toArray();
    if (firsts.length == 0 || range[1] > series.rows() + windows.horizon()) {
      throw new IllegalArgumentException(
          String.format(
              "rows %d to %d: found no place for a window of %d and a horizon of %d after %d rows",
              range[0], range[1], windows.window(), windows.horizon(), series.rows()));
    }
    return firsts;
  }

  /** The windows whose targets lie in some rows. */
  Data data(Series series, int from, int to) {
    SeriesWindows cut = new SeriesWindows(series, windows, scaling);
    return data(series, cut, cut.rows(from, to));
  }

  /**
   * Forecasts and truth of some rows: of all for a horizon of 1, otherwise of the last window, with
   * the rows that it was made from.
   */
  Picture picture(ModelFile model, Series series, int from, int to) {
    SeriesWindows cut = new SeriesWindows(series, windows, scaling);
    int[] all = cut.rows(from, to);
    boolean single = windows.horizon() == 1;
    int[] rows = single ? all : new int[] {all[all.length - 1]};
    int targets = windows.targets().size();
    int count = single ? rows.length : windows.horizon();
    double[][] forecasts = new double[targets][count];
    SequenceTraining.evaluate(
        model,
        this,
        cut.examples(rows),
        (example, step, y, offset) -> {
          float[] output = Arrays.copyOfRange(y, offset, offset + outputSize());
          double[] restored = cut.restore(rows[example], output);
          for (int i = 0; i < restored.length; i++) {
            forecasts[i % targets][example + i / targets] = restored[i];
          }
        });
    int firstTruth = single ? rows[0] : rows[0] - windows.window();
    List<Picture.Line> lines = new ArrayList<>();
    for (int target = 0; target < targets; target++) {
      String name = windows.targets().get(target);
      int column = series.find(name)[0];
      double[] truth =
          IntStream.range(firstTruth, rows[0] + count)
              .mapToDouble(row -> series.value(row, column))
              .toArray();
      lines.add(line(name + ", truth", firstTruth + series.dropped(), truth, target, false));
      lines.add(
          line(name + ", forecast", rows[0] + series.dropped(), forecasts[target], target, true));
    }
    String title =
        single ? "Forecasts one row ahead" : "Forecast of " + windows.horizon() + " rows";
    return new Picture(title, "row", String.join(", ", windows.targets()), lines);
  }

  private static Picture.Line line(
      String name, int first, double[] values, int target, boolean forecast) {
    double[] rows = IntStream.range(first, first + values.length).asDoubleStream().toArray();
    int colour = 2 * target + (forecast ? 1 : 0);
    return new Picture.Line(name, rows, values, colour, forecast);
  }

  private Data data(Series series, SeriesWindows cut, int[] rows) {
    List<Example> examples = cut.examples(rows);
    return new Data() {
      @Override
      public List<Example> examples() {
        return examples;
      }

      @Override
      public Metrics metrics() {
        return new ValueMetrics(cut, rows, windows.targets());
      }

      @Override
      public void write(List<float[]> results, PrintWriter out) {
        out.println("row,step," + String.join(",", windows.targets()));
        for (int i = 0; i < results.size(); i++) {
          double[] predicted = cut.restore(rows[i], results.get(i));
          int targets = windows.targets().size();
          for (int step = 0; step < windows.horizon(); step++) {
            StringBuilder line = new StringBuilder();
            line.append(rows[i] + series.dropped()).append(',').append(step + 1);
            for (int target = 0; target < targets; target++) {
              line.append(',').append((float) predicted[step * targets + target]);
            }
            out.println(line);
          }
        }
      }
    };
  }
}
