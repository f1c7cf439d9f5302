package org.lanewise.format;

import static org.lanewise.format.FormatException.shown;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Writes the header of a safetensors file, byte for byte as the reference implementation does:
 * compact JSON, padded with spaces so that the data start at a multiple of 8. Metadata are sorted
 * by key, so the same content always gives the same bytes.
 */
final class HeaderWriter {
  /** By Unicode code point, which is also the order of the UTF-8 bytes. */
  private static final Comparator<String> BY_CODE_POINT =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  /** The order of tensors in a file: wide element types first, then by name. */
  static final Comparator<Tensor> ORDER =
      Comparator.comparing(Tensor::dtype).reversed().thenComparing(Tensor::name, BY_CODE_POINT);

  private final StringBuilder json = new StringBuilder();

  private HeaderWriter() {}

  /**
   * The header of a file.
   *
   * @param metadata free-form notes; left out when empty
   * @param tensors the tensors, in the order in which their data follow
   * @return the bytes of the header, without its length
   * @throws IllegalArgumentException if text has an unpaired surrogate, which UTF-8 cannot hold, or
   *     the header is longer than a reader accepts
   */
  static byte[] write(Map<String, String> metadata, List<Tensor> tensors) {
    byte[] header = new HeaderWriter().header(metadata, tensors).getBytes(StandardCharsets.UTF_8);
    int padded = (header.length + Long.BYTES - 1) & -Long.BYTES;
    if (padded > Header.MAX_BYTES) {
      throw new IllegalArgumentException(
          "header of " + padded + " bytes, expected at most " + Header.MAX_BYTES);
    }
    byte[] bytes = Arrays.copyOf(header, padded);
    Arrays.fill(bytes, header.length, padded, (byte) ' ');
    return bytes;
  }

  private String header(Map<String, String> metadata, List<Tensor> tensors) {
    json.append('{');
    if (!metadata.isEmpty()) {
      string(Header.METADATA).append(":{");
      Iterator<String> keys = metadata.keySet().stream().sorted(BY_CODE_POINT).iterator();
      while (keys.hasNext()) {
        String key = keys.next();
        string(key).append(':');
        string(metadata.get(key)).append(keys.hasNext() ? "," : "");
      }
      json.append('}');
    }
    long begin = 0;
    for (Tensor tensor : tensors) {
      json.append(json.length() > 1 ? "," : "");
      long end = begin + tensor.data().remaining();
      string(tensor.name()).append(":{\"dtype\":\"").append(tensor.dtype()).append("\",\"shape\":");
      integers(Arrays.stream(tensor.shape()).asLongStream().toArray()).append(",\"data_offsets\":");
      integers(begin, end).append('}');
      begin = end;
    }
    return json.append('}').toString();
  }

  private StringBuilder integers(long... values) {
    json.append('[');
    for (int i = 0; i < values.length; i++) {
      json.append(i > 0 ? "," : "").append(values[i]);
    }
    return json.append(']');
  }

  private StringBuilder string(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException(
          shown(text) + ": unpaired surrogate, expected Unicode text");
    }
    json.append('"');
    text.chars().forEach(c -> character((char) c));
    return json.append('"');
  }

  private void character(char c) {
    switch (c) {
      case '"', '\\' -> json.append('\\').append(c);
      case '\b' -> json.append("\\b");
      case '\f' -> json.append("\\f");
      case '\n' -> json.append("\\n");
      case '\r' -> json.append("\\r");
      case '\t' -> json.append("\\t");
      default -> json.append(c < ' ' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
    }
  }
}
