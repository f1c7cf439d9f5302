package org.lanewise.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that Python wrote, with the reference implementation of the format. */
class GoldenFilesTest {
  static List<Path> files() throws IOException, URISyntaxException {
    Path directory =
        Path.of(Objects.requireNonNull(GoldenFilesTest.class.getResource("/golden")).toURI());
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
    }
  }

  @Test
  void allAreThere() throws IOException, URISyntaxException {
    assertEquals(13, files().size());
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyTensorIsReadWhole(Path path) throws IOException {
    TensorFile file = Safetensors.read(path);
    assertTrue(file.metadata().containsKey("kind"), file.metadata().toString());
    for (Tensor tensor : file.tensors().values()) {
      int count = tensor.dtype() == Dtype.I64 ? tensor.longs().length : tensor.floats().length;
      assertEquals(tensor.elements(), count, tensor.toString());
    }
  }

  /**
   * The order of tensors and all data are as written by the reference; only metadata may differ.
   */
  @ParameterizedTest
  @MethodSource("files")
  void writingKeepsOrderAndSize(Path path) throws IOException {
    TensorFile file = Safetensors.read(path);
    Path copy = Files.createTempFile("golden", ".safetensors");
    try {
      Safetensors.write(copy, file.metadata(), file.tensors().values());
      assertEquals(Files.size(path), Files.size(copy));
      assertEquals(
          List.copyOf(file.tensors().keySet()),
          List.copyOf(Safetensors.read(copy).tensors().keySet()));
    } finally {
      Files.delete(copy);
    }
  }

  /** The file stores a loss beside what it was summed from, so the values can be checked too. */
  @ParameterizedTest
  @MethodSource("files")
  void valuesMakeTheStoredLoss(Path path) throws IOException {
    TensorFile file = Safetensors.read(path);
    if (!file.metadata().get("kind").equals("lstm")) {
      return;
    }
    double loss = dot(file, "output", "R1") + dot(file, "hn", "R2") + dot(file, "cn", "R3");
    double stored = file.require("loss", 1).doubles()[0];
    assertEquals(stored, loss, 1e-5 * Math.max(1, Math.abs(stored)));
  }

  private static double dot(TensorFile file, String left, String right) throws IOException {
    double[] a = file.tensor(left).doubles();
    double[] b = file.require(right, file.tensor(left).shape()).doubles();
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
