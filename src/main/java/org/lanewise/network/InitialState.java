package org.lanewise.network;

import java.util.Arrays;
import org.lanewise.cell.Tape;

/**
 * Trained states before the first step, the same for every sequence: {@code h = initial.h0}, {@code
 * c = initial.c0}; backward {@code δh0 = Σ δh} over the rows of the batch in their order.
 */
final class InitialState {
  /** Names of the parameters, shaped {@code [layers * directions, size of h or c]}. */
  static final String H = "initial.h0";

  static final String C = "initial.c0";

  private final NetworkSpec spec;
  private final Parameter h;
  private final Parameter c;
  private final float[] values;

  InitialState(Parameters parameters) {
    this.spec = parameters.spec();
    this.h = parameters.slice(H);
    this.c = spec.cell().hasCellState() ? parameters.slice(C) : null;
    this.values = new float[h.size() + (c == null ? 0 : c.size())];
  }

  void pack(float[] arena, ArenaChange change) {
    change.apply(h.offset(), h.offset() + h.size());
    if (c != null) {
      change.apply(c.offset(), c.offset() + c.size());
    }
    System.arraycopy(arena, h.offset(), values, 0, h.size());
    if (c != null) {
      System.arraycopy(arena, c.offset(), values, h.size(), c.size());
    }
  }

  /** Writes the states of one layer and direction into a slot of a row. */
  void write(int layer, int direction, Tape tape, int slot, int row) {
    int k = layer * spec.direction().count() + direction;
    int state = spec.stateSize();
    System.arraycopy(values, k * state, tape.h, tape.at(slot, row), state);
    if (c != null) {
      int units = spec.hiddenSize();
      System.arraycopy(values, h.size() + k * units, tape.c, tape.cellAt(slot, row), units);
    }
  }

  /**
   * The gradients, from those of the states before the first steps.
   *
   * @param workspace error terms of all rows
   * @param gradients the arena of gradients, whose part is overwritten; zero when the states were
   *     not these but carried from the window before
   */
  void gradient(Workspace workspace, float[] gradients) {
    Arrays.fill(gradients, h.offset(), h.offset() + h.size(), 0f);
    if (c != null) {
      Arrays.fill(gradients, c.offset(), c.offset() + c.size(), 0f);
    }
    if (!workspace.atStart()) {
      return;
    }
    int state = spec.stateSize();
    int units = spec.hiddenSize();
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int direction = 0; direction < spec.direction().count(); direction++) {
        Tape tape = workspace.tape(layer, direction);
        int k = layer * spec.direction().count() + direction;
        for (int row = 0; row < workspace.batch; row++) {
          int slot = workspace.firstSlot(direction, row);
          add(tape.dh, tape.at(slot, row), gradients, h.offset() + k * state, state);
          if (c != null) {
            add(tape.dc, tape.dcAt(row), gradients, c.offset() + k * units, units);
          }
        }
      }
    }
  }

  private static void add(float[] from, int fromAt, float[] to, int toAt, int n) {
    for (int i = 0; i < n; i++) {
      to[toAt + i] += from[fromAt + i];
    }
  }
}
