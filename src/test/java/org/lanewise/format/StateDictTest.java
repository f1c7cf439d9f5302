package org.lanewise.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;

/** State dicts that PyTorch saved, and what is refused of others. */
class StateDictTest {
  @TempDir private Path folder;

  static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(StateDictTest.class.getResource("/pytorch/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokens_lstm_proj_bi | | input=embedding tokens=11 input_size=5 cell=lstm hidden_size=7"
            + " proj_size=3 num_layers=2 direction=bidirectional output_size=4",
        "lstm_bf16 | | input=embedding tokens=9 input_size=6 cell=lstm hidden_size=5 num_layers=3"
            + " direction=forward output_size=9",
        "lstm_f64 | | input=features input_size=3 cell=lstm hidden_size=4 num_layers=1"
            + " direction=forward output_size=2",
        "gru_without_bias | | input=features input_size=4 cell=gru hidden_size=6 num_layers=2"
            + " direction=forward output_size=2",
        "gru_bi_prefix | tagger | input=embedding tokens=7 input_size=4 cell=gru hidden_size=5"
            + " num_layers=1 direction=bidirectional output_size=3",
      })
  void theArchitectureFollowsFromNamesAndShapes(String name, String prefix, String expected)
      throws IOException {
    LoadOptions options = LoadOptions.NONE.withPrefix(prefix == null ? "" : prefix);
    NetworkSpec spec = ModelFile.load(resource(name + ".safetensors"), options).parameters().spec();
    Map<String, String> text = new LinkedHashMap<>(spec.toMetadata());
    assertEquals("steps", text.remove("head"));
    assertEquals("0.0", text.remove("dropout"));
    assertEquals("false", text.remove("trained_state"));
    assertEquals(expected, text.toString().replaceAll("[{},]", ""));
  }

  @Test
  void aPlainRnnMustBeToldTanhFromRelu() throws IOException {
    Path path = resource("rnn_relu.safetensors");
    assertTrue(
        refusal(path, LoadOptions.NONE)
            .endsWith(
                "rnn.weight_hh_l0 [6, 6]: a plain RNN, whose file does not tell tanh from relu;"
                    + " expected the cell to be said, rnn_tanh or rnn_relu"));
    assertTrue(
        refusal(path, LoadOptions.NONE.withCell(CellKind.GRU))
            .endsWith("rnn.weight_hh_l0 [6, 6]: found cell gru, expected rnn_tanh or rnn_relu"));
    LoadOptions relu = LoadOptions.NONE.withCell(CellKind.RNN_RELU).withHead(Head.LAST);
    NetworkSpec spec = ModelFile.load(path, relu).parameters().spec();
    assertEquals(CellKind.RNN_RELU, spec.cell());
    assertEquals(Head.LAST, spec.head());
  }

  @Test
  void vectorsMayBeTokensOneHot() throws IOException {
    Path path = resource("lstm_f64.safetensors");
    LoadOptions options = LoadOptions.NONE.withOneHot();
    assertEquals(new Input.OneHot(3), ModelFile.load(path, options).parameters().spec().input());
    assertTrue(
        refusal(resource("lstm_bf16.safetensors"), options)
            .endsWith("embedding.weight: an embedding; expected none for one-hot tokens"));
  }

  @Test
  void aMissingBiasIsZero() throws IOException {
    Parameters parameters = ModelFile.load(resource("gru_without_bias.safetensors")).parameters();
    for (String name : List.of("gru.bias_ih_l0", "gru.bias_hh_l1", "linear.bias")) {
      int at = parameters.slice(name).offset();
      for (int i = 0; i < parameters.slice(name).size(); i++) {
        assertEquals(0f, parameters.values()[at + i], name);
      }
    }
  }

  /** What is saved has the names, the shapes and the bytes of PyTorch's own state dict. */
  @Test
  void whatIsSavedIsTheStateDict() throws IOException {
    Path path = resource("saved_names.safetensors");
    Path saved = folder.resolve("saved.safetensors");
    ModelFile.load(path).save(saved);
    Map<String, Tensor> expected = Safetensors.read(path).tensors();
    Map<String, Tensor> found = Safetensors.read(saved).tensors();
    assertEquals(List.copyOf(expected.keySet()), List.copyOf(found.keySet()));
    for (Tensor tensor : expected.values()) {
      assertEquals(tensor.toString(), found.get(tensor.name()).toString());
      assertArrayEquals(tensor.bytes(), found.get(tensor.name()).bytes(), tensor.name());
    }
    assertEquals("pt", Safetensors.read(saved).metadata().get("format"));
  }

