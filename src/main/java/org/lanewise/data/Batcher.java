package org.lanewise.data;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Deals examples into batches, anew in each epoch. The batches of an epoch depend on the lengths,
 * the batch size, the seed and the number of the epoch alone, so a run that is resumed sees what an
 * uninterrupted one would have seen. Immutable.
 *
 * <p>With bucketing, examples of similar length share a batch, so little of it is padding: the
 * examples are shuffled, sorted by length (equal lengths stay shuffled), cut into batches, and the
 * batches are shuffled.
 */
public final class Batcher {
  private final int[] lengths;
  private final int batchSize;
  private final long seed;
  private final boolean bucketed;

  /**
   * Batches of examples.
   *
   * @param lengths time steps of each example, each 1 or more
   * @param batchSize examples of a batch
   * @param seed any number
   * @param bucketed whether examples of similar length come together
   * @throws IllegalArgumentException if there is no example, or a number is below 1
   */
  public Batcher(int[] lengths, int batchSize, long seed, boolean bucketed) {
    positive("number of examples", lengths.length);
    positive("batch size", batchSize);
    for (int example = 0; example < lengths.length; example++) {
      positive("length of example " + example, lengths[example]);
    }
    this.lengths = lengths.clone();
    this.batchSize = batchSize;
    this.seed = seed;
    this.bucketed = bucketed;
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": found " + value + ", expected 1 or more");
    }
  }

  /**
   * Batches of an epoch.
   *
   * @return examples divided by the batch size, rounded up
   */
  public int steps() {
    return (lengths.length - 1) / batchSize + 1;
  }

  /**
   * The batches of one epoch. All are full but one: the last, or with bucketing the one of the
   * shortest examples, wherever it comes to stand.
   *
   * @param epoch number of the epoch
   * @return indices of examples {@code [step][batch]}, each example once; within a batch the
   *     longest first, of equal lengths the smaller index first
   */
  public int[][] epoch(int epoch) {
    // The seed is mixed before the epoch is added: neighbouring seeds must not share epochs.
    SplittableRandom random = new SplittableRandom(new SplittableRandom(seed).nextLong() + epoch);
    int[] order = shuffled(lengths.length, random);
    if (bucketed) {
      order = longestFirst(order);
    }
    int[] places = bucketed ? shuffled(steps(), random) : IntStream.range(0, steps()).toArray();
    int[][] batches = new int[steps()][];
    for (int step = 0; step < steps(); step++) {
      int from = step * batchSize;
      int[] batch =
          Arrays.copyOfRange(order, from, from + Math.min(batchSize, order.length - from));
      Arrays.sort(batch);
      batches[places[step]] = longestFirst(batch);
    }
    return batches;
  }

  /** Examples by falling length; of equal lengths in the order given. */
  private int[] longestFirst(int[] examples) {
    long[] keys = new long[examples.length];
    for (int i = 0; i < examples.length; i++) {
      keys[i] = ((long) -lengths[examples[i]] << 32) | i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> examples[(int) key]).toArray();
  }

  /** The numbers below {@code count} in random order: the shuffle of Fisher and Yates. */
  private static int[] shuffled(int count, SplittableRandom random) {
    int[] order = IntStream.range(0, count).toArray();
    for (int last = count - 1; last > 0; last--) {
      // Random.nextInt(bound) is free to change between releases of Java; this is not.
      int other = (int) (((random.nextLong() >>> 33) * (last + 1L)) >>> 31);
      int moved = order[last];
      order[last] = order[other];
      order[other] = moved;
    }
    return order;
  }
}
