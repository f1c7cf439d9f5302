package org.lanewise.properties;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A parameter under a {@link GradientCheck}: runs of elements of arrays of double or float,
 * addressed by one flat index, and the gradients that were given for them.
 */
final class CheckedParameter {
  final String name;
  final List<Slot> slots = new ArrayList<>();

  CheckedParameter(String name) {
    this.name = Objects.requireNonNull(name, "name");
  }

  /** Adds some elements of an array of double or float. */
  void add(
      String path,
      Object values,
      int valuesOffset,
      Object gradients,
      int gradientsOffset,
      int length) {
    Objects.checkFromIndexSize(valuesOffset, length, lengthOf(name, values));
    Objects.checkFromIndexSize(gradientsOffset, length, lengthOf(name, gradients));
    double[] analytic = new double[length];
    Arrays.setAll(analytic, j -> element(gradients, gradientsOffset + j));
    slots.add(new Slot(path, values, valuesOffset - length(), length(), analytic));
  }

  /** Adds the elements of nested arrays, which a failure names by their indices. */
  void add(String path, Object[] values, Object[] gradients) {
    String array = name + path;
    int length = sameLength(array, values.length, gradients.length);
    for (int j = 0; j < length; j++) {
      String inner = path + "[" + j + "]";
      if (values[j] instanceof Object[] below && gradients[j] instanceof Object[] gradientsBelow) {
        add(inner, below, gradientsBelow);
      } else {
        int count =
            sameLength(name + inner, lengthOf(array, values[j]), lengthOf(array, gradients[j]));
        add(inner, values[j], 0, gradients[j], 0, count);
      }
    }
  }

  int length() {
    return slots.isEmpty() ? 0 : slots.get(slots.size() - 1).end();
  }

  Slot slot(int index) {
    for (Slot slot : slots) {
      if (index < slot.end()) {
        return slot;
      }
    }
    throw new IndexOutOfBoundsException(index);
  }

  double analytic(int index) {
    return slot(index).analytic(index);
  }

  private static int lengthOf(String name, Object array) {
    if (array instanceof double[] a) {
      return a.length;
    }
    if (array instanceof float[] a) {
      return a.length;
    }
    throw new IllegalArgumentException(
        name
            + ": expected values and gradients as nested arrays of double or float, found "
            + (array == null ? "null" : array.getClass().getSimpleName()));
  }

  private static double element(Object array, int index) {
    return array instanceof double[] a ? a[index] : ((float[]) array)[index];
  }

  static int sameLength(String name, int values, int gradients) {
    if (values != gradients) {
      throw new IllegalArgumentException(
          "%s: expected as many gradients as values, found %d and %d"
              .formatted(name, gradients, values));
    }
    return values;
  }

  /**
   * A run of elements in one array. Element {@code index} of the parameter, from {@code begin} on,
   * is {@code values[shift + index]}.
   */
  static final class Slot {
    private final String path;
    private final Object values;
    private final int shift;
    private final int begin;
    private final double[] analytic;

    Slot(String path, Object values, int shift, int begin, double[] analytic) {
      this.path = path;
      this.values = values;
      this.shift = shift;
      this.begin = begin;
      this.analytic = analytic;
    }

    int end() {
      return begin + analytic.length;
    }

    double analytic(int index) {
      return analytic[index - begin];
    }

    String label(int index) {
      return path + "[" + (index - begin) + "]";
    }

    double get(int index) {
      return element(values, shift + index);
    }

    void set(int index, double value) {
      if (values instanceof double[] a) {
        a[shift + index] = value;
      } else {
        ((float[]) values)[shift + index] = (float) value;
      }
    }
  }
}
