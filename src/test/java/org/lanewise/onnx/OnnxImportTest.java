package org.lanewise.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import org.lanewise.format.FormatException;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;
import org.lanewise.graph.Graph;
import org.lanewise.graph.GraphNetwork;

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

  static List<OnnxBundle> torch() {
    return OnnxBundle.all("torch.safetensors");
  }

  @ParameterizedTest
  @MethodSource("torch")
  void theOldestAndTheNewestExportsGiveWhatPyTorchGave(OnnxBundle one) throws IOException {
    Graph graph = OnnxFile.read(one.name(), one.model().bytes());
    check(one.expected(), graph.run(one.given()));
    // A plain RNN is unrolled by the newer exporter, and softmax is no part of a network.
    if (!one.name().matches(".*(unrolled|softmax).*")) {
      int layers = one.name().matches(".*(2_layers|given).*") ? 2 : 1;
      assertEquals(layers, GraphNetwork.of(one.name(), graph).spec().layers());
    }
  }

  @Test
  void weightsBesideTheFileAreRefusedWithAdvice() {
    ProtoWriter tensor =
        new ProtoWriter()
            .text(Proto.TENSOR_NAME, "w")
            .integer(Proto.TENSOR_DATA_TYPE, Proto.FLOAT)
            .integer(Proto.TENSOR_LOCATION, 1);
    byte[] file =
        new ProtoWriter()
            .message(Proto.GRAPH, new ProtoWriter().message(Proto.GRAPH_INITIALIZER, tensor))
            .bytes();
    FormatException refusal =
        assertThrows(FormatException.class, () -> OnnxFile.read("model.onnx", file));
    assertEquals(
        "model.onnx: TensorProto: external data, expected the weights in the file itself: in"
            + " Python, torch.onnx.export(..., external_data=False), or onnx.save of onnx.load",
        refusal.getMessage());
  }

  @Test
  void aDoubleThatNoFloatHoldsIsRefused() throws IOException {
    for (double value : new double[] {1, Double.POSITIVE_INFINITY, 0.1, 1e300, 16777217}) {
      byte[] raw = Tensor.of("", new double[] {value}).bytes();
      ProtoWriter tensor =
          new ProtoWriter()
              .text(Proto.TENSOR_NAME, "w")
              .integer(Proto.TENSOR_DATA_TYPE, Proto.DOUBLE)
              .bytes(Proto.TENSOR_RAW, raw);
      ProtoWriter opset = new ProtoWriter().integer(Proto.OPSET_VERSION, 17);
      byte[] file =
          new ProtoWriter()
              .message(Proto.GRAPH, new ProtoWriter().message(Proto.GRAPH_INITIALIZER, tensor))
              .message(Proto.OPSET_IMPORT, opset)
              .bytes();
      if (value == 1 || Double.isInfinite(value)) {
        OnnxFile.read("model.onnx", file);
      } else {
        FormatException refusal =
            assertThrows(FormatException.class, () -> OnnxFile.read("model.onnx", file));
        assertTrue(refusal.getMessage().contains("element " + value), refusal.getMessage());
      }
    }
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
