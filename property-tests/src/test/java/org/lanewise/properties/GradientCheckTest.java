package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;

/** A right gradient passes, a wrong one is named. */
class GradientCheckTest {

  @Property(tries = 50)
  void plantedErrorIsFoundAndNamed(@ForAll Random random, @ForAll boolean large) {
    ReferenceShape shape = new ReferenceShape(new ReferenceLstm(), "lstm.", 3, 3, 2, 0, 4);
    ReferenceNetwork network = new ReferenceNetwork(shape, shape.random(random, 1));
    ReferenceNetwork.State zero = network.zeroState(1);
    int[][] ids = {{0}, {1}, {2}};
    int[][] targets = {{1}, {2}, {3}};
    ReferenceNetwork.Run run = network.forward(ids, zero);
    Map<String, double[]> gradients =
        run.backward(ReferenceLoss.crossEntropy(run, targets)).parameters();

    List<String> names = new ArrayList<>(gradients.keySet());
    String name = names.get(random.nextInt(names.size()));
    double[] gradient = gradients.get(name);
    int index = random.nextInt(gradient.length);
    double size = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
    gradient[index] += size * (large ? 1 : 1e-4);

    GradientCheck check =
        GradientCheck.inDouble(
            () -> ReferenceLoss.crossEntropy(network.forward(ids, zero), targets).value());
    gradients.forEach((n, g) -> check.parameter(n, network.parameters().get(n), g));
    GradientCheck.Report report = check.check();
    assertFalse(report.passed());
    assertEquals(name, report.worst().name());
    assertEquals(index, report.worst().index());
    assertEquals(1, report.worst().failures());
    AssertionError error = assertThrows(AssertionError.class, report::assertPassed);
    assertTrue(error.getMessage().contains(name + "[" + index + "]: analytic"), report.toString());
  }

  @Property(tries = 50)
  void floatNetworkPasses(
      @ForAll Random random,
      @ForAll @IntRange(min = 1, max = 30) int time,
      @ForAll @IntRange(min = 1, max = 12) int size) {
    FloatElman network = new FloatElman(random, size, time);
    network.backward();
    floatCheck(network).check().assertPassed();
  }

