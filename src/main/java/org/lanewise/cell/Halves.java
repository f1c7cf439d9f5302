package org.lanewise.cell;

/**
 * How the rows of a batch lie over time: all steps of its first half, and behind them all steps of
 * its second half, {@code [half][time][row of the half]}. A small batch, and every batch of
 * inference, is one piece.
 *
 * <p>Two threads that train take a half each. With the rows of both side by side in every step,
 * what the processor fetches ahead of one thread are lines that the other is about to write:
 * forward and backward of 32 sequences of 64 steps through 128 units took two threads 3.4 ms of one
 * thread's 5.5, and take them 2.9 with halves apart (AMD Zen 5). And the rows of a half are one
 * matrix over all steps, whoever works on them.
 *
 * @param batch rows
 * @param first rows of the first half; all of them when there is no second
 */
public record Halves(int batch, int first) {
  /** Rows of the least batch that has two halves: with fewer, products have too few of them. */
  private static final int LEAST = 16;

  /**
   * The halves of a batch in training.
   *
   * @param batch rows
   * @return two halves of an even number of rows, as products take them, if there are enough
   */
  public static Halves of(int batch) {
    return new Halves(batch, batch < LEAST ? batch : (batch + 2) / 4 * 2);
  }

  /**
   * A batch in one piece.
   *
   * @param batch rows
   * @return a first half of all rows
   */
  public static Halves whole(int batch) {
    return new Halves(batch, batch);
  }

  /**
   * The number of halves.
   *
   * @return 1 or 2
   */
  public int count() {
    return first < batch ? 2 : 1;
  }

  /**
   * Where a half begins.
   *
   * @param half index of the half, or their number for the end of the last one
   * @return its first row
   */
  public int begin(int half) {
    return half == 0 ? 0 : half < count() ? first : batch;
  }

  /**
   * Where the part of some rows that lies in a half begins.
   *
   * @param half index of the half
   * @param rowBegin first of the rows
   * @return its first row; none when it is not before {@link #end}
   */
  public int begin(int half, int rowBegin) {
    return Math.max(rowBegin, begin(half));
  }

  /**
   * Where the part of some rows that lies in a half ends.
   *
   * @param half index of the half
   * @param rowEnd one past the last of the rows
   * @return one past its last row
   */
  public int end(int half, int rowEnd) {
    return Math.min(rowEnd, begin(half + 1));
  }

  /**
   * Checks that some rows lie in one half: products over several steps know no other.
   *
   * @param rowBegin first of the rows
   * @param rowEnd one past the last of the rows
   * @throws IllegalArgumentException if there is a row of each half
   */
  public void requireOne(int rowBegin, int rowEnd) {
    if (rowBegin < first && rowEnd > first) {
      throw new IllegalArgumentException(
          "rows "
              + rowBegin
              + " to "
              + rowEnd
              + ": expected rows of one half of the batch, which are 0 to "
              + first
              + " and "
              + first
              + " to "
              + batch);
    }
  }

  /**
   * The rows that lie side by side in a step with a row.
   *
   * @param row row of the batch
   * @return the number of rows in its half
   */
  public int rows(int row) {
    return row < first ? first : batch - first;
  }

  /**
   * The place of a row among all rows of all steps.
   *
   * @param steps steps that there is room for
   * @param time index of the step
   * @param row row of the batch
   * @return its index
   */
  public int index(int steps, int time, int row) {
    return row < first ? time * first + row : steps * first + time * (batch - first) + row - first;
  }
}
