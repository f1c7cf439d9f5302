package org.lanewise.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.format.FormatException;
import org.lanewise.format.Tensor;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Batch;

/** Networks of this library as files of Keras, and back. */
class KerasRoundTripTest {
  private static final int STEPS = 5;
  private static final int BATCH = 3;

  @TempDir Path directory;

  static List<NetworkSpec> networks() {
    List<NetworkSpec> all = new ArrayList<>();
    List<Input> inputs =
        List.of(new Input.Features(3), new Input.Embedding(7, 4), new Input.OneHot(6));
    int i = 0;
    for (CellKind cell :
        List.of(CellKind.LSTM, CellKind.GRU, CellKind.RNN_TANH, CellKind.RNN_RELU)) {
      for (Direction direction : Direction.values()) {
        for (Head head : Head.values()) {
          Input input = inputs.get(i % inputs.size());
          all.add(
              new NetworkSpec(
                  input, cell, 5 + i % 13, 0, 1 + i % 2, direction, head, 0.1, false, 2));
          i++;
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void resultsHaveTheSameBits(NetworkSpec spec) throws IOException {
    Parameters ours = Fixtures.filled(spec, 5);
    Path file = directory.resolve("model.keras");
    KerasFile.write(file, ours);
    KerasFile read = KerasFile.read(file);
    Parameters again = read.requireNetwork();
    Tensor in = input(spec);
    Batch before = KerasFiles.run(ours, in);
    Batch after = KerasFiles.run(again, in);
    int results = spec.head().everyStep() ? STEPS : 1;
    float[] all = new float[BATCH * results * 2];
    float[] expected = new float[2];
    float[] found = new float[2];
    for (int row = 0; row < BATCH; row++) {
      for (int time = 0; time < results; time++) {
        before.result(time, row, expected);
        after.result(time, row, found);
        Fixtures.assertSameBits(expected, found, spec + " row " + row + " step " + time);
        System.arraycopy(expected, 0, all, (row * results + time) * 2, 2);
      }
    }
    int[] shape = spec.head().everyStep() ? new int[] {BATCH, STEPS, 2} : new int[] {BATCH, 2};
    KerasFiles.assertGraphGives(read, in, Tensor.of("out", all, shape), 2e-6);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void whatWasReadIsWrittenWithTheSameBytes(NetworkSpec spec) throws IOException {
    Path first = directory.resolve("first.keras");
    Path second = directory.resolve("second.keras");
    KerasFile.write(first, Fixtures.filled(spec, 5));
    KerasFile.write(second, KerasFile.read(first).requireNetwork());
    assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void weightsAloneWithTheArchitectureAreTheModel(NetworkSpec spec) throws IOException {
    Parameters ours = Fixtures.filled(spec, 5);
    Path archive = directory.resolve("model.keras");
    Path weights = directory.resolve("model.weights.h5");
    KerasFile.write(archive, ours);
    KerasFile.writeWeights(weights, ours);
    assertArrayEquals(Archive.read(archive).get(Archive.WEIGHTS), Files.readAllBytes(weights));
    KerasFiles.assertSameBits(
        KerasFile.read(archive).requireNetwork(),
        KerasFile.readWeights(weights, spec).requireNetwork());
  }

  @Test
  void aNetworkWithoutLinearOutputKeepsItsArchitecture() throws IOException {
    NetworkSpec spec = new NetworkSpec(new Input.Features(3), CellKind.LSTM, 4, 2, 0);
    Path file = directory.resolve("model.keras");
    KerasFile.write(file, Fixtures.filled(spec, 1));
    assertEquals(spec, KerasFile.read(file).requireNetwork().spec());
  }

  @Test
  void whatKerasLacksIsNamed() {
    NetworkSpec peepholes = new NetworkSpec(new Input.Features(3), CellKind.LSTM_PEEPHOLE, 4, 1, 2);
    assertRefused(peepholes, "peepholes");
    assertRefused(variant(new Input.Features(3), 2, false), "projection");
    assertRefused(variant(new Input.Features(3), 0, true), "trained state");
    assertRefused(variant(new Input.OneHot(5000), 0, false), "4096");
    Input.Part part = new Input.Part("word", new Input.Features(2));
    assertRefused(variant(new Input.Joined(List.of(part)), 0, false), "joined input");
  }

  private static NetworkSpec variant(Input input, int projection, boolean trained) {
    return new NetworkSpec(
        input, CellKind.LSTM, 4, projection, 1, Direction.FORWARD, Head.STEPS, 0, trained, 2);
  }

  private void assertRefused(NetworkSpec spec, String words) {
    Path file = directory.resolve("refused.keras");
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> KerasFile.write(file, new Parameters(spec)));
    assertTrue(refused.getMessage().contains(words), refused.getMessage());
    assertTrue(Files.notExists(file));
  }

  @Test
  void weightsOfAnotherNetworkAreRefused() throws IOException {
    Path file = directory.resolve("model.weights.h5");
    Input input = new Input.Features(3);
    KerasFile.writeWeights(
        file, Fixtures.filled(new NetworkSpec(input, CellKind.LSTM, 4, 2, 2), 1));
    for (NetworkSpec other :
        List.of(
            new NetworkSpec(input, CellKind.LSTM, 4, 1, 2),
            new NetworkSpec(input, CellKind.LSTM, 4, 3, 2),
            new NetworkSpec(input, CellKind.LSTM, 5, 2, 2),
            new NetworkSpec(input, CellKind.GRU, 4, 2, 2),
            new NetworkSpec(input, CellKind.LSTM, 4, 2, 0))) {
      assertThrows(FormatException.class, () -> KerasFile.readWeights(file, other));
    }
  }

  @Test
  void notANumberIsRefused() throws IOException {
    Parameters ours =
        Fixtures.filled(new NetworkSpec(new Input.Features(3), CellKind.GRU, 4, 1, 2), 1);
    Path file = directory.resolve("model.keras");
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      ours.values()[ours.slice("linear.weight").offset() + 3] = value;
      KerasFile.write(file, ours);
      FormatException refused = assertThrows(FormatException.class, () -> KerasFile.read(file));
      assertTrue(refused.getMessage().contains("layers/dense/vars/0"), refused.getMessage());
    }
  }

  private static Tensor input(NetworkSpec spec) {
    if (!spec.input().isToken()) {
      return Tensor.of("in", Fixtures.floats(BATCH * STEPS * 3, 9), BATCH, STEPS, 3);
    }
    int[] ids = Fixtures.ids(BATCH * STEPS, spec.input().tokens(), 9);
    long[] tokens = Arrays.stream(ids).asLongStream().toArray();
    return Tensor.of("in", tokens, BATCH, STEPS);
  }
}
