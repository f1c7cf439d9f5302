package org.lanewise.format;

import static org.lanewise.format.FormatException.shown;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Everything a file of tensors holds, read and checked as a whole. Immutable, and so safe to share
 * between threads; the file itself is closed.
 */
public final class TensorFile {
  /** How many names the complaint about a missing tensor lists. */
  private static final int NAMES_SHOWN = 24;

  private final String file;
  private final Map<String, String> metadata;
  private final Map<String, Tensor> tensors;

  TensorFile(String file, Map<String, String> metadata, List<Tensor> tensors) {
    Map<String, Tensor> byName = new LinkedHashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    this.file = file;
    this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    this.tensors = Collections.unmodifiableMap(byName);
  }

  /**
   * The free-form notes of whoever wrote the file.
   *
   * @return {@code __metadata__} in the order of the header; empty when there is none; unmodifiable
   */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * All tensors.
   *
   * @return the tensors by name, in the order of their data in the file; unmodifiable
   */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /**
   * A tensor of any shape.
   *
   * @param name its name
   * @return the tensor
   * @throws FormatException if there is none of this name; the message lists those there are
   */
  public Tensor tensor(String name) throws FormatException {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new FormatException(file, "missing tensor " + shown(name) + "; " + contents());
    }
    return tensor;
  }

  /**
   * A tensor of a known shape.
   *
   * @param name its name
   * @param shape the dimensions it must have; none for a scalar
   * @return the tensor
   * @throws FormatException if there is none of this name, or its shape is another one
   */
  public Tensor require(String name, int... shape) throws FormatException {
    Tensor tensor = tensor(name);
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw new FormatException(
          file,
          String.format(
              "%s: expected shape %s, found %s",
              shown(name), Arrays.toString(shape), Arrays.toString(tensor.shape())));
    }
    return tensor;
  }

  private String contents() {
    if (tensors.isEmpty()) {
      return "the file has no tensors";
    }
    String names =
        tensors.keySet().stream()
            .limit(NAMES_SHOWN)
            .map(FormatException::shown)
            .collect(Collectors.joining(", "));
    int left = tensors.size() - NAMES_SHOWN;
    return "the file has: " + names + (left > 0 ? ", … and " + left + " more" : "");
  }

  /** The file in words: where it came from and how many tensors it holds. */
  @Override
  public String toString() {
    return file + ": " + tensors.size() + " tensors";
  }
}
