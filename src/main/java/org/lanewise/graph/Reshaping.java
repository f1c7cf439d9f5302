package org.lanewise.graph;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The same elements in another shape or order, or the shape itself.
 *
 * @param kind the operation
 * @param allowZero whether a 0 in the shape of {@link Kind#RESHAPE} means 0, and not the dimension
 *     of the input
 * @param numbers for {@link Kind#TRANSPOSE} the permutation, empty to reverse the axes; for {@link
 *     Kind#FLATTEN} the axis; for {@link Kind#SHAPE} the first axis and the one past the last,
 *     negative from the end, or nothing for all; for the others nothing
 */
public record Reshaping(Kind kind, boolean allowZero, List<Integer> numbers) implements Operator {
  /** The operations. */
  public enum Kind {
    /** The first input, in the shape that the second one holds; one dimension may be -1. */
    RESHAPE,
    /** The first input without the axes of dimension 1 that the second names, or without all. */
    SQUEEZE,
    /** The first input with axes of dimension 1 where the second names them. */
    UNSQUEEZE,
    /** The axes in another order. */
    TRANSPOSE,
    /** A matrix: the axes before some axis, and those from it on. */
    FLATTEN,
    /** The dimensions of the input. */
    SHAPE
  }

  /** Keeps a copy of the numbers. */
  public Reshaping {
    numbers = List.copyOf(numbers);
  }

  /**
   * An operation.
   *
   * @param kind the operation
   * @param allowZero whether a 0 in a shape means 0
   * @param numbers permutation or axes
   */
  public Reshaping(Kind kind, boolean allowZero, int... numbers) {
    this(kind, allowZero, Arrays.stream(numbers).boxed().toList());
  }

  /**
   * An operation without attributes.
   *
   * @param kind the operation
   */
  public Reshaping(Kind kind) {
    this(kind, false);
  }

  @Override
  public Value[] run(Value... inputs) {
    Value x = inputs[0];
    long[] given = inputs.length > 1 && inputs[1] != null ? inputs[1].integers("shape") : null;
    return new Value[] {
      switch (kind) {
        case RESHAPE -> x.reshaped(reshaped(x, given));
        case SQUEEZE -> x.reshaped(squeezed(x, given));
        case UNSQUEEZE -> x.reshaped(unsqueezed(x, given));
        case TRANSPOSE -> transposed(x);
        case FLATTEN -> flattened(x);
        case SHAPE -> dimensions(x);
      }
    };
  }

  private int[] reshaped(Value x, long... given) {
    int[] shape = new int[given.length];
    int free = -1;
    long known = 1;
    for (int i = 0; i < given.length; i++) {
      if (given[i] == -1 && free < 0) {
        free = i;
        continue;
      }
      boolean copied = given[i] == 0 && !allowZero;
      if (copied && i >= x.rank()) {
        throw misfit(x, given);
      }
      shape[i] = copied ? x.shape[i] : Shapes.dimension(given[i]);
      known = Math.min(known * shape[i], Integer.MAX_VALUE);
    }
    if (free >= 0) {
      if (known == 0 || x.size() % known != 0) {
        throw misfit(x, given);
      }
      shape[free] = (int) (x.size() / known);
      known *= shape[free];
    }
    if (known != x.size()) {
      throw misfit(x, given);
    }
    return shape;
  }

  private static IllegalArgumentException misfit(Value x, long... given) {
    return new IllegalArgumentException(
        "shape " + Arrays.toString(given) + ", expected one that fits " + x);
  }

  private static int[] squeezed(Value x, long... given) {
    int[] all = IntStream.range(0, x.rank()).filter(axis -> x.shape[axis] == 1).toArray();
    int[] axes = given == null ? all : Shapes.axes(given, x.rank());
    for (int axis : axes) {
      if (x.shape[axis] != 1) {
        throw new IllegalArgumentException(
            "axis " + axis + " of " + x + ", expected one of dimension 1");
      }
    }
    return IntStream.range(0, x.rank())
        .filter(axis -> Arrays.binarySearch(axes, axis) < 0)
        .map(axis -> x.shape[axis])
        .toArray();
  }

  private static int[] unsqueezed(Value x, long... given) {
    int rank = Math.addExact(x.rank(), given.length);
    int[] axes = Shapes.axes(given, rank);
    int[] shape = new int[rank];
    int next = 0;
    for (int axis = 0; axis < rank; axis++) {
      shape[axis] = Arrays.binarySearch(axes, axis) < 0 ? x.shape[next++] : 1;
    }
    return shape;
  }

  private Value transposed(Value x) {
    int rank = x.rank();
    int[] order = numbers.stream().mapToInt(Integer::intValue).toArray();
    if (order.length == 0) {
      order = IntStream.range(0, rank).map(i -> rank - 1 - i).toArray();
    }
    int[] sorted = Arrays.stream(order).sorted().toArray();
    if (!Arrays.equals(sorted, IntStream.range(0, rank).toArray())) {
      throw new IllegalArgumentException(
          "axes " + numbers + ", expected an order of those of " + x);
    }
    int[] strides = Shapes.strides(x.shape);
    int[] shape = Arrays.stream(order).map(axis -> x.shape[axis]).toArray();
    int[] moved = Arrays.stream(order).map(axis -> strides[axis]).toArray();
    return Shapes.pick(x, Shapes.places(0, moved, shape), shape);
  }

  private Value flattened(Value x) {
    int axis = numbers.get(0) == x.rank() ? x.rank() : Shapes.axis(numbers.get(0), x.rank());
    return x.reshaped(Shapes.product(x.shape, 0, axis), Shapes.product(x.shape, axis, x.rank()));
  }

  private Value dimensions(Value x) {
    int begin = numbers.isEmpty() ? 0 : bound(numbers.get(0), x.rank());
    int end = numbers.isEmpty() ? x.rank() : Math.max(begin, bound(numbers.get(1), x.rank()));
    long[] dimensions = IntStream.range(begin, end).mapToLong(axis -> x.shape[axis]).toArray();
    return new Value(dimensions, dimensions.length);
  }

  private static int bound(int axis, int rank) {
    return Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
  }

  @Override
  public int leastInputs() {
    return kind == Kind.RESHAPE || kind == Kind.UNSQUEEZE ? 2 : 1;
  }

  @Override
  public int mostInputs() {
    return switch (kind) {
      case RESHAPE, UNSQUEEZE, SQUEEZE -> 2;
      case TRANSPOSE, FLATTEN, SHAPE -> 1;
    };
  }
}
