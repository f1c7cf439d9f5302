package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The backward pass is the derivative of the forward pass, whatever the shape. */
class ReferenceNetworkTest {

  /** Sizes of a network and of its batch, and the seed of all numbers in it. */
  record Case(
      int inputSize, int hiddenSize, int layers, int outputSize, int time, int batch, long seed) {

    ReferenceShape shape(int vocabulary) {
      return new ReferenceShape(
          new ReferenceLstm(), "lstm.", inputSize, hiddenSize, layers, vocabulary, outputSize);
    }
  }

  @Provide
  Arbitrary<Case> cases() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 4),
            Arbitraries.integers().between(1, 4),
            Arbitraries.integers().between(1, 3),
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(1, 5),
            Arbitraries.integers().between(1, 3),
            Arbitraries.longs())
        .as(Case::new);
  }

  @Property(tries = 40)
  void denseGradientsEqualDifferences(@ForAll("cases") Case c) {
    Random random = new Random(c.seed());
    ReferenceNetwork network = network(c.shape(0), random);
    double[][][] input = cube(random, c.time(), c.batch(), c.inputSize());
    ReferenceNetwork.State initial = state(random, c);
    double[][][] r1 = cube(random, c.time(), c.batch(), outputWidth(c));
    double[][][] r2 = cube(random, c.layers(), c.batch(), c.hiddenSize());
    double[][][] r3 = cube(random, c.layers(), c.batch(), c.hiddenSize());

    ReferenceNetwork.Run run = network.forward(input, initial);
    ReferenceNetwork.Gradients gradients = run.backward(ReferenceLoss.weighted(run, r1, r2, r3));
    GradientCheck check =
        GradientCheck.inDouble(
                () -> ReferenceLoss.weighted(network.forward(input, initial), r1, r2, r3).value())
            .nested("input", input, gradients.input());
    passes(check, network, initial, gradients);
  }

  @Property(tries = 40)
  void oneHotGradientsEqualDifferences(@ForAll("cases") Case c) {
    idsGradientsEqualDifferences(c, 0, c.inputSize());
  }

  @Property(tries = 40)
  void embeddingGradientsEqualDifferences(@ForAll("cases") Case c) {
    idsGradientsEqualDifferences(c, 5, 5);
  }

  /** Ids in, cross-entropy with about a third of the targets masked. */
  private static void idsGradientsEqualDifferences(Case c, int vocabulary, int idCount) {
    Random random = new Random(c.seed());
    ReferenceNetwork network = network(c.shape(vocabulary), random);
    int[][] ids = new int[c.time()][c.batch()];
    int[][] targets = new int[c.time()][c.batch()];
    for (int t = 0; t < c.time(); t++) {
      for (int b = 0; b < c.batch(); b++) {
        ids[t][b] = random.nextInt(idCount);
        targets[t][b] = random.nextInt(3) == 0 ? -1 : random.nextInt(outputWidth(c));
      }
    }
    targets[c.time() - 1][0] = 0;
    ReferenceNetwork.State initial = state(random, c);

    ReferenceNetwork.Run run = network.forward(ids, initial);
    ReferenceNetwork.Gradients gradients = run.backward(ReferenceLoss.crossEntropy(run, targets));
    GradientCheck check =
        GradientCheck.inDouble(
            () -> ReferenceLoss.crossEntropy(network.forward(ids, initial), targets).value());
    passes(check, network, initial, gradients);
  }

  @Property(tries = 40)
  void oneHotIdsEqualOneHotVectors(@ForAll("cases") Case c) {
    Random random = new Random(c.seed());
    ReferenceNetwork network = network(c.shape(0), random);
    int[][] ids = new int[c.time()][c.batch()];
    double[][][] vectors = new double[c.time()][c.batch()][c.inputSize()];
    for (int t = 0; t < c.time(); t++) {
      for (int b = 0; b < c.batch(); b++) {
        ids[t][b] = random.nextInt(c.inputSize());
        vectors[t][b][ids[t][b]] = 1;
      }
    }
    ReferenceNetwork.State initial = state(random, c);
    assertSame(network.forward(vectors, initial).output(), network.forward(ids, initial).output());
  }

  @Property(tries = 40)
  void sequenceEqualsStepByStep(@ForAll("cases") Case c) {
    Random random = new Random(c.seed());
    ReferenceNetwork network = network(c.shape(0), random);
    double[][][] input = cube(random, c.time(), c.batch(), c.inputSize());
    ReferenceNetwork.State initial = state(random, c);
    ReferenceNetwork.Run whole = network.forward(input, initial);
    ReferenceNetwork.State state = initial;
    for (int t = 0; t < c.time(); t++) {
      ReferenceNetwork.Run step = network.forward(new double[][][] {input[t]}, state);
      state = step.finalState();
      assertArrayEquals(whole.output()[t], step.output()[0]);
    }
    assertSame(whole.finalState().h(), state.h());
    assertSame(whole.finalState().c(), state.c());
  }

  @Property(tries = 40)
  void shapeIsReadFromTheParameters(@ForAll("cases") Case c) {
    ReferenceShape shape = c.shape(3);
    ReferenceShape read = ReferenceShape.of(shape.cell(), shape.prefix(), shape.zeros());
    assertEquals(shape, read);
  }

  /** Equal logits are the uniform distribution, log 3 nats, wherever it is counted. */
  @Example
  void crossEntropyOfEqualLogitsIsTheLogarithmOfTheClasses() {
    ReferenceNetwork network =
        ReferenceNetwork.lstm(
            new ReferenceShape(new ReferenceLstm(), "lstm.", 2, 2, 1, 0, 3).zeros());
    ReferenceNetwork.Run run = network.forward(new int[][] {{0}, {1}}, network.zeroState(1));
    ReferenceLoss loss = ReferenceLoss.crossEntropy(run, new int[][] {{2}, {-1}});
    assertEquals(Math.log(3), loss.value(), 1e-15);
    assertArrayEquals(new double[] {1.0 / 3, 1.0 / 3, -2.0 / 3}, loss.dOutput()[0][0], 1e-15);
    assertArrayEquals(new double[3], loss.dOutput()[1][0]);
  }

  @Example
  void badInputIsNamed() {
    ReferenceShape shape = new ReferenceShape(new ReferenceLstm(), "lstm.", 2, 3, 1, 0, 4);
    Map<String, double[]> parameters = shape.zeros();
    ReferenceNetwork network = ReferenceNetwork.lstm(parameters);
    ReferenceNetwork.State zero = network.zeroState(1);
    refused("ids: expected each from 0 to 1, found 2", () -> network.forward(ids(2), zero));
    refused("input[0]: features: expected 2, found 5", () -> network.forward(cube(1, 5), zero));
    ReferenceNetwork.Run run = network.forward(ids(0), zero);
    refused("targets[0][0]: expected", () -> ReferenceLoss.crossEntropy(run, ids(4)));
    refused("at least one that counts", () -> ReferenceLoss.crossEntropy(run, ids(-1)));
    parameters.put("lstm.bias_ih_l0", new double[11]);
    refused("lstm.bias_ih_l0: expected shape [12]", () -> ReferenceNetwork.lstm(parameters));
    parameters.remove("lstm.bias_ih_l0");
    refused("lstm.bias_ih_l0: missing", () -> ReferenceNetwork.lstm(parameters));
    parameters.put("lstm.bias_ih_l0", new double[12]);
    parameters.put("lstm.weight_ih_l0_reverse", new double[24]);
    refused("lstm.weight_ih_l0_reverse: not", () -> ReferenceNetwork.lstm(parameters));
  }

  private static void refused(String message, Runnable action) {
    String found = assertThrows(IllegalArgumentException.class, action::run).getMessage();
    assertTrue(found.contains(message), found);
  }

  private static void passes(
      GradientCheck check,
      ReferenceNetwork network,
      ReferenceNetwork.State initial,
      ReferenceNetwork.Gradients gradients) {
    network
        .parameters()
        .forEach((name, values) -> check.parameter(name, values, gradients.parameters().get(name)));
    check
        .nested("h0", initial.h(), gradients.h0())
        .nested("c0", initial.c(), gradients.c0())
        .sample(30, 1)
        .check()
        .assertPassed();
  }

  private static ReferenceNetwork network(ReferenceShape shape, Random random) {
    return new ReferenceNetwork(shape, shape.random(random, 1.0));
  }

  private static int outputWidth(Case c) {
    return c.outputSize() > 0 ? c.outputSize() : c.hiddenSize();
  }

  private static ReferenceNetwork.State state(Random random, Case c) {
    return new ReferenceNetwork.State(
        cube(random, c.layers(), c.batch(), c.hiddenSize()),
        cube(random, c.layers(), c.batch(), c.hiddenSize()));
  }

  private static double[][][] cube(Random random, int depth, int rows, int columns) {
    double[][][] cube = new double[depth][rows][columns];
    for (double[][] matrix : cube) {
      for (double[] row : matrix) {
        for (int j = 0; j < columns; j++) {
          row[j] = random.nextGaussian();
        }
      }
    }
    return cube;
  }

  private static int[][] ids(int id) {
    return new int[][] {{id}};
  }

  private static double[][][] cube(int batch, int features) {
    return new double[1][batch][features];
  }

  private static void assertSame(double[][][] expected, double[][][] found) {
    assertArrayEquals(expected, found);
  }
}
