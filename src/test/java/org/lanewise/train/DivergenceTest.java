package org.lanewise.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lanewise.Fixtures.assertSameBits;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DivergenceTest {
  @TempDir private Path folder;

  private static TrainSpec huge(int threads) {
    return new TrainSpec(
        Runs.BATCH, Runs.WINDOW, new Sgd(), new Schedule.Constant(1e38), Clip.NONE, 0, threads);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void hugeRateStopsWithStepLossAndNormAndUnchangedParameters(int threads) {
    try (TextRun run = Runs.run(huge(threads), 0, 1)) {
      float[] before = null;
      DivergenceException stopped = null;
      while (stopped == null && run.steps() < 50) {
        before = run.trainer().parameters().values().clone();
        try {
          run.step();
        } catch (DivergenceException e) {
          stopped = e;
        }
      }
      assertTrue(stopped != null, "50 steps at a rate of 1e38");
      String expected =
          "training diverged at step "
              + (run.steps() + 1)
              + ": loss (NaN|Infinity|[-0-9.E]+), gradient norm (NaN|Infinity|[-0-9.E]+)";
      assertTrue(stopped.getMessage().matches(expected), stopped.getMessage());
      assertSameBits(before, run.trainer().parameters().values(), "parameters");
    }
  }

  @Test
  void weightsThatAreNotFiniteReachNoCheckpoint() {
    try (TextRun run = Runs.run(Runs.spec("adam", 0.01, 1), 0, 1)) {
      run.step();
      int at = run.trainer().parameters().slice("linear.bias").offset() + 2;
      run.trainer().parameters().values()[at] = Float.NEGATIVE_INFINITY;
      Path target = folder.resolve("c");
      DivergenceException e =
          assertThrows(DivergenceException.class, () -> Checkpoint.save(target, run, Map.of()));
      assertEquals(
          "training diverged at step 1: linear.bias: element 2 is -Infinity", e.getMessage());
      assertFalse(Files.exists(target));
    }
  }
}
