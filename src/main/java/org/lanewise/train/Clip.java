package org.lanewise.train;

/**
 * How gradients are kept small. Both limits may be set; elements are clipped first.
 *
 * <pre>
 * by value:  g ← min(max(g, -value), value), element by element
 * by norm:   g ← g norm / ‖g‖ for all parameters together, if ‖g‖ &gt; norm: the direction is kept
 * </pre>
 *
 * <p>By norm after Pascanu, Mikolov and Bengio 2013. The common factor is taken a little low, so
 * that rounding cannot leave the norm above the limit.
 *
 * @param value largest magnitude of an element; infinite for no limit
 * @param norm largest norm of the whole gradient; infinite for no limit
 */
public record Clip(double value, double norm) {
  /** No limit. */
  public static final Clip NONE = new Clip(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

  /** Two units in the last place of a float. */
  private static final double MARGIN = 1 - 0x1p-22;

  /** Checks the limits. */
  public Clip {
    if (!(value > 0) || !(norm > 0)) {
      throw new IllegalArgumentException(
          "clipping: found value " + value + " and norm " + norm + ", expected positive limits");
    }
  }

  /**
   * Clips elements by value.
   *
   * @param begin first element
   * @param end one past the last element
   * @param gradients gradients, changed in place; NaN stays NaN
   */
  public void clipValues(int begin, int end, float[] gradients) {
    if (Double.isInfinite(value)) {
      return;
    }
    // No element may be above the limit as given.
    float limit = towardsZero(value);
    for (int i = begin; i < end; i++) {
      gradients[i] = Math.min(Math.max(gradients[i], -limit), limit);
    }
  }

  /**
   * The factor of clipping by norm.
   *
   * @param gradientNorm norm of the whole gradient
   * @return what to multiply the gradient with; exactly 1 when it is within the limit
   */
  public float factor(double gradientNorm) {
    return gradientNorm > norm ? towardsZero(norm / gradientNorm * MARGIN) : 1f;
  }

  /** A denormal factor, for a norm above 1e38 limits, is rounded by far more than the margin. */
  private static float towardsZero(double x) {
    float rounded = (float) x;
    return rounded > x ? Math.nextDown(rounded) : rounded;
  }
}
