package org.lanewise.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.lanewise.cell.Halves;

class HalfTurnsTest {
  private static final Halves HALVES = Halves.of(32);

  private final HalfTurns turns = new HalfTurns();

  @Test
  void aHalfIsDoneWhenAllItsRowsAre() {
    turns.add(HALVES, 0, 10);
    assertFalse(turns.isDone(HALVES, 0));
    turns.add(HALVES, 10, 20);
    assertTrue(turns.isDone(HALVES, 0));
    assertFalse(turns.isDone(HALVES, 1));
    turns.add(HALVES, 20, 20);
    turns.add(HALVES, 20, 32);
    assertTrue(turns.isDone(HALVES, 1));
    turns.next();
    assertFalse(turns.isDone(HALVES, 0));
    assertFalse(turns.isDone(HALVES, 1));
  }

  @Test
  void aBatchInOnePieceIsDoneAtItsEnd() {
    Halves one = Halves.of(5);
    turns.add(one, 3, 5);
    assertFalse(turns.isDone(one, 0));
    turns.add(one, 0, 3);
    assertTrue(turns.isDone(one, 0));
  }

  @Test
  void threadsChangePlacesWhenTheSecondHalfIsReadyFirstThreeTimesInARow() {
    window(1);
    window(1);
    window(0);
    window(1);
    window(1);
    assertEquals(0, turns.part(0, 2));
    window(1);
    assertEquals(1, turns.part(0, 2));
    assertEquals(0, turns.part(1, 2));
    assertEquals(3, turns.part(0, 4));
    window(0);
    window(0);
    assertEquals(1, turns.part(0, 2));
    window(1);
    window(1);
    window(1);
    assertEquals(0, turns.part(0, 2));
  }

  private void window(int first) {
    turns.add(HALVES, HALVES.begin(first), HALVES.begin(first + 1));
    turns.add(HALVES, HALVES.begin(1 - first), HALVES.begin(2 - first));
    turns.next();
  }
}
