package org.lanewise.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.Fixtures;

/** The laws of the first weights. The numbers in these tests hold on every platform. */
class InitializerTest {
  private static final int HIDDEN = 24;

  private static Parameters filled(Initializer law, int hidden, long seed) {
    Input input = new Input.Embedding(3, 2);
    Parameters parameters = new Parameters(Fixtures.lstm(input, hidden, hidden == 3 ? 1 : 2, 2));
    law.fill(parameters, seed);
    return parameters;
  }

  private static float[] values(Parameters parameters, String name) {
    Parameter p = parameters.slice(name);
    return Arrays.copyOfRange(parameters.values(), p.offset(), p.offset() + p.size());
  }

  static Stream<Initializer> laws() {
    return Stream.of(
        new Initializer.Torch(), new Initializer.Glorot(), new Initializer.Uniform(0.1));
  }

  /** The first three floats of each parameter, and a hash of all bits. */
  private static void assertNumbers(Initializer law, Map<String, float[]> first, int hash) {
    Parameters parameters = filled(law, 3, 42);
    first.forEach(
        (name, expected) ->
            assertArrayEquals(
                expected,
                Arrays.copyOf(values(parameters, name), expected.length),
                law + ": " + name));
    assertEquals(hash, Arrays.hashCode(parameters.values()), law + ": hash of all values");
  }

  @Test
  void torchGivesTheseNumbersEverywhere() {
    assertNumbers(
        new Initializer.Torch(),
        Map.of(
            "embedding.weight", new float[] {0.49295065f, -1.2810774f, -0.601878f},
            "lstm.weight_ih_l0", new float[] {0.19070967f, -0.34244365f, -0.45775303f},
            "lstm.weight_hh_l0", new float[] {0.3016137f, -0.47115597f, 0.034934465f},
            "lstm.bias_ih_l0", new float[] {0.3439825f, 0.365815f, -0.4630641f},
            "linear.weight", new float[] {0.24772398f, -0.31575736f, 0.24168694f},
            "linear.bias", new float[] {0.25692758f, -0.54463506f}),
        190481683);
  }

  @Test
  void glorotGivesTheseNumbersEverywhere() {
    assertNumbers(
        new Initializer.Glorot(),
        Map.of(
            "embedding.weight", new float[] {0.52924216f, -0.745099f, -0.48506063f},
            "lstm.weight_ih_l0", new float[] {-0.6169433f, 0.6586515f, -0.35069352f},
            "lstm.weight_hh_l0", new float[] {0.2559476f, 0.36733252f, 0.8941799f},
            "linear.weight", new float[] {-0.3106583f, -0.9888146f, -0.6675004f}),
        -11005368);
  }

  @Test
  void uniformGivesTheseNumbersEverywhere() {
    assertNumbers(
        new Initializer.Uniform(0.1),
        Map.of(
            "embedding.weight", new float[] {0.048312977f, -0.06801792f, -0.044279773f},
            "linear.bias", new float[] {0.034414455f, -0.05750364f}),
        827224359);
  }

  @ParameterizedTest
  @MethodSource("laws")
  void sameSeedSameBits(Initializer law) {
    Fixtures.assertSameBits(
        filled(law, HIDDEN, 9).values(), filled(law, HIDDEN, 9).values(), law.toString());
  }

  @ParameterizedTest
  @MethodSource("laws")
  void anotherSeedGivesOtherNumbers(Initializer law) {
    assertFalse(
        Arrays.equals(filled(law, HIDDEN, 9).values(), filled(law, HIDDEN, 10).values()),
        law + ": seeds 9 and 10");
  }

  /** All inside ±range, filling it, with the mean of a uniform law. */
  private static void assertUniform(double range, float[] values, String what) {
    double sum = 0;
    float largest = 0;
    for (float value : values) {
      sum += value;
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest <= (float) range, what + ": found " + largest + " outside of ±" + range);
    // Chances below 1e-6 for the sizes used here, and the seeds are fixed.
    assertTrue(values.length < 40 || largest > 0.8 * range, what + ": no value near ±" + range);
    double deviation = range / Math.sqrt(3.0 * values.length);
    assertTrue(Math.abs(sum / values.length) < 5 * deviation, what + ": mean is not 0");
  }

  @Test
  void torchIsUniformInTheRootOfTheHiddenSize() {
    Parameters parameters = filled(new Initializer.Torch(), HIDDEN, 1);
    for (Parameter p : parameters.slices()) {
      if (!p.name().startsWith("embedding")) {
        assertUniform(1 / Math.sqrt(HIDDEN), values(parameters, p.name()), p.name());
      }
    }
  }

