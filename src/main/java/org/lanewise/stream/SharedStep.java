package org.lanewise.stream;

import org.lanewise.cell.Tape;
import org.lanewise.network.RecurrentLayer;
import org.lanewise.network.Workers;

/** Steps of one session, those of large layers shared with other threads. */
final class SharedStep {
  /** Weights of the hidden half from which on a step is shared: those of an LSTM of 512 units. */
  private static final int WORTH_SHARING = 1 << 20;

  private final Workers workers;
  private final Workers.Phase units = this::units;
  private RecurrentLayer layer;
  private Tape tape;
  private int previous;
  private float[] x;
  private int xOffset;
  private int[] token;

  SharedStep(Workers workers) {
    this.workers = workers;
  }

  static boolean worthFor(RecurrentLayer layer) {
    return layer.hiddenWeights() >= WORTH_SHARING;
  }

  /** A step of a layer on a vector or, when that is null, on a token. */
  void run(RecurrentLayer layer, Tape tape, int previous, float[] x, int xOffset, int[] token) {
    this.layer = layer;
    this.tape = tape;
    this.previous = previous;
    this.x = x;
    this.xOffset = xOffset;
    this.token = token;
    workers.run(units);
    layer.stepOutput(tape, 1 - previous);
    this.x = null;
  }

  private void units(int part, int parts) {
    layer.stepUnits(tape, previous, 1 - previous, x, xOffset, token, part, parts);
  }
}
