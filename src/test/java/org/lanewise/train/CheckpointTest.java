package org.lanewise.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lanewise.Fixtures.assertSameBits;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lanewise.cell.CellKind;
import org.lanewise.format.FormatException;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;
import org.lanewise.format.TensorFile;

/** A resumed run is the run that was never interrupted, and a bad checkpoint changes nothing. */
class CheckpointTest {
  @TempDir private Path folder;
  private Path checkpoint;

  @BeforeEach
  void name() {
    checkpoint = folder.resolve("run.checkpoint");
  }

  /** Losses of some steps, with an evaluation among them and the sums at the end. */
  private static List<Double> losses(TextRun run, int steps) {
    List<Double> losses = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      losses.add(run.step());
      if (run.steps() % 10 == 0) {
        losses.add(run.takeTrainingLoss());
        losses.add(run.evaluate());
      }
    }
    losses.add(run.takeTrainingLoss());
    losses.add(run.evaluate());
    losses.add((double) run.epoch());
    return losses;
  }

  @ParameterizedTest
  @CsvSource({
    "sgd, 0, 1, 1, 1, lstm, 0",
    "momentum, 3, 1, 1, 2, lstm, 0",
    "adam, 0, 2, 2, 1, lstm, 0",
    "adam, 3, 2, 1, 1, lstm, 0",
    "adam, 3, 2, 2, 3, lstm, 0",
    "adam, 3, 2, 2, 3, lstm, 4",
    "adam, 3, 2, 2, 3, lstm_peephole, 0"
  })
  void resumedEqualsNeverInterrupted(
      String optimizer,
      int embedding,
      int layers,
      int threadsBefore,
      int threadsAfter,
      String cell,
      int projection)
      throws IOException {
    TrainSpec before = Runs.spec(optimizer, 0.05, threadsBefore);
    TrainSpec after = Runs.spec(optimizer, 0.05, threadsAfter);
    CellKind kind = CellKind.parse(cell);
    // 9 windows an epoch: inside the first, between two, inside the third.
    for (int at : new int[] {4, 9, 23}) {
      try (TextRun whole = Runs.run(before, embedding, layers, kind, projection);
          TextRun resumed = Runs.run(after, embedding, layers, kind, projection)) {
        for (int i = 0; i < at; i++) {
          whole.step();
        }
        Checkpoint.save(checkpoint, whole, Map.of("key", "välue"));
        Checkpoint loaded = Checkpoint.load(checkpoint);
        loaded.restore(resumed);
        String what = optimizer + ", resumed after " + at + " steps";
        assertEquals(Map.of("key", "välue"), loaded.settings());
        assertEquals(whole.trainer().parameters().spec(), loaded.spec());
        assertEquals(whole.steps(), resumed.steps());
        assertEquals(losses(whole, 30), losses(resumed, 30), what + ": losses");
        assertSameBits(
            whole.trainer().parameters().values(),
            resumed.trainer().parameters().values(),
            what + ": parameters");
      }
    }
  }

  /** Saves a checkpoint after 5 steps and changes its file. */
  private void change(
      UnaryOperator<Map<String, String>> metadata, UnaryOperator<List<Tensor>> tensors)
      throws IOException {
    try (TextRun run = Runs.run(Runs.spec("adam", 0.05, 1), 0, 1)) {
      for (int i = 0; i < 5; i++) {
        run.step();
      }
      Checkpoint.save(checkpoint, run, Map.of());
    }
    TensorFile file = Safetensors.read(checkpoint);
    Safetensors.write(
        checkpoint,
        metadata.apply(new TreeMap<>(file.metadata())),
        tensors.apply(new ArrayList<>(file.tensors().values())));
  }

  /** The message when a fresh run takes the checkpoint; the run must be as it was. */
  private String refusal() throws IOException {
    try (TextRun run = Runs.run(Runs.spec("adam", 0.05, 1), 0, 1);
        TextRun twin = Runs.run(Runs.spec("adam", 0.05, 1), 0, 1)) {
      String message =
          assertThrows(FormatException.class, () -> Checkpoint.load(checkpoint).restore(run))
              .getMessage();
      assertEquals(losses(twin, 12), losses(run, 12), "the run has changed: " + message);
      assertTrue(message.startsWith(checkpoint + ": "), message);
      return message.substring((checkpoint + ": ").length());
    }
  }

  private static UnaryOperator<List<Tensor>> broken(String name) {
    return tensors -> {
      for (int i = 0; i < tensors.size(); i++) {
        Tensor tensor = tensors.get(i);
        if (tensor.name().equals(name)) {
          try {
            float[] values = tensor.floats();
            values[values.length - 1] = Float.NaN;
            tensors.set(i, Tensor.of(name, values, tensor.shape()));
          } catch (FormatException e) {
            throw new IllegalStateException(e);
          }
        }
      }
      return tensors;
    };
  }

  @ParameterizedTest
  @CsvSource({
    "linear.weight, element 209 is NaN",
    "linear.bias, element 20 is NaN",
    "optimizer.square, element 1550 is NaN",
    "state.c_l0, element 49 is NaN"
  })
  void valueThatIsNotFiniteIsNamedAndNothingIsChanged(String name, String problem)
      throws IOException {
    change(UnaryOperator.identity(), broken(name));
    assertEquals(name + ": " + problem + ", expected a finite number", refusal());
  }

  @ParameterizedTest
  @CsvSource({"linear.bias", "optimizer.mean", "state.h_l0"})
  void missingTensorIsNamedAndNothingIsChanged(String name) throws IOException {
    change(
        UnaryOperator.identity(),
        tensors -> {
          assertTrue(tensors.removeIf(tensor -> tensor.name().equals(name)));
          return tensors;
        });
    assertTrue(refusal().startsWith("missing tensor " + name + "; the file has: "), refusal());
  }

  @ParameterizedTest
  @CsvSource({
    "run.steps, -1, a count",
    "run.steps, many, a count",
    "run.loss_count, 1.5, a count",
    "run.loss_sum, NaN, a finite number",
    "run.seconds, Infinity, a finite number"
  })
  void brokenNumberIsNamedAndNothingIsChanged(String key, String value, String expected)
      throws IOException {
    change(
        metadata -> {
          metadata.put(key, value);
          return metadata;
        },
        UnaryOperator.identity());
    assertEquals(key + ": found \"" + value + "\", expected " + expected, refusal());
  }

  @Test
  void otherFilesAreNoCheckpoints() throws IOException {
    change(
        metadata -> {
          metadata.remove("run.steps");
          return metadata;
        },
        UnaryOperator.identity());
    assertEquals("not a checkpoint: no run.steps", refusal());
  }
}
