package org.lanewise.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lanewise.Fixtures.assertSameBits;
import static org.lanewise.Fixtures.floats;

import org.junit.jupiter.api.Test;

class ClipTest {
  private static final double NO_LIMIT = Double.POSITIVE_INFINITY;

  private static double norm(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares);
  }

  /** As the optimizers do. */
  private static float[] scaled(float[] gradient, float factor) {
    float[] scaled = new float[gradient.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = factor * gradient[i];
    }
    return scaled;
  }

  @Test
  void clippingByNormKeepsDirectionAndStaysWithinTheLimit() {
    for (int seed = 0; seed < 200; seed++) {
      float[] gradient = floats(1 + seed, seed);
      double before = norm(gradient);
      double limit = before * (0.1 + 0.004 * seed);
      float[] clipped = scaled(gradient, new Clip(NO_LIMIT, limit).factor(before));
      assertTrue(norm(clipped) <= limit, "seed " + seed + ": " + norm(clipped) + " > " + limit);
      for (int i = 0; i < clipped.length; i++) {
        assertEquals(
            gradient[i] * (limit / before),
            clipped[i],
            1e-6 * Math.abs(gradient[i]),
            "seed " + seed);
      }
    }
  }

  @Test
  void gradientWithinTheNormKeepsItsBits() {
    float[] gradient = floats(50, 1);
    float factor = new Clip(NO_LIMIT, norm(gradient)).factor(norm(gradient));
    assertEquals(1f, factor);
    assertSameBits(gradient, scaled(gradient, factor), "gradient");
  }

  @Test
  void clippingByValueLimitsEachElementAndLeavesTheRest() {
    float[] gradient = {-3f, 0.5f, 0.1f, -0.0f, 7f, Float.POSITIVE_INFINITY, Float.NaN};
    float[] clipped = gradient.clone();
    new Clip(0.5, NO_LIMIT).clipValues(0, clipped.length, clipped);
    assertSameBits(
        new float[] {-0.5f, 0.5f, 0.1f, -0.0f, 0.5f, 0.5f, Float.NaN}, clipped, "clipped");
  }

  @Test
  void noElementExceedsALimitThatNoFloatEquals() {
    for (double limit : new double[] {0.1, 0.3, 1e-3, 5.7}) {
      float[] clipped = {100f, -100f};
      new Clip(limit, NO_LIMIT).clipValues(0, 2, clipped);
      assertTrue(clipped[0] <= limit && -clipped[1] <= limit, limit + ": " + clipped[0]);
      assertEquals(limit, clipped[0], limit * 1.2e-7);
    }
  }

  @Test
  void onlyTheRangeIsClipped() {
    float[] gradient = {9f, 9f, 9f, 9f};
    new Clip(1, NO_LIMIT).clipValues(1, 3, gradient);
    assertSameBits(new float[] {9f, 1f, 1f, 9f}, gradient, "gradient");
  }

  @Test
  void limitsMustBePositive() {
    for (double broken : new double[] {0, -1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new Clip(broken, 1));
      assertThrows(IllegalArgumentException.class, () -> new Clip(1, broken));
    }
  }
}
