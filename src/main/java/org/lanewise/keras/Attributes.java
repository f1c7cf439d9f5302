package org.lanewise.keras;

import static org.lanewise.format.FormatException.shown;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lanewise.format.FormatException;

/**
 * An object of a configuration, taken apart attribute by attribute; what is left in the end was not
 * understood, and may change the result.
 */
final class Attributes {
  /** Sums and small multiples of sizes fit an {@code int}. */
  private static final int MAX_SIZE = 1 << 24;

  private final String file;
  private final String where;
  private final Map<String, Object> left = new LinkedHashMap<>();

  private Attributes(String file, String where, Map<?, ?> members) {
    this.file = file;
    this.where = where;
    members.forEach((key, value) -> left.put((String) key, value));
  }

  static Attributes of(String file, String where, Object value) throws FormatException {
    if (value instanceof Map<?, ?> members) {
      return new Attributes(file, where, members);
    }
    throw new FormatException(file, where + ": found " + described(value) + ", expected an object");
  }

  /** The same attributes with other words at the beginning of messages. */
  Attributes at(String words) {
    return new Attributes(file, words, left);
  }

  /** The value of an attribute, null when it is null or not there; it counts as understood. */
  Object take(String key) {
    return left.remove(key);
  }

  Attributes object(String key) throws FormatException {
    return of(file, where + ": " + key, take(key));
  }

  List<?> list(String key) throws FormatException {
    Object value = take(key);
    if (value instanceof List<?> elements) {
      return elements;
    }
    throw wrong(key, value, "a list");
  }

  String text(String key) throws FormatException {
    Object value = take(key);
    if (value instanceof String text) {
      return text;
    }
    throw wrong(key, value, "a string");
  }

  int size(String key) throws FormatException {
    Object value = take(key);
    if (isSize(value)) {
      return ((Long) value).intValue();
    }
    throw wrong(key, value, "a whole number from 1 to " + MAX_SIZE);
  }

  /** Whether a value is a number of units, tokens or steps that some model may have. */
  static boolean isSize(Object value) {
    return value instanceof Long number && number > 0 && number <= MAX_SIZE;
  }

  boolean truth(String key) throws FormatException {
    Object value = take(key);
    if (value instanceof Boolean truth) {
      return truth;
    }
    throw wrong(key, value, "true or false");
  }

  /** An attribute that must have one value, or not be there. */
  void only(String key, Object expected) throws FormatException {
    Object value = take(key);
    if (value != null && !value.equals(expected)) {
      throw wrong(key, value, String.valueOf(expected));
    }
  }

  /** Attributes that change nothing when a trained model is run. */
  void ignore(String... keys) {
    for (String key : keys) {
      left.remove(key);
    }
  }

  /** Attributes that only training knows, by the ends of their names. */
  void ignoreEnding(String... ends) {
    for (String end : ends) {
      left.keySet().removeIf(key -> key.endsWith(end));
    }
  }

  /** Refuses what was not understood; an attribute that is null says nothing. */
  void finish() throws FormatException {
    for (Map.Entry<String, Object> attribute : left.entrySet()) {
      if (attribute.getValue() != null) {
        throw wrong(shown(attribute.getKey()), attribute.getValue(), "no such attribute");
      }
    }
  }

  FormatException wrong(String key, Object found, String expected) {
    return new FormatException(
        file, where + ": " + key + ": found " + described(found) + ", expected " + expected);
  }

  private static String described(Object value) {
    if (value instanceof String text) {
      return "\"" + shown(text) + "\"";
    }
    return shown(String.valueOf(value));
  }
}