  @Property(tries = 50)
  void floatNetworkWithAWrongGradientFails(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 12) int size) {
    FloatElman network = new FloatElman(random, size, 6);
    network.backward();
    int index = random.nextInt(size);
    float largest = 0;
    for (float g : network.biasGradient) {
      largest = Math.max(largest, Math.abs(g));
    }
    network.biasGradient[index] += 0.1f * largest;
    GradientCheck.Report report = floatCheck(network).check();
    assertFalse(report.passed());
    assertEquals("bias[" + index + "]", report.worst().name() + report.worst().position());
  }

  private static GradientCheck floatCheck(FloatElman network) {
    return GradientCheck.inFloat(network::loss)
        .parameter("weight", network.weight, network.weightGradient)
        .parameter("bias", network.bias, network.biasGradient);
  }

  @Property
  void valuesAreLeftAsTheyWere(@ForAll @FloatRange(min = -1e6f, max = 1e6f) float x) {
    float[] values = {x};
    GradientCheck.inFloat(() -> values[0]).parameter("x", values, new float[] {1}).check();
    assertEquals(Float.floatToRawIntBits(x), Float.floatToRawIntBits(values[0]));
  }

  @Example
  void valuesAreLeftAsTheyWereWhenTheLossThrows() {
    double[] values = {0.5};
    GradientCheck check =
        GradientCheck.inDouble(
                () -> {
                  if (values[0] > 0.5) {
                    throw new IllegalStateException("no");
                  }
                  return values[0];
                })
            .parameter("x", values, new double[] {1});
    assertThrows(IllegalStateException.class, check::check);
    assertEquals(0.5, values[0]);
  }

  /** Richardson's extrapolation has no error up to the fourth power. */
  @Property
  void fourthPowersAreExact(@ForAll @FloatRange(min = -3, max = 3) float x) {
    double[] values = {x};
    double slope = 4.0 * x * x * x;
    GradientCheck.Report report =
        GradientCheck.inDouble(() -> Math.pow(values[0], 4))
            .parameter("x", values, new double[] {slope})
            .check();
    assertEquals(slope, report.worst().numeric(), 1e-10);
    report.assertPassed();
  }

  /** |x| at 1e-4, a tenth of the first step from its kink. */
  @Example
  void stepIsHalvedNearAKink() {
    double[] values = {1e-4};
    GradientCheck.Report report =
        GradientCheck.inDouble(() -> Math.abs(values[0]))
            .parameter("x", values, new double[] {1})
            .check();
    report.assertPassed();
    assertTrue(report.worst().step() < 1e-4, report.toString());
  }

  @Example
  void missingGradientHasErrorOne() {
    double[] values = {1e-3, 2};
    GradientCheck.Report report =
        GradientCheck.inDouble(() -> 1e-4 * values[0])
            .parameter("x", values, new double[2])
            .check();
    assertEquals(0, report.worst().index());
    assertEquals(1, report.worst().error(), 1e-6);
  }

  @Example
  void notANumberFails() {
    double[] values = {1, 2};
    GradientCheck.Report report =
        GradientCheck.inDouble(() -> values[0] + values[1])
            .parameter("x", values, new double[] {1, Double.NaN})
            .check();
    assertEquals(1, report.worst().index());
    assertFalse(report.passed());
  }

  @Example
  void gradientsAreCopied() {
    double[] values = {1};
    double[] gradients = {1};
    GradientCheck.inDouble(
            () -> {
              gradients[0] = 99;
              return values[0];
            })
        .parameter("x", values, gradients)
        .check()
        .assertPassed();
  }

  @Example
  void slicesLieInAnArena() {
    float[] arena = {7, 7, 1, 2, 3, 7};
    float[] gradients = {9, 1, 2, 5, 9};
    GradientCheck check =
        GradientCheck.inFloat(() -> arena[2] + 2 * arena[3] + 3 * arena[4])
            .slice("w", arena, 2, gradients, 1, 3);
    GradientCheck.Entry worst = check.check().worst();
    assertEquals("w[2]", worst.name() + worst.position());
    assertEquals(3, worst.numeric(), 1e-4);
    assertArrayEquals(new float[] {7, 7, 1, 2, 3, 7}, arena);
  }

  @Example
  void nestedPositionsAreNamed() {
    float[][][] values = new float[2][3][4];
    float[][][] gradients = new float[2][3][4];
    gradients[1][2][3] = 1;
    GradientCheck.Report report =
        GradientCheck.inFloat(() -> 0).nested("input", values, gradients).check();
    assertEquals("input[1][2][3]", report.worst().name() + report.worst().position());
    assertEquals(23, report.worst().index());
  }

  @Example
  void sampleIsSeeded() {
    double[] values = new double[1000];
    Arrays.setAll(values, j -> j);
    GradientCheck.Report first = sampled(values, 5);
    assertEquals(7, first.worst().checked());
    assertEquals(1000, first.worst().length());
    assertEquals(first.worst(), sampled(values, 5).worst());
    assertNotEquals(first.worst().index(), sampled(values, 6).worst().index());
    assertTrue(first.toString().contains("seed 5"), first.toString());
  }

  /** The analytic gradient is 0 and the numeric is j: the worst of the chosen is the last. */
  private static GradientCheck.Report sampled(double[] values, long seed) {
    return GradientCheck.inDouble(() -> Arrays.stream(values).map(x -> x * x / 2).sum())
        .parameter("x", values, new double[values.length])
        .sample(7, seed)
        .check();
  }

  @Example
  void lossThatIsNoFunctionIsRefused() {
    double[] calls = {0};
    GradientCheck check =
        GradientCheck.inDouble(() -> calls[0]++).parameter("x", new double[1], new double[1]);
    String message = assertThrows(IllegalStateException.class, check::check).getMessage();
    assertTrue(message.contains("same number"), message);
  }

  @Example
  void badInputIsNamed() {
    GradientCheck check = GradientCheck.inDouble(() -> Double.NaN);
    assertThrows(IllegalStateException.class, check::check);
    refused("x: expected as many", () -> check.parameter("x", new double[3], new double[2]));
    refused("x[0]: expected as many", () -> check.nested("x", new float[1][3], new float[1][2]));
    refused("nested arrays", () -> check.nested("x", new int[1][3], new int[1][3]));
    refused("step: expected", () -> check.step(0));
    refused("tolerance: expected", () -> check.tolerance(Double.NaN));
    check.parameter("x", new double[1], new double[1]);
    assertThrows(IllegalStateException.class, check::check);
  }

  private static void refused(String message, Runnable action) {
    String found = assertThrows(IllegalArgumentException.class, action::run).getMessage();
    assertTrue(found.contains(message), found);
  }

  /**
   * Somebody's network in float: h = tanh(W h' + b + x), L = Σ h² / 2 over all steps, summed in
   * double.
   */
  private static final class FloatElman {
    final int size;
    final float[][] x;
    final float[][] h;
    final float[] weight;
    final float[] weightGradient;
    final float[] bias;
    final float[] biasGradient;

    FloatElman(Random random, int size, int time) {
      this.size = size;
      x = new float[time][];
      Arrays.setAll(x, t -> gaussian(random, size, 1));
      h = new float[time + 1][size];
      weight = gaussian(random, size * size, (float) (1 / Math.sqrt(size)));
      weightGradient = new float[size * size];
      bias = gaussian(random, size, 1);
      biasGradient = new float[size];
    }

    double loss() {
      double loss = 0;
      for (int t = 0; t < x.length; t++) {
        for (int r = 0; r < size; r++) {
          float z = bias[r] + x[t][r];
          for (int k = 0; k < size; k++) {
            z += weight[r * size + k] * h[t][k];
          }
          h[t + 1][r] = (float) Math.tanh(z);
          loss += 0.5 * h[t + 1][r] * h[t + 1][r];
        }
      }
      return loss;
    }

    void backward() {
      loss();
      float[] dh = new float[size];
      for (int t = x.length - 1; t >= 0; t--) {
        float[] dhPrevious = new float[size];
        for (int r = 0; r < size; r++) {
          float out = h[t + 1][r];
          float dz = (dh[r] + out) * (1 - out * out);
          biasGradient[r] += dz;
          for (int k = 0; k < size; k++) {
            weightGradient[r * size + k] += dz * h[t][k];
            dhPrevious[k] += weight[r * size + k] * dz;
          }
        }
        dh = dhPrevious;
      }
    }

    private static float[] gaussian(Random random, int length, float scale) {
      float[] values = new float[length];
      for (int j = 0; j < length; j++) {
        values[j] = scale * (float) random.nextGaussian();
      }
      return values;
    }
  }
}
