package org.lanewise.properties;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A golden safetensors file, read into doubles. The folder is the system property {@code
 * golden.dir}. The only place in these tests that knows how such a file is read.
 */
final class GoldenFile {
  private final Path path;
  private final JsonObject header;
  private final ByteBuffer data;

  private GoldenFile(Path path) throws IOException {
    this.path = path;
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = Math.toIntExact(file.getLong());
    String json = new String(file.array(), Long.BYTES, headerLength, StandardCharsets.UTF_8);
    this.header = JsonParser.parseString(json).getAsJsonObject();
    int start = Long.BYTES + headerLength;
    this.data = file.slice(start, file.capacity() - start).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The folder with the golden files, if there is one. */
  static Optional<Path> folder() {
    return Optional.ofNullable(System.getProperty("golden.dir"))
        .map(Path::of)
        .filter(Files::isDirectory);
  }

  static GoldenFile read(String name) throws IOException {
    return new GoldenFile(folder().orElseThrow().resolve(name + ".safetensors"));
  }

  Set<String> names() {
    Set<String> names = new TreeMap<>(header.asMap()).keySet();
    names.remove("__metadata__");
    return names;
  }

  int[] shape(String name) {
    JsonArray shape = tensor(name).getAsJsonArray("shape");
    return shape.asList().stream().mapToInt(JsonElement::getAsInt).toArray();
  }

  /** The elements of a tensor of F32 or I64, row-major. */
  double[] values(String name) {
    String type = tensor(name).get("dtype").getAsString();
    JsonArray offsets = tensor(name).getAsJsonArray("data_offsets");
    int begin = offsets.get(0).getAsInt();
    int size = type.equals("I64") ? Long.BYTES : Float.BYTES;
    double[] values = new double[(offsets.get(1).getAsInt() - begin) / size];
    for (int i = 0; i < values.length; i++) {
      int at = begin + i * size;
      values[i] =
          switch (type) {
            case "F32" -> data.getFloat(at);
            case "I64" -> data.getLong(at);
            default -> throw new IllegalArgumentException(name + ": type " + type);
          };
    }
    return values;
  }

  /** A tensor of three dimensions. */
  double[][][] cube(String name) {
    int[] shape = shape(name);
    double[] values = values(name);
    double[][][] cube = new double[shape[0]][shape[1]][shape[2]];
    for (int i = 0; i < values.length; i++) {
      cube[i / (shape[1] * shape[2])][i / shape[2] % shape[1]][i % shape[2]] = values[i];
    }
    return cube;
  }

  /** All tensors whose names begin with a prefix, without it. */
  Map<String, double[]> withPrefix(String prefix) {
    Map<String, double[]> found = new LinkedHashMap<>();
    for (String name : names()) {
      if (name.startsWith(prefix)) {
        found.put(name.substring(prefix.length()), values(name));
      }
    }
    return found;
  }

  private JsonObject tensor(String name) {
    if (!header.has(name)) {
      throw new IllegalArgumentException(name + ": not in " + path.getFileName());
    }
    return header.getAsJsonObject(name);
  }
}
