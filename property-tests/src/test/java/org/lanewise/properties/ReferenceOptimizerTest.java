package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;

class ReferenceOptimizerTest {

  @Property
  void clippingByNormKeepsDirection(
      @ForAll @Size(4) List<@DoubleRange(min = -9, max = 9) Double> gradient,
      @ForAll @DoubleRange(min = 0.01, max = 9) double v) {
    double[] g = gradient.stream().mapToDouble(Double::doubleValue).toArray();
    double[] clipped = g.clone();
    double norm = ReferenceClipping.byNorm(Map.of("g", clipped), v);
    double factor = norm > v ? v / norm : 1;
    for (int j = 0; j < g.length; j++) {
      assertEquals(g[j] * factor, clipped[j]);
    }
    assertEquals(Math.min(norm, v), ReferenceClipping.norm(Map.of("g", clipped)), 1e-12);
  }

  @Example
  void clippingAsPyTorchLeavesTheNormAHairBelow() {
    double[] g = {3, 4};
    assertEquals(5, ReferenceClipping.byNormAsPyTorch(Map.of("g", g), 1));
    double factor = 1 / (5 + 1e-6);
    assertArrayEquals(new double[] {3 * factor, 4 * factor}, g);
  }

  @Example
  void clippingByValueBoundsEachElement() {
    double[] g = {-3, 0.5, 4};
    ReferenceClipping.byValue(Map.of("g", g), 1);
    assertArrayEquals(new double[] {-1, 0.5, 1}, g);
  }

  @Example
  void momentumOfAConstantGradientIsAGeometricSum() {
    double[] p = {0};
    ReferenceOptimizer rule = ReferenceOptimizer.momentum(0.1, 0.5);
    for (int t = 0; t < 3; t++) {
      rule.step(Map.of("p", p), Map.of("p", new double[] {2}));
    }
    assertEquals(-0.1 * 2 * (1 + 1.5 + 1.75), p[0], 1e-15);
  }

  @Example
  void momentumOfZeroIsSgd() {
    double[] p = {1, -2};
    double[] q = p.clone();
    double[] g = {0.5, 3};
    ReferenceOptimizer.momentum(0.1, 0).step(Map.of("p", p), Map.of("p", g));
    ReferenceOptimizer.sgd(0.1).step(Map.of("p", q), Map.of("p", g));
    assertArrayEquals(q, p);
  }

  /** The bias corrections make m̂ = g and v̂ = g² while the gradient does not change. */
  @Property
  void adamOfAConstantGradientGoesBySteadySteps(
      @ForAll @DoubleRange(min = 0.01, max = 100) double g) {
    double[] p = {0};
    ReferenceOptimizer rule = ReferenceOptimizer.adam(0.01, 0.9, 0.999, 1e-8);
    for (int t = 1; t <= 5; t++) {
      rule.step(Map.of("p", p), Map.of("p", new double[] {g}));
      assertEquals(-0.01 * t * g / (g + 1e-8), p[0], 1e-12);
    }
  }
}
