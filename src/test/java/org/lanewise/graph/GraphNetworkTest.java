package org.lanewise.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.format.FormatException;
import org.lanewise.keras.KerasFile;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;

/** Graphs that are networks are known again with the same weights, and others are refused. */
class GraphNetworkTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "LSTM, 1, FORWARD, STEPS, 3",
    "GRU, 2, FORWARD, LAST, 3",
    "RNN_TANH, 1, FORWARD, MEAN, 0",
    "RNN_RELU, 3, FORWARD, MAX, 2",
    "LSTM, 2, FORWARD, STEPS, 0",
  })
  void aNetworkWrittenAsAGraphIsKnownAgain(
      CellKind cell, int layers, Direction direction, Head head, int outputs) throws IOException {
    for (Input input : new Input[] {new Input.Features(4), new Input.Embedding(6, 4)}) {
      NetworkSpec spec =
          new NetworkSpec(input, cell, 5, 0, layers, direction, head, 0, false, outputs);
      Path path = folder.resolve("network.keras");
      KerasFile.write(path, Fixtures.filled(spec, 7));
      KerasFile file = KerasFile.read(path);
      Parameters expected = file.requireNetwork();
      Parameters found = GraphNetwork.of(path.toString(), file.graph());
      assertEquals(spec, found.spec());
      Fixtures.assertSameBits(expected.values(), found.values(), spec.toString());
    }
  }

  @Test
  void anActivationBehindTheOutputIsNamed() throws IOException, URISyntaxException {
    Path path =
        Path.of(
            Objects.requireNonNull(
                    GraphNetworkTest.class.getResource("/keras/keras_lstm_dense.keras"))
                .toURI());
    Graph graph = KerasFile.read(path).graph();
    FormatException refusal =
        assertThrows(FormatException.class, () -> GraphNetwork.of("model", graph));
    assertTrue(refusal.getMessage().contains("softmax"), refusal.getMessage());
    GraphNetwork.Found found = GraphNetwork.find("model", graph);
    assertEquals("softmax", found.activation());
    Fixtures.assertSameBits(
        KerasFile.read(path).requireNetwork().values(), found.parameters().values(), "weights");
  }
}
