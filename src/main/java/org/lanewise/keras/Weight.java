package org.lanewise.keras;

import java.util.Arrays;
import java.util.Objects;

/** One variable of a file of weights: its shape, and its values in row-major order. */
final class Weight {
  private final int[] shape;
  private final float[] values;

  /**
   * A variable.
   *
   * @param values null for what is no F32, such as a counter of an optimizer
   */
  Weight(int[] shape, float[] values) {
    this.shape = shape;
    this.values = values;
  }

  int[] shape() {
    return shape;
  }

  boolean isFloat() {
    return values != null;
  }

  float[] values() {
    return Objects.requireNonNull(values);
  }

  /** The values of a matrix by columns: a kernel of Keras as PyTorch has it, and back. */
  Weight transposed() {
    int rows = shape[0];
    int columns = shape[1];
    float[] result = new float[values.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        result[c * rows + r] = values[r * columns + c];
      }
    }
    return new Weight(new int[] {columns, rows}, result);
  }

  @Override
  public String toString() {
    return (isFloat() ? "float32 " : "other type ") + Arrays.toString(shape);
  }
}
