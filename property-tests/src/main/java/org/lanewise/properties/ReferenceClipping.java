package org.lanewise.properties;

import java.util.Map;

/** Gradient clipping, in place, over all parameters together. */
public final class ReferenceClipping {
  private ReferenceClipping() {}

  /**
   * The global norm, {@code ‖g‖ = sqrt(Σ g²)} over every element of every parameter.
   *
   * @param gradients from name to values
   * @return ‖g‖
   */
  public static double norm(Map<String, double[]> gradients) {
    double sum = 0;
    for (double[] g : gradients.values()) {
      for (double value : g) {
        sum += value * value;
      }
    }
    return Math.sqrt(sum);
  }

  /**
   * Lanewise's law: {@code g ← g v/‖g‖ if ‖g‖ > v}. Source: Pascanu, Mikolov and Bengio, "On the
   * difficulty of training recurrent neural networks", 2013, algorithm 1.
   *
   * @param gradients from name to values, changed in place
   * @param v the largest norm left
   * @return ‖g‖ before clipping
   */
  public static double byNorm(Map<String, double[]> gradients, double v) {
    double norm = norm(gradients);
    if (norm > v) {
      scale(gradients, v / norm);
    }
    return norm;
  }

  /**
   * PyTorch's {@code clip_grad_norm_}: {@code g ← g min(1, c / (‖g‖ + 1e-6))}.
   *
   * @param gradients from name to values, changed in place
   * @param c the largest norm left
   * @return ‖g‖ before clipping
   */
  public static double byNormAsPyTorch(Map<String, double[]> gradients, double c) {
    double norm = norm(gradients);
    scale(gradients, Math.min(1, c / (norm + 1e-6)));
    return norm;
  }

  /**
   * Element by element: {@code g ← min(max(g, -v), v)}, as PyTorch's {@code clip_grad_value_}.
   *
   * @param gradients from name to values, changed in place
   * @param v the largest magnitude left
   */
  public static void byValue(Map<String, double[]> gradients, double v) {
    for (double[] g : gradients.values()) {
      for (int j = 0; j < g.length; j++) {
        g[j] = Math.min(Math.max(g[j], -v), v);
      }
    }
  }

  private static void scale(Map<String, double[]> gradients, double factor) {
    for (double[] g : gradients.values()) {
      for (int j = 0; j < g.length; j++) {
        g[j] *= factor;
      }
    }
  }
}
