package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.cell.Cell;
import org.lanewise.cell.CellKind;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;
import org.lanewise.train.Adam;
import org.lanewise.train.Bptt;
import org.lanewise.train.Clip;
import org.lanewise.train.CrossEntropy;
import org.lanewise.train.Momentum;
import org.lanewise.train.Optimizer;
import org.lanewise.train.Schedule;
import org.lanewise.train.Sgd;
import org.lanewise.train.TrainSpec;
import org.lanewise.train.Trainer;

/** Work on an embedding is done once for each token, and for the tokens of the window alone. */
@Tag("bits")
class EmbeddingTest {
  private static final int SIZE = 21;
  private static final int HIDDEN = 19;
  private static final int CLASSES = 7;
  private static final int BATCH = 4;
  private static final int STEPS = 6;

  /** More than two chunks of the norm. */
  private static final int VOCABULARY = 3500;

  private static final int NORM_CHUNK = 1 << 15;

  static List<Kernels> kernels() {
    return AllKernels.all();
  }

  private static Parameters parameters(Input input) {
    Parameters parameters =
        new Parameters(new NetworkSpec(input, CellKind.LSTM, HIDDEN, 1, CLASSES));
    new Initializer.Uniform(0.4).fill(parameters, 3);
    return parameters;
  }

  /** Few tokens of many, most of them several times. */
  private static void draw(Workspace workspace, int[] targets, int vocabulary, int window) {
    SplittableRandom random = new SplittableRandom(window);
    int[] some = random.ints(9, 0, vocabulary).toArray();
    for (int i = 0; i < targets.length; i++) {
      workspace.tokens[i] = some[random.nextInt(some.length)];
      targets[i] = random.nextInt(CLASSES);
    }
  }

