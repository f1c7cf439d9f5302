package org.lanewise.graph;

import java.util.Arrays;

/** Arithmetic on shapes. */
final class Shapes {
  private Shapes() {}

  /** An axis counted from the front; a negative one counts from the end. */
  static int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw new IllegalArgumentException(
          "axis " + axis + ", expected " + -rank + " to " + (rank - 1));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** Several axes, counted from the front, ascending, none twice. */
  static int[] axes(long[] axes, int rank) {
    int[] found = Arrays.stream(axes).mapToInt(axis -> axis(axis, rank)).sorted().toArray();
    if (Arrays.stream(found).distinct().count() < found.length) {
      throw new IllegalArgumentException(
          "axes " + Arrays.toString(axes) + ", expected each at most once");
    }
    return found;
  }

  /** The product of some dimensions of a value that exists. */
  static int product(int[] shape, int begin, int end) {
    int product = 1;
    for (int i = begin; i < end; i++) {
      product *= shape[i];
    }
    return product;
  }

  static int dimension(long size) {
    if (size < 0 || size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("dimension " + size + ", expected 0 to 2147483647");
    }
    return (int) size;
  }

  /** The shape that two shapes broadcast to. */
  static int[] broadcast(int[] a, int[] b) {
    int rank = Math.max(a.length, b.length);
    int[] shape = new int[rank];
    for (int i = 0; i < rank; i++) {
      int m = fromEnd(a, rank - i);
      int n = fromEnd(b, rank - i);
      if (m != n && m != 1 && n != 1) {
        throw new IllegalArgumentException(
            "shapes "
                + Arrays.toString(a)
                + " and "
                + Arrays.toString(b)
                + ", expected equal dimensions or 1");
      }
      shape[i] = m == 1 ? n : m;
    }
    return shape;
  }

  private static int fromEnd(int[] shape, int place) {
    return place > shape.length ? 1 : shape[shape.length - place];
  }

  /** Row-major strides. */
  static int[] strides(int[] shape) {
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return strides;
  }

  /** Strides by which a value is read in a larger shape that it broadcasts to. */
  static int[] strides(int[] shape, int[] larger) {
    int[] strides = new int[larger.length];
    int skipped = larger.length - shape.length;
    int[] own = strides(shape);
    for (int i = 0; i < shape.length; i++) {
      strides[skipped + i] = shape[i] == 1 ? 0 : own[i];
    }
    return strides;
  }

  /**
   * The places of a strided view, in row-major order.
   *
   * @param start place of the first element
   * @param strides step along each axis of the view
   * @param shape of the view
   */
  static int[] places(int start, int[] strides, int[] shape) {
    int[] places = new int[Value.size(false, shape)];
    if (places.length == 0) {
      return places;
    }
    int[] index = new int[shape.length];
    int at = start;
    for (int i = 0; i < places.length; i++) {
      places[i] = at;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        at += strides[axis];
        index[axis]++;
        if (index[axis] < shape[axis]) {
          break;
        }
        at -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
    return places;
  }

  /** The elements of a value at some places, as a value of a shape. */
  static Value pick(Value value, int[] places, int[] shape) {
    Value picked = Value.zeros(value.isInteger(), shape);
    for (int i = 0; i < places.length; i++) {
      if (value.isInteger()) {
        picked.longs[i] = value.longs[places[i]];
      } else {
        picked.floats[i] = value.floats[places[i]];
      }
    }
    return picked;
  }
}
