package org.lanewise.train;

/**
 * What the results of a batch should be: a class each, or a vector of values each. The caller fills
 * the one that the loss reads. Rows are positions {@code [time][batch]}, or sequences {@code
 * [batch]} when the head gives one result per sequence.
 */
public final class Targets {
  /** The class of each row; negative to ignore the row. Empty when the loss reads values. */
  public final int[] classes;

  /** The values of each row {@code [row][outputSize]}; NaN to ignore a value. */
  public final float[] values;

  /** Values of a row. */
  public final int columns;

  Targets(int rows, int columns, boolean classes) {
    this.classes = new int[classes ? rows : 0];
    this.values = new float[classes ? 0 : Math.multiplyExact(rows, columns)];
    this.columns = columns;
  }
}
