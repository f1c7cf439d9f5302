package org.lanewise.network;

import java.util.Arrays;
import org.lanewise.cell.Halves;

/**
 * How long each sequence of a batch is. Rows are ordered from the longest sequence to the shortest,
 * so that the rows still running at any time are the first ones, and padding costs no arithmetic.
 *
 * <p>Mutable: one timeline belongs to a workspace and changes from batch to batch.
 */
public final class Timeline {
  private final int capacity;
  private final Halves halves;
  private final int[] lengths;
  private final int[] rows;
  private int steps;
  private boolean even;

  Timeline(int capacity, Halves halves) {
    this.capacity = capacity;
    this.halves = halves;
    this.lengths = new int[halves.batch()];
    this.rows = new int[capacity + 1];
    setAll(capacity);
  }

  /**
   * All sequences have the same length.
   *
   * @param length steps, at most the room of the workspace
   */
  public void setAll(int length) {
    check(0, length);
    steps = length;
    even = true;
    Arrays.fill(lengths, length);
    Arrays.fill(rows, 0, length, lengths.length);
  }

  /**
   * Every sequence has its own length.
   *
   * @param lengthOfRow steps of each row, longest first, at least 1
   * @throws IllegalArgumentException if there are not as many as rows, one is out of range, or they
   *     are not ordered
   */
  public void set(int[] lengthOfRow) {
    if (lengthOfRow.length != lengths.length) {
      throw new IllegalArgumentException(
          "lengths: found " + lengthOfRow.length + ", expected " + lengths.length);
    }
    for (int row = 0; row < lengthOfRow.length; row++) {
      check(row, lengthOfRow[row]);
      if (row > 0 && lengthOfRow[row] > lengthOfRow[row - 1]) {
        throw new IllegalArgumentException(
            "lengths: row "
                + row
                + " has "
                + lengthOfRow[row]
                + " after "
                + lengthOfRow[row - 1]
                + ", expected the longest first");
      }
    }
    System.arraycopy(lengthOfRow, 0, lengths, 0, lengths.length);
    steps = lengths[0];
    even = lengths[lengths.length - 1] == steps;
    int running = lengths.length;
    for (int time = 0; time < steps; time++) {
      while (lengths[running - 1] <= time) {
        running--;
      }
      rows[time] = running;
    }
  }

  /** Some steps of another timeline of the same batch, counted from the first of them. */
  void part(Timeline whole, int begin, int end) {
    steps = end - begin;
    even = whole.even;
    for (int row = 0; row < lengths.length; row++) {
      lengths[row] = Math.clamp((long) whole.lengths[row] - begin, 0, steps);
    }
    System.arraycopy(whole.rows, begin, rows, 0, steps);
  }

  /** Bytes of the arrays of a timeline. */
  static long bytes(int capacity, int batch) {
    return Integer.BYTES * (batch + capacity + 1L);
  }

  private void check(int row, int length) {
    if (length < 1 || length > capacity) {
      throw new IllegalArgumentException(
          "length of row " + row + ": found " + length + ", expected 1 to " + capacity);
    }
  }

  /**
   * The length of the longest sequence.
   *
   * @return time steps of the batch
   */
  public int steps() {
    return steps;
  }

  /**
   * The number of sequences still running at a time.
   *
   * @param time index of the step
   * @return the first so many rows
   */
  public int rows(int time) {
    return rows[time];
  }

  /**
   * The length of a sequence.
   *
   * @param row its row
   * @return its steps
   */
  public int length(int row) {
    return lengths[row];
  }

  /**
   * The step where a part begins when some rows of all steps are shared evenly.
   *
   * @param rowBegin first row
   * @param rowEnd one past the last row
   * @param part index of the part, or the number of parts for the end
   * @param parts number of parts
   */
  int share(int rowBegin, int rowEnd, int part, int parts) {
    long all = 0;
    for (int time = 0; time < steps; time++) {
      all += runRows(time, 1, rowBegin, rowEnd);
    }
    long before = 0;
    int step = 0;
    while (step < steps && before * parts < all * part) {
      before += runRows(step++, 1, rowBegin, rowEnd);
    }
    return step;
  }

  /**
   * Whether all sequences have the same length.
   *
   * @return true when no row ends before another
   */
  public boolean even() {
    return even;
  }

  /**
   * How many steps of some rows of a half lie behind one another without a gap: all of them when
   * the rows are the whole half and equally long, so that one product can serve every step, else
   * one.
   */
  int run(int rowBegin, int rowEnd) {
    return even && rowEnd - rowBegin == halves.rows(rowBegin) ? steps : 1;
  }

  /** The rows of a run of steps that begins at a time; 0 when none of the rows is still running. */
  int runRows(int time, int run, int rowBegin, int rowEnd) {
    return run > 1
        ? run * (rowEnd - rowBegin)
        : Math.max(0, Math.min(rowEnd, rows[time]) - rowBegin);
  }
}
