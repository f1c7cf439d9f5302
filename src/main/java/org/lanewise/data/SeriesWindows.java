package org.lanewise.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Windows of a series. The window of a row ends just before it; its targets are that row and those
 * after it:
 *
 * <pre>
 * features = scaled(inputs of rows row-window .. row-1), minus their mean if centered
 * values   = scaled(targets of rows row .. row+horizon-1) - offset
 * offset   = last `period` scaled targets before the row, repeated   with a base
 *            mean of the scaled targets in the window                centered without a base
 *            0                                                       otherwise
 * prediction = unscaled(output + offset)
 * </pre>
 *
 * <p>The error of an output against {@code values} is therefore its error on the scaled series. A
 * window knows nothing of the rows from its own on. Immutable, as long as nobody changes the
 * series.
 */
public final class SeriesWindows {
  private final Series series;
  private final WindowSpec spec;
  private final Scaling scaling;
  private final int[] inputs;
  private final int[] targets;

  /**
   * The windows of a series.
   *
   * @param series rows of numbers
   * @param spec what to cut out
   * @param scaling of all columns of the series: see {@link Series#scaling}, {@link Scaling#none}
   * @throws IllegalArgumentException if a column is not there, a target is a category, or the
   *     scaling is for another number of columns
   */
  public SeriesWindows(Series series, WindowSpec spec, Scaling scaling) {
    if (scaling.columns() != series.columns().size()) {
      throw new IllegalArgumentException(
          "scaling: found "
              + scaling.columns()
              + " columns, expected "
              + series.columns().size()
              + " "
              + series.columns());
    }
    this.series = series;
    this.spec = spec;
    this.scaling = scaling;
    this.inputs = find(spec.inputs());
    this.targets = find(spec.targets());
    for (int target : targets) {
      if (series.columns().get(target).isCategory()) {
        throw new IllegalArgumentException(
            "target '" + series.columns().get(target).name() + "': found categories, no numbers");
      }
    }
  }

  private int[] find(List<String> names) {
    return names.stream().flatMapToInt(name -> Arrays.stream(series.find(name))).toArray();
  }

  /**
   * The length of a row of features.
   *
   * @return columns that the network reads, with one for every category
   */
  public int inputSize() {
    return inputs.length;
  }

  /**
   * The length of the values.
   *
   * @return horizon times targets
   */
  public int outputSize() {
    return spec.horizon() * targets.length;
  }

  /**
   * The rows of a part whose targets all lie within it. The windows of a later part reach back into
   * the part before.
   *
   * @param from first row of the part
   * @param to one past its last row
   * @return rows, in order
   * @throws IllegalArgumentException if there is none, or the part is not within the series
   */
  public int[] rows(int from, int to) {
    int[] rows =
        IntStream.rangeClosed(Math.max(from, spec.window()), to - spec.horizon()).toArray();
    if (from < 0 || to > series.rows() || rows.length == 0) {
      throw new IllegalArgumentException(
          "rows "
              + from
              + " to "
              + to
              + " of "
              + series.rows()
              + ": found no place for a window of "
              + spec.window()
              + " and a horizon of "
              + spec.horizon());
    }
    return rows;
  }

  /**
   * The examples of some rows.
   *
   * @param rows see {@link #rows}
   * @return an example for each
   */
  public List<Example> examples(int[] rows) {
    return Arrays.stream(rows).mapToObj(this::example).toList();
  }

  /**
   * The example of a row.
   *
   * @param row first target row, from the window to the number of rows; values beyond the end of
   *     the series are NaN
   * @return features {@code [window][inputs]}, values {@code [horizon][targets]}
   */
  public Example example(int row) {
    int first = firstOfWindow(row);
    float[] features = new float[spec.window() * inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      boolean category = series.columns().get(inputs[i]).isCategory();
      double mean = spec.centered() && !category ? mean(row, inputs[i]) : 0;
      for (int t = 0; t < spec.window(); t++) {
        features[t * inputs.length + i] = (float) (scaled(first + t, inputs[i]) - mean);
      }
    }
    float[] values = new float[outputSize()];
    for (int i = 0; i < values.length; i++) {
      int at = row + i / targets.length;
      values[i] =
          at < series.rows()
              ? (float) (scaled(at, targets[i % targets.length]) - offset(row, i))
              : Float.NaN;
    }
    return new Example(spec.window(), new int[0][], features, new int[0], values);
  }

  /**
   * Brings an output of the network back to the original scale.
   *
   * @param row the row of the example
   * @param output values {@code [horizon][targets]} as the network gives them
   * @return the prediction {@code [horizon][targets]} in the units of the series
   * @throws IllegalArgumentException if the output has another length
   */
  public double[] restore(int row, float[] output) {
    firstOfWindow(row);
    if (output.length != outputSize()) {
      throw new IllegalArgumentException(
          "output: found " + output.length + " values, expected " + outputSize());
    }
    double[] prediction = new double[output.length];
    for (int i = 0; i < output.length; i++) {
      prediction[i] = scaling.invert(targets[i % targets.length], output[i] + offset(row, i));
    }
    return prediction;
  }

  private int firstOfWindow(int row) {
    if (row < spec.window() || row > series.rows()) {
      throw new IllegalArgumentException(
          "row " + row + ": expected " + spec.window() + " to " + series.rows());
    }
    return row - spec.window();
  }

  /** What is taken from value {@code i} of {@code [horizon][targets]}, on the scaled series. */
  private double offset(int row, int i) {
    int target = targets[i % targets.length];
    int period = spec.base().period();
    if (period > 0) {
      return scaled(row - period + i / targets.length % period, target);
    }
    return spec.centered() ? mean(row, target) : 0;
  }

  private double mean(int row, int column) {
    double sum = 0;
    for (int at = row - spec.window(); at < row; at++) {
      sum += scaled(at, column);
    }
    return sum / spec.window();
  }

  private double scaled(int row, int column) {
    return scaling.apply(column, series.value(row, column));
  }
}