  /** Without its metadata, a saved model is a state dict; it is read to the same bits. */
  @ParameterizedTest
  @ValueSource(strings = {"LSTM", "GRU", "RNN_TANH", "RNN_RELU"})
  void theMetadataCanBeDoneWithout(CellKind cell) throws IOException {
    int[] projections = cell == CellKind.LSTM ? new int[] {0, 2} : new int[] {0};
    for (int projection : projections) {
      for (Direction direction : List.of(Direction.FORWARD, Direction.BIDIRECTIONAL)) {
        for (Input input : List.of(new Input.Features(3), new Input.Embedding(8, 3))) {
          for (int outputs : new int[] {0, 1, 5}) {
            NetworkSpec spec =
                new NetworkSpec(
                    input, cell, 5, projection, 3, direction, Head.STEPS, 0, false, outputs);
            Parameters parameters = Fixtures.filled(spec, 4);
            Path path = folder.resolve("bare.safetensors");
            Safetensors.write(path, Map.of(), ModelFile.tensors(parameters));
            Parameters read = ModelFile.load(path, LoadOptions.NONE.withCell(cell)).parameters();
            assertEquals(spec, read.spec());
            Fixtures.assertSameBits(parameters.values(), read.values(), spec.toString());
          }
        }
      }
    }
  }

  @Test
  void aFileOfThisLibraryTakesNoOptions() throws IOException {
    Path path = folder.resolve("own.safetensors");
    new ModelFile(Fixtures.filled(Fixtures.lstm(new Input.Features(2), 3, 1, 1), 1), Map.of())
        .save(path);
    assertTrue(
        refusal(path, LoadOptions.NONE.withHead(Head.LAST))
            .endsWith("the file states its architecture; found options that would change it"));
  }

  @Test
  void otherMetadataTravelsAlong() throws IOException {
    Path path = folder.resolve("noted.safetensors");
    List<Tensor> tensors = ModelFile.tensors(Fixtures.filled(lstm(2), 1));
    Safetensors.write(path, Map.of("format", "pt", "note", "mine"), tensors);
    assertEquals(Map.of("note", "mine"), ModelFile.load(path).metadata());
  }

  private static NetworkSpec lstm(int layers) {
    return new NetworkSpec(
        new Input.Embedding(9, 3),
        CellKind.LSTM,
        4,
        0,
        layers,
        Direction.BIDIRECTIONAL,
        Head.STEPS,
        0,
        false,
        5);
  }

  /** The tensors of a good two-layer model, changed. */
  private String refusalOf(Consumer<Map<String, Tensor>> change) throws IOException {
    return refusalOf(change, LoadOptions.NONE);
  }

