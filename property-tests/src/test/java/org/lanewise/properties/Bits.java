package org.lanewise.properties;

import java.util.Arrays;
import java.util.BitSet;

/** Equality bit for bit, where NaN equals NaN. A failure names the first element that differs. */
final class Bits {
  private Bits() {}

  static void same(Object where, String name, float[] expected, float[] found) {
    sameOutside(where, name, new BitSet(), expected, found);
  }

  /** Elements in {@code except} may differ. */
  static void sameOutside(
      Object where, String name, BitSet except, float[] expected, float[] found) {
    sameLength(where, name, expected.length, found.length);
    for (int i = 0; i < expected.length; i++) {
      if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(found[i]) && !except.get(i)) {
        throw new AssertionError(
            "%s[%d] of %d: expected %s (0x%08x), found %s (0x%08x) in %s"
                .formatted(
                    name,
                    i,
                    found.length,
                    expected[i],
                    Float.floatToRawIntBits(expected[i]),
                    found[i],
                    Float.floatToRawIntBits(found[i]),
                    where));
      }
    }
  }

  /** Of some elements each, from a place of their array on. */
  static void same(
      Object where,
      String name,
      int n,
      float[] expected,
      int expectedAt,
      float[] found,
      int foundAt) {
    same(
        where,
        name,
        Arrays.copyOfRange(expected, expectedAt, expectedAt + n),
        Arrays.copyOfRange(found, foundAt, foundAt + n));
  }

  static void same(Object where, String name, double[] expected, double[] found) {
    sameOutside(where, name, new BitSet(), expected, found);
  }

  /** Elements in {@code except} may differ. */
  static void sameOutside(
      Object where, String name, BitSet except, double[] expected, double[] found) {
    sameLength(where, name, expected.length, found.length);
    for (int i = 0; i < expected.length; i++) {
      if (Double.doubleToLongBits(expected[i]) != Double.doubleToLongBits(found[i])
          && !except.get(i)) {
        throw new AssertionError(
            "%s[%d] of %d: expected %s, found %s in %s"
                .formatted(name, i, found.length, expected[i], found[i], where));
      }
    }
  }

  static void same(Object where, String name, double expected, double found) {
    same(where, name, new double[] {expected}, new double[] {found});
  }

  private static void sameLength(Object where, String name, int expected, int found) {
    if (expected != found) {
      throw new AssertionError(
          "%s: expected %d elements, found %d in %s".formatted(name, expected, found, where));
    }
  }
}
