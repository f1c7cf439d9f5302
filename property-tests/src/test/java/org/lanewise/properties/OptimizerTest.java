package org.lanewise.properties;

import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Scale;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.train.Adam;
import org.lanewise.train.Momentum;
import org.lanewise.train.Optimizer;
import org.lanewise.train.Sgd;

/** The update rules of the library, in float, against the reference in double. */
@PropertyDefaults(edgeCases = EdgeCasesMode.NONE)
class OptimizerTest {
  private static final int STEPS = 12;

  @Property
  void sgdEqualsTheReference(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 70) int n,
      @ForAll @Scale(4) @DoubleRange(min = 1e-4, max = 1) double rate) {
    sameSteps(new Sgd(), ReferenceOptimizer.sgd(rate), seed, n, rate);
  }

  @Property
  void momentumEqualsTheReference(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 70) int n,
      @ForAll @Scale(4) @DoubleRange(min = 1e-4, max = 1) double rate,
      @ForAll @Scale(4) @DoubleRange(min = 0, max = 0.95) double mu) {
    sameSteps(new Momentum((float) mu), ReferenceOptimizer.momentum(rate, mu), seed, n, rate);
  }

  @Property
  void adamEqualsTheReference(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 70) int n,
      @ForAll @Scale(4) @DoubleRange(min = 1e-4, max = 0.1) double rate,
      @ForAll @Scale(4) @DoubleRange(min = 0, max = 0.95) double beta1,
      @ForAll @Scale(4) @DoubleRange(min = 0.9, max = 0.999) double beta2) {
    sameSteps(
        new Adam(beta1, beta2, 1e-8),
        ReferenceOptimizer.adam(rate, beta1, beta2, 1e-8),
        seed,
        n,
        rate);
  }

  /** Every parameter is updated, once, in two ranges, as threads would. */
  private static void sameSteps(
      Optimizer optimizer, ReferenceOptimizer reference, long seed, int n, double rate) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = Values.ORDINARY.array(random, n);
    double[] expected = toDoubles(values);
    Optimizer.State state = optimizer.start(KernelProvider.kernels(), n);
    String where = "%s, rate %s, %d parameters, seed %d".formatted(optimizer, rate, n, seed);
    for (int step = 1; step <= STEPS; step++) {
      float[] gradients = Values.ORDINARY.array(random, n);
      int cut = random.nextInt(n + 1);
      state.begin(step, rate);
      state.update(0, cut, 1, 0, values, gradients);
      state.update(cut, n, 1, 0, values, gradients);
      reference.step(Map.of("p", expected), Map.of("p", toDoubles(gradients)));
      new Closeness(where + ", step " + step, 2e-6 * (1 + 10 * rate))
          .add("p", expected, values, 0)
          .add("one", new double[] {1}, 1.0)
          .check();
    }
  }

  private static double[] toDoubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
