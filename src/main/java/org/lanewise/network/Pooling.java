package org.lanewise.network;

import java.util.Arrays;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.Packed;

/** What a head picks from a sequence: its last states, or the mean or the largest of its steps. */
final class Pooling {
  private final NetworkSpec spec;
  private final Tape[] tapes;
  private final Joint joint;
  private final int[] largest;
  private final float[] mask;
  private final double dropout;

  /** What was picked {@code [batch][width]}. */
  final float[] y;

  /** Gradients of {@link #y}. */
  final float[] dy;

  /** Row stride of y and dy. */
  final int stride;

  Pooling(NetworkSpec spec, Tape[] tapes, Joint joint, boolean training) {
    this.spec = spec;
    this.tapes = tapes.clone();
    this.joint = joint;
    this.stride = Packed.stride(spec.width());
    this.dropout = training ? spec.dropout() : 0;
    int size = Math.multiplyExact(tapes[0].batch, stride);
    this.y = new float[size];
    this.dy = new float[training ? size : 0];
    this.mask = new float[dropout > 0 ? size : 0];
    this.largest = new int[spec.head() == Head.MAX ? size : 0];
  }

  /** Bytes of the arrays. */
  static long bytes(NetworkSpec spec, int batch, boolean training) {
    int arrays = 1 + (training ? 1 : 0) + (training && spec.dropout() > 0 ? 1 : 0);
    arrays += spec.head() == Head.MAX ? 1 : 0;
    return Float.BYTES * (long) arrays * batch * Packed.stride(spec.width());
  }

  void forward(Timeline timeline, int rowBegin, int rowEnd, long dropoutSeed) {
    for (int row = rowBegin; row < rowEnd; row++) {
      switch (spec.head()) {
        case LAST -> last(row, timeline.length(row));
        case MEAN -> mean(row, timeline.length(row));
        default -> largest(row, timeline.length(row));
      }
      if (dropout > 0) {
        long place = Dropout.place(spec.layers(), row, spec.width());
        Dropout.apply(
            dropout, dropoutSeed, place, spec.width(), mask, row * stride, y, row * stride);
      }
    }
  }

  private void last(int row, int length) {
    int hidden = spec.stateSize();
    System.arraycopy(tapes[0].h, tapes[0].at(length, row), y, row * stride, hidden);
    if (tapes.length > 1) {
      Joint.joinReverse(spec.direction(), tapes[1].h, tapes[1].at(0, row), hidden, y, row * stride);
    }
  }

  private void mean(int row, int length) {
    int at = row * stride;
    Arrays.fill(y, at, at + spec.width(), 0f);
    for (int time = 0; time < length; time++) {
      int from = joint.at(time, row);
      for (int i = 0; i < spec.width(); i++) {
        y[at + i] += joint.y[from + i];
      }
    }
    for (int i = 0; i < spec.width(); i++) {
      y[at + i] /= length;
    }
  }

  private void largest(int row, int length) {
    int at = row * stride;
    System.arraycopy(joint.y, joint.at(0, row), y, at, spec.width());
    Arrays.fill(largest, at, at + spec.width(), 0);
    for (int time = 1; time < length; time++) {
      int from = joint.at(time, row);
      for (int i = 0; i < spec.width(); i++) {
        if (joint.y[from + i] > y[at + i]) {
          y[at + i] = joint.y[from + i];
          largest[at + i] = time;
        }
      }
    }
  }

  /** From the gradients of what was picked to those of the hidden states, which are overwritten. */
  void backward(Timeline timeline, int rowBegin, int rowEnd) {
    for (int row = rowBegin; row < rowEnd; row++) {
      int at = row * stride;
      for (int i = 0; dropout > 0 && i < spec.width(); i++) {
        dy[at + i] *= mask[at + i];
      }
      switch (spec.head()) {
        case LAST -> lastBackward(row, timeline.length(row));
        case MEAN -> meanBackward(row, timeline.length(row));
        default -> largestBackward(row, timeline.length(row));
      }
    }
    if (spec.head() != Head.LAST) {
      joint.split(timeline, rowBegin, rowEnd);
    }
  }

  private void lastBackward(int row, int length) {
    int hidden = spec.stateSize();
    for (int direction = 0; direction < tapes.length; direction++) {
      Tape tape = tapes[direction];
      for (int slot = direction == 0 ? 1 : 0; slot < length + 1 - direction; slot++) {
        Arrays.fill(tape.dh, tape.at(slot, row), tape.at(slot, row) + hidden, 0f);
      }
    }
    System.arraycopy(dy, row * stride, tapes[0].dh, tapes[0].at(length, row), hidden);
    if (tapes.length > 1) {
      int from = row * stride + (spec.direction() == Direction.BIDIRECTIONAL ? hidden : 0);
      System.arraycopy(dy, from, tapes[1].dh, tapes[1].at(0, row), hidden);
    }
  }

  private void meanBackward(int row, int length) {
    for (int time = 0; time < length; time++) {
      int to = joint.at(time, row);
      for (int i = 0; i < spec.width(); i++) {
        joint.dy[to + i] = dy[row * stride + i] / length;
      }
    }
  }

  private void largestBackward(int row, int length) {
    for (int time = 0; time < length; time++) {
      int to = joint.at(time, row);
      for (int i = 0; i < spec.width(); i++) {
        joint.dy[to + i] = largest[row * stride + i] == time ? dy[row * stride + i] : 0f;
      }
    }
  }
}
