package org.lanewise.graph;

import java.util.Arrays;
import org.lanewise.format.Dtype;
import org.lanewise.format.FormatException;
import org.lanewise.format.Tensor;

/**
 * A dense array between two operators: {@code float} numbers, or {@code long} for indices and
 * shapes, row-major. Nobody writes to a value once an operator has given it, so a value may be
 * shared; its arrays are seen by this package alone.
 */
public final class Value {
  /** The share of the heap that one value may take, so that a small file cannot ask for it all. */
  private static final int HEAP_SHARE = 8;

  final int[] shape;

  /** The elements, or null when this value is of integers. */
  final float[] floats;

  /** The elements, or null when this value is of floating-point numbers. */
  final long[] longs;

  Value(float[] floats, int... shape) {
    this.shape = shape;
    this.floats = floats;
    this.longs = null;
  }

  Value(long[] longs, int... shape) {
    this.shape = shape;
    this.floats = null;
    this.longs = longs;
  }

  /** A value of zeros. */
  static Value zeros(boolean integer, int... shape) {
    int size = size(integer, shape);
    return integer ? new Value(new long[size], shape) : new Value(new float[size], shape);
  }

  /** The number of elements of a shape, once it is known that there is room for them. */
  static int size(boolean integer, int... shape) {
    long most = Runtime.getRuntime().maxMemory() / HEAP_SHARE / (integer ? Long.BYTES : 4);
    most = Math.min(most, Integer.MAX_VALUE - 8);
    long size = 1;
    boolean empty = false;
    for (int dimension : shape) {
      empty |= dimension == 0;
    }
    for (int dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(shape) + ", expected dimensions of 0 or more");
      }
      size *= Math.max(1, dimension);
      if (size > most && !empty) {
        throw new IllegalArgumentException(
            "shape "
                + Arrays.toString(shape)
                + ", expected at most "
                + most
                + " elements, an eighth of the heap");
      }
      size = Math.min(size, Integer.MAX_VALUE);
    }
    return empty ? 0 : (int) size;
  }

  /** A tensor's content; floating-point types up to F32, integer types up to 64 bits. */
  static Value of(Tensor tensor) {
    try {
      return isInteger(tensor.dtype())
          ? new Value(tensor.longs(), tensor.shape())
          : new Value(tensor.floats(), tensor.shape());
    } catch (FormatException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  static boolean isInteger(Dtype dtype) {
    return switch (dtype) {
      case BOOL, U8, I8, U16, I16, U32, I32, U64, I64 -> true;
      default -> false;
    };
  }

  /**
   * A copy with a name.
   *
   * @param name the name
   * @return a tensor of {@link Dtype#F32} or {@link Dtype#I64}
   */
  public Tensor toTensor(String name) {
    return isInteger() ? Tensor.of(name, longs, shape) : Tensor.of(name, floats, shape);
  }

  /**
   * The dimensions.
   *
   * @return the dimensions, outermost first; empty for a scalar
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * Whether the elements are integers.
   *
   * @return true for {@code long}, false for {@code float}
   */
  public boolean isInteger() {
    return longs != null;
  }

  int rank() {
    return shape.length;
  }

  int size() {
    return isInteger() ? longs.length : floats.length;
  }

  long bytes() {
    return isInteger() ? 8L * longs.length : 4L * floats.length;
  }

  /** The same elements in another shape. */
  Value reshaped(int... other) {
    return isInteger() ? new Value(longs, other) : new Value(floats, other);
  }

  /** The array itself, for copies that need not know what is in it. */
  Object array() {
    return isInteger() ? longs : floats;
  }

  /** The first element that is NaN or, if asked for, infinite; -1 when there is none. */
  int notFinite(boolean orInfinite) {
    for (int i = 0; !isInteger() && i < floats.length; i++) {
      if (orInfinite ? !Float.isFinite(floats[i]) : Float.isNaN(floats[i])) {
        return i;
      }
    }
    return -1;
  }

  /** The elements as numbers, for operators on floating-point numbers. */
  float[] numbers(String what) {
    if (isInteger()) {
      throw new IllegalArgumentException(what + ": integers, expected floating-point numbers");
    }
    return floats;
  }

  /** The elements as integers, for shapes, axes and indices. */
  long[] integers(String what) {
    if (!isInteger()) {
      throw new IllegalArgumentException(what + ": floating-point numbers, expected integers");
    }
    return longs;
  }

  @Override
  public String toString() {
    return (isInteger() ? "integers " : "numbers ") + Arrays.toString(shape);
  }
}
