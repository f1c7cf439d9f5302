package org.lanewise.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged archives and damaged weights are refused, or are in truth other valid files. {@code
 * -Dfuzz.cases=N} tries N of each.
 */
class KerasFuzzTest {
  private static final int CASES = Integer.getInteger("fuzz.cases", 3_000);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void damageIsRefusedOrHarmless(boolean alone) throws IOException {
    KerasFuzz fuzz = new KerasFuzz(directory, alone);
    fuzz.run(CASES);
    System.out.println((alone ? "Keras weights: " : "Keras archives: ") + fuzz);
    assertEquals(CASES, fuzz.accepted() + fuzz.refused());
    assertTrue(fuzz.accepted() > CASES / 100, "the damage is too great: " + fuzz);
    assertTrue(fuzz.refused() > CASES / 4, "the damage is too small: " + fuzz);
  }
}
