package org.lanewise.network;

/** Checks of sizes, with messages that name the thing, what was found and what was expected. */
final class Shapes {
  private Shapes() {}

  static void positive(String name, int value) {
    atLeast(name, 1, value);
  }

  static void atLeast(String name, int least, int value) {
    if (value < least) {
      throw new IllegalArgumentException(
          name + ": found " + value + ", expected at least " + least);
    }
  }
}
