package org.lanewise.network;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.lanewise.cell.Halves;

/**
 * The weight gradients of a window, in pieces of a few panels, for threads that share them. A piece
 * is summed over the first half of the batch and then over the second.
 *
 * <p>The threads that had the first half of the batch forward and backward lead, and begin the
 * pieces; the others follow and finish them with the second half. So a thread reads what its own
 * caches hold, and only the sums go from one to the other. Who finds nothing of its own to do takes
 * what is there, so that a slow thread holds up nobody. Whoever works on it, the order of a sum is
 * the same. Threads that come from the backward pass need not meet before: a half of a piece waits
 * for the rows of that half.
 */
final class GradientPieces {
  /** Pieces of a layer that threads share. */
  private static final int PIECES = 16;

  /** Looks for work before the core is left to others: longer than equal cores differ. */
  private static final int SPINS = 20_000;

  /** Nanoseconds between looks from then on; the system makes some 60,000 of them. */
  private static final int PAUSE = 1000;

  /** Where a piece stands, in this order: HALF when the first half of the batch is summed. */
  private static final int FRESH = 0;

  private static final int BEGUN = 1;
  private static final int HALF = 2;
  private static final int LAST = 3;

  /** What has weight gradients, in panels. */
  interface Source {
    /** The number of panels. */
    int panels();

    /** The most panels of a piece. */
    int piece();

    /**
     * Adds what a half of the batch gives to some panels. The first half begins their sums, the
     * last one moves them to the arena.
     */
    void accumulate(Workspace workspace, int half, int panelBegin, int panelEnd, float[] arena);
  }

  private record Piece(Source source, int begin, int end) {
    void accumulate(Workspace workspace, int half, float[] arena) {
      source.accumulate(workspace, half, begin, end, arena);
    }
  }

  private final Piece[] whole;
  private final Piece[] pieces;
  private final AtomicIntegerArray states;
  private final AtomicInteger left = new AtomicInteger();
  private final HalfTurns turns = new HalfTurns();

  GradientPieces(List<? extends Source> sources) {
    this.whole = pieces(sources, 1);
    this.pieces = pieces(sources, PIECES);
    this.states = new AtomicIntegerArray(pieces.length);
  }

  private static Piece[] pieces(List<? extends Source> sources, int least) {
    List<Piece> all = new ArrayList<>();
    for (Source source : sources) {
      int panels = source.panels();
      int size = Math.clamp(panels / least, 1, source.piece());
      for (int begin = 0; begin < panels; begin += size) {
        all.add(new Piece(source, begin, Math.min(begin + size, panels)));
      }
    }
    return all.toArray(Piece[]::new);
  }

  /** The rows that a thread has, and how far they are. */
  HalfTurns turns() {
    return turns;
  }

  /**
   * One of several parts of the work of a window whose rows are all done. Each is called once, in
   * any order or at the same time.
   */
  void run(Workspace workspace, int part, int parts, float[] arena) {
    if (parts == 1) {
      int last = workspace.halves().count() - 1;
      for (Piece piece : whole) {
        for (int half = 0; half <= last; half++) {
          piece.accumulate(workspace, half, arena);
        }
      }
      return;
    }
    try {
      share(workspace, part, parts, false, arena);
    } finally {
      leave(parts);
    }
  }

  /**
   * The same, while others may still be at their rows, those of this part having been added to
   * {@link #turns}: all parts at the same time. All rows are done when it returns.
   */
  void follow(Workspace workspace, int part, int parts, float[] arena) {
    try {
      share(workspace, part, parts, true, arena);
    } finally {
      leave(parts);
    }
  }

  private void share(Workspace workspace, int part, int parts, boolean wait, float[] arena) {
    Halves halves = workspace.halves();
    int last = halves.count() - 1;
    boolean leads = last == 0 || 2 * part < parts;
    int idle = 0;
    while (!allTaken()) {
      boolean first = !wait || turns.isDone(halves, 0);
      boolean second = !wait || turns.isDone(halves, last);
      boolean worked = leads && first && begin(workspace, last, arena);
      if (!worked && second) {
        worked = finish(workspace, leads, arena);
      }
      if (!worked && first && !leads) {
        worked = begin(workspace, last, arena);
      }
      idle = worked ? 0 : idle + 1;
      if (idle > SPINS) {
        LockSupport.parkNanos(PAUSE);
      } else if (!worked) {
        Thread.onSpinWait();
      }
    }
  }

  /** Notes that a part is through; the last one makes ready for the next window. */
  void leave(int parts) {
    if (left.incrementAndGet() == parts) {
      left.set(0);
      for (int i = 0; i < pieces.length; i++) {
        states.set(i, FRESH);
      }
      turns.next();
    }
  }

  /** Sums the first half of the first piece that nobody has begun; false if there is none. */
  private boolean begin(Workspace workspace, int last, float[] arena) {
    for (int i = 0; i < pieces.length; i++) {
      if (states.get(i) == FRESH && states.compareAndSet(i, FRESH, BEGUN)) {
        try {
          pieces[i].accumulate(workspace, 0, arena);
        } finally {
          states.set(i, last == 0 ? LAST : HALF);
        }
        return true;
      }
    }
    return false;
  }

  /** Sums the second half of a piece, the last or the first that waits for it; false if none. */
  private boolean finish(Workspace workspace, boolean fromEnd, float[] arena) {
    for (int k = 0; k < pieces.length; k++) {
      int i = fromEnd ? pieces.length - 1 - k : k;
      if (states.get(i) == HALF && states.compareAndSet(i, HALF, LAST)) {
        pieces[i].accumulate(workspace, 1, arena);
        return true;
      }
    }
    return false;
  }

  private boolean allTaken() {
    for (int i = 0; i < pieces.length; i++) {
      if (states.get(i) != LAST) {
        return false;
      }
    }
    return true;
  }
}
