package org.lanewise.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void constantIsTheSameAtEveryStep() {
    Schedule schedule = new Schedule.Constant(0.3);
    assertEquals(0.3, schedule.rate(1, 1));
    assertEquals(0.3, schedule.rate(1_000_000, 77));
  }

  @Test
  void decayBeginsAfterItsEpochAndMultipliesAtEachLaterOne() {
    Schedule schedule = new Schedule.EpochDecay(1, 0.5, 3);
    assertEquals(1, schedule.rate(1, 1));
    assertEquals(1, schedule.rate(999, 3));
    assertEquals(0.5, schedule.rate(1, 4));
    assertEquals(0.125, schedule.rate(1, 6));
  }

  @Test
  void cosineRisesInAStraightLineToItsRate() {
    Schedule schedule = new Schedule.Cosine(0.8, 4, 12);
    assertEquals(0.2, schedule.rate(1, 1), 1e-15);
    assertEquals(0.4, schedule.rate(2, 1), 1e-15);
    assertEquals(0.8, schedule.rate(4, 1), 1e-15);
  }

  @Test
  void cosineFallsToHalfInTheMiddleAndZeroAtTheEnd() {
    Schedule schedule = new Schedule.Cosine(0.8, 4, 12);
    assertEquals(0.4, schedule.rate(8, 1), 1e-15);
    assertEquals(0, schedule.rate(12, 1), 1e-15);
    assertEquals(0, schedule.rate(40, 1), 1e-15);
    for (int step = 5; step <= 12; step++) {
      assertTrue(schedule.rate(step, 1) < schedule.rate(step - 1, 1), "rises at step " + step);
    }
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    for (Runnable broken :
        new Runnable[] {
          () -> new Schedule.Constant(0),
          () -> new Schedule.Constant(Double.NaN),
          () -> new Schedule.Constant(Double.POSITIVE_INFINITY),
          () -> new Schedule.EpochDecay(0.1, 1.1, 1),
          () -> new Schedule.EpochDecay(0.1, 0, 1),
          () -> new Schedule.EpochDecay(0.1, 0.5, -1),
          () -> new Schedule.Cosine(0.1, 5, 5),
          () -> new Schedule.Cosine(0.1, -1, 5)
        }) {
      assertThrows(IllegalArgumentException.class, broken::run);
    }
  }
}
