package org.lanewise.graph;

import org.lanewise.kernel.PlainMath;

/**
 * {@code y = exp(x - max x) / Σ exp(x - max x)}, or its logarithm {@code x - max x - log Σ exp(x -
 * max x)}; sums in double.
 *
 * @param axis the axis that is summed over; negative from the end
 * @param rest whether all axes behind it are summed over too, as ONNX did before operator set 13
 * @param log whether the logarithm is given
 */
public record Softmax(int axis, boolean rest, boolean log) implements Operator {
  @Override
  public Value[] run(Value... inputs) {
    Value x = inputs[0];
    float[] from = x.numbers("input");
    Value y = Value.zeros(false, x.shape);
    // Before operator set 13 an axis of the rank itself was none: every element its own class.
    int at = rest && axis == x.rank() ? axis : Shapes.axis(axis, x.rank());
    int n = Shapes.product(x.shape, at, rest ? x.rank() : at + 1);
    int inner = rest ? 1 : Shapes.product(x.shape, at + 1, x.rank());
    if (x.size() == 0) {
      return new Value[] {y};
    }
    for (int outer = 0; outer < x.size() / (n * inner); outer++) {
      for (int i = 0; i < inner; i++) {
        row(from, outer * n * inner + i, n, inner, y.floats);
      }
    }
    return new Value[] {y};
  }

  private void row(float[] x, int at, int n, int stride, float[] y) {
    float max = Float.NEGATIVE_INFINITY;
    for (int k = 0; k < n; k++) {
      max = Math.max(max, x[at + k * stride]);
    }
    double sum = 0;
    for (int k = 0; k < n; k++) {
      float e = PlainMath.exp(x[at + k * stride] - max);
      y[at + k * stride] = e;
      sum += e;
    }
    double logSum = Math.log(sum);
    for (int k = 0; k < n; k++) {
      int i = at + k * stride;
      y[i] = (float) (log ? (double) x[i] - max - logSum : y[i] / sum);
    }
  }

  @Override
  public int leastInputs() {
    return 1;
  }

  @Override
  public int mostInputs() {
    return 1;
  }
}
