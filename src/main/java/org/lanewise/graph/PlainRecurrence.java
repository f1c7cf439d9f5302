package org.lanewise.graph;

import org.lanewise.graph.Recurrent.Function;

/**
 * One direction of a recurrent layer in its textbook form, one unit after the other: with any
 * activations, clipped or not, for what the library's cells do not compute. The equations are those
 * of {@link Recurrent}.
 */
final class PlainRecurrence implements Recurrence {
  private final Recurrent layer;
  private final int index;
  private final float[] w;
  private final float[] r;
  private final float[] bias;
  private final float[] peepholes;
  private final int inputs;
  private final int units;

  PlainRecurrence(Recurrent layer, int index, Value... given) {
    this.layer = layer;
    this.index = index;
    this.w = given[1].floats;
    this.r = given[2].floats;
    this.bias = given[3] == null ? null : given[3].floats;
    this.peepholes = given[7] == null ? null : given[7].floats;
    this.inputs = given[1].shape[2];
    this.units = layer.hiddenSize();
  }

  @Override
  public void run(Sequences s) {
    float[] next = new float[units];
    for (int row = 0; row < s.batch; row++) {
      int state = s.stateAt(row);
      for (int step = 0; step < s.length(row); step++) {
        int x = s.xAt(step, row);
        switch (layer.kind()) {
          case RNN -> rnn(s, x, state, next);
          case GRU -> gru(s, x, state, next);
          case LSTM -> lstm(s, x, state, next);
        }
        System.arraycopy(next, 0, s.h, state, units);
        System.arraycopy(next, 0, s.y, s.yAt(step, row), units);
      }
    }
  }

  private void rnn(Sequences s, int x, int state, float[] next) {
    for (int u = 0; u < units; u++) {
      next[u] = f(0, sum(0, u, s.x, x, s.h, state));
    }
  }

  private void gru(Sequences s, int x, int state, float[] next) {
    float[] reset = new float[units];
    float[] kept = new float[units];
    for (int u = 0; u < units; u++) {
      reset[u] = f(0, sum(1, u, s.x, x, s.h, state));
      kept[u] = reset[u] * s.h[state + u];
    }
    for (int u = 0; u < units; u++) {
      float z = f(0, sum(0, u, s.x, x, s.h, state));
      float sum =
          layer.linearBeforeReset()
              ? input(2, u, s.x, x) + reset[u] * hidden(2, u, bias(1, 2, u), s.h, state)
              : hidden(2, u, input(2, u, s.x, x) + bias(1, 2, u), kept, 0);
      next[u] = (1 - z) * f(1, sum) + z * s.h[state + u];
    }
  }

  private void lstm(Sequences s, int x, int state, float[] next) {
    for (int u = 0; u < units; u++) {
      float before = s.c[state + u];
      float i = f(0, sum(0, u, s.x, x, s.h, state) + peephole(0, u) * before);
      float f =
          layer.inputForget()
              ? 1 - i
              : f(0, sum(2, u, s.x, x, s.h, state) + peephole(2, u) * before);
      float g = f(1, sum(3, u, s.x, x, s.h, state));
      float c = f * before + i * g;
      float o = f(0, sum(1, u, s.x, x, s.h, state) + peephole(1, u) * c);
      s.c[state + u] = c;
      next[u] = o * layer.activation(index, 2).apply(c);
    }
  }

  private float f(int which, float z) {
    Function function = layer.activation(index, which);
    return function.apply(Math.max(-layer.clip(), Math.min(layer.clip(), z)));
  }

  private float sum(int gate, int unit, float[] x, int xAt, float[] h, int hAt) {
    return hidden(gate, unit, input(gate, unit, x, xAt) + bias(1, gate, unit), h, hAt);
  }

  private float input(int gate, int unit, float[] x, int xAt) {
    int row = ((index * layer.kind().gates() + gate) * units + unit) * inputs;
    float sum = bias(0, gate, unit);
    for (int k = 0; k < inputs; k++) {
      sum = Math.fma(w[row + k], x[xAt + k], sum);
    }
    return sum;
  }

  private float hidden(int gate, int unit, float start, float[] h, int hAt) {
    int row = ((index * layer.kind().gates() + gate) * units + unit) * units;
    float sum = start;
    for (int k = 0; k < units; k++) {
      sum = Math.fma(r[row + k], h[hAt + k], sum);
    }
    return sum;
  }

  /** A bias, of W (0) or of R (1). */
  private float bias(int of, int gate, int unit) {
    int gates = layer.kind().gates();
    return bias == null ? 0 : bias[((2 * index + of) * gates + gate) * units + unit];
  }

  private float peephole(int part, int unit) {
    return peepholes == null ? 0 : peepholes[(index * 3 + part) * units + unit];
  }
}
