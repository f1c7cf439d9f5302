package org.lanewise.data;

import java.util.List;

/**
 * How windows are cut out of a series.
 *
 * @param inputs names of the columns that the network reads; all columns of a category together
 * @param targets names of the columns of numbers that it predicts
 * @param window time steps that it reads
 * @param horizon time steps that it predicts, right after the window
 * @param centered whether the inputs, and targets without a base, lose the mean that their column
 *     has in the window; categories keep it
 * @param base what the output is added to
 */
public record WindowSpec(
    List<String> inputs,
    List<String> targets,
    int window,
    int horizon,
    boolean centered,
    Base base) {

  /** Checks the numbers. */
  public WindowSpec {
    inputs = distinct("inputs", inputs);
    targets = distinct("targets", targets);
    if (window < 1 || horizon < 1) {
      throw new IllegalArgumentException(
          "found a window of "
              + window
              + " and a horizon of "
              + horizon
              + " steps, expected 1 or more of each");
    }
    if (base.period() > window) {
      throw new IllegalArgumentException(
          "base " + base + ": expected at most the window of " + window + " steps");
    }
  }

  private static List<String> distinct(String what, List<String> names) {
    if (names.isEmpty() || names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException(
          what + ": found " + names + ", expected one column or more, each once");
    }
    return List.copyOf(names);
  }
}
