package org.lanewise.graph;

import java.util.Arrays;

/** What one direction of a recurrent layer reads and writes, whatever the layout of its arrays. */
final class Sequences {
  final int timeSteps;
  final int batch;
  final int inputSize;
  final int hiddenSize;

  /** Inputs; a row starts at {@link #xAt}. */
  final float[] x;

  /** Outputs; a row starts at {@link #yAt}. */
  final float[] y;

  /** States, at first those before the first step; a row starts at {@link #stateAt}. */
  final float[] h;

  /** Cell states likewise; empty when there are none. */
  final float[] c;

  private final Recurrent layer;
  private final int direction;
  private final int[] lengths;

  private Sequences(
      Recurrent layer, int direction, Value x, int[] lengths, Value y, Value h, Value c) {
    this.layer = layer;
    this.direction = direction;
    this.timeSteps = x.shape[layer.batchFirst() ? 1 : 0];
    this.batch = x.shape[layer.batchFirst() ? 0 : 1];
    this.inputSize = x.shape[2];
    this.hiddenSize = layer.hiddenSize();
    this.x = x.floats;
    this.lengths = lengths;
    this.y = y.floats;
    this.h = h.floats;
    this.c = c == null ? new float[0] : c.floats;
  }

  /** Runs a layer: its directions one after the other. */
  static Value[] run(Recurrent layer, Recurrence[] directions, Value... inputs) {
    int[] in = inputs[0].shape;
    int units = layer.hiddenSize();
    int count = directions.length;
    boolean batchFirst = layer.batchFirst();
    int[] states = batchFirst ? new int[] {in[0], count, units} : new int[] {count, in[1], units};
    int[] lengths = lengths(inputs[4], in[batchFirst ? 0 : 1], in[batchFirst ? 1 : 0]);
    Value y =
        Value.zeros(
            false,
            batchFirst
                ? new int[] {in[0], in[1], count, units}
                : new int[] {in[0], count, in[1], units});
    Value h = initial(inputs[5], states);
    Value c = layer.kind().hasCellState() ? initial(inputs[6], states) : null;
    for (int i = 0; i < count; i++) {
      Sequences sequences = new Sequences(layer, i, inputs[0], lengths, y, h, c);
      directions[i].run(sequences);
      sequences.clearEmpty();
    }
    return c == null ? new Value[] {y, h} : new Value[] {y, h, c};
  }

  private static Value initial(Value given, int... shape) {
    return given == null ? Value.zeros(false, shape) : new Value(given.floats.clone(), shape);
  }

  private static int[] lengths(Value given, int batch, int timeSteps) {
    int[] lengths = new int[batch];
    for (int row = 0; row < batch; row++) {
      long length = given == null ? timeSteps : given.longs[row];
      if (length < 0 || length > timeSteps) {
        throw new IllegalArgumentException(
            "sequence_lens of row " + row + ": " + length + ", expected 0 to " + timeSteps);
      }
      lengths[row] = (int) length;
    }
    return lengths;
  }

  /** An empty sequence ends in zeros, whatever its initial state, as in ONNX Runtime. */
  private void clearEmpty() {
    for (int row = 0; row < batch; row++) {
      if (lengths[row] == 0 && timeSteps > 0) {
        int at = stateAt(row);
        Arrays.fill(h, at, at + hiddenSize, 0);
        if (c.length > 0) {
          Arrays.fill(c, at, at + hiddenSize, 0);
        }
      }
    }
  }

  int length(int row) {
    return lengths[row];
  }

  /** Where the input of a step starts; step 0 is the first that is run. */
  int xAt(int step, int row) {
    int time = time(step, row);
    return (layer.batchFirst() ? row * timeSteps + time : time * batch + row) * inputSize;
  }

  /** Where the output of a step starts. */
  int yAt(int step, int row) {
    int time = time(step, row);
    int count = layer.direction().count();
    int at =
        layer.batchFirst()
            ? (row * timeSteps + time) * count + direction
            : (time * count + direction) * batch + row;
    return at * hiddenSize;
  }

  /** Where a state starts. */
  int stateAt(int row) {
    int count = layer.direction().count();
    return (layer.batchFirst() ? row * count + direction : direction * batch + row) * hiddenSize;
  }

  private int time(int step, int row) {
    return layer.direction().reverse(direction) ? lengths[row] - 1 - step : step;
  }

  /** The rows, from the longest sequence to the shortest. */
  int[] longestFirst() {
    Integer[] rows = new Integer[batch];
    Arrays.setAll(rows, row -> row);
    Arrays.sort(rows, (a, b) -> Integer.compare(lengths[b], lengths[a]));
    return Arrays.stream(rows).mapToInt(Integer::intValue).toArray();
  }
}
