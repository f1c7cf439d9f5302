package org.lanewise.network;

import org.lanewise.cell.Tape;
import org.lanewise.kernel.Packed;

/**
 * What a layer hands up at every step: its directions joined, some values dropped in training. A
 * layer that runs one way and drops nothing hands up its hidden states themselves, without a copy.
 */
final class Joint {
  private final NetworkSpec spec;
  private final int layer;
  private final Tape[] tapes;
  private final float[] mask;
  private final double dropout;
  private final boolean own;
  private final int timeSteps;

  /** Outputs {@code [time][batch][width]}, see {@link #at}. */
  final float[] y;

  /** Gradients of {@link #y}, in the same places. */
  final float[] dy;

  /** Row stride of y and dy. */
  final int stride;

  /**
   * The joint above a layer.
   *
   * @param spec the architecture
   * @param layer index of the layer
   * @param tapes one per direction
   * @param timeSteps room
   * @param training whether there are gradients and dropout
   */
  Joint(NetworkSpec spec, int layer, Tape[] tapes, int timeSteps, boolean training) {
    this.spec = spec;
    this.layer = layer;
    this.tapes = tapes.clone();
    this.dropout = training ? dropout(spec, layer) : 0;
    this.own = tapes.length > 1 || dropout > 0;
    int batch = tapes[0].batch;
    int size =
        Math.multiplyExact(Math.multiplyExact(timeSteps, batch), Packed.stride(spec.width()));
    this.y = own ? new float[size] : tapes[0].h;
    this.dy = own ? new float[training ? size : 0] : tapes[0].dh;
    this.mask = new float[dropout > 0 ? size : 0];
    this.timeSteps = timeSteps;
    this.stride = own ? Packed.stride(spec.width()) : tapes[0].stride;
  }

  /**
   * The rate of dropout: zero above the top layer if the head picks, for then picks are dropped.
   */
  private static double dropout(NetworkSpec spec, int layer) {
    return layer < spec.layers() - 1 || spec.head().everyStep() ? spec.dropout() : 0;
  }

  /** Bytes of the arrays of its own. */
  static long bytes(NetworkSpec spec, int layer, int timeSteps, int batch, boolean training) {
    boolean dropout = training && dropout(spec, layer) > 0;
    if (spec.direction().count() == 1 && !dropout) {
      return 0;
    }
    long size = (long) timeSteps * batch * Packed.stride(spec.width());
    return Float.BYTES * size * (1 + (training ? 1 : 0) + (dropout ? 1 : 0));
  }

  /** Where a row starts in y and dy. */
  int at(int time, int row) {
    return own ? tapes[0].halves.index(timeSteps, time, row) * stride : tapes[0].at(time + 1, row);
  }

  /** From the hidden states of some rows to the outputs. */
  void join(Timeline timeline, int rowBegin, int rowEnd, long dropoutSeed) {
    if (!own) {
      return;
    }
    int hidden = spec.stateSize();
    for (int time = 0; time < timeline.steps(); time++) {
      int end = Math.min(rowEnd, timeline.rows(time));
      for (int row = rowBegin; row < end; row++) {
        int to = at(time, row);
        System.arraycopy(tapes[0].h, tapes[0].at(time + 1, row), y, to, hidden);
        if (tapes.length > 1) {
          joinReverse(spec.direction(), tapes[1].h, tapes[1].at(time, row), hidden, y, to);
        }
        if (dropout > 0) {
          long place = Dropout.place(layer, time * tapes[0].batch + row, spec.width());
          Dropout.apply(dropout, dropoutSeed, place, spec.width(), mask, to, y, to);
        }
      }
    }
  }

  /** Beside the forward direction's values in y, or on top of them. */
  static void joinReverse(Direction direction, float[] h, int hAt, int hidden, float[] y, int yAt) {
    if (direction == Direction.BIDIRECTIONAL) {
      System.arraycopy(h, hAt, y, yAt + hidden, hidden);
    } else {
      for (int i = 0; i < hidden; i++) {
        y[yAt + i] += h[hAt + i];
      }
    }
  }

  /** From the gradients of the outputs to those of the hidden states, which are overwritten. */
  void split(Timeline timeline, int rowBegin, int rowEnd) {
    if (!own) {
      return;
    }
    int hidden = spec.stateSize();
    int reverseAt = spec.direction() == Direction.BIDIRECTIONAL ? hidden : 0;
    for (int time = 0; time < timeline.steps(); time++) {
      int end = Math.min(rowEnd, timeline.rows(time));
      for (int row = rowBegin; row < end; row++) {
        int from = at(time, row);
        for (int i = 0; dropout > 0 && i < spec.width(); i++) {
          dy[from + i] *= mask[from + i];
        }
        System.arraycopy(dy, from, tapes[0].dh, tapes[0].at(time + 1, row), hidden);
        if (tapes.length > 1) {
          System.arraycopy(dy, from + reverseAt, tapes[1].dh, tapes[1].at(time, row), hidden);
        }
      }
    }
  }
}
