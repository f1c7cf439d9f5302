package org.lanewise.properties;

/**
 * Losses between a result y and a target t, with {@code d = y - t}, as PyTorch has them. Every
 * definition is written out; none is rearranged for range or speed.
 */
public enum ReferenceValueLoss {
  /** {@code d²}, derivative {@code 2 d}: {@code torch.nn.MSELoss}. */
  SQUARED {
    @Override
    public double loss(double y, double t) {
      return (y - t) * (y - t);
    }

    @Override
    public double gradient(double y, double t) {
      return 2 * (y - t);
    }
  },
  /** {@code |d|}, derivative {@code sign d}: {@code torch.nn.L1Loss}. */
  ABSOLUTE {
    @Override
    public double loss(double y, double t) {
      return y > t ? y - t : t - y;
    }

    @Override
    public double gradient(double y, double t) {
      return y > t ? 1 : y < t ? -1 : 0;
    }
  },
  /**
   * {@code d²/2} where {@code |d| ≤ 1}, {@code |d| - 1/2} beyond, derivative d cut off at -1 and 1:
   * {@code torch.nn.HuberLoss}. Source: Huber, "Robust Estimation of a Location Parameter", 1964.
   */
  HUBER {
    @Override
    public double loss(double y, double t) {
      double d = y - t;
      return d > 1 ? d - 0.5 : d < -1 ? -d - 0.5 : d * d / 2;
    }

    @Override
    public double gradient(double y, double t) {
      double d = y - t;
      return d > 1 ? 1 : d < -1 ? -1 : d;
    }
  },
  /**
   * {@code -t log p - (1 - t) log(1 - p)} with {@code p = σ(y)}, derivative {@code p - t}: {@code
   * torch.nn.BCEWithLogitsLoss}.
   */
  BINARY {
    @Override
    public double loss(double y, double t) {
      // log p = -log(1 + e^-y) and log(1 - p) = -log(1 + e^y).
      return t * Math.log1p(Math.exp(-y)) + (1 - t) * Math.log1p(Math.exp(y));
    }

    @Override
    public double gradient(double y, double t) {
      return 1 / (1 + Math.exp(-y)) - t;
    }
  };

  /**
   * The loss of one value.
   *
   * @param y result
   * @param t target
   * @return loss
   */
  public abstract double loss(double y, double t);

  /**
   * Its derivative with respect to y.
   *
   * @param y result
   * @param t target
   * @return dloss/dy
   */
  public abstract double gradient(double y, double t);
}
