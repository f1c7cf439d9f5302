package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.domains.DomainContext;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.network.Parameters;
import org.lanewise.train.Clip;
import org.lanewise.train.Schedule;
import org.lanewise.train.Sgd;
import org.lanewise.train.TrainSpec;
import org.lanewise.train.Trainer;

@Domain(Generators.class)
@Domain(DomainContext.Global.class)
@PropertyDefaults(edgeCases = EdgeCasesMode.NONE)
class ClipTest {
  private static final double NO_LIMIT = Double.POSITIVE_INFINITY;

  @Property(tries = 2000)
  void normIsNeverAboveTheLimit(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 500) int n,
      @ForAll @IntRange(min = -30, max = 38) int magnitude,
      @ForAll @IntRange(min = -6, max = 3) int limitMagnitude) {
    float[] gradient = gradient(seed, n, magnitude);
    double limit = limit(seed, limitMagnitude);
    float[] clipped = byNorm(gradient, limit);
    assertTrue(
        norm(clipped) <= limit,
        () -> "norm " + norm(clipped) + " above " + limit + ", " + n + " elements, seed " + seed);
  }

  @Property
  void directionIsKept(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 500) int n,
      @ForAll @IntRange(min = -6, max = 12) int magnitude) {
    float[] gradient = gradient(seed, n, magnitude);
    double limit = norm(gradient) / (1.5 + Math.floorMod(seed, 1000));
    float[] clipped = byNorm(gradient, limit);
    double dot = 0;
    for (int i = 0; i < n; i++) {
      dot += (double) gradient[i] * clipped[i];
    }
    double cosine = dot / norm(gradient) / norm(clipped);
    assertEquals(1, cosine, 1e-6);
    assertEquals(limit, norm(clipped), 1e-6 * limit);
  }

  @Property
  void withinTheLimitNoBitChanges(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 500) int n,
      @ForAll @IntRange(min = -30, max = 12) int magnitude) {
    float[] gradient = gradient(seed, n, magnitude);
    for (double limit : new double[] {kernelNorm(gradient), 2 * kernelNorm(gradient)}) {
      Bits.same("seed " + seed, "gradient", gradient, byNorm(gradient, limit));
    }
  }

  @Property
  void elementsAreBoundedExactly(
      @ForAll Values values,
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0.01, max = 3) double limit) {
    float[] gradient = values.array(new SplittableRandom(seed), 100);
    float[] clipped = gradient.clone();
    new Clip(limit, NO_LIMIT).clipValues(10, 90, clipped);
    for (int i = 0; i < gradient.length; i++) {
      boolean outside = i < 10 || i >= 90;
      float expected = gradient[i];
      if (!outside && Math.abs(gradient[i]) > limit) {
        assertTrue(Math.abs(clipped[i]) <= limit, "above " + limit + ": " + clipped[i]);
        assertTrue(Math.nextUp(Math.abs(clipped[i])) > limit, "far below " + limit);
        expected = Math.copySign(clipped[i], gradient[i]);
      }
      Bits.same(
          "seed " + seed + ", element " + i,
          "gradient",
          new float[] {expected},
          new float[] {clipped[i]});
    }
  }

  @Property(tries = 50)
  void trainingKeepsBothLimits(@ForAll NetworkCase c) {
    Clip clip = new Clip(0.01 + 0.01 * Math.floorMod(c.seed(), 5), 0.05);
    TrainSpec spec =
        new TrainSpec(c.batch(), c.timeSteps(), new Sgd(), new Schedule.Constant(0.1), clip, 0, 1);
    Parameters parameters = c.parameters();
    try (Trainer trainer = new Trainer(parameters, spec)) {
      for (int step = 0; step < 3; step++) {
        c.fillInputs(trainer.workspace(), step);
        c.fillTargets(trainer.targets().classes, step);
        trainer.step(1);
        float[] gradients = scaled(parameters.gradients(), clip.factor(trainer.gradientNorm()));
        assertTrue(norm(gradients) <= clip.norm(), () -> c + ": norm " + norm(gradients));
        for (float g : gradients) {
          assertTrue(Math.abs(g) <= clip.value(), () -> c + ": element " + g);
        }
      }
    }
  }

  /** Clipped to 1: the mean of (1, 0) and (0, 1) is not along the mean of (4, 0) and (0, 1). */
  @Example
  void meanOfClippedGradientsIsNotTheClippedMean() {
    float[] meanOfClipped = mean(byNorm(new float[] {4, 0}, 1), byNorm(new float[] {0, 1}, 1));
    float[] clippedMean = byNorm(mean(new float[] {4, 0}, new float[] {0, 1}), 1);
    assertEquals(0.5, meanOfClipped[0], 1e-6);
    assertEquals(0.5, meanOfClipped[1], 1e-6);
    assertEquals(4 / Math.sqrt(17), clippedMean[0], 1e-6);
    assertEquals(1 / Math.sqrt(17), clippedMean[1], 1e-6);
  }

  /** Whenever one of two orthogonal gradients is cut and the other is not. */
  @Property
  void clippingBeforeTheMeanTurnsIt(
      @ForAll @DoubleRange(min = 1.1, max = 100) double cut,
      @ForAll @DoubleRange(min = 0.1, max = 1) double kept) {
    float[] a = {(float) cut, 0};
    float[] b = {0, (float) kept};
    float[] meanOfClipped = mean(byNorm(a, 1), byNorm(b, 1));
    float[] clippedMean = byNorm(mean(a, b), 1);
    assertEquals((float) kept, meanOfClipped[1] / meanOfClipped[0], 1e-5);
    assertEquals((float) kept / (float) cut, clippedMean[1] / clippedMean[0], 1e-5);
    assertNotEquals(meanOfClipped[1] / meanOfClipped[0], clippedMean[1] / clippedMean[0], 0.001f);
  }

  private static float[] mean(float[] a, float[] b) {
    float[] mean = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      mean[i] = (a[i] + b[i]) / 2;
    }
    return mean;
  }

  private static float[] byNorm(float[] gradient, double limit) {
    return scaled(gradient, new Clip(NO_LIMIT, limit).factor(kernelNorm(gradient)));
  }

  /** What an update takes for the gradient. */
  private static float[] scaled(float[] gradient, float factor) {
    float[] scaled = gradient.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factor;
    }
    return scaled;
  }

  private static double kernelNorm(float[] gradient) {
    double[] partials = new double[16];
    KernelProvider.kernels().accumulateSquares(gradient.length, gradient, 0, partials, 0);
    return Math.sqrt(KernelProvider.kernels().sumOfPartials(partials, 0));
  }

  private static double norm(float[] gradient) {
    double[] inDouble = new double[gradient.length];
    for (int i = 0; i < inDouble.length; i++) {
      inDouble[i] = gradient[i];
    }
    return ReferenceClipping.norm(Map.of("g", inDouble));
  }

  private static float[] gradient(long seed, int n, int magnitude) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] gradient = new float[n];
    for (int i = 0; i < n; i++) {
      gradient[i] = (float) ((2 * random.nextDouble() - 1) * StrictMath.pow(10, magnitude));
    }
    return gradient;
  }

  private static double limit(long seed, int magnitude) {
    return (0.1 + new SplittableRandom(~seed).nextDouble()) * StrictMath.pow(10, magnitude);
  }
}
