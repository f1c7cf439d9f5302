package org.lanewise.graph;

import java.util.Arrays;
import org.lanewise.format.Tensor;

/**
 * A value made from a shape, or with other elements.
 *
 * @param kind the operation
 * @param constant the one element that {@link Kind#CONSTANT_OF_SHAPE} repeats; else null
 */
public record Filling(Kind kind, Tensor constant) implements Operator {
  /** The operations. */
  public enum Kind {
    /** The input's dimensions are those of the output, whose elements are all the constant. */
    CONSTANT_OF_SHAPE,
    /** The first input, broadcast with the shape that the second one holds. */
    EXPAND,
    /** The input as floating-point numbers. */
    TO_FLOAT,
    /** The input as 64-bit integers, rounded towards zero. */
    TO_LONG,
    /** The input as 32-bit integers, rounded towards zero, the bits above cut off. */
    TO_INT,
    /** The input itself. */
    IDENTITY,
    /** The input itself, and as second output a mask of ones: dropout in inference. */
    DROPOUT
  }

  /**
   * An operation without a constant.
   *
   * @param kind the operation
   */
  public Filling(Kind kind) {
    this(kind, null);
  }

  @Override
  public Value[] run(Value... inputs) {
    Value x = inputs[0];
    return switch (kind) {
      case CONSTANT_OF_SHAPE -> new Value[] {constantOfShape(dimensions(x))};
      case EXPAND -> new Value[] {expand(x, dimensions(inputs[1]))};
      case IDENTITY -> new Value[] {x};
      case DROPOUT -> {
        Value mask = Value.zeros(true, x.shape);
        Arrays.fill(mask.longs, 1);
        yield new Value[] {x, mask};
      }
      case TO_FLOAT, TO_LONG, TO_INT -> new Value[] {cast(x)};
    };
  }

  private static int[] dimensions(Value shape) {
    if (shape.rank() != 1) {
      throw new IllegalArgumentException("shape: " + shape + ", expected a vector");
    }
    return Arrays.stream(shape.integers("shape")).mapToInt(Shapes::dimension).toArray();
  }

  private Value constantOfShape(int... shape) {
    Value element = Value.of(constant);
    Value y = Value.zeros(element.isInteger(), shape);
    if (y.isInteger()) {
      Arrays.fill(y.longs, element.longs[0]);
    } else {
      Arrays.fill(y.floats, element.floats[0]);
    }
    return y;
  }

  private static Value expand(Value x, int... given) {
    int[] shape = Shapes.broadcast(x.shape, given);
    return Shapes.pick(x, Shapes.places(0, Shapes.strides(x.shape, shape), shape), shape);
  }

  private Value cast(Value x) {
    boolean integer = kind != Kind.TO_FLOAT;
    if (x.isInteger() == integer && kind != Kind.TO_INT) {
      return x;
    }
    Value y = Value.zeros(integer, x.shape);
    for (int i = 0; i < x.size(); i++) {
      if (!integer) {
        y.floats[i] = x.longs[i];
      } else if (kind == Kind.TO_INT) {
        y.longs[i] = x.isInteger() ? (int) x.longs[i] : (int) x.floats[i];
      } else {
        y.longs[i] = (long) x.floats[i];
      }
    }
    return y;
  }

  @Override
  public int leastInputs() {
    return kind == Kind.EXPAND ? 2 : 1;
  }

  @Override
  public int mostInputs() {
    return kind == Kind.EXPAND ? 2 : 1;
  }

  @Override
  public int outputs() {
    return kind == Kind.DROPOUT ? 2 : 1;
  }
}
