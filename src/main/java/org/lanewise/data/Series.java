package org.lanewise.data;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table of numbers, one row per time step. Arrays are kept, not copied.
 *
 * @param columns what the columns hold; all different
 * @param values finite numbers, row after row
 * @param dropped rows of the file that were left out before the first
 */
@SuppressWarnings("ArrayRecordComponent") // A carrier of an array; nobody compares series.
public record Series(List<Column> columns, double[] values, int dropped) {

  /**
   * What a column holds.
   *
   * @param name name in the file
   * @param category the category for which this column has 1, and 0 for the others of that name;
   *     empty if the column holds numbers
   */
  public record Column(String name, String category) {

    /**
     * Whether this is one column of a one-hot vector.
     *
     * @return false for numbers
     */
    public boolean isCategory() {
      return !category.isEmpty();
    }

    /** The name, and the category if there is one. */
    @Override
    public String toString() {
      return isCategory() ? name + "=" + category : name;
    }
  }

  /** Checks the shape and the numbers. */
  public Series {
    columns = List.copyOf(columns);
    if (columns.isEmpty() || new HashSet<>(columns).size() < columns.size()) {
      throw new IllegalArgumentException(
          "columns: found " + columns + ", expected one or more, each once");
    }
    if (values.length == 0 || values.length % columns.size() != 0) {
      throw new IllegalArgumentException(
          "series: found " + values.length + " values, expected rows of " + columns.size());
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite((float) values[i])) {
        throw new IllegalArgumentException(
            "row "
                + i / columns.size()
                + ", column '"
                + columns.get(i % columns.size())
                + "': found "
                + values[i]
                + ", expected a number in the range of a float");
      }
    }
  }

  /**
   * A series of numbers that is in memory.
   *
   * @param names names of the columns
   * @param values finite numbers, row after row
   * @return the series
   */
  public static Series of(List<String> names, double[] values) {
    return new Series(names.stream().map(name -> new Column(name, "")).toList(), values, 0);
  }

  /**
   * The number of rows.
   *
   * @return time steps
   */
  public int rows() {
    return values.length / columns.size();
  }

  /**
   * One number.
   *
   * @param row from 0
   * @param column from 0
   * @return its value
   */
  public double value(int row, int column) {
    return values[row * columns.size() + column];
  }

  /**
   * Where the columns of a name stand.
   *
   * @param name name in the file
   * @return one index; several for categories
   * @throws IllegalArgumentException if there is none
   */
  public int[] find(String name) {
    int[] found =
        IntStream.range(0, columns.size())
            .filter(column -> columns.get(column).name().equals(name))
            .toArray();
    if (found.length == 0) {
      throw new IllegalArgumentException("found no column '" + name + "' among " + columns);
    }
    return found;
  }

  /**
   * The statistics of some rows, to standardise all rows with. Columns of categories stay as they
   * are.
   *
   * @param from first row, of the training part
   * @param to one past the last
   * @return a scaling of every column
   * @throws IllegalArgumentException if there are no such rows
   */
  public Scaling scaling(int from, int to) {
    if (from < 0 || from >= to || to > rows()) {
      throw new IllegalArgumentException(
          "rows " + from + " to " + to + ": expected one or more of the " + rows());
    }
    int width = columns.size();
    Scaling scaling =
        Scaling.of(width, List.of(Arrays.copyOfRange(values, from * width, to * width)));
    for (int column = 0; column < width; column++) {
      if (columns.get(column).isCategory()) {
        scaling.means()[column] = 0;
        scaling.deviations()[column] = 1;
      }
    }
    return scaling;
  }
}
