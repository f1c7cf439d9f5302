package org.lanewise.data;

/**
 * What the output of a network is added to, so that it learns the difference alone: the last {@code
 * period} values of the window, repeated as often as needed.
 *
 * @param period 0 for nothing; 1 for the last value; 24 for the day before, of values by the hour
 */
public record Base(int period) {
  /** Nothing: the network gives the whole value. */
  public static final Base NONE = new Base(0);

  /** The last value of the window. */
  public static final Base LAST = new Base(1);

  /** Checks the period. */
  public Base {
    if (period < 0) {
      throw new IllegalArgumentException("base: found " + period + " values, expected 0 or more");
    }
  }

  /**
   * Reads what {@link #toString} gives.
   *
   * @param text {@code none}, {@code last} or {@code day:N}, where N values make a day
   * @return the base
   * @throws IllegalArgumentException if it is none of these
   */
  public static Base parse(String text) {
    if (text.equals("none")) {
      return NONE;
    }
    if (text.equals("last")) {
      return LAST;
    }
    if (text.matches("day:0*[1-9]\\d{0,8}")) {
      return new Base(Integer.parseInt(text.substring(4)));
    }
    throw new IllegalArgumentException(
        "base: found '" + text + "', expected none, last or day:N with a number of values");
  }

  /** The text that {@link #parse} reads. */
  @Override
  public String toString() {
    return period == 0 ? "none" : period == 1 ? "last" : "day:" + period;
  }
}
