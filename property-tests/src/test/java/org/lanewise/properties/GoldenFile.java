package org.lanewise.properties;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.lanewise.format.Dtype;
import org.lanewise.format.FormatException;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;
import org.lanewise.format.TensorFile;

/**
 * A golden file, as doubles. The folder is the system property {@code golden.dir}, or else the one
 * that comes with the tests.
 */
final class GoldenFile {
  private final String name;
  private final TensorFile file;

  private GoldenFile(Path path) {
    this.name = path.getFileName().toString();
    try {
      this.file = Safetensors.read(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folder with the golden files. */
  static Path folder() {
    String given = System.getProperty("golden.dir");
    if (given != null) {
      return Path.of(given);
    }
    try {
      return Path.of(Objects.requireNonNull(GoldenFile.class.getResource("/golden")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All files of the folder, by name. */
  static List<GoldenFile> all() {
    try (Stream<Path> paths = Files.list(folder())) {
      return paths
          .filter(path -> path.toString().endsWith(".safetensors"))
          .sorted()
          .map(GoldenFile::new)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<GoldenFile> ofKind(String kind) {
    return all().stream().filter(file -> file.kind().equals(kind)).toList();
  }

  /**
   * Such as {@code lstm uni}, {@code gru bi} or {@code lstm bi packed} for recurrent layers, {@code
   * char_lm onehot} or {@code char_lm embedding} for training runs; otherwise what the file name
   * begins with.
   */
  String kind() {
    Map<String, String> metadata = file.metadata();
    if (metadata.containsKey("bidirectional")) {
      return metadata.get("kind")
          + (metadata.get("bidirectional").equals("True") ? " bi" : " uni")
          + (metadata.get("packed").equals("True") ? " packed" : "")
          + (metadata.containsKey("proj_size") ? " proj" : "");
    }
    if (metadata.containsKey("embed")) {
      return metadata.get("kind")
          + (metadata.get("embed").equals("onehot") ? " onehot" : " embedding");
    }
    return name.replaceAll("[_.].*", "");
  }

  String metadata(String key) {
    return Objects.requireNonNull(file.metadata().get(key), name + ": no metadata " + key);
  }

  int[] shape(String tensor) {
    return tensor(tensor).shape();
  }

  /** The elements of a tensor, row-major. */
  double[] values(String tensor) {
    try {
      Tensor found = tensor(tensor);
      if (found.dtype() != Dtype.I64) {
        return found.doubles();
      }
      long[] longs = found.longs();
      double[] doubles = new double[longs.length];
      for (int i = 0; i < longs.length; i++) {
        doubles[i] = longs[i];
      }
      return doubles;
    } catch (FormatException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A tensor of three dimensions. */
  double[][][] cube(String tensor) {
    int[] shape = shape(tensor);
    double[] values = values(tensor);
    double[][][] cube = new double[shape[0]][shape[1]][shape[2]];
    for (int i = 0; i < values.length; i++) {
      cube[i / (shape[1] * shape[2])][i / shape[2] % shape[1]][i % shape[2]] = values[i];
    }
    return cube;
  }

  /** All tensors whose names begin with a prefix, without it. */
  Map<String, double[]> withPrefix(String prefix) {
    Map<String, double[]> found = new LinkedHashMap<>();
    for (String tensor : file.tensors().keySet()) {
      if (tensor.startsWith(prefix)) {
        found.put(tensor.substring(prefix.length()), values(tensor));
      }
    }
    return found;
  }

  private Tensor tensor(String tensor) {
    try {
      return file.tensor(tensor);
    } catch (FormatException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
