package org.lanewise.data;

import java.io.IOException;
import java.util.Arrays;

/**
 * What becomes of missing values: an empty cell, {@code NA}, {@code NaN} or {@code ?}.
 *
 * @param rule what is done
 * @param value what stands for a missing value, a number in the range of a float; 0 for every rule
 *     but {@link Rule#VALUE}
 */
public record Missing(Rule rule, double value) {
  /** Missing values are refused. */
  public static final Missing ERROR = new Missing(Rule.ERROR, 0);

  /** The value of the row before is repeated; a missing value in the first row is refused. */
  public static final Missing FILL_FORWARD = new Missing(Rule.FILL_FORWARD, 0);

  /** Rows at the start are left out until a row is complete; then as {@link #FILL_FORWARD}. */
  public static final Missing DROP_LEADING = new Missing(Rule.DROP_LEADING, 0);

  /** What is done about a missing value. */
  public enum Rule {
    /** It is refused. */
    ERROR,
    /** The value before is repeated. */
    FILL_FORWARD,
    /** Incomplete rows at the start are left out; later the value before is repeated. */
    DROP_LEADING,
    /** A fixed number stands in. */
    VALUE
  }

  /** Where a value stands in a file, for messages. */
  interface Place {
    /** For example {@code data.csv:12: column 'load'}. */
    String of(int row, int column);
  }

  /** Checks the value. */
  public Missing {
    if (!Float.isFinite((float) value) || (rule != Rule.VALUE && value != 0)) {
      throw new IllegalArgumentException("missing values: found " + value + " for " + rule);
    }
  }

  /**
   * Reads what {@link #toString} gives.
   *
   * @param text {@code error}, {@code fill-forward}, {@code drop-leading} or {@code value:X}
   * @return the rule
   * @throws IllegalArgumentException if it is none of these
   */
  public static Missing parse(String text) {
    for (Missing missing : new Missing[] {ERROR, FILL_FORWARD, DROP_LEADING}) {
      if (missing.toString().equals(text)) {
        return missing;
      }
    }
    if (text.startsWith("value:") && !Decimal.isMissing(text.substring(6))) {
      return new Missing(Rule.VALUE, Decimal.parse(text.substring(6)));
    }
    throw new IllegalArgumentException(
        "missing values: found '"
            + text
            + "', expected error, fill-forward, drop-leading or value:X with a number");
  }

  /**
   * Applies the rule.
   *
   * @param values row after row, NaN where missing; is changed
   * @param columns values of a row
   * @param place names a value
   * @return the values, fewer of them when rows at the start are left out
   */
  double[] fill(double[] values, int columns, Place place) throws IOException {
    int start = rule == Rule.DROP_LEADING ? firstComplete(values, columns, place) * columns : 0;
    for (int i = start; i < values.length; i++) {
      if (Double.isNaN(values[i])) {
        values[i] = substitute(values, i, columns, place);
      }
    }
    return start == 0 ? values : Arrays.copyOfRange(values, start, values.length);
  }

  private double substitute(double[] values, int i, int columns, Place place) throws IOException {
    if (rule == Rule.VALUE) {
      return value;
    }
    if (rule == Rule.ERROR) {
      throw new IOException(
          place.of(i / columns, i % columns)
              + ": the value is missing; choose fill-forward, drop-leading or value:X to go on");
    }
    if (i < columns) {
      throw new IOException(
          place.of(0, i) + ": the value is missing, and there is none before it to repeat");
    }
    return values[i - columns];
  }

  private static int firstComplete(double[] values, int columns, Place place) throws IOException {
    int gap = 0;
    for (int row = 0; row < values.length / columns; row++) {
      int column = 0;
      while (column < columns && !Double.isNaN(values[row * columns + column])) {
        column++;
      }
      if (column == columns) {
        return row;
      }
      gap = column;
    }
    throw new IOException(
        place.of(values.length / columns - 1, gap)
            + ": the value is missing, and so is one in every row before");
  }

  /** The text that {@link #parse} reads. */
  @Override
  public String toString() {
    return switch (rule) {
      case ERROR -> "error";
      case FILL_FORWARD -> "fill-forward";
      case DROP_LEADING -> "drop-leading";
      case VALUE -> "value:" + value;
    };
  }
}
