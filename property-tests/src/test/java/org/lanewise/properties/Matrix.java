package org.lanewise.properties;

import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * A matrix of activations somewhere in an array: element (r, c) is {@code values[offset + r stride
 * + c]}. What lies around it is filled as well, so that a write beside it shows.
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record Matrix(float[] values, int offset, int stride) {

  /** An arbitrary offset, an arbitrary stride, and some room behind. */
  static Matrix draw(SplittableRandom random, Values values, int rows, int columns) {
    return strided(random, values, rows, columns + random.nextInt(2) * random.nextInt(40));
  }

  /** With a given stride. */
  static Matrix strided(SplittableRandom random, Values values, int rows, int stride) {
    int offset = random.nextInt(20);
    int length = offset + rows * stride + random.nextInt(20);
    return new Matrix(values.array(random, length), offset, stride);
  }

  int at(int row, int column) {
    return offset + row * stride + column;
  }

  float get(int row, int column) {
    return values[at(row, column)];
  }

  Matrix copy() {
    return new Matrix(values.clone(), offset, stride);
  }

  /** The places of some rows and columns. */
  BitSet region(int rows, int columnBegin, int columnEnd) {
    BitSet places = new BitSet();
    for (int r = 0; r < rows && columnBegin < columnEnd; r++) {
      places.set(at(r, columnBegin), at(r, columnEnd));
    }
    return places;
  }

  @Override
  public String toString() {
    return "[" + values.length + "] from " + offset + " by " + stride;
  }
}
