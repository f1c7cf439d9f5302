package org.lanewise.format;

import static org.lanewise.format.FormatException.shown;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the header of a safetensors file and checks it against the size of the data behind it:
 *
 * <pre>
 * {"__metadata__": {"key": "value", …},
 *  "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
 * </pre>
 */
final class HeaderReader {
  /** The most dimensions a tensor may have; NumPy and PyTorch stop there too. */
  private static final int MAX_DIMENSIONS = 64;

  private final String file;
  private final long dataSize;
  private final JsonReader json;
  private final Map<String, Header.Entry> entries = new LinkedHashMap<>();
  private Map<String, String> metadata;

  private HeaderReader(String file, byte[] header, long dataSize) {
    this.file = file;
    this.dataSize = dataSize;
    this.json = new JsonReader(file, "the header", header);
  }

  /**
   * Reads and checks a header.
   *
   * @param file the file, for messages
   * @param header the bytes of the header, without its length
   * @param dataSize the bytes of the file behind the header
   */
  static Header read(String file, byte[] header, long dataSize) throws FormatException {
    if (header.length == 0 || header[0] != '{') {
      String found =
          header.length == 0 ? "is empty" : String.format("begins with byte 0x%02x", header[0]);
      throw new FormatException(file, "the header " + found + ", expected '{'");
    }
    return new HeaderReader(file, header, dataSize).read();
  }

  private Header read() throws FormatException {
    String where = "header";
    json.expect('{', where);
    if (!json.accept('}')) {
      do {
        member(json.string(where));
      } while (json.another('}', where));
    }
    json.end(where);
    List<Header.Entry> inOrder = inOrderOfData();
    checkCoverage(inOrder);
    return new Header(metadata == null ? Map.of() : metadata, inOrder);
  }

  private void member(String name) throws FormatException {
    String where = shown(name);
    json.expect(':', where);
    if (name.equals(Header.METADATA)) {
      if (metadata != null) {
        throw problem(where, "found twice, expected once");
      }
      metadata = metadata();
    } else {
      if (entries.containsKey(name)) {
        throw problem(where, "two tensors of this name, expected one");
      }
      entries.put(name, entry(name, where));
    }
  }

  private Map<String, String> metadata() throws FormatException {
    Map<String, String> pairs = new LinkedHashMap<>();
    json.expect('{', Header.METADATA);
    if (!json.accept('}')) {
      do {
        String key = json.string(Header.METADATA);
        String where = Header.METADATA + ": " + shown(key);
        json.expect(':', where);
        if (pairs.put(key, json.string(where)) != null) {
          throw problem(where, "two values, expected one");
        }
      } while (json.another('}', Header.METADATA));
    }
    return pairs;
  }

  private Header.Entry entry(String name, String where) throws FormatException {
    Dtype dtype = null;
    long[] shape = null;
    long[] offsets = null;
    json.expect('{', where);
    if (!json.accept('}')) {
      do {
        String key = json.string(where);
        json.expect(':', where);
        switch (key) {
          case "dtype" -> {
            requireOnce(dtype == null, key, where);
            dtype = dtype(where);
          }
          case "shape" -> {
            requireOnce(shape == null, key, where);
            shape = integers(where + ": shape", MAX_DIMENSIONS);
          }
          case "data_offsets" -> {
            requireOnce(offsets == null, key, where);
            offsets = integers(where + ": data_offsets", 2);
          }
          default ->
              throw problem(
                  where, "unknown key " + shown(key) + ", expected dtype, shape and data_offsets");
        }
      } while (json.another('}', where));
    }
    requirePresent(dtype != null, "dtype", where);
    requirePresent(shape != null, "shape", where);
    requirePresent(offsets != null, "data_offsets", where);
    if (offsets.length != 2) {
      throw problem(where, "data_offsets " + Arrays.toString(offsets) + ", expected two numbers");
    }
    Header.Entry entry = new Header.Entry(name, dtype, shape, offsets[0], offsets[1]);
    checkSize(entry);
    return entry;
  }

  private void requireOnce(boolean first, String key, String where) throws FormatException {
    if (!first) {
      throw problem(where, key + " found twice, expected once");
    }
  }

  private void requirePresent(boolean present, String key, String where) throws FormatException {
    if (!present) {
      throw problem(where, "missing " + key + ", expected dtype, shape and data_offsets");
    }
  }

  private Dtype dtype(String where) throws FormatException {
    String name = json.string(where + ": dtype");
    for (Dtype dtype : Dtype.values()) {
      if (dtype.name().equals(name)) {
        return dtype;
      }
    }
    throw problem(
        where, "dtype " + shown(name) + ", expected one of " + Arrays.toString(Dtype.values()));
  }

  private long[] integers(String where, int most) throws FormatException {
    long[] values = new long[most];
    int count = 0;
    json.expect('[', where);
    if (!json.accept(']')) {
      do {
        if (count == most) {
          throw problem(where, "more than " + most + " numbers, expected at most " + most);
        }
        values[count++] = json.integer(where);
      } while (json.another(']', where));
    }
    return Arrays.copyOf(values, count);
  }

  /** The offsets must hold exactly what the element type and the shape demand. */
  private void checkSize(Header.Entry entry) throws FormatException {
    String offsets = describeOffsets(entry);
    String tensor = entry.dtype + " " + Arrays.toString(entry.shape);
    if (entry.begin > entry.end) {
      throw problem(entry, offsets + " end before they begin");
    }
    long expected;
    try {
      long elements = 1;
      for (long dimension : entry.shape) {
        elements = Math.multiplyExact(elements, dimension);
      }
      expected = entry.dtype.bytes(elements);
    } catch (ArithmeticException e) {
      throw problem(entry, tensor + ": impossible size: " + e.getMessage());
    }
    if (entry.size() != expected) {
      throw problem(
          entry,
          offsets + " hold " + entry.size() + " bytes, expected " + expected + " for " + tensor);
    }
    if (entry.end > dataSize) {
      throw problem(
          entry,
          offsets
              + " end beyond the data, expected at most "
              + dataSize
              + ": the file is cut short");
    }
  }

  /** Empty tensors come before the one that starts where they do. */
  private List<Header.Entry> inOrderOfData() {
    List<Header.Entry> sorted = new ArrayList<>(entries.values());
    sorted.sort(Comparator.comparingLong(Header.Entry::begin).thenComparingLong(Header.Entry::end));
    return List.copyOf(sorted);
  }

  /** From 0 to the end of the data, every byte must belong to exactly one tensor. */
  private void checkCoverage(List<Header.Entry> inOrder) throws FormatException {
    long covered = 0;
    for (Header.Entry entry : inOrder) {
      if (entry.begin != covered) {
        String wrong = entry.begin < covered ? " overlap the tensor before" : " leave a hole";
        throw problem(entry, describeOffsets(entry) + wrong + ", expected to begin at " + covered);
      }
      covered = entry.end;
    }
    if (covered != dataSize) {
      throw new FormatException(
          file, dataSize + " bytes of data, expected " + covered + ", the end of the last tensor");
    }
  }

  private static String describeOffsets(Header.Entry entry) {
    return "data_offsets [" + entry.begin + ", " + entry.end + "]";
  }

  private FormatException problem(Header.Entry entry, String problem) {
    return problem(shown(entry.name), problem);
  }

  private FormatException problem(String where, String problem) {
    return new FormatException(file, where + ": " + problem);
  }
}
