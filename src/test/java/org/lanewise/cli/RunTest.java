package org.lanewise.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.format.ModelFile;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;
import org.lanewise.format.TensorFile;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;

/** {@code lanewise run} gives what the libraries give that the models come from. */
class RunTest {
  /** Of a float engine, relative to the largest value, at least 1. */
  private static final double TOLERANCE = 2e-6;

  @TempDir private Path folder;

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(Objects.requireNonNull(RunTest.class.getResource(name), name).toURI());
  }

  static List<Path> goldenLayers() throws IOException, URISyntaxException {
    String given = System.getProperty("golden.dir");
    try (Stream<Path> files = Files.list(given == null ? resource("/golden") : Path.of(given))) {
      return files
          .filter(file -> file.getFileName().toString().matches("[0-9]+_.*safetensors"))
          .sorted()
          .toList();
    }
  }

  @Test
  void thereAreGoldenLayers() throws IOException, URISyntaxException {
    assertTrue(goldenLayers().size() >= 10, goldenLayers().toString());
  }

  @ParameterizedTest
  @MethodSource("goldenLayers")
  void goldenLayersInBothLayouts(Path golden) throws IOException {
    TensorFile file = Safetensors.read(golden);
    Path model = write("model.safetensors", file, "(weight|bias)_.*");
    Path input = write("in.safetensors", file, "input|h0|c0|lengths");
    String kind = file.metadata().get("kind");
    String[] cell = kind.startsWith("rnn") ? new String[] {"--cell", kind} : new String[0];
    TensorFile found = run(model, input, cell);
    assertClose(file, found);
    List<Tensor> swapped = new ArrayList<>();
    for (Tensor tensor : Safetensors.read(input).tensors().values()) {
      swapped.add(tensor.name().equals("input") ? swapped(tensor) : tensor);
    }
    Safetensors.write(input, Map.of(), swapped);
    List<String> options = new ArrayList<>(List.of(cell));
    options.addAll(List.of("--layout", "batch-first"));
    TensorFile batchFirst = run(model, input, options.toArray(String[]::new));
    assertArrayEquals(found.tensor("output").bytes(), swapped(batchFirst.tensor("output")).bytes());
    assertArrayEquals(found.tensor("hn").bytes(), batchFirst.tensor("hn").bytes());
  }

  @ParameterizedTest
  @CsvSource({
    "tokens_lstm_proj_bi, ''",
    "rnn_relu, --cell rnn_relu",
    "rnn_tanh_bi_bare, --cell rnn_tanh",
    "gru_without_bias, ''",
    "lstm_bf16, ''",
    "lstm_f64, ''",
    "gru_bi_prefix, --prefix tagger",
    "saved_names, ''",
  })
  void stateDictsOfPyTorch(String name, String options) throws IOException, URISyntaxException {
    TensorFile io = Safetensors.read(resource("/pytorch/" + name + ".io.safetensors"));
    Path input = write("in.safetensors", io, "input|h0|c0");
    String[] more = options.isEmpty() ? new String[0] : options.split(" ");
    assertClose(io, run(resource("/pytorch/" + name + ".safetensors"), input, more));
  }

  /** Archives alone: the second file of weights needs its architecture beside it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "keras_lstm_dense.keras",
        "keras_bigru_dense.keras",
        "keras_lstm_dense.weights.h5"
      })
  void modelsOfKerasUnderTheirOwnNamesAndOurs(String name) throws IOException, URISyntaxException {
    String stem = name.substring(0, name.indexOf('.'));
    TensorFile golden = Safetensors.read(resource("/keras/" + stem + ".safetensors"));
    Tensor x = golden.tensor("in.X");
    Tensor y = golden.tensor("out.Y");
    Path model = resource("/keras/" + name);
    Path input = folder.resolve("in.safetensors");
    Tensor batchFirst = Tensor.ofBytes("input", x.dtype(), x.bytes(), x.shape());
    Safetensors.write(input, Map.of(), List.of(batchFirst));
    TensorFile found = run(model, input, "--layout", "batch-first");
    Safetensors.write(input, Map.of(), List.of(swapped(batchFirst)));
    TensorFile timeFirst = run(model, input);
    boolean everyStep = y.shape().length == 3;
    assertArrayEquals(
        found.tensor("output").bytes(),
        everyStep
            ? swapped(timeFirst.tensor("output")).bytes()
            : timeFirst.tensor("output").bytes());
    if (name.endsWith(".keras")) {
      assertClose(y, found.tensor("output"), 1e-5);
      String own = org.lanewise.keras.KerasFile.read(model).graph().inputs().get(0).name();
      Safetensors.write(
          input, Map.of(), List.of(Tensor.ofBytes(own, x.dtype(), x.bytes(), x.shape())));
      TensorFile byName = run(model, input);
      assertClose(y, byName.tensors().values().iterator().next(), 1e-5);
    }
  }

  /** A graph of Keras whose own input is called input, as its networks take it. */
  @Test
  void anInputOfKerasThatHasOurNameIsTimeFirstToo() throws IOException, URISyntaxException {
    Path named = resource("/keras/models/gru_reset_before.keras");
    TensorFile golden = Safetensors.read(resource("/keras/models/gru_reset_before.safetensors"));
    Map<String, byte[]> entries = new LinkedHashMap<>();
    String own = org.lanewise.keras.KerasFile.read(named).graph().inputs().get(0).name();
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(named))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    Path model = folder.resolve("named.keras");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(model))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        String text = new String(entry.getValue(), StandardCharsets.ISO_8859_1);
        String other = text.replace('"' + own + '"', "\"input\"");
        boolean config = entry.getKey().equals("config.json");
        zip.write((config ? other : text).getBytes(StandardCharsets.ISO_8859_1));
        zip.closeEntry();
      }
    }
    assertEquals("input", org.lanewise.keras.KerasFile.read(model).graph().inputs().get(0).name());
    Tensor x = golden.tensor("in");
    Tensor batchFirst = Tensor.ofBytes("input", x.dtype(), x.bytes(), x.shape());
    Path input = folder.resolve("in.safetensors");
    Safetensors.write(input, Map.of(), List.of(batchFirst));
    Tensor y = run(model, input, "--layout", "batch-first").tensor("output");
    assertClose(golden.tensor("out"), y, 1e-5);
    Safetensors.write(input, Map.of(), List.of(swapped(batchFirst)));
    assertArrayEquals(y.bytes(), swapped(run(model, input).tensor("output")).bytes());
  }

  @Test
  void weightsOfKerasAloneAreToldTheirHead() throws IOException, URISyntaxException {
    TensorFile golden = Safetensors.read(resource("/keras/keras_bigru_dense.safetensors"));
    Tensor x = golden.tensor("in.X");
    Path input = folder.resolve("in.safetensors");
    Safetensors.write(
        input, Map.of(), List.of(Tensor.ofBytes("input", x.dtype(), x.bytes(), x.shape())));
    Path weights = resource("/keras/keras_bigru_dense.weights.h5");
    TensorFile found = run(weights, input, "--head", "last", "--layout", "batch-first");
    assertClose(golden.tensor("out.Y"), found.tensor("output"), 1e-5);
  }

  /** A graph whose input has our name and whose output has not gives it under both. */
  @Test
  void anInputOfOurNameGivesAnOutputOfOurName() throws IOException {
    NetworkSpec spec = new NetworkSpec(new Input.Features(3), CellKind.GRU, 5, 1, 4);
    Path ours = folder.resolve("ours.safetensors");
    Path onnx = folder.resolve("ours.onnx");
    new ModelFile(Fixtures.filled(spec, 2), Map.of()).save(ours);
    assertEquals(0, Cli.run("convert", ours.toString(), onnx.toString()).status());
    String bytes = new String(Files.readAllBytes(onnx), StandardCharsets.ISO_8859_1);
    Files.write(onnx, bytes.replace("output", "scores").getBytes(StandardCharsets.ISO_8859_1));
    Path input = folder.resolve("in.safetensors");
    Tensor x = Tensor.of("input", Fixtures.floats(6 * 2 * 3, 1), 6, 2, 3);
    Safetensors.write(input, Map.of(), List.of(x));
    TensorFile found = run(onnx, input);
    assertClose(run(ours, input).tensor("output"), found.tensor("output"), 1e-5);
    assertArrayEquals(found.tensor("output").bytes(), found.tensor("scores").bytes());
  }

  /** Under the graph's own names, which the golden files hold behind in. and out. */
  @ParameterizedTest
  @ValueSource(strings = {"onnx_lstm_uni", "onnx_lstm_bidirectional", "onnx_rnn"})
  void graphsOfOnnxUnderTheirOwnNames(String name) throws IOException {
    String given = System.getProperty("golden.dir");
    assumeTrue(given != null, "golden.dir");
    TensorFile io = Safetensors.read(Path.of(given, name + ".io.safetensors"));
    List<Tensor> in = new ArrayList<>();
    for (Tensor tensor : io.tensors().values()) {
      if (tensor.name().startsWith("in.")) {
        in.add(
            Tensor.ofBytes(
                tensor.name().substring(3), tensor.dtype(), tensor.bytes(), tensor.shape()));
      }
    }
    Path input = folder.resolve("in.safetensors");
    Safetensors.write(input, Map.of(), in);
    TensorFile found = run(Path.of(given, name + ".onnx"), input);
    for (Tensor tensor : io.tensors().values()) {
      if (tensor.name().startsWith("out.")) {
        assertClose(tensor, found.tensor(tensor.name().substring(4)), 1e-5);
      }
    }
  }

  /** A network gives the same from its own file and as a graph, its states given or not. */
  @Test
  void anExportRunsLikeItsNetwork() throws IOException {
    NetworkSpec spec =
        new NetworkSpec(
            new Input.Features(3),
            CellKind.LSTM,
            5,
            0,
            2,
            Direction.BIDIRECTIONAL,
            Head.STEPS,
            0,
            false,
            4);
    Path ours = folder.resolve("ours.safetensors");
    Path onnx = folder.resolve("ours.onnx");
    new ModelFile(Fixtures.filled(spec, 2), Map.of()).save(ours);
    assertEquals(0, Cli.run("convert", ours.toString(), onnx.toString()).status());
    Path input = folder.resolve("in.safetensors");
    Tensor x = Tensor.of("input", Fixtures.floats(6 * 2 * 3, 1), 6, 2, 3);
    Safetensors.write(input, Map.of(), List.of(x));
    assertClose(run(ours, input), run(onnx, input));
    Tensor h0 = Tensor.of("h0", Fixtures.floats(4 * 2 * 5, 2), 4, 2, 5);
    Tensor c0 = Tensor.of("c0", Fixtures.floats(4 * 2 * 5, 3), 4, 2, 5);
    Safetensors.write(input, Map.of(), List.of(x, h0, c0));
    assertClose(run(ours, input), run(onnx, input));
    // The graph's own name is `input` too; a layout that is asked for holds all the same.
    float[] values = new float[x.floats().length];
    for (int i = 0; i < values.length; i++) {
      int row = i / (6 * 3);
      int time = i / 3 % 6;
      values[i] = x.floats()[(time * 2 + row) * 3 + i % 3];
    }
    Safetensors.write(input, Map.of(), List.of(Tensor.of("input", values, 2, 6, 3), h0, c0));
    assertClose(
        run(ours, input, "--layout", "batch-first"), run(onnx, input, "--layout", "batch-first"));
    Safetensors.write(input, Map.of(), List.of(h0, c0));
    assertEquals(2, command(onnx, input, input, "--layout", "batch-first").status());
  }

  /** Lengths, states and both layouts, of one network in every format. */
  @ParameterizedTest
  @CsvSource({"LSTM, STEPS", "GRU, LAST", "RNN_TANH, STEPS"})
  void everyFormatTakesLengthsStatesAndLayouts(CellKind cell, Head head) throws IOException {
    NetworkSpec spec =
        new NetworkSpec(
            new Input.Features(3), cell, 5, 0, 2, Direction.BIDIRECTIONAL, head, 0, false, 4);
    Path ours = folder.resolve("ours.safetensors");
    new ModelFile(Fixtures.filled(spec, 2), Map.of()).save(ours);
    List<Tensor> all = new ArrayList<>();
    all.add(Tensor.of("lengths", new long[] {2, 6}, 2));
    all.add(Tensor.of("h0", Fixtures.floats(4 * 2 * 5, 2), 4, 2, 5));
    if (cell.hasCellState()) {
      all.add(Tensor.of("c0", Fixtures.floats(4 * 2 * 5, 3), 4, 2, 5));
    }
    Tensor x = Tensor.of("input", Fixtures.floats(6 * 2 * 3, 1), 6, 2, 3);
    Path timeFirst = folder.resolve("time.safetensors");
    Path batchFirst = folder.resolve("batch.safetensors");
    all.add(x);
    Safetensors.write(timeFirst, Map.of(), all);
    all.set(all.size() - 1, swapped(x));
    Safetensors.write(batchFirst, Map.of(), all);
    TensorFile expected = run(ours, timeFirst);
    TensorFile swapped = run(ours, batchFirst, "--layout", "batch-first");
    for (String name : List.of("other.onnx", "other.keras", "other.weights.h5")) {
      Path other = folder.resolve(name);
      assertEquals(0, Cli.run("convert", ours.toString(), other.toString()).status());
      List<String> told = new ArrayList<>();
      if (name.endsWith(".h5")) {
        told.addAll(List.of("--head", head.text()));
        if (cell == CellKind.RNN_TANH) {
          told.addAll(List.of("--cell", "rnn_tanh"));
        }
      }
      assertClose(expected, run(other, timeFirst, told.toArray(String[]::new)));
      told.addAll(List.of("--layout", "batch-first"));
      assertClose(swapped, run(other, batchFirst, told.toArray(String[]::new)));
    }
  }

  /** One step after the other gives the bits of the file. */
  @Test
  void aRunHasTheBitsOfASession() throws IOException {
    NetworkSpec spec = Fixtures.lstm(new Input.Embedding(9, 4), 6, 2, 5);
    ModelFile file = new ModelFile(Fixtures.filled(spec, 2), Map.of());
    Path model = folder.resolve("own.safetensors");
    file.save(model);
    int[] ids = Fixtures.ids(7, 9, 3);
    Path input = folder.resolve("in.safetensors");
    long[] tokens = Arrays.stream(ids).asLongStream().toArray();
    Safetensors.write(input, Map.of(), List.of(Tensor.of("input", tokens, 7, 1)));
    float[] expected = new float[7 * 5];
    Session session = Model.of(file).session();
    session.sequence(7, ids, expected);
    TensorFile found = run(model, input);
    Fixtures.assertSameBits(expected, found.require("output", 7, 1, 5).floats(), "output");
    float[] state = new float[session.stateSize()];
    session.saveState(state);
    float[] h = found.require("hn", 2, 1, 6).floats();
    float[] c = found.require("cn", 2, 1, 6).floats();
    for (int layer = 0; layer < 2; layer++) {
      int at = layer * 12;
      Fixtures.assertSameBits(
          Arrays.copyOfRange(state, at, at + 6),
          Arrays.copyOfRange(h, layer * 6, layer * 6 + 6),
          "h");
      Fixtures.assertSameBits(
          Arrays.copyOfRange(state, at + 6, at + 12),
          Arrays.copyOfRange(c, layer * 6, layer * 6 + 6),
          "c");
    }
  }

  /** The head of a state dict, and several inputs side by side. */
  @Test
  void headsGiveOneResultForEachSequence() throws IOException {
    NetworkSpec spec =
        new NetworkSpec(
            new Input.Joined(
                List.of(
                    new Input.Part("word", new Input.Embedding(9, 4)),
                    new Input.Part("shape", new Input.Features(2)))),
            CellKind.GRU,
            3,
            0,
            1,
            Direction.BIDIRECTIONAL,
            Head.LAST,
            0,
            false,
            0);
    Path model = folder.resolve("joined.safetensors");
    new ModelFile(Fixtures.filled(spec, 2), Map.of()).save(model);
    Path input = folder.resolve("in.safetensors");
    Safetensors.write(
        input,
        Map.of(),
        List.of(
            Tensor.of("input.word", new long[] {1, 2, 3, 4, 5, 99}, 3, 2),
            Tensor.of("input.shape", Fixtures.floats(12, 1), 3, 2, 2),
            Tensor.of("lengths", new long[] {3, 2}, 2)));
    TensorFile found = run(model, input);
    float[] output = found.require("output", 2, 6).floats();
    float[] hn = found.require("hn", 2, 2, 3).floats();
    for (int row = 0; row < 2; row++) {
      for (int i = 0; i < 6; i++) {
        assertEquals(hn[(i / 3 * 2 + row) * 3 + i % 3], output[row * 6 + i]);
      }
    }
  }

  @Test
  void whatDoesNotFitIsToldInOneLine() throws IOException, URISyntaxException {
    Path model = resource("/pytorch/gru_without_bias.safetensors");
    Path input = folder.resolve("in.safetensors");
    Tensor x = Tensor.of("input", new float[2 * 3 * 4], 2, 3, 4);
    Tensor tokens = Tensor.of("input", new long[6], 2, 3);
    Tensor wide = Tensor.of("input", new float[2 * 3 * 5], 2, 3, 5);
    refused(model, input, "input: I64 [2, 3], expected [time, batch, 4]", tokens);
    refused(model, input, "input: expected shape [2, 3, 4], found [2, 3, 5]", wide);
    refused(model, input, "c0: F32 [1], expected only input, h0, lengths", x, c0(1));
    refused(
        model,
        input,
        "h0: expected shape [2, 3, 6], found [1]",
        x,
        Tensor.of("h0", new float[1], 1));
    refused(
        model,
        input,
        "lengths: found 3 at 1, expected 1 to 2",
        x,
        Tensor.of("lengths", new long[] {1, 3, 2}, 3));
    refused(model, input, "missing tensor input; the file has no tensors");
    refused(
        resource("/pytorch/lstm_bf16.safetensors"),
        input,
        "input: found token 9 at step 1 of sequence 2, expected 0 to 8",
        Tensor.of("input", new long[] {0, 1, 2, 3, 4, 9}, 2, 3));
    refused(
        resource("/keras/keras_lstm_dense.keras"), input, "c0", Tensor.of("c0", new float[1], 1));
    Cli usage = Cli.run("run", "--model", "m", "--input", "i", "--output", "o", "--layout", "x");
    assertEquals(2, usage.status());
    assertEquals(
        "lanewise: --layout: found \"x\", expected time-first or batch-first; see lanewise run"
            + " --help",
        usage.err().strip());
    Cli head = Cli.run("run", "--model", "m", "--input", "i", "--output", "o", "--head", "x");
    assertEquals(2, head.status());
    assertEquals(
        "lanewise: --head: found \"x\", expected one of steps, last, mean, max; see lanewise run"
            + " --help",
        head.err().strip());
  }

  private static Tensor c0(int size) {
    return Tensor.of("c0", new float[size], size);
  }

  private void refused(Path model, Path input, String problem, Tensor... tensors)
      throws IOException {
    Safetensors.write(input, Map.of(), List.of(tensors));
    Path output = folder.resolve("refused.safetensors");
    Cli cli = command(model, input, output);
    assertEquals(1, cli.status(), cli.err());
    assertEquals(1, cli.err().strip().lines().count(), cli.err());
    assertTrue(cli.err().contains(problem), cli.err());
    assertTrue(Files.notExists(output));
  }

  private static Cli command(Path model, Path input, Path output, String... options) {
    List<String> args = new ArrayList<>(List.of("run", "--model", model.toString(), "--input"));
    args.addAll(List.of(input.toString(), "--output", output.toString()));
    args.addAll(List.of(options));
    return Cli.run(args);
  }

  private TensorFile run(Path model, Path input, String... options) throws IOException {
    Path output = folder.resolve("out.safetensors");
    Cli cli = command(model, input, output, options);
    assertEquals("", cli.err());
    assertEquals(0, cli.status());
    return Safetensors.read(output);
  }

  /** The tensors of a file whose names match, without its metadata. */
  private Path write(String name, TensorFile file, String names) throws IOException {
    Map<String, Tensor> some = new LinkedHashMap<>(file.tensors());
    some.keySet().removeIf(one -> !one.matches(names));
    Path path = folder.resolve(name);
    Safetensors.write(path, Map.of(), some.values());
    return path;
  }

  private static void assertClose(TensorFile expected, TensorFile found) throws IOException {
    for (String name : List.of("output", "hn", "cn")) {
      assertEquals(expected.tensors().containsKey(name), found.tensors().containsKey(name), name);
      if (found.tensors().containsKey(name)) {
        assertClose(expected.tensor(name), found.tensor(name), TOLERANCE);
      }
    }
  }

  private static void assertClose(Tensor expected, Tensor found, double tolerance)
      throws IOException {
    assertArrayEquals(expected.shape(), found.shape(), expected + " and " + found);
    double[] a = expected.doubles();
    double[] b = found.doubles();
    double scale = Arrays.stream(a).map(Math::abs).reduce(1, Math::max);
    for (int i = 0; i < a.length; i++) {
      if (!(Math.abs(a[i] - b[i]) <= tolerance * scale)) {
        fail(expected + ": element " + i + " is " + b[i] + ", expected " + a[i]);
      }
    }
  }

  /** A tensor with its first two dimensions the other way round. */
  private static Tensor swapped(Tensor tensor) throws IOException {
    int[] s = tensor.shape();
    float[] from = tensor.floats();
    float[] to = new float[from.length];
    int size = from.length / (s[0] * s[1]);
    for (int i = 0; i < s[0] * s[1]; i++) {
      System.arraycopy(from, i * size, to, (i % s[1] * s[0] + i / s[1]) * size, size);
    }
    return Tensor.of(tensor.name(), to, s[1], s[0], s[2]);
  }
}
