package org.lanewise.properties;

/** Floats of the engine as doubles of the reference, and how near the two are. */
final class Doubles {
  private Doubles() {}

  /** Some floats from a place of an array on. */
  static double[] of(float[] floats, int from, int n) {
    double[] doubles = new double[n];
    for (int i = 0; i < n; i++) {
      doubles[i] = floats[from + i];
    }
    return doubles;
  }

  /** The error is measured against the largest value expected, or 1. */
  static void near(double tolerance, String name, double[] expected, double[] found) {
    if (expected.length != found.length) {
      throw new AssertionError(
          "%s: expected %d elements, found %d".formatted(name, expected.length, found.length));
    }
    double scale = 1;
    for (double value : expected) {
      scale = Math.max(scale, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(expected[i] - found[i]) / scale;
      if (!(error <= tolerance)) {
        throw new AssertionError(
            "%s[%d]: expected %s, found %s".formatted(name, i, expected[i], found[i]));
      }
    }
  }
}
