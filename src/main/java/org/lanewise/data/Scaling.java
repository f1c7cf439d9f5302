package org.lanewise.data;

import java.util.Arrays;
import java.util.List;

/**
 * Standardisation, column by column: {@code scaled = (value - mean) / deviation}. Take the
 * statistics from the training part alone, or the test is no test. Arrays are kept, not copied.
 *
 * @param means the mean of each column
 * @param deviations the population standard deviation of each column, above 0
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by content below.
public record Scaling(double[] means, double[] deviations) {

  /** Checks the numbers. */
  public Scaling {
    if (means.length != deviations.length) {
      throw new IllegalArgumentException(
          "scaling: found " + means.length + " means, " + deviations.length + " deviations");
    }
    for (int column = 0; column < means.length; column++) {
      if (!Double.isFinite(means[column])
          || !(deviations[column] > 0)
          || Double.isInfinite(deviations[column])) {
        throw new IllegalArgumentException(
            "scaling of column "
                + column
                + ": found mean "
                + means[column]
                + " and deviation "
                + deviations[column]
                + ", expected finite numbers and a deviation above 0");
      }
    }
  }

  /**
   * The scaling that changes nothing.
   *
   * @param columns number of columns
   * @return means 0, deviations 1
   */
  public static Scaling none(int columns) {
    double[] ones = new double[columns];
    Arrays.fill(ones, 1);
    return new Scaling(new double[columns], ones);
  }

  /**
   * The statistics of some rows. A column that never changes gets the deviation 1.
   *
   * @param columns values of a row
   * @param blocks finite values, row after row; one row or more in all
   * @return mean and population deviation of each column, in two passes
   * @throws IllegalArgumentException if there is no row, a part of a row, or a value that is not
   *     finite
   */
  public static Scaling of(int columns, List<double[]> blocks) {
    double[] means = new double[columns];
    double[] deviations = new double[columns];
    for (int column = 0; column < columns; column++) {
      double[] values = column(column, columns, blocks);
      double first = values[0];
      boolean constant = Arrays.stream(values).allMatch(value -> value == first);
      double mean = constant ? first : sum(values, 0, 1) / values.length;
      double deviation = Math.sqrt(sum(values, mean, 2) / values.length);
      means[column] = mean;
      deviations[column] = deviation > 0 ? deviation : 1;
    }
    return new Scaling(means, deviations);
  }

  private static double[] column(int column, int columns, List<double[]> blocks) {
    double[] values = new double[blocks.stream().mapToInt(block -> block.length / columns).sum()];
    int row = 0;
    for (double[] block : blocks) {
      if (block.length % columns != 0) {
        throw new IllegalArgumentException(
            "found " + block.length + " values, expected rows of " + columns);
      }
      for (int at = column; at < block.length; at += columns) {
        values[row++] = block[at];
      }
    }
    if (values.length == 0) {
      throw new IllegalArgumentException("found no row, expected 1 or more to take the mean of");
    }
    return values;
  }

  /** The sum of the powers of the differences to a centre. */
  private static double sum(double[] values, double centre, int power) {
    double sum = 0;
    for (double value : values) {
      double difference = value - centre;
      sum += power == 2 ? difference * difference : difference;
    }
    return sum;
  }

  /**
   * The number of columns.
   *
   * @return length of the arrays
   */
  public int columns() {
    return means.length;
  }

  /**
   * Scales a value.
   *
   * @param column its column
   * @param value on the original scale
   * @return the value in deviations from the mean
   */
  public double apply(int column, double value) {
    return (value - means[column]) / deviations[column];
  }

  /**
   * Scales rows.
   *
   * @param values row after row
   * @return the scaled values
   */
  public float[] apply(double[] values) {
    float[] scaled = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      scaled[i] = (float) apply(i % columns(), values[i]);
    }
    return scaled;
  }

  /**
   * Takes a value back to its original scale.
   *
   * @param column its column
   * @param scaled in deviations from the mean
   * @return the value on the original scale
   */
  public double invert(int column, double scaled) {
    return scaled * deviations[column] + means[column];
  }

  /**
   * Reads what {@link #toString} gives.
   *
   * @param text a line for each column: mean, space, deviation
   * @return the scaling
   * @throws IllegalArgumentException if a line is anything else
   */
  public static Scaling parse(String text) {
    String[] lines = text.split("\n", -1);
    double[] means = new double[lines.length];
    double[] deviations = new double[lines.length];
    for (int column = 0; column < lines.length; column++) {
      String[] numbers = lines[column].split(" ", -1);
      if (numbers.length != 2) {
        throw new IllegalArgumentException(
            "scaling of column "
                + column
                + ": found '"
                + lines[column]
                + "', expected a mean and a deviation");
      }
      means[column] = Decimal.parse(numbers[0]);
      deviations[column] = Decimal.parse(numbers[1]);
    }
    return new Scaling(means, deviations);
  }

  /** A line for each column: mean, space, deviation. {@link #parse} gives the same bits back. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int column = 0; column < columns(); column++) {
      text.append(column == 0 ? "" : "\n").append(means[column]).append(' ');
      text.append(deviations[column]);
    }
    return text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Scaling scaling
        && Arrays.equals(means, scaling.means)
        && Arrays.equals(deviations, scaling.deviations);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(means) + Arrays.hashCode(deviations);
  }
}
