package org.lanewise.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.data.Example;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;

/** Examples that do not fit a network are refused by name before anything is computed. */
class SequenceErrorsTest {
  private static final NetworkSpec SPEC =
      new NetworkSpec(
          new Input.Joined(
              List.of(
                  new Input.Part("word", new Input.Embedding(5, 2)),
                  new Input.Part("shape", new Input.Features(3)))),
          CellKind.GRU,
          4,
          1,
          2);
  private static final Example GOOD = example(2, new int[][] {{0, 4}}, 6, 0, 1);

  private static Example example(int length, int[][] tokens, int features, int... classes) {
    return new Example(length, tokens, new float[features], classes, new float[0]);
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        Arguments.of(
            example(4, new int[][] {{0, 1, 2, 3}}, 12), "length: found 4, expected at most 3"),
        Arguments.of(example(2, new int[0][], 6), "token inputs: found 0, expected 1"),
        Arguments.of(example(2, new int[][] {{1}}, 6), "tokens: found 1, expected 2"),
        Arguments.of(
            example(2, new int[][] {{0, 5}}, 6),
            "token at step 1: found 5, expected below 5, 0 or above"),
        Arguments.of(
            example(2, new int[][] {{-1, 0}}, 6),
            "token at step 0: found -1, expected below 5, 0 or above"),
        Arguments.of(example(2, new int[][] {{0, 1}}, 5), "features: found 5, expected 6"),
        Arguments.of(example(2, new int[][] {{0, 1}}, 6, 1), "classes: found 1, expected 2"),
        Arguments.of(
            example(2, new int[][] {{0, 1}}, 6, 1, 2),
            "class at step 1: found 2, expected below 2"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void aRunRefusesWhatDoesNotFit(Example example, String message) {
    List<Example> examples = List.of(GOOD, example);
    assertEquals(
        "example 1: " + message,
        assertThrows(IllegalArgumentException.class, () -> run(new CrossEntropy(), examples))
            .getMessage());
  }

  @ParameterizedTest
  @MethodSource("bad")
  void anEvaluationRefusesWhatDoesNotFit(Example example, String message) {
    try (SequenceRun run = run(new CrossEntropy(), List.of(GOOD))) {
      List<Example> examples = List.of(GOOD, example);
      assertEquals(
          "example 1: " + message,
          assertThrows(
                  IllegalArgumentException.class,
                  () -> run.evaluate(examples, (i, step, y, offset) -> {}))
              .getMessage());
    }
  }

  @Test
  void valuesAreCounted() {
    Example bad = new Example(2, new int[][] {{0, 1}}, new float[6], new int[0], new float[3]);
    assertEquals(
        "example 0: values: found 3, expected 4",
        assertThrows(IllegalArgumentException.class, () -> run(ValueLoss.SQUARED, List.of(bad)))
            .getMessage());
  }

  @Test
  void classWeightsAreOnePerClass() {
    assertEquals(
        "class weights: found 3, expected 2",
        assertThrows(
                IllegalArgumentException.class,
                () -> run(new CrossEntropy(new float[] {1, 1, 1}, 0), List.of(GOOD)))
            .getMessage());
  }

  private static SequenceRun run(Loss loss, List<Example> examples) {
    Parameters parameters = Fixtures.filled(SPEC, 1);
    TrainSpec spec =
        new TrainSpec(2, 3, new Sgd(), new Schedule.Constant(0.1), Clip.NONE, 0, 1, loss, 1);
    return new SequenceRun(parameters, spec, examples, true);
  }
}
