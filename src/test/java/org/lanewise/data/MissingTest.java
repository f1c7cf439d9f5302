package org.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class MissingTest {
  private static final double NONE = Double.NaN;

  @Test
  void rules() throws IOException {
    assertArrayEquals(new double[] {1, 2, 1, 4}, fill("fill-forward", 1, 2, NONE, 4));
    assertArrayEquals(new double[] {1, 4, 1, 4}, fill("drop-leading", 1, NONE, 1, 4, 1, NONE));
    assertArrayEquals(new double[] {-1.5, 2, 3, -1.5}, fill("value:-1.5", NONE, 2, 3, NONE));
  }

  @Test
  void nothingToRepeatIsRefused() {
    assertRefused(
        "row 1, column 0: the value is missing; choose fill-forward, drop-leading or value:X to go"
            + " on",
        "error",
        1,
        2,
        NONE,
        4);
    assertRefused(
        "row 0, column 1: the value is missing, and there is none before it to repeat",
        "fill-forward",
        1,
        NONE);
    assertRefused(
        "row 1, column 1: the value is missing, and so is one in every row before",
        "drop-leading",
        NONE,
        NONE,
        1,
        NONE);
  }

  @Test
  void textGivesTheRuleBack() {
    for (String text : new String[] {"error", "fill-forward", "drop-leading", "value:-0.5"}) {
      assertEquals(text, Missing.parse(text).toString());
    }
    for (String text : new String[] {"", "drop", "value:", "value:NA", "value:x", "value:1e99"}) {
      assertThrows(IllegalArgumentException.class, () -> Missing.parse(text), text);
    }
  }

  private static double[] fill(String rule, double... values) throws IOException {
    return Missing.parse(rule)
        .fill(values, 2, (row, column) -> "row " + row + ", column " + column);
  }

  private static void assertRefused(String message, String rule, double... values) {
    Exception e = assertThrows(IOException.class, () -> fill(rule, values));
    assertEquals(message, e.getMessage());
  }
}
