package org.lanewise.network;

import java.util.List;
import java.util.function.Function;

/** Finds a thing by its name, with a message that tells the names there are. */
final class Names {
  private Names() {}

  static <T> T parse(String what, String text, List<T> all, Function<T, String> name) {
    for (T one : all) {
      if (name.apply(one).equals(text)) {
        return one;
      }
    }
    throw new IllegalArgumentException(
        what
            + ": found \""
            + text
            + "\", expected one of "
            + String.join(", ", all.stream().map(name).toList()));
  }
}
