package org.lanewise.properties;

/**
 * A matrix and a bias, {@code y = W x + b}; also used for the gradient of such a pair.
 *
 * <pre>{@code
 * y = W x + b
 *
 * backward, given dy:
 * dW += dy xᵀ    db += dy    dx = Wᵀ dy
 * }</pre>
 *
 * <p>The arrays are not copied: what changes in them changes here.
 */
public final class ReferenceAffine {
  private final int rows;
  private final int columns;
  private final double[] weight;
  private final double[] bias;

  /**
   * Joins a weight and its bias.
   *
   * @param weight {@code [rows, columns]}, row-major, with {@code rows = bias.length}
   * @param bias {@code [rows]}
   * @throws IllegalArgumentException if the rows do not divide the weight
   */
  public ReferenceAffine(double[] weight, double[] bias) {
    if (bias.length == 0 || weight.length % bias.length != 0) {
      throw new IllegalArgumentException(
          "weight: expected a multiple of the " + bias.length + " rows, found " + weight.length);
    }
    this.rows = bias.length;
    this.columns = weight.length / bias.length;
    this.weight = weight;
    this.bias = bias;
  }

  /**
   * {@code W x + b}.
   *
   * @param x {@code [columns]}
   * @return {@code [rows]}
   */
  public double[] apply(double[] x) {
    double[] y = new double[rows];
    for (int r = 0; r < rows; r++) {
      y[r] = bias[r];
      for (int k = 0; k < columns; k++) {
        y[r] += weight[r * columns + k] * x[k];
      }
    }
    return y;
  }

  /**
   * {@code Wᵀ dy}: the gradient that goes back to x.
   *
   * @param dy {@code [rows]}
   * @return {@code [columns]}
   */
  public double[] transposed(double[] dy) {
    double[] dx = new double[columns];
    for (int k = 0; k < columns; k++) {
      for (int r = 0; r < rows; r++) {
        dx[k] += weight[r * columns + k] * dy[r];
      }
    }
    return dx;
  }

  /**
   * {@code W += dy xᵀ} and {@code b += dy}: called on the pair that holds the gradients.
   *
   * @param dy {@code [rows]}
   * @param x {@code [columns]}, what {@link #apply} was given
   */
  public void accumulate(double[] dy, double[] x) {
    for (int r = 0; r < rows; r++) {
      bias[r] += dy[r];
      for (int k = 0; k < columns; k++) {
        weight[r * columns + k] += dy[r] * x[k];
      }
    }
  }
}
