package org.lanewise.train;

import org.lanewise.kernel.Kernels;

/**
 * What training makes small: a loss of every row of results, and its gradient. A new loss is its
 * own file and one line in {@code permits}. The loss of a batch is the weighted mean over its rows.
 */
public sealed interface Loss permits CrossEntropy, ValueLoss {

  /**
   * Whether targets are classes and not values.
   *
   * @return true for classes
   */
  boolean readsClasses();

  /**
   * Checks that results can be judged.
   *
   * @param columns values of a result
   * @throws IllegalArgumentException if the loss is made for another number
   */
  default void checkColumns(int columns) {}

  /**
   * What a row counts in the mean.
   *
   * @param targets the targets
   * @param row index of the row
   * @return its weight, 0 when it is ignored
   */
  double weight(Targets targets, int row);

  /**
   * Losses of some rows and, over their results, the gradients.
   *
   * @param kernels arithmetic
   * @param rows number of rows
   * @param targets the targets
   * @param row index of the first row in targets and losses
   * @param scale factor of the gradients: 1 / total weight of the batch
   * @param losses receives the weighted loss of each row
   * @param y results, overwritten by their gradients
   * @param offset start of y
   * @param stride row stride of y
   */
  void apply(
      Kernels kernels,
      int rows,
      Targets targets,
      int row,
      float scale,
      double[] losses,
      float[] y,
      int offset,
      int stride);
}
