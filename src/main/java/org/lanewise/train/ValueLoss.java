package org.lanewise.train;

import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;

/**
 * Losses between a result y and a value t, the mean over all values, with d = y - t:
 *
 * <pre>
 * SQUARED    d²                                               gradient 2 d
 * ABSOLUTE   |d|                                              gradient sign d
 * HUBER      d² / 2 if |d| ≤ 1, else |d| - 1/2                gradient d within [-1, 1] (Huber 1964)
 * BINARY     log(1 + e^y) - t y: cross-entropy of σ(y)        gradient σ(y) - t, for t from 0 to 1
 * </pre>
 *
 * <p>A target of NaN is ignored.
 */
public enum ValueLoss implements Loss {
  /** Mean squared error. */
  SQUARED {
    @Override
    double loss(double y, double t) {
      return (y - t) * (y - t);
    }

    @Override
    double gradient(double y, double t) {
      return 2 * (y - t);
    }
  },
  /** Mean absolute error. */
  ABSOLUTE {
    @Override
    double loss(double y, double t) {
      return Math.abs(y - t);
    }

    @Override
    double gradient(double y, double t) {
      return Math.signum(y - t);
    }
  },
  /** Quadratic near the target, linear far from it. */
  HUBER {
    @Override
    double loss(double y, double t) {
      double distance = Math.abs(y - t);
      return distance <= 1 ? 0.5 * distance * distance : distance - 0.5;
    }

    @Override
    double gradient(double y, double t) {
      return Math.max(-1, Math.min(1, y - t));
    }
  },
  /** Cross-entropy of the logistic function of the result. */
  BINARY {
    @Override
    double loss(double y, double t) {
      // max(y, 0) - t y + log(1 + e^-|y|) is the same and overflows nowhere.
      return Math.max(y, 0) - t * y + StrictMath.log1p(StrictMath.exp(-Math.abs(y)));
    }

    @Override
    double gradient(double y, double t) {
      return 1 / (1 + StrictMath.exp(-y)) - t;
    }
  };

  abstract double loss(double y, double t);

  abstract double gradient(double y, double t);

  @Override
  public boolean readsClasses() {
    return false;
  }

  @Override
  public double weight(Targets targets, int row) {
    int counted = 0;
    for (int i = row * targets.columns; i < (row + 1) * targets.columns; i++) {
      counted += Float.isNaN(targets.values[i]) ? 0 : 1;
    }
    return counted;
  }

  @Override
  public void apply(
      Kernels kernels,
      int rows,
      Targets targets,
      int row,
      float scale,
      double[] losses,
      float[] y,
      int offset,
      int stride) {
    int columns = targets.columns;
    for (int r = 0; r < rows; r++) {
      int at = offset + r * stride;
      int from = (row + r) * columns;
      double sum = 0;
      for (int i = 0; i < columns; i++) {
        float target = targets.values[from + i];
        float result = y[at + i];
        boolean counts = !Float.isNaN(target);
        sum += counts ? loss(result, target) : 0;
        y[at + i] = counts ? (float) (gradient(result, target) * scale) : 0f;
      }
      losses[row + r] = sum;
      for (int i = columns; i < Packed.padded(columns); i++) {
        y[at + i] = 0f;
      }
    }
  }
}