  @Test
  void torchEmbeddingIsNormal() {
    Parameters parameters = new Parameters(Fixtures.lstm(new Input.Embedding(100, 50), 2, 1, 0));
    new Initializer.Torch().fill(parameters, 1);
    float[] values = values(parameters, "embedding.weight");
    double sum = 0;
    double squares = 0;
    double fourth = 0;
    for (float value : values) {
      sum += value;
      squares += value * value;
      fourth += Math.pow(value, 4);
    }
    int n = values.length;
    assertEquals(0, sum / n, 5 / Math.sqrt(n), "mean");
    assertEquals(1, squares / n, 5 * Math.sqrt(2.0 / n), "variance");
    assertEquals(3, fourth / n, 5 * Math.sqrt(96.0 / n), "fourth moment");
  }

  @Test
  void glorotTakesEachGateForItself() {
    Parameters parameters = filled(new Initializer.Glorot(), HIDDEN, 1);
    assertUniform(
        Math.sqrt(6.0 / (HIDDEN + 2)), values(parameters, "lstm.weight_ih_l0"), "weight_ih_l0");
    assertUniform(
        Math.sqrt(6.0 / (HIDDEN + HIDDEN)),
        values(parameters, "lstm.weight_ih_l1"),
        "weight_ih_l1");
    assertUniform(
        Math.sqrt(6.0 / (HIDDEN + 2)), values(parameters, "linear.weight"), "linear.weight");
  }

  @Test
  void glorotHiddenWeightsAreOrthogonalInEveryGate() {
    Parameters parameters = filled(new Initializer.Glorot(), HIDDEN, 1);
    for (String name : new String[] {"lstm.weight_hh_l0", "lstm.weight_hh_l1"}) {
      float[] w = values(parameters, name);
      for (int gate = 0; gate < 4; gate++) {
        for (int i = 0; i < HIDDEN; i++) {
          for (int j = 0; j <= i; j++) {
            double dot = 0;
            for (int k = 0; k < HIDDEN; k++) {
              dot +=
                  (double) w[(gate * HIDDEN + i) * HIDDEN + k]
                      * w[(gate * HIDDEN + j) * HIDDEN + k];
            }
            assertEquals(
                i == j ? 1 : 0, dot, 1e-6, name + ": gate " + gate + ", rows " + i + ", " + j);
          }
        }
      }
    }
  }

  @Test
  void glorotBiasIsOneForTheForgetGateAndZeroElsewhere() {
    Parameters parameters = filled(new Initializer.Glorot(), HIDDEN, 1);
    for (int layer = 0; layer < 2; layer++) {
      float[] both = values(parameters, "lstm.bias_ih_l" + layer);
      float[] other = values(parameters, "lstm.bias_hh_l" + layer);
      for (int i = 0; i < both.length; i++) {
        boolean forget = i / HIDDEN == 1;
        assertEquals(forget ? 1f : 0f, both[i] + other[i], "layer " + layer + ", row " + i);
      }
    }
    assertArrayEquals(new float[2], values(parameters, "linear.bias"));
  }

  @Test
  void uniformStaysInItsRange() {
    assertUniform(
        0.25, filled(new Initializer.Uniform(0.25), HIDDEN, 1).values(), "uniform in ±0.25");
  }

  @Test
  void namesAreParsed() {
    assertEquals(new Initializer.Torch(), Initializer.parse("torch"));
    assertEquals(new Initializer.Glorot(), Initializer.parse("glorot"));
    assertEquals(new Initializer.Uniform(0.05), Initializer.parse("uniform:0.05"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Torch", "uniform", "uniform:", "uniform:x", "uniform:-1", "uniform:NaN"})
  void otherNamesAreRefused(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Initializer.parse(text)).getMessage();
    assertTrue(message.contains("found"), message);
  }

  @Test
  void tooManyParametersAreRefusedByName() {
    for (int hidden : new int[] {30_000, 600_000_000, Integer.MAX_VALUE}) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> Parameters.layout(Fixtures.lstm(new Input.OneHot(2), hidden, 1, 2)),
                  "hidden " + hidden)
              .getMessage();
      assertTrue(
          message.matches("lstm\\.weight_[ih]h_l0 \\[.*: more than 2\\^31 parameters"), message);
    }
  }
}
