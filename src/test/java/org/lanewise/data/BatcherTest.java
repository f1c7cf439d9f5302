package org.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatcherTest {
  private static final int[] LENGTHS = new SplittableRandom(1).ints(1003, 1, 60).toArray();

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void batchesPartitionTheExamples(boolean bucketed) {
    for (int batchSize : new int[] {1, 2, 17, 1002, 1003, Integer.MAX_VALUE}) {
      Batcher batcher = new Batcher(LENGTHS, batchSize, 7, bucketed);
      int[][] batches = batcher.epoch(3);
      assertEquals(batcher.steps(), batches.length);
      int[] all = Arrays.stream(batches).flatMapToInt(Arrays::stream).sorted().toArray();
      assertArrayEquals(IntStream.range(0, LENGTHS.length).toArray(), all);
      long full = Arrays.stream(batches).filter(batch -> batch.length == batchSize).count();
      assertTrue(full >= batches.length - 1, "only one batch may be smaller");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void epochDependsOnSeedAndNumberAlone(boolean bucketed) {
    Batcher batcher = new Batcher(LENGTHS, 16, 7, bucketed);
    int[][] second = batcher.epoch(2);
    batcher.epoch(5);
    assertTrue(Arrays.deepEquals(second, batcher.epoch(2)));
    assertTrue(Arrays.deepEquals(second, new Batcher(LENGTHS, 16, 7, bucketed).epoch(2)));
    assertFalse(Arrays.deepEquals(second, batcher.epoch(3)));
    assertFalse(Arrays.deepEquals(second, new Batcher(LENGTHS, 16, 8, bucketed).epoch(2)));
    assertFalse(Arrays.deepEquals(second, new Batcher(LENGTHS, 16, 8, bucketed).epoch(1)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void longestComesFirstAndTiesKeepTheirOrder(boolean bucketed) {
    for (int[] batch : new Batcher(LENGTHS, 100, 7, bucketed).epoch(0)) {
      for (int i = 1; i < batch.length; i++) {
        int fall = LENGTHS[batch[i - 1]] - LENGTHS[batch[i]];
        assertTrue(fall > 0 || (fall == 0 && batch[i - 1] < batch[i]));
      }
    }
  }

  @Test
  void bucketsHaveLittlePadding() {
    assertTrue(padding(false) > 0.4, "shuffled: " + padding(false));
    assertTrue(padding(true) < 0.03, "bucketed: " + padding(true));
  }

  private static double padding(boolean bucketed) {
    int padded = 0;
    for (int[] batch : new Batcher(LENGTHS, 16, 7, bucketed).epoch(0)) {
      padded += LENGTHS[batch[0]] * batch.length;
    }
    return 1 - (double) Arrays.stream(LENGTHS).sum() / padded;
  }

  @Test
  void equalLengthsMeetOthersInEveryEpoch() {
    int[] lengths = IntStream.generate(() -> 5).limit(100).toArray();
    Batcher batcher = new Batcher(lengths, 50, 7, true);
    assertFalse(Arrays.equals(batcher.epoch(0)[0], batcher.epoch(1)[0]));
    assertFalse(Arrays.equals(batcher.epoch(0)[0], batcher.epoch(1)[1]));
  }

  @Test
  void everyOrderOfThreeIsAsLikely() {
    int[] counts = new int[27];
    Batcher batcher = new Batcher(new int[] {1, 1, 1}, 1, 0, false);
    for (int epoch = 0; epoch < 6000; epoch++) {
      int[][] order = batcher.epoch(epoch);
      counts[order[0][0] * 9 + order[1][0] * 3 + order[2][0]]++;
    }
    for (int count : Arrays.stream(counts).filter(count -> count > 0).toArray()) {
      assertEquals(1000, count, 150);
    }
  }

  /** A change of these numbers would break the resumption of every run. */
  @Test
  void orderIsFixedForAllTime() {
    assertEquals(
        "[[3, 0], [2, 1], [4]]",
        Arrays.deepToString(new Batcher(new int[] {3, 1, 2, 5, 4}, 2, 42, false).epoch(1)));
  }

  @Test
  void impossibleNumbersAreRefused() {
    assertRefused("number of examples: found 0, expected 1 or more", new int[0], 1);
    assertRefused("batch size: found 0, expected 1 or more", new int[] {1}, 0);
    assertRefused("length of example 1: found 0, expected 1 or more", new int[] {1, 0}, 1);
  }

  private static void assertRefused(String message, int[] lengths, int batchSize) {
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> new Batcher(lengths, batchSize, 0, true));
    assertEquals(message, e.getMessage());
  }
}
