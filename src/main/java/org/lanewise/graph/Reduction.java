package org.lanewise.graph;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The sum, the mean or the largest of the elements along some axes; sums in double, in the order of
 * the elements. The second input says which axes; without it, all of them.
 *
 * @param kind the operation
 * @param keep whether the axes stay, with dimension 1
 * @param allWhenEmpty whether an empty list of axes means all of them, and not none
 */
public record Reduction(Kind kind, boolean keep, boolean allWhenEmpty) implements Operator {
  /** The operations. */
  public enum Kind {
    /** {@code Σ x}. */
    SUM,
    /** {@code Σ x / n}. */
    MEAN,
    /** {@code max x}. */
    MAX
  }

  @Override
  public Value[] run(Value... inputs) {
    Value x = inputs[0];
    float[] from = x.numbers("input");
    long[] given = inputs.length > 1 && inputs[1] != null ? inputs[1].integers("axes") : null;
    if (given == null || (given.length == 0 && allWhenEmpty)) {
      given = LongStream.range(0, x.rank()).toArray();
    }
    int[] axes = Shapes.axes(given, x.rank());
    int[] kept = x.shape.clone();
    for (int axis : axes) {
      kept[axis] = 1;
    }
    int[] shape =
        IntStream.range(0, x.rank())
            .filter(axis -> keep || Arrays.binarySearch(axes, axis) < 0)
            .map(axis -> kept[axis])
            .toArray();
    Value y = Value.zeros(false, shape);
    int count = Arrays.stream(axes).map(axis -> x.shape[axis]).reduce(1, Math::multiplyExact);
    if (count == 0 && y.size() > 0 && kind != Kind.SUM) {
      throw new IllegalArgumentException(x + ", expected elements along the axes");
    }
    double[] totals = new double[y.size()];
    Arrays.fill(totals, kind == Kind.MAX ? Double.NEGATIVE_INFINITY : 0);
    int[] places = Shapes.places(0, Shapes.strides(kept, x.shape), x.shape);
    for (int i = 0; i < from.length; i++) {
      double before = totals[places[i]];
      totals[places[i]] = kind == Kind.MAX ? Math.max(before, from[i]) : before + from[i];
    }
    for (int i = 0; i < totals.length; i++) {
      y.floats[i] = (float) (kind == Kind.MEAN ? totals[i] / count : totals[i]);
    }
    return new Value[] {y};
  }

  @Override
  public int leastInputs() {
    return 1;
  }

  @Override
  public int mostInputs() {
    return 2;
  }
}
