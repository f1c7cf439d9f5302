package org.lanewise.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.lanewise.Fixtures.filled;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;

/** What a batch refuses, and that it allocates nothing; its results are among the properties. */
class BatchTest {
  private static Batch batch(Input input, int outputs) {
    NetworkSpec spec =
        new NetworkSpec(
            input, CellKind.LSTM, 6, 0, 2, Direction.BIDIRECTIONAL, Head.LAST, 0, true, outputs);
    return Model.of(filled(spec, 1)).batch(4, 3);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 7, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void aTokenOutOfRangeIsNamed(int token) {
    Batch batch =
        batch(
            new Input.Joined(
                List.of(
                    new Input.Part("word", new Input.Embedding(9, 2)),
                    new Input.Part("suffix", new Input.Embedding(7, 2)))),
            2);
    batch.workspace().tokens(1)[2 * 3 + 1] = token;
    assertEquals(
        "token suffix at step 2 of row 1: found " + token + ", expected 0 to 6",
        refusal(batch, 4, 3, 1));
  }

  @Test
  void aOneHotTokenOutOfRangeIsRefused() {
    Batch batch = batch(new Input.OneHot(5), 2);
    batch.workspace().tokens[0] = 5;
    assertEquals("token at step 0 of row 0: found 5, expected 0 to 4", refusal(batch, 1, 1, 1));
  }

  /** What stands behind the end of a sequence is not read. */
  @Test
  void paddingMayHoldAnything() {
    Batch batch = batch(new Input.OneHot(5), 2);
    Arrays.fill(batch.workspace().tokens, -9);
    for (int row = 0; row < 3; row++) {
      batch.workspace().tokens[row] = row;
    }
    batch.run(new int[] {1, 1, 1});
  }

  @Test
  void lengthsThatDoNotFitAreRefused() {
    Batch batch = batch(new Input.OneHot(5), 2);
    assertEquals("lengths: found 2, expected 3", refusal(batch, 4, 3));
    assertEquals("length of row 0: found 5, expected 1 to 4", refusal(batch, 5, 3, 1));
    assertEquals("length of row 2: found 0, expected 1 to 4", refusal(batch, 4, 3, 0));
    assertEquals(
        "lengths: row 2 has 2 after 1, expected the longest first", refusal(batch, 4, 1, 2));
  }

  private static String refusal(Batch batch, int... lengths) {
    return assertThrows(IllegalArgumentException.class, () -> batch.run(lengths)).getMessage();
  }

  @Test
  void statesThatDoNotFitAreRefused() {
    Batch batch = batch(new Input.Features(2), 0);
    int[] lengths = {4, 4, 4};
    float[] states = new float[2 * 2 * 3 * 6];
    batch.run(lengths, states, states);
    batch.run(lengths, null, states);
    assertEquals(
        "h0: found 71 values, expected 72",
        assertThrows(IllegalArgumentException.class, () -> batch.run(lengths, new float[71], null))
            .getMessage());
    assertEquals(
        "cn: found 0 values, expected 72",
        assertThrows(IllegalArgumentException.class, () -> batch.lastStates(states, new float[0]))
            .getMessage());
  }

  /** The second half from the states after the first gives the bits of the whole. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void twoHalvesEqualTheWhole(int outputs) {
    for (CellKind cell : CellKind.values()) {
      NetworkSpec spec = new NetworkSpec(new Input.Features(2), cell, 6, 2, outputs);
      Model model = Model.of(filled(spec, 1));
      float[] x = Fixtures.floats(2 * 6 * 2, 3);
      Batch whole = model.batch(6, 2);
      fill(whole, x, 0, 6);
      whole.run(new int[] {6, 6});
      Batch half = model.batch(3, 2);
      float[] h = new float[2 * 2 * 6];
      float[] c = cell.hasCellState() ? new float[h.length] : null;
      float[] expected = new float[model.outputSize()];
      float[] found = new float[model.outputSize()];
      for (int part = 0; part < 2; part++) {
        fill(half, x, part * 3, 3);
        half.run(new int[] {3, 3}, part == 0 ? null : h, part == 0 ? null : c);
        half.lastStates(h, c);
        for (int time = 0; time < 3; time++) {
          for (int row = 0; row < 2; row++) {
            whole.result(part * 3 + time, row, expected);
            half.result(time, row, found);
            Fixtures.assertSameBits(expected, found, cell + " step " + time + " part " + part);
          }
        }
      }
    }
  }

  private static void fill(Batch batch, float[] x, int from, int steps) {
    for (int i = 0; i < steps * 2; i++) {
      int at = (from * 2 + i) * 2;
      batch.input(i / 2, i % 2, new float[] {x[at], x[at + 1]});
    }
  }

  @Test
  void inputsThatDoNotFitAreNamed() {
    Batch vectors = batch(new Input.Features(3), 2);
    Batch tokens = batch(new Input.Embedding(9, 2), 2);
    tokens.input(3, 2, 8);
    assertEquals(8, tokens.workspace().tokens[3 * 3 + 2]);
    assertRefused("input: found 2 values, expected 3", () -> vectors.input(0, 0, new float[2]));
    assertRefused(
        "input: found step 4 of row 0, expected less than 4 and 3",
        () -> vectors.input(4, 0, new float[3]));
    assertRefused(
        "input: found step 0 of row -1, expected less than 4 and 3", () -> tokens.input(0, -1, 1));
    assertRefused(
        "input: found a token, expected what Features[size=3] reads", () -> vectors.input(0, 0, 1));
    assertRefused(
        "input: found a vector, expected what Embedding[tokens=9, size=2] reads",
        () -> tokens.input(0, 0, new float[2]));
  }

  private static void assertRefused(String message, Executable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
  }

  @Test
  @Timeout(60)
  void runningAllocatesNothing() {
    Batch batch = batch(new Input.Features(3), 2);
    Arrays.fill(batch.workspace().x, 0.5f);
    int[] lengths = {4, 2, 1};
    float[] result = new float[2];
    long bytes =
        Fixtures.allocatedBytes(
            Thread.currentThread().threadId(),
            () -> {
              for (int i = 0; i < 300; i++) {
                batch.run(lengths);
                batch.result(0, 2, result);
              }
            });
    assertEquals(0, bytes);
  }
}
