package org.lanewise.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.format.Dtype;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;

/** Graphs give what ONNX Runtime and PyTorch gave: every operator, attribute and operator set. */
class OnnxImportTest {
  private static final float TOLERANCE = 2e-6f;

  static List<OnnxBundle> operators() {
    return OnnxBundle.all("operators.safetensors");
  }

  static List<OnnxBundle> exports() {
    return OnnxBundle.all("exports.safetensors");
  }

  @Test
  void allAreThere() {
    assertTrue(operators().size() > 700, operators().size() + " graphs");
    assertEquals(48, exports().size());
  }

  @ParameterizedTest
  @MethodSource("operators")
  void operatorsGiveWhatOnnxRuntimeGave(OnnxBundle one) throws IOException {
    check(one.expected(), OnnxFile.read(one.name(), one.model().bytes()).run(one.given()));
  }

  @ParameterizedTest
  @MethodSource("exports")
  void exportsGiveWhatPyTorchGave(OnnxBundle one) throws IOException {
    check(one.expected(), OnnxFile.read(one.name(), one.model().bytes()).run(one.given()));
  }

  static List<Path> golden() throws IOException {
    String directory = System.getProperty("golden.dir", "");
    if (directory.isEmpty()) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(Path.of(directory))) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  @Test
  void goldenFilesGiveWhatOnnxRuntimeGave() throws IOException {
    List<Path> files = golden();
    Assumptions.assumeFalse(files.isEmpty(), "golden.dir is not set");
    for (Path file : files) {
      String io = file.getFileName().toString().replace(".onnx", ".io.safetensors");
      Map<String, Tensor> given = new LinkedHashMap<>();
      Map<String, Tensor> expected = new LinkedHashMap<>();
      Safetensors.read(file.resolveSibling(io))
          .tensors()
          .forEach(
              (name, tensor) -> {
                if (name.startsWith("in.")) {
                  given.put(name.substring(3), tensor);
                } else {
                  expected.put(name.substring(4), tensor);
                }
              });
      check(expected, OnnxFile.read(file).run(given));
    }
  }

  /** Differences are relative to the largest element, or to 1 when all are smaller. */
  static void check(Map<String, Tensor> expected, Map<String, Tensor> found) throws IOException {
    assertEquals(expected.keySet(), found.keySet());
    for (Map.Entry<String, Tensor> entry : expected.entrySet()) {
      Tensor should = entry.getValue();
      Tensor is = found.get(entry.getKey());
      assertArrayEquals(should.shape(), is.shape(), entry.getKey() + ": shape");
      if (should.dtype() == Dtype.F32) {
        float largest = 1;
        for (float value : should.floats()) {
          largest = Math.max(largest, Math.abs(value));
        }
        assertArrayEquals(should.floats(), is.floats(), TOLERANCE * largest, entry.getKey());
      } else {
        assertArrayEquals(should.longs(), is.longs(), entry.getKey());
      }
    }
  }
}
