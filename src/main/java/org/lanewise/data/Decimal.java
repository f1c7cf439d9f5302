package org.lanewise.data;

import java.util.regex.Pattern;

/** Reads a number from a cell of a file. */
final class Decimal {
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d++(\\.\\d*+)?|\\.\\d++)([eE][+-]?\\d++)?");

  private Decimal() {}

  /** Whether a cell says that there is no value. */
  static boolean isMissing(String text) {
    String word = text.strip();
    return word.isEmpty()
        || word.equals("?")
        || word.equalsIgnoreCase("NA")
        || word.equalsIgnoreCase("NaN");
  }

  /**
   * A decimal number in the range of a float; NaN for a missing value.
   *
   * @throws NumberFormatException if it is anything else; says what was found and expected
   */
  static double parse(String text) {
    if (isMissing(text)) {
      return Double.NaN;
    }
    String word = text.strip();
    if (!DECIMAL.matcher(word).matches()) {
      throw new NumberFormatException("found '" + text + "', expected a number");
    }
    double value = Double.parseDouble(word);
    if (Float.isInfinite((float) value)) {
      throw new NumberFormatException("found '" + text + "', expected at most " + Float.MAX_VALUE);
    }
    return value;
  }
}
