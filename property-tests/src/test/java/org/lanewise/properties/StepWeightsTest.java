package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.lanewise.kernel.Packed;
import org.lanewise.kernel.StepWeights;

/** The numbers that weights are rounded to. */
class StepWeightsTest {

  @Property
  void bfloat16IsTheNearestNumberOfEightBits(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 70) int columns, @ForAll boolean tiny) {
    SplittableRandom random = new SplittableRandom(seed);
    Packed w =
        StepKernelTest.packed(
            random, tiny ? Values.TINY : Values.ORDINARY, 1 + random.nextInt(9), columns);
    float[] before = w.values().clone();
    AllKernels.PLAIN.stepWeights(w, StepWeights.Format.BFLOAT16);
    for (int column = 0; column < w.columns(); column++) {
      assertEquals(before[w.index(0, column)], w.values()[w.index(0, column)], "bias");
      for (int row = 1; row <= w.depth(); row++) {
        float x = before[w.index(row, column)];
        float y = w.values()[w.index(row, column)];
        assertEquals(0, Float.floatToRawIntBits(y) & 0xffff);
        assertTrue(Math.abs(y - x) <= Math.ulp(x) * 0x1p15f, () -> x + " became " + y);
      }
    }
  }

  @Property
  void int8IsTheNearestMultipleOfThePowerOfTwoThatFitsItsColumn(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 70) int columns, @ForAll boolean tiny) {
    SplittableRandom random = new SplittableRandom(seed);
    Packed w =
        StepKernelTest.packed(
            random, tiny ? Values.TINY : Values.ORDINARY, 1 + random.nextInt(9), columns);
    float[] before = w.values().clone();
    AllKernels.PLAIN.stepWeights(w, StepWeights.Format.INT8);
    for (int column = 0; column < w.columns(); column++) {
      double greatest = 0;
      for (int row = 1; row <= w.depth(); row++) {
        greatest = Math.max(greatest, Math.abs(before[w.index(row, column)]));
      }
      double unit = 0x1p-126;
      while (Math.rint(greatest / unit) > 127) {
        unit *= 2;
      }
      assertEquals(before[w.index(0, column)], w.values()[w.index(0, column)], "bias");
      for (int row = 1; row <= w.depth(); row++) {
        float expected = (float) (Math.rint(before[w.index(row, column)] / unit) * unit) + 0f;
        assertEquals(expected, w.values()[w.index(row, column)]);
      }
    }
  }

  @Example
  void roundingRefusesWhatIsNotFinite() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      Packed w = new Packed(2, 3);
      w.values()[w.index(1, 2)] = bad;
      assertThrows(
          IllegalArgumentException.class,
          () -> AllKernels.PLAIN.stepWeights(w, StepWeights.Format.INT8));
    }
  }
}
