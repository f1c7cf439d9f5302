package org.lanewise.network;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.lanewise.cell.Halves;

/**
 * How far the halves of a batch are in a window, for threads that go on to its weight gradients
 * without meeting, and which threads take which half.
 *
 * <p>The sums begin with the first half, so who has that can go on to them while the other is still
 * busy, and not the other way round. Where one core is slower than the other for a while, which on
 * shared machines is the rule, its thread therefore had better have the second half. With a meeting
 * before the sums, one of the two waited for a tenth of the time in such a while, and two threads
 * trained a layer of 128 units 1.75 to 1.92 times as fast as one; now it is up to 2.09 times (AMD
 * Zen 5).
 */
final class HalfTurns {
  /** Windows in a row that have to begin with the second half before threads change places. */
  private static final int PATIENCE = 3;

  /** Rows of each half whose error terms are there. */
  private final AtomicIntegerArray done = new AtomicIntegerArray(2);

  private int secondWasFirst;
  private boolean backwards;

  /** The part of the rows for a thread, the same from one {@link #next} to another. */
  int part(int thread, int threads) {
    return backwards ? threads - 1 - thread : thread;
  }

  /** Notes that the error terms of some rows are there. */
  void add(Halves halves, int rowBegin, int rowEnd) {
    for (int half = 0; half < halves.count(); half++) {
      int rows = halves.end(half, rowEnd) - halves.begin(half, rowBegin);
      if (rows > 0 && done.addAndGet(half, rows) == rows(halves, half)) {
        boolean first = halves.count() == 2 && !isDone(halves, 1 - half);
        if (first) {
          secondWasFirst = half == 1 ? secondWasFirst + 1 : 0;
        }
      }
    }
  }

  /** Whether the error terms of all rows of a half are there. */
  boolean isDone(Halves halves, int half) {
    return done.get(half) == rows(halves, half);
  }

  private static int rows(Halves halves, int half) {
    return halves.begin(half + 1) - halves.begin(half);
  }

  /** Ends a window, when all threads are through. */
  void next() {
    done.set(0, 0);
    done.set(1, 0);
    if (secondWasFirst == PATIENCE) {
      secondWasFirst = 0;
      backwards = !backwards;
    }
  }
}