  private String refusalOf(Consumer<Map<String, Tensor>> change, LoadOptions options)
      throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Tensor tensor : ModelFile.tensors(Fixtures.filled(lstm(2), 1))) {
      tensors.put(tensor.name(), tensor);
    }
    change.accept(tensors);
    Path path = folder.resolve("model.safetensors");
    Safetensors.write(path, Map.of(), new ArrayList<>(tensors.values()));
    return refusal(path, options).replace(path + ": ", "");
  }

  private static String refusal(Path path, LoadOptions options) {
    return assertThrows(FormatException.class, () -> ModelFile.load(path, options)).getMessage();
  }

  private static void put(Map<String, Tensor> tensors, String name, int... shape) {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    tensors.put(name, Tensor.of(name, new float[size], shape));
  }

  @Test
  void aWrongShapeIsNamed() throws IOException {
    assertEquals(
        "lstm.weight_hh_l1: expected shape [16, 4], found [16, 2]",
        refusalOf(t -> put(t, "lstm.weight_hh_l1", 16, 2)));
    assertEquals(
        "lstm.bias_ih_l0_reverse: expected shape [16], found [4, 4]",
        refusalOf(t -> put(t, "lstm.bias_ih_l0_reverse", 4, 4)));
    assertEquals(
        "linear.bias: expected shape [5], found [6]", refusalOf(t -> put(t, "linear.bias", 6)));
    assertEquals(
        "linear.weight: found shape [5, 9] and a bias, expected 8 columns for the linear output",
        refusalOf(t -> put(t, "linear.weight", 5, 9)));
    assertEquals(
        "embedding.weight: found shape [9, 2], expected 8 columns for the linear output, or 3 for"
            + " an embedding",
        refusalOf(t -> put(t, "embedding.weight", 9, 2)));
    assertEquals(
        "lstm.weight_hh_l0: found shape [10, 4], expected 16 rows for an LSTM, 12 for a GRU or 4"
            + " for a plain RNN of 4 units",
        refusalOf(t -> put(t, "lstm.weight_hh_l0", 10, 4)));
    assertEquals(
        "lstm.weight_ih_l0: found shape [16], expected two dimensions",
        refusalOf(t -> put(t, "lstm.weight_ih_l0", 16)));
  }

  @Test
  void aMissingTensorIsNamed() throws IOException {
    assertTrue(
        refusalOf(t -> t.remove("lstm.weight_hh_l1_reverse"))
            .startsWith("lstm.weight_hh_l1_reverse: missing, expected beside lstm.bias_hh_l0,"));
    assertTrue(refusalOf(t -> t.remove("lstm.bias_hh_l0")).startsWith("lstm.bias_hh_l0: missing"));
    assertTrue(
        refusalOf(t -> t.keySet().removeIf(name -> name.contains("l1_reverse")))
            .contains("l1_reverse: missing"));
    assertTrue(refusalOf(t -> put(t, "lstm.weight_ih_l3", 16, 8)).contains("_l2: missing"));
    assertTrue(
        refusalOf(t -> put(t, "lstm.weight_hr_l0", 2, 4))
            .startsWith("lstm.weight_hr_l0_reverse: missing"));
  }

  @Test
  void whatIsLeftOverIsNamed() throws IOException {
    assertEquals(
        "tensors without a place in the network: lstm.gamma, norm.bias, norm.weight",
        refusalOf(
            t -> {
              put(t, "norm.weight", 4);
              put(t, "norm.bias", 4);
              put(t, "lstm.gamma", 1);
            }));
    assertEquals(
        "embedding.weight: found shape [9, 3] and a bias, expected 8 columns for the linear output",
        refusalOf(t -> put(t, "embedding.bias", 9)));
  }

  @Test
  void aDoubtIsNamed() throws IOException {
    assertEquals(
        "candidates for the embedding: embedding.; for the linear output: linear., other.;"
            + " expected at most one of each",
        refusalOf(
            t -> {
              put(t, "other.weight", 2, 8);
              put(t, "other.bias", 2);
            }));
    assertEquals(
        "recurrent layers in 2 modules: lstm., second.; expected one, or the prefix of one",
        refusalOf(t -> put(t, "second.weight_ih_l0", 16, 8)));
    assertEquals(
        "no architecture in the metadata and no recurrent layer: expected PyTorch's names such as"
            + " weight_ih_l0, found embedding.weight, linear.bias, linear.weight",
        refusalOf(t -> t.keySet().removeIf(name -> name.startsWith("lstm"))));
    assertEquals(
        "no architecture in the metadata and no recurrent layer under model.: expected PyTorch's"
            + " names such as model.weight_ih_l0, found no tensor",
        refusalOf(t -> {}, LoadOptions.NONE.withPrefix("model")));
  }

  /** As wide as the input and as the state, without a bias: the embedding or the output. */
  @Test
  void aNameSettlesWhatShapesLeaveOpen() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    put(tensors, "weight_ih_l0", 12, 3);
    put(tensors, "weight_hh_l0", 12, 3);
    put(tensors, "a.weight", 7, 3);
    Path path = folder.resolve("open.safetensors");
    Safetensors.write(path, Map.of(), tensors.values());
    assertTrue(
        refusal(path, LoadOptions.NONE)
            .endsWith(
                "a.: by the shapes the embedding or the linear output; expected one of them to be"
                    + " named as what it is"));
    assertTrue(
        refusal(path, LoadOptions.NONE.withModules("b", ""))
            .endsWith("b.weight: no such matrix for the embedding; found a."));
    LoadOptions below = LoadOptions.NONE.withModules("a", "");
    LoadOptions above = LoadOptions.NONE.withModules("", "a");
    assertEquals(
        new Input.Embedding(7, 3), ModelFile.load(path, below).parameters().spec().input());
    assertEquals(7, ModelFile.load(path, above).parameters().spec().outputSize());
    put(tensors, "b.weight", 4, 3);
    Safetensors.write(path, Map.of(), tensors.values());
    assertTrue(refusal(path, LoadOptions.NONE).contains("a., b.: by the shapes"));
    NetworkSpec spec = ModelFile.load(path, below).parameters().spec();
    assertEquals(new Input.Embedding(7, 3), spec.input());
    assertEquals(4, spec.outputSize());
    assertEquals(spec, ModelFile.load(path, below.withModules("", "b")).parameters().spec());
  }

  @Test
  void weightsThatAreNoNumbersAreRefused() throws IOException {
    assertEquals(
        "lstm.bias_hh_l0: element 2 is NaN, expected a finite number",
        refusalOf(
            t ->
                t.put(
                    "lstm.bias_hh_l0",
                    Tensor.of(
                        "lstm.bias_hh_l0",
                        new double[] {0, 0, Double.NaN, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                        16))));
    assertEquals(
        "linear.bias: dtype I64, expected F32, F16 or BF16 to be read as float",
        refusalOf(t -> t.put("linear.bias", Tensor.of("linear.bias", new long[5], 5))));
  }
}
