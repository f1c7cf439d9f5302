package org.lanewise.data;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * The distinct values of a column of categories, in the order in which a one-hot vector has them.
 * Keep them with the model: prediction must use the same.
 *
 * @param values at least one; distinct, not empty, without line breaks
 */
public record Categories(List<String> values) {

  /** Checks the values. */
  public Categories {
    values = List.copyOf(values);
    if (values.isEmpty() || values.stream().distinct().count() < values.size()) {
      throw new IllegalArgumentException(
          "categories: found " + values + ", expected distinct values");
    }
    for (String value : values) {
      if (value.isEmpty() || value.contains("\n")) {
        throw new IllegalArgumentException(
            "categories: found '" + value + "', expected a line of text");
      }
    }
  }

  /**
   * The sorted distinct values of a column.
   *
   * @param values any number of values but none
   * @return each once
   */
  public static Categories of(Collection<String> values) {
    return new Categories(List.copyOf(new TreeSet<>(values)));
  }

  /**
   * Reads what {@link #toString} gives.
   *
   * @param text a value on each line
   * @return the categories
   * @throws IllegalArgumentException if a line is empty or stands there twice
   */
  public static Categories parse(String text) {
    return new Categories(List.of(text.split("\n", -1)));
  }

  /** The values, each on its own line. */
  @Override
  public String toString() {
    return String.join("\n", values);
  }
}
