package org.lanewise.network;

import org.lanewise.cell.Cell;
import org.lanewise.cell.Tape;

/**
 * A window of which only the states are kept, and the gradients of the hidden states. Gates are
 * kept for one segment of it, and computed anew from the states whenever a segment is worked on:
 *
 * <pre>
 * forward           each segment leaves its states
 * error terms       from the last segment to the first: the gates anew, then backward; kept are
 *                   δh and δc where segments meet
 * weight gradients  from the first segment to the last, because that is the order of their sums:
 *                   the gates anew, the error terms anew, then their products
 * </pre>
 *
 * <p>Every number is computed by the same operations on the same numbers as when everything is
 * kept, so it has the same bits.
 */
final class Segments {
  /** Steps of a segment; the last one may have fewer. */
  final int steps;

  /** Gates and states of the segment in work, slot 0 being the one before its first step. */
  final Tape tape;

  private final Timeline whole;
  private final Timeline[] timelines;
  private final float[][] dc;
  private final int directions;

  /**
   * Room for the segments of a window.
   *
   * @param spec the architecture
   * @param cell its cell
   * @param whole the window
   * @param timeSteps room of the window
   * @param batch rows
   * @param steps steps of a segment
   */
  Segments(NetworkSpec spec, Cell cell, Timeline whole, int timeSteps, int batch, int steps) {
    this.steps = steps;
    this.whole = whole;
    this.directions = spec.direction().count();
    this.tape = new Tape(cell, steps, batch, true);
    this.timelines = new Timeline[(timeSteps + steps - 1) / steps];
    for (int i = 0; i < timelines.length; i++) {
      timelines[i] = new Timeline(steps, tape.halves);
    }
    this.dc = new float[spec.layers() * directions][timelines.length * tape.dc.length];
  }

  /** Bytes of the arrays. */
  static long bytes(NetworkSpec spec, Cell cell, int timeSteps, int batch, int steps) {
    long count = (timeSteps + steps - 1L) / steps;
    long dc = Tape.gradientFloats(cell, batch);
    long floats = count * dc * spec.layers() * spec.direction().count();
    floats += Tape.floats(cell, steps, batch, true, true);
    return Float.BYTES * floats + count * Timeline.bytes(steps, batch);
  }

  /** Cuts the window, whose lengths have been set. */
  void cut() {
    for (int i = 0; i < count(); i++) {
      timelines[i].part(whole, first(i), Math.min(first(i) + steps, whole.steps()));
    }
  }

  /** The number of segments of the window. */
  int count() {
    return (whole.steps() + steps - 1) / steps;
  }

  /** The first step of a segment. */
  int first(int segment) {
    return segment * steps;
  }

  Timeline timeline(int segment) {
    return timelines[segment];
  }

  /** Loads the states of a segment, for some rows, and with them their gradients. */
  void load(Tape from, int segment, int rowBegin, int rowEnd, boolean gradients) {
    for (int slot = 0; slot <= timelines[segment].steps(); slot++) {
      int at = first(segment) + slot;
      copy(from.h, from.at(at, rowBegin), tape.h, tape.at(slot, rowBegin), rowEnd - rowBegin);
      copyCells(from, at, tape, slot, rowBegin, rowEnd);
      if (gradients) {
        copy(from.dh, from.at(at, rowBegin), tape.dh, tape.at(slot, rowBegin), rowEnd - rowBegin);
      }
    }
  }

  /** Stores the states of a segment, for some rows. */
  void store(int segment, Tape to, int rowBegin, int rowEnd) {
    for (int slot = 0; slot <= timelines[segment].steps(); slot++) {
      int at = first(segment) + slot;
      copy(tape.h, tape.at(slot, rowBegin), to.h, to.at(at, rowBegin), rowEnd - rowBegin);
      copyCells(tape, slot, to, at, rowBegin, rowEnd);
    }
  }

  private void copyCells(Tape from, int at, Tape to, int slot, int rowBegin, int rowEnd) {
    if (from.c.length > 0) {
      int n = (rowEnd - rowBegin) * from.cellStride;
      System.arraycopy(from.c, from.cellAt(at, rowBegin), to.c, to.cellAt(slot, rowBegin), n);
    }
  }

  private void copy(float[] from, int fromAt, float[] to, int toAt, int rows) {
    System.arraycopy(from, fromAt, to, toAt, rows * tape.stride);
  }

  /** Stores the gradients of the states before a segment, as its direction runs, for some rows. */
  void storeGradients(int segment, boolean reverse, Tape to, int rowBegin, int rowEnd) {
    Timeline timeline = timelines[segment];
    for (int row = rowBegin; row < rowEnd && timeline.length(row) > 0; row++) {
      int slot = reverse ? timeline.length(row) : 0;
      copy(tape.dh, tape.at(slot, row), to.dh, to.at(first(segment) + slot, row), 1);
    }
  }

  /** Takes δc of some rows from a tape. */
  void loadCellGradients(Tape from, int rowBegin, int rowEnd) {
    cells(from.dc, 0, tape.dc, 0, rowBegin, rowEnd);
  }

  /** Gives δc of some rows to a tape. */
  void storeCellGradients(Tape to, int rowBegin, int rowEnd) {
    cells(tape.dc, 0, to.dc, 0, rowBegin, rowEnd);
  }

  /** Keeps δc as it is before the backward pass of a segment, for some rows. */
  void keep(int layer, int direction, int segment, int rowBegin, int rowEnd) {
    float[] kept = dc[layer * directions + direction];
    cells(tape.dc, 0, kept, segment * tape.dc.length, rowBegin, rowEnd);
  }

  /** Gives back what was kept. */
  void restore(int layer, int direction, int segment, int rowBegin, int rowEnd) {
    float[] kept = dc[layer * directions + direction];
    cells(kept, segment * tape.dc.length, tape.dc, 0, rowBegin, rowEnd);
  }

  /** Between places of δc, for some rows of a half. */
  private void cells(float[] from, int fromAt, float[] to, int toAt, int rowBegin, int rowEnd) {
    if (tape.dc.length > 0) {
      int at = tape.dcAt(rowBegin);
      int n = (rowEnd - rowBegin) * tape.cellStride;
      System.arraycopy(from, fromAt + at, to, toAt + at, n);
    }
  }
}
