package org.lanewise.graph;

/**
 * {@code y = a ∘ b}, element by element, shapes broadcast; both of numbers or both of integers.
 *
 * @param kind the operation
 */
public record Binary(Kind kind) implements Operator {
  /** The operations. */
  public enum Kind {
    /** {@code a + b}. */
    ADD,
    /** {@code a - b}. */
    SUB,
    /** {@code a b}. */
    MUL,
    /** {@code a / b}; of integers, rounded towards zero. */
    DIV;

    float apply(float a, float b) {
      return switch (this) {
        case ADD -> a + b;
        case SUB -> a - b;
        case MUL -> a * b;
        case DIV -> a / b;
      };
    }

    long apply(long a, long b) {
      return switch (this) {
        case ADD -> a + b;
        case SUB -> a - b;
        case MUL -> a * b;
        case DIV -> {
          if (b == 0) {
            throw new IllegalArgumentException("division of " + a + " by integer 0");
          }
          yield a / b;
        }
      };
    }
  }

  @Override
  public Value[] run(Value... inputs) {
    Value a = inputs[0];
    Value b = inputs[1];
    if (a.isInteger() != b.isInteger()) {
      throw new IllegalArgumentException(a + " and " + b + ", expected one element type");
    }
    int[] shape = Shapes.broadcast(a.shape, b.shape);
    Value y = Value.zeros(a.isInteger(), shape);
    int columns = shape.length == 0 ? 1 : shape[shape.length - 1];
    int[] rows = shape.clone();
    if (rows.length > 0) {
      rows[rows.length - 1] = 1;
    }
    int[] aStrides = Shapes.strides(a.shape, shape);
    int[] bStrides = Shapes.strides(b.shape, shape);
    int[] aAt = Shapes.places(0, aStrides, rows);
    int[] bAt = Shapes.places(0, bStrides, rows);
    int aStep = shape.length == 0 ? 0 : aStrides[shape.length - 1];
    int bStep = shape.length == 0 ? 0 : bStrides[shape.length - 1];
    for (int row = 0; columns > 0 && row < aAt.length; row++) {
      for (int i = 0; i < columns; i++) {
        int at = row * columns + i;
        int p = aAt[row] + i * aStep;
        int q = bAt[row] + i * bStep;
        if (y.isInteger()) {
          y.longs[at] = kind.apply(a.longs[p], b.longs[q]);
        } else {
          y.floats[at] = kind.apply(a.floats[p], b.floats[q]);
        }
      }
    }
    return new Value[] {y};
  }

  @Override
  public int leastInputs() {
    return 2;
  }

  @Override
  public int mostInputs() {
    return 2;
  }
}
