package org.lanewise.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.Fixtures;
import org.lanewise.format.FormatException;
import org.lanewise.format.Tensor;
import org.lanewise.graph.Graph;
import org.lanewise.graph.Stack;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Batch;
import org.lanewise.stream.Model;

/** Graphs that are networks of this library become such networks. */
class StackTest {
  static List<NetworkSpec> specs() {
    return OnnxExportTest.specs().stream()
        .filter(spec -> !spec.trainedState())
        .filter(spec -> !(spec.input() instanceof Input.Joined))
        .filter(spec -> !(spec.input() instanceof Input.OneHot))
        .toList();
  }

  /** What was exported comes back with the same weights, bit for bit. */
  @ParameterizedTest
  @MethodSource("specs")
  void whatIsExportedComesBack(NetworkSpec spec) throws FormatException {
    Parameters parameters = Fixtures.filled(spec, 3);
    for (boolean states : new boolean[] {false, true}) {
      Stack stack = Stack.of(OnnxFile.read("exported", OnnxExport.bytes(parameters, states)));
      Map<String, String> expected = new LinkedHashMap<>(spec.toMetadata());
      expected.put("dropout", "0.0");
      if (spec.layers() == 1 && spec.direction().count() == 1) {
        expected.put("head", stack.parameters().spec().head().text());
      }
      assertEquals(expected, stack.parameters().spec().toMetadata());
      assertEquals(spec.head(), stack.parameters().spec().head());
      Fixtures.assertSameBits(parameters.values(), stack.parameters().values(), spec.toString());
    }
  }

  static List<OnnxBundle> exports() {
    return OnnxBundle.all("exports.safetensors");
  }

  /** PyTorch's exports are stacks, and as networks they give what PyTorch gave. */
  @ParameterizedTest
  @MethodSource("exports")
  void exportsOfPyTorchAreNetworks(OnnxBundle one) throws IOException {
    Graph graph = OnnxFile.read(one.name(), one.model().bytes());
    Stack stack = Stack.of(graph);
    assertEquals(one.name().contains("_batch_"), stack.batchFirst());
    NetworkSpec spec = stack.parameters().spec();
    Tensor x = one.given().get("x");
    int time = x.shape()[stack.batchFirst() ? 1 : 0];
    int rows = x.shape()[stack.batchFirst() ? 0 : 1];
    Batch batch = Model.of(stack.parameters()).batch(time, rows);
    int size = spec.input().size();
    for (int t = 0; t < time; t++) {
      for (int row = 0; row < rows; row++) {
        int from = stack.batchFirst() ? row * time + t : t * rows + row;
        int to = t * rows + row;
        if (spec.input().isToken()) {
          batch.workspace().tokens[to] = (int) x.longs()[from];
        } else {
          System.arraycopy(
              x.floats(), from * size, batch.workspace().x, to * batch.workspace().xStride, size);
        }
      }
    }
    int[] lengths = new int[rows];
    Arrays.fill(lengths, time);
    batch.run(lengths);
    float[] y = one.expected().get("y").floats();
    float[] result = new float[spec.outputSize()];
    int steps = spec.head().everyStep() ? time : 1;
    for (int t = 0; t < steps; t++) {
      for (int row = 0; row < rows; row++) {
        batch.result(t, row, result);
        int at = steps == 1 ? row : stack.batchFirst() ? row * time + t : t * rows + row;
        float[] expected = new float[result.length];
        System.arraycopy(y, at * result.length, expected, 0, result.length);
        assertArrayEquals(expected, finished(result, stack.softmax()), 2e-6f, one.name());
      }
    }
  }

  private static float[] finished(float[] logits, String softmax) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    float[] result = logits.clone();
    for (int i = 0; i < result.length && !softmax.isEmpty(); i++) {
      double log = logits[i] - Math.log(sum);
      result[i] = (float) (softmax.equals("softmax") ? Math.exp(log) : log);
    }
    return result;
  }

  static List<OnnxBundle> operators() {
    return OnnxBundle.all("operators.safetensors").stream()
        .filter(one -> !one.name().matches("(LSTM|GRU|RNN)_.*"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("operators")
  void whatHasNoRecurrentLayerIsNoNetwork(OnnxBundle one) throws FormatException {
    Graph graph = OnnxFile.read(one.name(), one.model().bytes());
    String message =
        assertThrows(IllegalArgumentException.class, () -> Stack.of(graph)).getMessage();
    assertTrue(message.startsWith("no network: "), message);
  }
}
