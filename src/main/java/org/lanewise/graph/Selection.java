package org.lanewise.graph;

import java.util.Arrays;

/**
 * Parts of values, or several of them behind one another.
 *
 * @param kind the operation
 * @param axis along which {@link Kind#GATHER} and {@link Kind#CONCAT} work; negative from the end
 */
public record Selection(Kind kind, int axis) implements Operator {
  /** The longest list of inputs of {@link Kind#CONCAT}. */
  private static final int MOST_PARTS = 1 << 16;

  /** The operations. */
  public enum Kind {
    /** The parts of the first input that the second one's indices name; negative from the end. */
    GATHER,
    /** The inputs behind one another. */
    CONCAT,
    /**
     * The part of the first input from the second's indices to before the third's, along the axes
     * that the fourth names, by the steps of the fifth.
     */
    SLICE
  }

  @Override
  public Value[] run(Value... inputs) {
    return new Value[] {
      switch (kind) {
        case GATHER -> gather(inputs[0], inputs[1]);
        case CONCAT -> concat(inputs);
        case SLICE -> slice(inputs);
      }
    };
  }

  private Value gather(Value x, Value index) {
    long[] indices = index.integers("indices");
    int at = Shapes.axis(axis, x.rank());
    int rank = x.rank() - 1 + index.rank();
    int[] shape = new int[rank];
    System.arraycopy(x.shape, 0, shape, 0, at);
    System.arraycopy(index.shape, 0, shape, at, index.rank());
    System.arraycopy(x.shape, at + 1, shape, at + index.rank(), x.rank() - at - 1);
    Value y = Value.zeros(x.isInteger(), shape);
    int size = x.shape[at];
    int block = Shapes.product(x.shape, at + 1, x.rank());
    int outer = Shapes.product(x.shape, 0, at);
    for (int k = 0; k < indices.length; k++) {
      long i = indices[k];
      if (i < -size || i >= size) {
        throw new IllegalArgumentException(
            "index " + i + ", expected " + -size + " to " + (size - 1));
      }
      int from = (int) (i < 0 ? i + size : i);
      for (int o = 0; o < outer; o++) {
        System.arraycopy(
            x.array(),
            (o * size + from) * block,
            y.array(),
            (o * indices.length + k) * block,
            block);
      }
    }
    return y;
  }

  private Value concat(Value... inputs) {
    int at = Shapes.axis(axis, inputs[0].rank());
    int[] shape = inputs[0].shape.clone();
    long total = 0;
    for (Value part : inputs) {
      int[] other = part.shape.clone();
      if (other.length == shape.length) {
        total += other[at];
        other[at] = shape[at];
      }
      if (!Arrays.equals(other, shape) || part.isInteger() != inputs[0].isInteger()) {
        throw new IllegalArgumentException(
            part + " beside " + inputs[0] + ", expected one shape but for axis " + at);
      }
    }
    shape[at] = Shapes.dimension(total);
    Value y = Value.zeros(inputs[0].isInteger(), shape);
    int outer = Shapes.product(shape, 0, at);
    int row = y.size() == 0 ? 0 : y.size() / outer;
    int to = 0;
    for (Value part : inputs) {
      int block = row == 0 ? 0 : part.size() / outer;
      for (int o = 0; o < outer && block > 0; o++) {
        System.arraycopy(part.array(), o * block, y.array(), o * row + to, block);
      }
      to += block;
    }
    return y;
  }

  private static Value slice(Value... inputs) {
    Value x = inputs[0];
    long[] starts = inputs[1].integers("starts");
    long[] ends = inputs[2].integers("ends");
    long[] axes = new long[starts.length];
    Arrays.setAll(axes, i -> i);
    if (inputs.length > 3 && inputs[3] != null) {
      axes = inputs[3].integers("axes");
    }
    long[] steps = new long[starts.length];
    Arrays.fill(steps, 1);
    if (inputs.length > 4 && inputs[4] != null) {
      steps = inputs[4].integers("steps");
    }
    if (ends.length != starts.length
        || axes.length != starts.length
        || steps.length != starts.length) {
      throw new IllegalArgumentException(
          starts.length
              + " starts, "
              + ends.length
              + " ends, "
              + axes.length
              + " axes, "
              + steps.length
              + " steps, expected as many of each");
    }
    int[] unused = Shapes.axes(axes, x.rank());
    int[] shape = x.shape.clone();
    int[] strides = Shapes.strides(x.shape);
    int start = 0;
    for (int i = 0; i < unused.length; i++) {
      int at = Shapes.axis(axes[i], x.rank());
      long n = x.shape[at];
      long step = Math.max(-Integer.MAX_VALUE, Math.min(Integer.MAX_VALUE, steps[i]));
      if (step == 0) {
        throw new IllegalArgumentException("step 0 along axis " + at + ", expected another");
      }
      // Forward from 0..n to 0..n, backward from -1..n-1 to -1..n-1.
      long least = step > 0 ? 0 : -1;
      long most = step > 0 ? n : n - 1;
      long begin = clamp(starts[i], n, step > 0 ? 0 : Math.min(0, most), most);
      long end = clamp(ends[i], n, least, most);
      long reach = step > 0 ? end - begin : begin - end;
      shape[at] = (int) Math.max(0, (reach + Math.abs(step) - 1) / Math.abs(step));
      start += shape[at] > 0 ? (int) begin * strides[at] : 0;
      strides[at] = shape[at] > 1 ? (int) step * strides[at] : 0;
    }
    return Shapes.pick(x, Shapes.places(start, strides, shape), shape);
  }

  private static long clamp(long index, long n, long least, long most) {
    return Math.max(least, Math.min(most, index < 0 ? index + n : index));
  }

  @Override
  public int leastInputs() {
    return switch (kind) {
      case GATHER -> 2;
      case CONCAT -> 1;
      case SLICE -> 3;
    };
  }

  @Override
  public int mostInputs() {
    return switch (kind) {
      case GATHER -> 2;
      case CONCAT -> MOST_PARTS;
      case SLICE -> 5;
    };
  }
}
