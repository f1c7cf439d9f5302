package org.lanewise.stream;

import org.lanewise.cell.Tape;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Workspace;

/**
 * The states of a network that runs forward, between its tapes and flat arrays: for each layer
 * {@code stateSize} values of h, then, of a cell with a cell state, {@code hiddenSize} of c.
 */
final class TapeStates {
  private final Tape[] tapes;
  private final int hidden;
  private final int cell;

  /** The states in the tapes of a workspace. */
  TapeStates(Workspace workspace) {
    NetworkSpec spec = workspace.spec();
    this.tapes = new Tape[spec.layers()];
    for (int i = 0; i < tapes.length; i++) {
      tapes[i] = workspace.tape(i);
    }
    this.hidden = spec.stateSize();
    this.cell = spec.cell().hasCellState() ? spec.hiddenSize() : 0;
  }

  /** Values of a state. */
  int size() {
    return tapes.length * (hidden + cell);
  }

  /** Copies the state in a slot of a row out, to a place of an array. */
  void save(int slot, int row, float[] state, int offset) {
    int at = offset;
    for (Tape tape : tapes) {
      System.arraycopy(tape.h, tape.at(slot, row), state, at, hidden);
      at += hidden;
      if (cell > 0) {
        System.arraycopy(tape.c, tape.cellAt(slot, row), state, at, cell);
        at += cell;
      }
    }
  }

  /** Copies a state from a place of an array into a slot of a row. */
  void restore(float[] state, int offset, int slot, int row) {
    int at = offset;
    for (Tape tape : tapes) {
      System.arraycopy(state, at, tape.h, tape.at(slot, row), hidden);
      at += hidden;
      if (cell > 0) {
        System.arraycopy(state, at, tape.c, tape.cellAt(slot, row), cell);
        at += cell;
      }
    }
  }

  /** Copies the state of row 0 with its padding from one slot to another. */
  void move(int from, int to) {
    for (Tape tape : tapes) {
      System.arraycopy(tape.h, tape.at(from, 0), tape.h, tape.at(to, 0), tape.stride);
      if (cell > 0) {
        int cellAt = tape.cellAt(to, 0);
        System.arraycopy(tape.c, tape.cellAt(from, 0), tape.c, cellAt, tape.cellStride);
      }
    }
  }
}
