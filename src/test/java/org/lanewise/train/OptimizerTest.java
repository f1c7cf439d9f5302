package org.lanewise.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.lanewise.Fixtures.assertSameBits;
import static org.lanewise.Fixtures.floats;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.kernel.KernelProvider;

class OptimizerTest {
  private static final float[] START = {1f, -2f, 0.25f, 0f};
  private static final float[] GRADIENT = {0.5f, -1f, 0.001f, 3f};

  private static Optimizer.State start(String name, int size) {
    return Optimizer.parse(name).start(KernelProvider.kernels(), size);
  }

  /** Three steps at rate 0.01, the gradient one, two and three times as large. */
  private static float[] threeSteps(String name) {
    Optimizer.State state = start(name, START.length);
    float[] values = START.clone();
    for (int step = 1; step <= 3; step++) {
      float[] gradients = GRADIENT.clone();
      for (int i = 0; i < gradients.length; i++) {
        gradients[i] *= step;
      }
      state.begin(step, 0.01);
      state.update(0, values.length, 1, 0, values, gradients);
    }
    return values;
  }

  @Test
  void sgdGivesTheseNumbersEverywhere() {
    // p - rate (1 + 2 + 3) g
    assertArrayEquals(new float[] {0.97f, -1.94f, 0.24994001f, -0.17999999f}, threeSteps("sgd"));
  }

  @Test
  void momentumGivesTheseNumbersEverywhere() {
    // v = g, 2.9 g, 5.61 g: p - rate 9.51 g
    assertArrayEquals(
        new float[] {0.95245f, -1.9049f, 0.2499049f, -0.2853f}, threeSteps("momentum"));
  }

  @Test
  void adamGivesTheseNumbersEverywhere() {
    assertArrayEquals(
        new float[] {0.97076815f, -1.9707682f, 0.22076836f, -0.029231831f}, threeSteps("adam"));
  }

  @Test
  void adamFollowsItsFormula() {
    float[] found = threeSteps("adam");
    for (int i = 0; i < START.length; i++) {
      double p = START[i];
      double m = 0;
      double v = 0;
      for (int t = 1; t <= 3; t++) {
        double g = (double) GRADIENT[i] * t;
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        double mean = m / (1 - Math.pow(0.9, t));
        p -= 0.01 * mean / (Math.sqrt(v / (1 - Math.pow(0.999, t))) + 1e-8);
      }
      assertEquals(p, found[i], 2e-7 * Math.max(1, Math.abs(p)), "parameter " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sgd", "momentum", "adam", "sparse-adam"})
  void rangesGiveTheBitsOfTheWhole(String name) {
    int size = 203;
    Optimizer.State whole = start(name, size);
    Optimizer.State parts = start(name, size);
    float[] one = floats(size, 1);
    float[] other = one.clone();
    for (int step = 1; step <= 5; step++) {
      float[] gradients = floats(size, 10 + step);
      whole.begin(step, 0.1);
      parts.begin(step, 0.1);
      whole.update(0, size, 1, 0, one, gradients);
      parts.update(100, size, 1, 0, other, gradients);
      parts.update(0, 17, 1, 0, other, gradients);
      parts.update(17, 100, 1, 0, other, gradients);
    }
    assertSameBits(one, other, name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sgd", "momentum", "adam", "sparse-adam"})
  void arraysAreAllThatIsRemembered(String name) {
    int size = 21;
    Optimizer.State first = start(name, size);
    float[] values = floats(size, 1);
    first.begin(1, 0.1);
    first.update(0, size, 1, 0, values, floats(size, 2));
    Optimizer.State second = start(name, size);
    first.arrays().forEach((k, a) -> System.arraycopy(a, 0, second.arrays().get(k), 0, size));
    float[] others = values.clone();
    first.begin(2, 0.1);
    first.update(0, size, 1, 0, values, floats(size, 3));
    second.begin(2, 0.1);
    second.update(0, size, 1, 0, others, floats(size, 3));
    assertSameBits(values, others, name);
  }

  @Test
  void arraysHaveTheirNames() {
    assertEquals(Set.of(), start("sgd", 2).arrays().keySet());
    assertEquals(Set.of("velocity"), start("momentum", 2).arrays().keySet());
    assertEquals(Set.of("mean", "square"), start("adam", 2).arrays().keySet());
  }

  @Test
  void unknownNameIsRefused() {
    assertEquals(
        "optimizer: found \"rmsprop\", expected sgd, momentum, adam or sparse-adam",
        assertThrows(IllegalArgumentException.class, () -> Optimizer.parse("rmsprop"))
            .getMessage());
  }

  @Test
  void constantsOutOfRangeAreRefused() {
    for (Runnable broken :
        new Runnable[] {
          () -> new Momentum(1f),
          () -> new Momentum(Float.NaN),
          () -> new Adam(1, 0.999, 1e-8),
          () -> new Adam(0.9, -0.1, 1e-8),
          () -> new Adam(0.9, 0.999, 0)
        }) {
      assertThrows(IllegalArgumentException.class, broken::run);
    }
  }
}
