package org.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScalingTest {
  @Test
  void meanAndPopulationDeviation() {
    Scaling scaling = Scaling.of(2, List.of(new double[] {1, 5, 3, 5}, new double[] {5, 5}));
    assertArrayEquals(new double[] {3, 5}, scaling.means());
    assertArrayEquals(new double[] {Math.sqrt(8.0 / 3), 1}, scaling.deviations());
  }

  @Test
  void constantColumnBecomesZeroWhateverItsValue() {
    Scaling scaling = Scaling.of(1, List.of(new double[] {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}));
    assertEquals(new Scaling(new double[] {0.1}, new double[] {1}), scaling);
  }

  @Test
  void scalingInverts() {
    double[] values = new SplittableRandom(2).doubles(300, -1e4, 1e4).toArray();
    Scaling scaling = Scaling.of(3, List.of(values));
    float[] scaled = scaling.apply(values);
    for (int i = 0; i < values.length; i++) {
      assertEquals(values[i], scaling.invert(i % 3, scaled[i]), 1e-6 * 1e4);
      assertEquals(values[i], scaling.invert(i % 3, scaling.apply(i % 3, values[i])), 1e-9);
    }
  }

  @Test
  void textGivesTheSameBitsBack() {
    Scaling scaling = new Scaling(new double[] {1.0 / 3, -1e-30}, new double[] {1e30, 0.1});
    assertEquals(scaling, Scaling.parse(scaling.toString()));
    assertEquals("0.0 1.0\n0.0 1.0", Scaling.none(2).toString());
  }

  @Test
  void malformedTextIsRefused() {
    for (String text : new String[] {"", "1", "1 2 3", "1 0", "1 -1", "NaN 1", "1 1\n", "a b"}) {
      assertThrows(IllegalArgumentException.class, () -> Scaling.parse(text), text);
    }
  }
}
