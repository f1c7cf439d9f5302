package org.lanewise.format;

import static org.lanewise.format.FormatException.shown;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * JSON as plain values: an object is a {@link Map} in the order of the text, an array is a {@link
 * List}, and the others are {@link String}, {@link Long}, {@link Double}, {@link Boolean} and null.
 *
 * <p>Reading is strict: a key given twice, a number that is not finite, and anything behind the
 * value but white space are refused, and so are texts nested deeper or with more values than any
 * configuration of a model has, before they cost memory.
 */
public final class Json {
  private static final int MAX_DEPTH = 48;
  private static final int MAX_VALUES = 200_000;

  private final JsonReader reader;
  private final String where;
  private int values;

  private Json(JsonReader reader, String where) {
    this.reader = reader;
    this.where = where;
  }

  /**
   * Reads one value.
   *
   * @param file the file, for messages
   * @param text what the text is called in messages, such as {@code config.json}
   * @param bytes the text in UTF-8
   * @return the value, of plain mutable maps and lists
   * @throws FormatException if the text is not strict JSON, is nested deeper than 48 levels, or has
   *     more than 200,000 values
   */
  public static Object read(String file, String text, byte[] bytes) throws FormatException {
    JsonReader reader = new JsonReader(file, text, bytes);
    Object value = new Json(reader, text).value(0);
    reader.skipSpace();
    reader.end(text);
    return value;
  }

  private Object value(int depth) throws FormatException {
    if (depth > MAX_DEPTH) {
      throw reader.unexpected(where, "at most " + MAX_DEPTH + " levels of nesting");
    }
    if (++values > MAX_VALUES) {
      throw reader.unexpected(where, "at most " + MAX_VALUES + " values");
    }
    if (reader.atString()) {
      return reader.string(where);
    }
    if (reader.atNumber()) {
      return reader.number(where);
    }
    if (reader.accept('{')) {
      return object(depth);
    }
    if (reader.accept('[')) {
      return array(depth);
    }
    if (reader.accept("true")) {
      return true;
    }
    if (reader.accept("false")) {
      return false;
    }
    if (reader.accept("null")) {
      return null;
    }
    throw reader.unexpected(where, "a value");
  }

  private Map<String, Object> object(int depth) throws FormatException {
    Map<String, Object> members = new LinkedHashMap<>();
    if (!reader.accept('}')) {
      do {
        String key = reader.string(where);
        reader.expect(':', where);
        Object value = value(depth + 1);
        if (members.containsKey(key)) {
          throw reader.unexpected(where, "the key \"" + shown(key) + "\" once");
        }
        members.put(key, value);
      } while (reader.another('}', where));
    }
    return members;
  }

  private List<Object> array(int depth) throws FormatException {
    List<Object> elements = new ArrayList<>();
    if (!reader.accept(']')) {
      do {
        elements.add(value(depth + 1));
      } while (reader.another(']', where));
    }
    return elements;
  }

  /**
   * Writes a value as text, always the same for the same value.
   *
   * @param value of maps, lists, strings, numbers, booleans and null
   * @return the text, in ASCII
   * @throws IllegalArgumentException if there is a value of another kind, or a number that is not
   *     finite
   */
  public static String write(Object value) {
    StringBuilder text = new StringBuilder();
    write(value, text);
    return text.toString();
  }

  private static void write(Object value, StringBuilder text) {
    if (value instanceof Map<?, ?> members) {
      String before = "{";
      for (Map.Entry<?, ?> member : members.entrySet()) {
        text.append(before);
        writeString((String) member.getKey(), text);
        text.append(": ");
        write(member.getValue(), text);
        before = ", ";
      }
      text.append(members.isEmpty() ? "{}" : "}");
    } else if (value instanceof List<?> elements) {
      text.append('[');
      for (int i = 0; i < elements.size(); i++) {
        text.append(i == 0 ? "" : ", ");
        write(elements.get(i), text);
      }
      text.append(']');
    } else if (value instanceof String string) {
      writeString(string, text);
    } else if (value == null || value instanceof Boolean || isFinite(value)) {
      text.append(value);
    } else {
      throw new IllegalArgumentException("JSON: found " + value + ", expected a plain value");
    }
  }

  private static boolean isFinite(Object value) {
    return value instanceof Number number && Double.isFinite(number.doubleValue());
  }

  private static void writeString(String string, StringBuilder text) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c >= ' ' && c < 0x7f) {
        text.append(c);
      } else {
        text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      }
    }
    text.append('"');
  }
}
