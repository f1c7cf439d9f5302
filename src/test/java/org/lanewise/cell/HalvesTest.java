package org.lanewise.cell;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HalvesTest {
  static IntStream batches() {
    return IntStream.rangeClosed(1, 70);
  }

  @ParameterizedTest
  @MethodSource("batches")
  void everyRowOfEveryStepHasAPlaceOfItsOwn(int batch) {
    Halves halves = Halves.of(batch);
    int steps = 7;
    BitSet places = new BitSet();
    for (int time = 0; time < steps; time++) {
      for (int row = 0; row < batch; row++) {
        places.set(halves.index(steps, time, row));
      }
    }
    assertEquals(steps * batch, places.cardinality());
    assertEquals(steps * batch, places.length());
  }

  @ParameterizedTest
  @MethodSource("batches")
  void theStepsOfAHalfLieBehindOneAnother(int batch) {
    Halves halves = Halves.of(batch);
    for (int half = 0; half < halves.count(); half++) {
      int place = halves.index(5, 0, halves.begin(half));
      for (int time = 0; time < 5; time++) {
        for (int row = halves.begin(half); row < halves.begin(half + 1); row++) {
          assertEquals(place++, halves.index(5, time, row), "step " + time + ", row " + row);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("batches")
  void halvesDifferByTwoRowsAtMost(int batch) {
    Halves halves = Halves.of(batch);
    assertEquals(batch < 16 ? 1 : 2, halves.count());
    if (halves.count() == 2) {
      assertEquals(0, halves.first() % 2, "rows of the first half");
      assertEquals(batch / 2.0, halves.first(), 1);
    }
  }

  @ParameterizedTest
  @MethodSource("batches")
  void rowsOfBothHalvesAreRefusedByName(int batch) {
    Halves halves = Halves.of(batch);
    assertDoesNotThrow(() -> halves.requireOne(0, halves.first()));
    assertDoesNotThrow(() -> halves.requireOne(halves.first(), batch));
    if (halves.count() == 2) {
      int first = halves.first();
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> halves.requireOne(first - 1, first + 1));
      String rows = "rows " + (first - 1) + " to " + (first + 1);
      assertEquals(
          rows
              + ": expected rows of one half of the batch, which are 0 to "
              + first
              + " and "
              + first
              + " to "
              + batch,
          e.getMessage());
    }
  }
}
