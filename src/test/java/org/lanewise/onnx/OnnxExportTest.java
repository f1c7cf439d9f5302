package org.lanewise.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;
import org.lanewise.graph.Graph;
import org.lanewise.graph.Port;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Batch;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;

/** What is exported gives, read as a graph, what the network gives. */
class OnnxExportTest {
  static final int TIME = 5;
  static final int BATCH = 3;

  static List<NetworkSpec> specs() {
    List<NetworkSpec> specs = new ArrayList<>();
    Input joined =
        new Input.Joined(
            List.of(
                new Input.Part("word", new Input.Embedding(7, 3)),
                new Input.Part("shape", new Input.Features(2))));
    List<Input> inputs =
        List.of(new Input.Features(4), new Input.OneHot(6), new Input.Embedding(7, 3), joined);
    for (CellKind cell : CellKind.values()) {
      for (Direction direction : Direction.values()) {
        for (Head head : Head.values()) {
          int n = specs.size();
          specs.add(
              new NetworkSpec(
                  inputs.get(n % 4), cell, 5, 0, 1 + n % 3, direction, head, 0.1, n % 5 == 0, 4));
        }
      }
    }
    return specs;
  }

  @ParameterizedTest
  @MethodSource("specs")
  void theGraphGivesWhatTheNetworkGives(NetworkSpec spec) throws IOException {
    Parameters parameters = Fixtures.filled(spec, 3);
    Map<String, Tensor> given = new LinkedHashMap<>();
    Tensor expected = expected(parameters, given);
    Graph graph = OnnxFile.read("exported", OnnxExport.bytes(parameters, false));
    Map<String, Tensor> found = graph.run(given);
    OnnxImportTest.check(Map.of("output", expected), found);
    if (spec.head() != Head.MEAN) { // Whose order of summation is ONNX's own.
      Fixtures.assertSameBits(expected.floats(), found.get("output").floats(), spec.toString());
    }
    dump(spec, parameters, given, expected);
  }

  /** Runs the network itself over whole sequences, and fills the inputs that it was given. */
  static Tensor expected(Parameters parameters, Map<String, Tensor> given) {
    NetworkSpec spec = parameters.spec();
    Batch batch = Model.of(parameters).batch(TIME, BATCH);
    int column = 0;
    int tokenInput = 0;
    for (Input.Part part : spec.input().parts()) {
      String name = part.name().isEmpty() ? "input" : "input_" + part.name();
      int size = part.input().size();
      if (part.input().isToken()) {
        int[] ids = Fixtures.ids(TIME * BATCH, part.input().tokens(), 5);
        long[] longs = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
          longs[i] = ids[i];
          batch.workspace().tokens(tokenInput)[i] = ids[i];
        }
        given.put(name, Tensor.of(name, longs, TIME, BATCH));
        tokenInput++;
      } else {
        float[] x = Fixtures.floats(TIME * BATCH * size, 4);
        for (int row = 0; row < TIME * BATCH; row++) {
          int to = row * batch.workspace().xStride + column;
          System.arraycopy(x, row * size, batch.workspace().x, to, size);
        }
        given.put(name, Tensor.of(name, x, TIME, BATCH, size));
      }
      column += size;
    }
    batch.run(new int[] {TIME, TIME, TIME});
    int steps = spec.head().everyStep() ? TIME : 1;
    float[] y = new float[steps * BATCH * spec.outputSize()];
    float[] result = new float[spec.outputSize()];
    for (int time = 0; time < steps; time++) {
      for (int row = 0; row < BATCH; row++) {
        batch.result(time, row, result);
        System.arraycopy(result, 0, y, (time * BATCH + row) * result.length, result.length);
      }
    }
    return spec.head().everyStep()
        ? Tensor.of("output", y, TIME, BATCH, spec.outputSize())
        : Tensor.of("output", y, BATCH, spec.outputSize());
  }

  /** With a directory in the property, leaves the files there for other runtimes to be checked. */
  private static void dump(
      NetworkSpec spec, Parameters parameters, Map<String, Tensor> given, Tensor expected)
      throws IOException {
    String directory = System.getProperty("onnx.dump", "");
    if (directory.isEmpty()) {
      return;
    }
    String name = "network_" + specs().indexOf(spec);
    OnnxExport.write(Path.of(directory, name + ".onnx"), parameters, false);
    List<Tensor> tensors = new ArrayList<>(given.values());
    tensors.add(expected);
    Safetensors.write(Path.of(directory, name + ".safetensors"), Map.of(), tensors);
  }

  /** One step after the other, the states handed on, is the same as a session. */
  @ParameterizedTest
  @MethodSource("streams")
  void stepsWithStatesEqualASession(NetworkSpec spec) throws IOException {
    Parameters parameters = Fixtures.filled(spec, 9);
    Graph graph = OnnxFile.read("exported", OnnxExport.bytes(parameters, true));
    Session session = Model.of(parameters).session();
    int rows = spec.layers();
    Tensor h = Tensor.of("h0", new float[rows * 5], rows, 1, 5);
    Tensor c = Tensor.of("c0", new float[rows * 5], rows, 1, 5);
    float[] output = new float[4];
    for (int step = 0; step < 6; step++) {
      float[] x = Fixtures.floats(4, step);
      session.step(x, output);
      Map<String, Tensor> given = new LinkedHashMap<>();
      given.put("input", Tensor.of("input", x, 1, 1, 4));
      given.put("h0", h);
      if (spec.cell().hasCellState()) {
        given.put("c0", c);
      }
      Map<String, Tensor> out = graph.run(given);
      Fixtures.assertSameBits(output, out.get("output").floats(), spec.toString());
      h = out.get("hn");
      c = out.get("cn");
    }
  }

  static List<NetworkSpec> streams() {
    List<NetworkSpec> specs = new ArrayList<>();
    for (CellKind cell : CellKind.values()) {
      specs.add(new NetworkSpec(new Input.Features(4), cell, 5, 1, 4));
      specs.add(new NetworkSpec(new Input.Features(4), cell, 5, 2, 4));
    }
    return specs;
  }

  @Test
  void theFileHoldsTheBytes(@TempDir Path directory) throws IOException {
    Parameters parameters = Fixtures.filled(streams().get(0), 1);
    Path path = directory.resolve("model.onnx");
    OnnxExport.write(path, parameters);
    assertArrayEquals(OnnxExport.bytes(parameters, true), Files.readAllBytes(path));
    Graph graph = OnnxFile.read(path);
    assertEquals(List.of("input", "h0", "c0"), graph.inputs().stream().map(Port::name).toList());
    assertEquals(List.of("output", "hn", "cn"), graph.outputs().stream().map(Port::name).toList());
  }

  @Test
  void aProjectedLstmIsRefused() {
    NetworkSpec spec =
        new NetworkSpec(
            new Input.Features(4),
            CellKind.LSTM,
            5,
            2,
            1,
            Direction.FORWARD,
            Head.STEPS,
            0,
            false,
            4);
    Parameters parameters = new Parameters(spec);
    String message =
        assertThrows(IllegalArgumentException.class, () -> OnnxExport.bytes(parameters, false))
            .getMessage();
    assertEquals("projection size: found 2, expected 0: ONNX's LSTM has no projection", message);
  }
}