  /** An engine whose window has been run forward and backward. */
  private static Bptt run(Kernels kernels, Parameters parameters) {
    Network network = new Network(kernels, parameters, true);
    network.pack(parameters.values());
    Workspace workspace = new Workspace(network, STEPS, BATCH, true);
    Bptt bptt = new Bptt(kernels, network, parameters, workspace, new CrossEntropy());
    draw(workspace, bptt.targets().classes, VOCABULARY, 5);
    workspace.clearState();
    workspace.clearStateGradients();
    bptt.rows(bptt.weight(), 0, BATCH);
    bptt.weightGradient(0, 1);
    return bptt;
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void embeddingGivesTheBitsOfItsRowsAsVectors(Kernels kernels) {
    Parameters embedding = parameters(new Input.Embedding(VOCABULARY, SIZE));
    Parameters vectors = parameters(new Input.Features(SIZE));
    int table = VOCABULARY * SIZE;
    System.arraycopy(embedding.values(), table, vectors.values(), 0, vectors.size());
    Network one = new Network(kernels, embedding, false);
    Network other = new Network(kernels, vectors, false);
    one.pack(embedding.values());
    other.pack(vectors.values());
    Workspace tokens = new Workspace(one, STEPS, BATCH, false);
    Workspace rows = new Workspace(other, STEPS, BATCH, false);
    draw(tokens, new int[STEPS * BATCH], VOCABULARY, 1);
    for (int i = 0; i < tokens.tokens.length; i++) {
      int row = tokens.tokens[i] * SIZE;
      System.arraycopy(embedding.values(), row, rows.x, i * rows.xStride, SIZE);
    }
    one.forward(tokens, 0, BATCH);
    other.forward(rows, 0, BATCH);
    Bits.same(kernels, "y", rows.y, tokens.y);
  }

  /** δW_ih = Σ_v S[v] e_vᵀ and δe_v = W_ihᵀ S[v], as the law states the order. */
  @ParameterizedTest
  @MethodSource("kernels")
  void gradientsAreSummedTokenByToken(Kernels kernels) {
    Parameters parameters = parameters(new Input.Embedding(VOCABULARY, SIZE));
    Workspace workspace = run(kernels, parameters).workspace();
    Tape tape = workspace.tape(0);
    Cell cell = parameters.spec().newCell(kernels);
    int[] ids = Arrays.stream(workspace.tokens).sorted().distinct().toArray();
    float[][] sums = new float[VOCABULARY][];
    for (int i = 0; i < workspace.tokens.length; i++) {
      int v = workspace.tokens[i];
      sums[v] = sums[v] == null ? new float[cell.columns()] : sums[v];
      for (int n = 0; n < cell.columns(); n++) {
        sums[v][n] += tape.z[tape.zAt(i / BATCH, i % BATCH) + n];
      }
    }
    int weightIh = parameters.slice("lstm.weight_ih_l0").offset();
    float[] expected = new float[parameters.size()];
    for (int row = 0; row < 4 * HIDDEN; row++) {
      int column = cell.column(row / HIDDEN, row % HIDDEN);
      for (int v : ids) {
        for (int k = 0; k < SIZE; k++) {
          int at = weightIh + row * SIZE + k;
          expected[at] = Math.fma(parameters.values()[v * SIZE + k], sums[v][column], expected[at]);
        }
      }
    }
    for (int n = 0; n < cell.columns(); n++) {
      int slot = n / 16 % cell.slots();
      int unit = n / 16 / cell.slots() * 16 + n % 16;
      for (int v : ids) {
        for (int k = 0; k < SIZE && unit < HIDDEN; k++) {
          float weight = parameters.values()[weightIh + (slot * HIDDEN + unit) * SIZE + k];
          expected[v * SIZE + k] = Math.fma(sums[v][n], weight, expected[v * SIZE + k]);
        }
      }
    }
    int end = weightIh + 4 * HIDDEN * SIZE;
    Bits.same(
        kernels,
        "gradients",
        Arrays.copyOf(expected, end),
        Arrays.copyOf(parameters.gradients(), end));
  }

  private static TrainSpec spec(Optimizer optimizer, double norm, double decay, int threads) {
    Clip clip = new Clip(Double.POSITIVE_INFINITY, norm);
    return new TrainSpec(BATCH, STEPS, optimizer, new Schedule.Constant(0.1), clip, decay, threads);
  }

  private static void steps(Trainer trainer, int from, int to) {
    for (int step = from; step < to; step++) {
      draw(trainer.workspace(), trainer.targets().classes, VOCABULARY, step);
      trainer.step(1);
    }
  }

  /** Momentum of 0 is the same law, and touches every row. */
  @ParameterizedTest
  @MethodSource("kernels")
  void leavingRowsAloneIsExactForGradientDescent(Kernels kernels) {
    Parameters dense = parameters(new Input.Embedding(VOCABULARY, SIZE));
    Parameters sparse = parameters(new Input.Embedding(VOCABULARY, SIZE));
    try (Trainer one = new Trainer(kernels, dense, spec(new Momentum(0), 0.05, 0, 1));
        Trainer other = new Trainer(kernels, sparse, spec(new Sgd(), 0.05, 0, 2))) {
      steps(one, 0, 4);
      steps(other, 0, 4);
      assertEquals(one.gradientNorm(), other.gradientNorm());
    }
    Bits.same(kernels, "parameters", dense.values(), sparse.values());
    Bits.same(kernels, "gradients", dense.gradients(), sparse.gradients());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void normHasTheBitsOfTheWholeArena(Kernels kernels) {
    Parameters parameters = parameters(new Input.Embedding(VOCABULARY, SIZE));
    try (Trainer trainer = new Trainer(kernels, parameters, spec(new Sgd(), 1e9, 0, 1))) {
      steps(trainer, 0, 3);
      double sum = 0;
      for (int i = 0; i < parameters.size(); i += NORM_CHUNK) {
        double[] partials = new double[16];
        int n = Math.min(NORM_CHUNK, parameters.size() - i);
        kernels.accumulateSquares(n, parameters.gradients(), i, partials, 0);
        sum += kernels.sumOfPartials(partials, 0);
      }
      assertEquals(Math.sqrt(sum), trainer.gradientNorm());
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void gradientsOfOtherRowsAreZero(Kernels kernels) {
    for (double decay : new double[] {0, 0.1}) {
      Parameters parameters = parameters(new Input.Embedding(VOCABULARY, SIZE));
      try (Trainer trainer =
          new Trainer(kernels, parameters, spec(new Momentum(0.9f), 0.05, decay, 2))) {
        steps(trainer, 0, 5);
        BitSet touched = touched(trainer.workspace());
        Bits.sameOutside(
            kernels,
            "gradients",
            touched,
            new float[VOCABULARY * SIZE],
            Arrays.copyOf(parameters.gradients(), VOCABULARY * SIZE));
      }
    }
  }

  /** Places of the rows of the window's tokens. */
  private static BitSet touched(Workspace workspace) {
    BitSet places = new BitSet();
    for (int token : workspace.tokens) {
      places.set(token * SIZE, (token + 1) * SIZE);
    }
    return places;
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void sparseAdamLeavesOtherRowsAndItsFirstStepIsThatOfAdam(Kernels kernels) {
    Parameters dense = parameters(new Input.Embedding(VOCABULARY, SIZE));
    Parameters sparse = parameters(new Input.Embedding(VOCABULARY, SIZE));
    Adam adam = new Adam(0.9, 0.999, 1e-8);
    Adam sparseAdam = new Adam(0.9, 0.999, 1e-8, true);
    try (Trainer one = new Trainer(kernels, dense, spec(adam, 0.05, 0, 1));
        Trainer other = new Trainer(kernels, sparse, spec(sparseAdam, 0.05, 0, 2))) {
      steps(one, 0, 1);
      steps(other, 0, 1);
      Bits.same(kernels, "parameters", dense.values(), sparse.values());
      float[] before = sparse.values().clone();
      float[] mean = other.optimizer().arrays().get("mean").clone();
      steps(other, 1, 2);
      BitSet changed = touched(other.workspace());
      changed.set(VOCABULARY * SIZE, sparse.size());
      Bits.sameOutside(kernels, "parameters", changed, before, sparse.values());
      float[] nextMean = other.optimizer().arrays().get("mean");
      Bits.sameOutside(kernels, "means", changed, mean, nextMean);
    }
  }
}
