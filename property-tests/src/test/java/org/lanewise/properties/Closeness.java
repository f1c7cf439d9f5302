package org.lanewise.properties;

import java.util.ArrayList;
import java.util.List;

/**
 * Compares numbers in float with their reference in double. The tolerance is relative to the
 * largest magnitude among all that are compared together.
 */
final class Closeness {
  private final Object where;
  private final double tolerance;
  private final List<Pair> pairs = new ArrayList<>();
  private double scale;

  Closeness(Object where, double tolerance) {
    this.where = where;
    this.tolerance = tolerance;
  }

  /**
   * The magnitude is no smaller than this: what is small because larger terms cancel keeps the
   * error of these terms.
   */
  Closeness ofTerms(double magnitude) {
    scale = Math.max(scale, magnitude);
    return this;
  }

  Closeness add(String name, double[] expected, double... found) {
    if (expected.length != found.length) {
      throw new AssertionError(
          "%s: expected %d elements, found %d in %s"
              .formatted(name, expected.length, found.length, where));
    }
    for (int i = 0; i < expected.length; i++) {
      add(name + "[" + i + "]", expected[i], found[i]);
    }
    return this;
  }

  Closeness add(String name, double[] expected, float[] found, int foundAt) {
    for (int i = 0; i < expected.length; i++) {
      add(name + "[" + i + "]", expected[i], (double) found[foundAt + i]);
    }
    return this;
  }

  Closeness add(String name, double[][][] expected, double[][][] found) {
    for (int i = 0; i < expected.length; i++) {
      for (int j = 0; j < expected[i].length; j++) {
        add(name + "[" + i + "][" + j + "]", expected[i][j], found[i][j]);
      }
    }
    return this;
  }

  private void add(String name, double expected, double found) {
    scale = Math.max(scale, Math.abs(expected));
    pairs.add(new Pair(name, expected, found));
  }

  /** Throws at the first number that is not close. */
  void check() {
    for (Pair pair : pairs) {
      double error = Math.abs(pair.expected - pair.found);
      if (!(error <= tolerance * scale)) {
        throw new AssertionError(
            "%s: expected %s, found %s, off by %.1e of %.3g in %s"
                .formatted(pair.name, pair.expected, pair.found, error / scale, scale, where));
      }
    }
  }

  private record Pair(String name, double expected, double found) {}
}
