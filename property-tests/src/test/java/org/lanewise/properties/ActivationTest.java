package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lanewise.properties.ActivationCheck.Function;
import org.lanewise.properties.ActivationCheck.Report;

/**
 * The laws of {@code PlainMath} and {@code VectorMath} on a sample; {@link ActivationCheck} as a
 * command checks them on every float.
 */
class ActivationTest {
  private static final int RUN = 64;

  @ParameterizedTest
  @EnumSource(Function.class)
  void everyBinadeKeepsItsPromises(Function function) {
    Random random = new Random(7);
    for (int binade = 0; binade < 512; binade++) {
      int first = Integer.MIN_VALUE + (binade << 23);
      assertHolds(ActivationCheck.check(function, first, RUN, 1));
      assertHolds(ActivationCheck.check(function, first + (1 << 23) - RUN, RUN, 1));
      for (int run = 0; run < 4; run++) {
        int within = random.nextInt((1 << 23) - RUN);
        assertHolds(ActivationCheck.check(function, first + within, RUN, 1));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Function.class)
  void neighboursWhereThePowerOfTwoChangesAreInOrder(Function function) {
    double unit = Math.log(2) / (function == Function.TANH ? 2 : 1);
    for (int n = -152; n <= 152; n++) {
      int rank = ActivationCheck.rank((float) ((n + 0.5) * unit));
      assertHolds(ActivationCheck.check(function, rank - 512, 1024, 1));
    }
  }

  @ParameterizedTest
  @EnumSource(Function.class)
  void anEvenSampleOfAllFloatsKeepsItsPromises(Function function) {
    assertHolds(ActivationCheck.checkAll(function, 16_381, 1));
  }

  @ParameterizedTest
  @EnumSource(Function.class)
  void neighboursOfZeroAndInfinityKeepTheirPromises(Function function) {
    float[] edges = {Float.NEGATIVE_INFINITY, 0f, Float.POSITIVE_INFINITY};
    for (float edge : edges) {
      assertHolds(ActivationCheck.check(function, ActivationCheck.rank(edge) - 64, 128, 1));
    }
  }

  @Property(tries = 2000)
  void lanesAndPlainJavaGiveTheSameBits(
      @ForAll Function function, @ForAll("bitPatterns") float[] x) {
    float[] y = new float[x.length];
    function.vector(x, y);
    for (int i = 0; i < x.length; i++) {
      float plain = function.plain(x[i]);
      int at = i;
      assertEquals(
          Float.floatToIntBits(plain),
          Float.floatToIntBits(y[i]),
          () ->
              String.format(
                  "%s(%s) [0x%08x]: plain %s, lanes %s",
                  function.title(), x[at], Float.floatToRawIntBits(x[at]), plain, y[at]));
    }
  }

  @Provide
  Arbitrary<float[]> bitPatterns() {
    return Arbitraries.integers().map(Float::intBitsToFloat).array(float[].class).ofSize(64);
  }

  private static void assertHolds(Report report) {
    assertTrue(report.holds(), report::toString);
  }
}
