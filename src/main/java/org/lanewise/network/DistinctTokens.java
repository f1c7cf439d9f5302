package org.lanewise.network;

import java.util.Arrays;

/**
 * The distinct tokens of a window in ascending order, so that what depends on a token alone is done
 * once for each of them.
 */
final class DistinctTokens {
  private final int batch;
  private final long[] seen;
  private final int[] rowOf;
  private int count;

  /** The tokens, ascending; the first {@link #count} are valid. */
  final int[] ids;

  /** For each token of the window {@code [time][batch]} its index in {@link #ids}. */
  final int[] rows;

  /**
   * Room for a window.
   *
   * @param tokens size of the vocabulary
   * @param timeSteps room for steps
   * @param batch rows
   */
  DistinctTokens(int tokens, int timeSteps, int batch) {
    this.batch = batch;
    this.seen = new long[(tokens + 63) / 64];
    this.rowOf = new int[tokens];
    this.rows = new int[timeSteps * batch];
    this.ids = new int[most(tokens, timeSteps, batch)];
  }

  /** The largest number of distinct tokens in a window. */
  static int most(int tokens, int timeSteps, int batch) {
    return (int) Math.min(tokens, (long) timeSteps * batch);
  }

  /** Bytes of the arrays. */
  static long bytes(int tokens, int timeSteps, int batch) {
    long words = (tokens + 63L) / 64;
    long ints = (long) tokens + (long) timeSteps * batch + most(tokens, timeSteps, batch);
    return Long.BYTES * words + Integer.BYTES * ints;
  }

  /** Finds the tokens of a window; what stands behind the end of a sequence is no token. */
  void collect(int[] tokens, Timeline timeline) {
    for (int time = 0; time < timeline.steps(); time++) {
      int first = time * batch;
      for (int i = first; i < first + timeline.rows(time); i++) {
        seen[tokens[i] >> 6] |= 1L << tokens[i];
      }
    }
    count = 0;
    for (int word = 0; word < seen.length; word++) {
      for (long bits = seen[word]; bits != 0; bits &= bits - 1) {
        int id = word * 64 + Long.numberOfTrailingZeros(bits);
        rowOf[id] = count;
        ids[count++] = id;
      }
    }
    Arrays.fill(seen, 0);
    for (int time = 0; time < timeline.steps(); time++) {
      int first = time * batch;
      for (int i = first; i < first + timeline.rows(time); i++) {
        rows[i] = rowOf[tokens[i]];
      }
    }
  }

  /** The number of distinct tokens. */
  int count() {
    return count;
  }
}
