package org.lanewise.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.format.Json;
import org.lanewise.format.ModelFile;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;
import org.lanewise.graph.Activations;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;

/** {@code lanewise convert}: there and back again. */
class ConvertTest {
  @TempDir private Path folder;

  private static Cli convert(Path from, Path to, String... options) {
    String[] args = new String[options.length + 3];
    args[0] = "convert";
    args[1] = from.toString();
    args[2] = to.toString();
    System.arraycopy(options, 0, args, 3, options.length);
    return Cli.run(args);
  }

  /** GRU and LSTM with one bias in Keras: the sum goes one way, so the second trip is exact. */
  @ParameterizedTest
  @CsvSource({
    "LSTM, FORWARD, STEPS, 3",
    "LSTM, BIDIRECTIONAL, LAST, 3",
    "GRU, FORWARD, STEPS, 3",
    "GRU, BIDIRECTIONAL, MEAN, 2",
    "RNN_TANH, BIDIRECTIONAL_SUM, MAX, 2",
    "RNN_RELU, FORWARD, LAST, 0",
  })
  void thereAndBackIsTheSameBitForBit(CellKind cell, Direction direction, Head head, int outputs)
      throws IOException {
    for (Input input : new Input[] {new Input.Features(4), new Input.Embedding(7, 4)}) {
      NetworkSpec spec = new NetworkSpec(input, cell, 5, 0, 2, direction, head, 0, false, outputs);
      Parameters parameters = Fixtures.filled(spec, 3);
      oneBias(parameters);
      Path ours = folder.resolve("ours.safetensors");
      Path other = folder.resolve("other.keras");
      Path back = folder.resolve("back.safetensors");
      new ModelFile(parameters, Map.of()).save(ours);
      assertDone(convert(ours, other));
      assertDone(convert(other, back));
      assertEquals(-1, Files.mismatch(ours, back), spec.toString());
    }
  }

  /** ONNX keeps both biases; the head and the layout are found by trial. */
  @ParameterizedTest
  @CsvSource({
    "LSTM, FORWARD, STEPS, 3",
    "LSTM, BIDIRECTIONAL, LAST, 3",
    "LSTM_PEEPHOLE, BIDIRECTIONAL, STEPS, 0",
    "GRU, BIDIRECTIONAL, MEAN, 2",
    "GRU, FORWARD, LAST, 0",
    "RNN_TANH, BIDIRECTIONAL_SUM, MAX, 2",
    "RNN_RELU, FORWARD, STEPS, 4",
  })
  void onnxAndBackIsTheSameBitForBit(CellKind cell, Direction direction, Head head, int outputs)
      throws IOException {
    for (Input input : new Input[] {new Input.Features(4), new Input.Embedding(7, 4)}) {
      NetworkSpec spec = new NetworkSpec(input, cell, 5, 0, 2, direction, head, 0, false, outputs);
      Path ours = folder.resolve("ours.safetensors");
      Path other = folder.resolve("other.onnx");
      Path back = folder.resolve("back.safetensors");
      new ModelFile(Fixtures.filled(spec, 3), Map.of()).save(ours);
      assertDone(convert(ours, other));
      assertDone(convert(other, back));
      assertEquals(-1, Files.mismatch(ours, back), spec.toString());
    }
  }

  /** Keras keeps one bias where the two are only added; the other is zero then. */
  private static void oneBias(Parameters parameters) {
    if (parameters.spec().cell() == CellKind.GRU) {
      return;
    }
    parameters.slices().stream()
        .filter(p -> p.name().contains("bias_hh"))
        .forEach(
            p -> java.util.Arrays.fill(parameters.values(), p.offset(), p.offset() + p.size(), 0f));
  }

  @Test
  void weightsAloneComeBackToo() throws IOException {
    Parameters parameters = Fixtures.filled(Fixtures.lstm(new Input.Embedding(6, 3), 5, 2, 4), 1);
    oneBias(parameters);
    Path ours = folder.resolve("ours.safetensors");
    Path back = folder.resolve("back.safetensors");
    new ModelFile(parameters, Map.of()).save(ours);
    assertDone(convert(ours, folder.resolve("x.weights.h5")));
    assertDone(convert(folder.resolve("x.weights.h5"), back));
    assertEquals(-1, Files.mismatch(ours, back));
  }

