package org.lanewise.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.format.FormatException;
import org.lanewise.format.LoadOptions;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;
import org.lanewise.format.TensorFile;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Model;

/** Models that Keras wrote, with what it makes of an input. */
class KerasModelsTest {
  /** Relative to the largest value; Keras itself computes in float32. */
  private static final double TOLERANCE = 2e-6;

  /** Those that need the graph: no network of this library gives the same. */
  private static final Set<String> GRAPH_ONLY =
      Set.of(
          "lstm_backwards",
          "lstm_hard_sigmoid",
          "lstm_softsign",
          "gru_reset_before",
          "rnn_sigmoid",
          "bi_gru_average",
          "bi_lstm_product",
          "bi_unequal",
          "mixed");

  static List<String> models() throws IOException {
    try (Stream<Path> files = Files.list(KerasFiles.MODELS)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".safetensors"))
          .map(name -> name.replace(".safetensors", ""))
          .sorted()
          .toList();
    }
  }

  @Test
  void allAreThere() throws IOException {
    assertEquals(26, models().size());
  }

  @ParameterizedTest
  @MethodSource("models")
  void graphGivesWhatKerasGives(String name) throws IOException {
    KerasFile model = KerasFile.read(KerasFiles.MODELS.resolve(name + ".keras"));
    TensorFile golden = Safetensors.read(KerasFiles.MODELS.resolve(name + ".safetensors"));
    KerasFiles.assertGraphGives(model, golden.tensor("in"), golden.tensor("out"), TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource("models")
  void networkGivesWhatKerasGives(String name) throws IOException {
    KerasFile model = KerasFile.read(KerasFiles.MODELS.resolve(name + ".keras"));
    if (GRAPH_ONLY.contains(name)) {
      assertTrue(model.network().isEmpty());
      assertThrows(FormatException.class, model::requireNetwork);
      return;
    }
    TensorFile golden = Safetensors.read(KerasFiles.MODELS.resolve(name + ".safetensors"));
    KerasFiles.assertNetworkGives(model, golden.tensor("in"), golden.tensor("out"), TOLERANCE);
  }

  @Test
  void goldenFilesGiveWhatKerasGave() throws IOException {
    for (String name : List.of("keras_lstm_dense", "keras_bigru_dense")) {
      Path archive = KerasFiles.golden(name + ".keras");
      TensorFile golden = Safetensors.read(KerasFiles.golden(name + ".safetensors"));
      Tensor in = golden.tensor("in.X");
      Tensor out = golden.tensor("out.Y");
      KerasFile model = KerasFile.read(archive);
      KerasFiles.assertGraphGives(model, in, out, TOLERANCE);
      KerasFiles.assertNetworkGives(model, in, out, TOLERANCE);
      Path weights = KerasFiles.golden(name + ".weights.h5");
      Parameters network = model.requireNetwork();
      KerasFiles.assertSameBits(
          network, KerasFile.readWeights(weights, network.spec()).requireNetwork());
      Path config = Files.createTempFile("config", ".json");
      try {
        Files.write(config, Archive.read(archive).get(Archive.CONFIG));
        KerasFile both = KerasFile.readWeights(weights, config);
        KerasFiles.assertGraphGives(both, in, out, TOLERANCE);
      } finally {
        Files.delete(config);
      }
    }
  }

  @Test
  void weightsAloneSayWhatTheyAreWhereThereIsOneAnswer() throws IOException {
    KerasFile model = KerasFile.read(KerasFiles.golden("keras_lstm_dense.keras"));
    KerasFile alone = KerasFile.read(KerasFiles.golden("keras_lstm_dense.weights.h5"));
    KerasFiles.assertSameBits(model.requireNetwork(), alone.requireNetwork());
    assertEquals("softmax", model.outputActivation());
    assertEquals("linear", alone.outputActivation());
  }

  /** Of every model whose weights say what they are, given the kind of a plain RNN and the head. */
  @Test
  void weightsAloneGiveTheNetworkOfTheirArchive(@TempDir Path folder) throws IOException {
    for (CellKind cell :
        List.of(CellKind.LSTM, CellKind.GRU, CellKind.RNN_TANH, CellKind.RNN_RELU)) {
      boolean plain = cell == CellKind.RNN_TANH || cell == CellKind.RNN_RELU;
      for (Direction direction : List.of(Direction.FORWARD, Direction.BIDIRECTIONAL)) {
        for (Head head : Head.values()) {
          for (Input input : List.of(new Input.Features(3), new Input.Embedding(7, 3))) {
            NetworkSpec spec = new NetworkSpec(input, cell, 4, 0, 2, direction, head, 0, false, 5);
            Path file = folder.resolve("x.weights.h5");
            KerasFile.writeWeights(file, Fixtures.filled(spec, 1));
            LoadOptions options = LoadOptions.NONE.withHead(head).withCell(cell);
            Parameters network = KerasFile.read(file, options).requireNetwork();
            assertEquals(spec, network.spec());
            KerasFiles.assertSameBits(KerasFile.readWeights(file, spec).requireNetwork(), network);
            LoadOptions silent = LoadOptions.NONE.withHead(head);
            if (plain) {
              assertRefused(file, silent, "rnn_tanh or rnn_relu");
            } else {
              assertEquals(spec, KerasFile.read(file, silent).requireNetwork().spec());
            }
            CellKind other = plain ? CellKind.GRU : CellKind.RNN_TANH;
            assertRefused(file, silent.withCell(other), "found cell " + other.text());
            assertRefused(file, options.withOneHot(), "other options");
          }
        }
      }
    }
  }

  @Test
  void goldenWeightsInTwoDirectionsGiveTheLastState() throws IOException {
    TensorFile golden = Safetensors.read(KerasFiles.golden("keras_bigru_dense.safetensors"));
    KerasFile alone =
        KerasFile.read(
            KerasFiles.golden("keras_bigru_dense.weights.h5"),
            LoadOptions.NONE.withHead(Head.LAST));
    KerasFiles.assertNetworkGives(alone, golden.tensor("in.X"), golden.tensor("out.Y"), TOLERANCE);
    Path archive = KerasFiles.golden("keras_bigru_dense.keras");
    assertRefused(archive, LoadOptions.NONE.withHead(Head.LAST), "states its architecture");
  }

  /** A GRU without biases does not show whether it resets after; that it is one of ours says so. */
  @Test
  void weightsOfAGruWithoutBiasesAreToldTheCell(@TempDir Path folder) throws IOException {
    Path archive = KerasFiles.FOLDER.resolve("models/gru_no_bias.keras");
    Path weights = folder.resolve("x.weights.h5");
    Files.write(weights, Archive.read(archive).get(Archive.WEIGHTS));
    LoadOptions last = LoadOptions.NONE.withHead(Head.LAST);
    assertRefused(weights, last, "a GRU that does not show reset_after: tell the cell, gru");
    assertRefused(weights, last.withCell(CellKind.LSTM), "found cell lstm");
    KerasFiles.assertSameBits(
        KerasFile.read(archive).requireNetwork(),
        KerasFile.read(weights, last.withCell(CellKind.GRU)).requireNetwork());
  }

  private static void assertRefused(Path file, LoadOptions options, String words) {
    FormatException refused =
        assertThrows(FormatException.class, () -> KerasFile.read(file, options));
    assertTrue(refused.getMessage().contains(words), refused.getMessage());
  }

  @Test
  void weightsUnderPyTorchsNames() throws IOException {
    TensorFile golden = Safetensors.read(KerasFiles.golden("keras_lstm_dense.safetensors"));
    Parameters network =
        KerasFile.read(KerasFiles.golden("keras_lstm_dense.keras")).requireNetwork();
    // Rows of PyTorch are columns of Keras, gates in the same order.
    float[] kernel =
        golden.tensors().values().stream()
            .filter(tensor -> Arrays.equals(tensor.shape(), new int[] {6, 36}))
            .findAny()
            .orElseThrow()
            .floats();
    int at = network.slice("lstm.weight_ih_l0").offset();
    for (int row = 0; row < 36; row++) {
      for (int column = 0; column < 6; column++) {
        assertEquals(kernel[column * 36 + row], network.values()[at + row * 6 + column]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mask_zero, mask_zero: found true",
    "masking, found class Masking",
    "conv, found class Conv1D",
    "float64, found \"float64\"",
    "gelu, found \"gelu\"",
    "two_readers, found class Add",
    "return_state, output_layers",
    "initial_state, input_layers",
  })
  void whatIsNotSupportedIsNamed(String name, String words) {
    Path path = KerasFiles.MODELS.resolve("refused_" + name + ".keras");
    FormatException refused = assertThrows(FormatException.class, () -> KerasFile.read(path));
    assertTrue(refused.getMessage().startsWith(path + ": "), refused.getMessage());
    assertTrue(refused.getMessage().contains(words), refused.getMessage());
  }

  @Test
  void streamsStepByStep() throws IOException {
    TensorFile golden = Safetensors.read(KerasFiles.MODELS.resolve("lstm_stacked.safetensors"));
    Parameters network =
        KerasFile.read(KerasFiles.MODELS.resolve("lstm_stacked.keras")).requireNetwork();
    float[] in = golden.tensor("in").floats();
    float[] out = golden.tensor("out").floats();
    var session = Model.of(network).session();
    float[] input = new float[3];
    float[] result = new float[2];
    for (int time = 0; time < 5; time++) {
      System.arraycopy(in, time * 3, input, 0, 3);
      session.step(input, result);
      assertEquals(out[time * 2], result[0], 1e-6);
      assertEquals(out[time * 2 + 1], result[1], 1e-6);
    }
  }

  @Test
  void graphHasTheNamesOfKeras() throws IOException {
    KerasFile model = KerasFile.read(KerasFiles.MODELS.resolve("functional.keras"));
    assertEquals("signal", model.graph().inputs().get(0).name());
    assertEquals("answer", model.graph().outputs().get(0).name());
  }
}
