package org.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tokens of these texts are their own positions, so that a token tells where it was taken. */
class TextBatchesTest {
  private static int[] positions(int length) {
    return IntStream.range(0, length).toArray();
  }

  @ParameterizedTest
  @CsvSource({"0, 101, 4, 5", "7, 90, 3, 4", "0, 11, 2, 5", "0, 100, 7, 3"})
  void targetIsTheTokenAfter(int begin, int end, int batch, int window) {
    TextBatches batches = new TextBatches(positions(200), begin, end, batch, window);
    int[] tokens = new int[batch * window];
    int[] targets = new int[tokens.length];
    for (int index = 0; index <= batches.windows(); index++) {
      int steps = index < batches.windows() ? window : batches.remainder();
      batches.fill(index, steps, tokens, targets);
      for (int i = 0; i < steps * batch; i++) {
        assertEquals(tokens[i] + 1, targets[i], "window " + index + ", position " + i);
        assertTrue(targets[i] < end, "target " + targets[i] + " is beyond " + end);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 101, 4, 5", "7, 90, 3, 4", "0, 11, 2, 5", "3, 103, 7, 3"})
  void streamsWalkThroughTheirStretchWithoutGapOrOverlap(
      int begin, int end, int batch, int window) {
    TextBatches batches = new TextBatches(positions(200), begin, end, batch, window);
    int length = (end - begin - 1) / batch;
    assertEquals(length, batches.windows() * window + batches.remainder());
    int[] tokens = new int[batch * window];
    for (int index = 0; index <= batches.windows(); index++) {
      int steps = index < batches.windows() ? window : batches.remainder();
      batches.fill(index, steps, tokens, new int[tokens.length]);
      for (int t = 0; t < steps; t++) {
        for (int stream = 0; stream < batch; stream++) {
          assertEquals(
              begin + stream * length + index * window + t,
              tokens[t * batch + stream],
              "window " + index + ", step " + t + ", stream " + stream);
        }
      }
    }
    assertTrue(end - begin - 1 - batch * length < batch, "more tokens are left out than needed");
  }

  @Test
  void oneWindowIsTheLeast() {
    assertEquals(1, new TextBatches(positions(13), 0, 13, 3, 4).windows());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new TextBatches(positions(13), 1, 13, 3, 4));
    assertEquals(
        "the text is too short: found 12 tokens, expected at least 13 for a batch of 3 and a"
            + " window of 4",
        e.getMessage());
  }
}