  @Test
  void aStateDictBecomesAModel() throws IOException, URISyntaxException {
    Path model = folder.resolve("model.safetensors");
    assertDone(
        convert(
            resource("/pytorch/rnn_relu.safetensors"),
            model,
            "--cell",
            "rnn_relu",
            "--head",
            "last"));
    NetworkSpec spec = ModelFile.load(model).parameters().spec();
    assertEquals(CellKind.RNN_RELU, spec.cell());
    assertEquals(Head.LAST, spec.head());
    assertEquals(3, spec.outputSize());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "softmax",
        "log_softmax",
        "sigmoid",
        "tanh",
        "relu",
        "elu",
        "hard_sigmoid",
        "leaky_relu",
        "softplus",
        "softsign"
      })
  void anActivationBehindTheOutputGoesAlong(String activation) throws IOException {
    NetworkSpec spec = new NetworkSpec(new Input.Features(4), CellKind.GRU, 5, 1, 3);
    Path ours = folder.resolve("ours.safetensors");
    new ModelFile(Fixtures.filled(spec, 3), Map.of("output_activation", activation)).save(ours);
    Path input = folder.resolve("in.safetensors");
    Safetensors.write(
        input, Map.of(), List.of(Tensor.of("input", Fixtures.floats(5 * 2 * 4, 1), 5, 2, 4)));
    Tensor expected = output(ours, input);
    float[] linear = linear(ours, input);
    for (int at = 0; at < linear.length; at += 3) {
      float[] row = Activations.apply(activation, Arrays.copyOfRange(linear, at, at + 3));
      float[] found = Arrays.copyOfRange(expected.floats(), at, at + 3);
      Fixtures.assertSameBits(row, found, activation);
    }
    for (String name : new String[] {"x.onnx", "x.keras"}) {
      Path other = folder.resolve(name);
      Path back = folder.resolve("back.safetensors");
      Cli there = convert(ours, other);
      assertDone(there);
      assertTrue(there.out().contains("; " + activation + " behind"), there.out());
      Fixtures.assertSameBits(expected.floats(), output(other, input).floats(), name);
      assertDone(convert(other, back));
      assertEquals(-1, Files.mismatch(ours, back), name);
      Cli without = convert(other, back, "--logits");
      assertDone(without);
      assertTrue(without.out().contains("left out " + activation), without.out());
      assertEquals(Map.of(), ModelFile.load(back).metadata());
      Fixtures.assertSameBits(linear, output(back, input).floats(), name);
    }
    Cli weights = convert(ours, folder.resolve("x.weights.h5"));
    assertTrue(weights.out().contains("left out " + activation), weights.out());
  }

  private static float[] linear(Path model, Path input) throws IOException {
    Path without = model.resolveSibling("without.safetensors");
    assertDone(convert(model, without, "--logits"));
    return output(without, input).floats();
  }

  private static Tensor output(Path model, Path input) throws IOException {
    Path out = model.resolveSibling("out.safetensors");
    assertDone(Cli.run("run", "--model", model + "", "--input", input + "", "--output", out + ""));
    return Safetensors.read(out).tensor("output");
  }

  @Test
  void whatOnlyRunTakesIsDescribed() throws IOException, URISyntaxException {
    Path onnx = folder.resolve("x.onnx");
    Path bundle = resource("/onnx/torch.safetensors");
    Files.write(onnx, Safetensors.read(bundle).tensor("rnn_unrolled_18/model").bytes());
    Cli told = Cli.run("info", onnx.toString());
    assertDone(told);
    List<String> lines = told.out().lines().toList();
    assertTrue(lines.get(0).endsWith(" bytes, every check passed"), told.out());
    assertTrue(
        lines
            .get(1)
            .startsWith("  a graph, for `lanewise run` alone; not a network of this library: node"),
        told.out());
    assertEquals("  input        x: numbers [batch, 7, 5]", lines.get(2));
    assertEquals("  output       y: numbers [batch, 7, 3]", lines.get(3));
    assertTrue(lines.get(4).matches("  operators    add \\d+, .*matmul \\d+, .*"), told.out());
    Cli json = Cli.run("info", onnx.toString(), "--json");
    assertDone(json);
    Map<?, ?> found =
        (Map<?, ?>) Json.read("info", "the report", json.out().strip().getBytes(UTF_8));
    Map<?, ?> input = (Map<?, ?>) ((List<?>) found.get("inputs")).get(0);
    assertEquals(List.of("batch", "7", "5"), input.get("shape"));
    assertTrue(((Map<?, ?>) found.get("operators")).containsKey("matmul"), json.out());

    Cli keras = Cli.run("info", resource("/keras/models/gru_reset_before.keras").toString());
    assertDone(keras);
    assertTrue(keras.out().contains("expected the usual activations, and reset_after in a GRU"));
    assertTrue(keras.out().contains("GRU forward 1"), keras.out());
    Files.write(onnx, new byte[] {1, 2, 3});
    assertEquals(1, Cli.run("info", onnx.toString()).status());
  }

  @Test
  void anActivationThatNoFormatKnowsIsRefused() throws IOException {
    NetworkSpec spec = new NetworkSpec(new Input.Features(4), CellKind.GRU, 5, 1, 3);
    Path ours = folder.resolve("ours.safetensors");
    new ModelFile(Fixtures.filled(spec, 3), Map.of("output_activation", "gelu")).save(ours);
    for (String name : new String[] {"x.onnx", "x.keras"}) {
      Cli refused = convert(ours, folder.resolve(name));
      assertEquals(1, refused.status());
      assertTrue(refused.err().contains("found gelu, expected one of [softmax,"), refused.err());
      assertTrue(Files.notExists(folder.resolve(name)));
    }
  }

  @Test
  void aKerasModelWithSoftmaxKeepsItEverywhere() throws IOException, URISyntaxException {
    Path keras = resource("/keras/keras_lstm_dense.keras");
    Path model = folder.resolve("model.safetensors");
    Cli done = convert(keras, model);
    assertDone(done);
    assertTrue(
        done.out().contains("; softmax behind the linear output, named in the metadata"),
        done.out());
    assertEquals(Map.of("output_activation", "softmax"), ModelFile.load(model).metadata());
    Path input = folder.resolve("in.safetensors");
    Safetensors.write(
        input, Map.of(), List.of(Tensor.of("input", Fixtures.floats(5 * 2 * 6, 1), 5, 2, 6)));
    float[] expected = output(model, input).floats();
    float sum = 0;
    for (int i = 0; i < 4; i++) {
      sum += expected[i];
    }
    assertEquals(1, sum, 1e-6f);
    for (String name : new String[] {"x.onnx", "x.keras"}) {
      assertDone(convert(keras, folder.resolve(name)));
      Fixtures.assertSameBits(expected, output(folder.resolve(name), input).floats(), name);
    }
  }

  @Test
  void whatCannotBeConvertedIsToldInOneLine() throws IOException {
    NetworkSpec spec =
        new NetworkSpec(
            new Input.Features(4),
            CellKind.LSTM_PEEPHOLE,
            5,
            0,
            1,
            Direction.FORWARD,
            Head.STEPS,
            0,
            false,
            2);
    Path ours = folder.resolve("ours.safetensors");
    new ModelFile(Fixtures.filled(spec, 3), Map.of()).save(ours);
    Path keras = folder.resolve("other.keras");
    Files.writeString(keras, "a good file");
    Cli refused = convert(ours, keras);
    assertEquals(1, refused.status());
    assertEquals(1, refused.err().strip().lines().count());
    assertTrue(refused.err().startsWith("lanewise: " + keras + ": "), refused.err());
    assertEquals("a good file", Files.readString(keras));
    Cli options = convert(ours, keras, "--cell", "gru");
    assertEquals(1, options.status());
    assertEquals(
        "lanewise: "
            + ours
            + ": the file states its architecture; found options that would change it",
        options.err().strip());
    assertEquals(2, convert(ours, keras, "--cell", "grub").status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.foo", "x", "x.h5", "onnx", "x.safetensors.bak"})
  void aNameWithoutAKnownEndingIsNotWritten(String name) throws IOException {
    Path ours = folder.resolve("ours.safetensors");
    new ModelFile(Fixtures.filled(Fixtures.lstm(new Input.Features(4), 5, 1, 2), 1), Map.of())
        .save(ours);
    Path target = folder.resolve(name);
    Cli refused = convert(ours, target);
    assertEquals(2, refused.status());
    assertEquals(
        "lanewise: TO: found "
            + target
            + ", expected a name that ends in .safetensors, .onnx, .keras, .weights.h5; see lanewise"
            + " convert --help",
        refused.err().strip());
    assertTrue(Files.notExists(target));
  }

  private static void assertDone(Cli cli) {
    assertEquals("", cli.err());
    assertEquals(0, cli.status());
  }

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(Objects.requireNonNull(ConvertTest.class.getResource(name), name).toURI());
  }
}
