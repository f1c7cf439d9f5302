package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tag;
import org.lanewise.cell.CellKind;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.PlainKernels;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;
import org.lanewise.train.Adam;
import org.lanewise.train.Clip;
import org.lanewise.train.Schedule;
import org.lanewise.train.TrainSpec;
import org.lanewise.train.Trainer;

/**
 * LSTMs that have a parameter beside the usual four: the reference's results over any layers,
 * directions and lengths, and the same bits always.
 */
@Tag("bits")
class LstmVariantTest {
  /** Relative to the largest magnitude of the tensor, or to 1. */
  private static final double TOLERANCE = 5e-6;

  private static final int OUTPUTS = 5;

  /** What the cell is, and the name of its own parameter. */
  enum Variant {
    PROJECTED(CellKind.LSTM, "weight_hr", new ReferenceProjectedLstm()),
    PEEPHOLE(CellKind.LSTM_PEEPHOLE, "peephole", new ReferencePeepholeLstm());

    private final CellKind cell;
    private final String own;
    private final ReferenceCell reference;

    Variant(CellKind cell, String own, ReferenceCell reference) {
      this.cell = cell;
      this.own = own;
      this.reference = reference;
    }
  }

  /** A network and a batch of sequences; the seed draws everything else. */
  record Case(
      Variant variant,
      int inputSize,
      int hiddenSize,
      int layers,
      Direction direction,
      int timeSteps,
      int batch,
      long seed) {

    /** Small enough for numeric differences. */
    Case small() {
      int hidden = 2 + hiddenSize % 4;
      return new Case(
          variant, 1 + inputSize % 4, hidden, layers, direction, timeSteps, 1 + batch % 3, seed);
    }

    NetworkSpec spec(int outputs, Direction newDirection) {
      int projection =
          variant == Variant.PROJECTED ? 1 + (int) Math.floorMod(seed, hiddenSize - 1L) : 0;
      return new NetworkSpec(
          new Input.Features(inputSize),
          variant.cell,
          hiddenSize,
          projection,
          layers,
          newDirection,
          Head.STEPS,
          0,
          false,
          outputs);
    }

    Parameters parameters(NetworkSpec spec) {
      Parameters parameters = new Parameters(spec);
      new Initializer.Uniform(Math.max(0.3, 1 / Math.sqrt(hiddenSize))).fill(parameters, seed);
      return parameters;
    }

    /** From the longest to the shortest. */
    int[] lengths() {
      int[] ascending =
          new SplittableRandom(seed).ints(batch, 1, timeSteps + 1).map(n -> -n).sorted().toArray();
      return Arrays.stream(ascending).map(n -> -n).toArray();
    }
  }

  @Provide
  Arbitrary<Case> all() {
    return Combinators.combine(
            Arbitraries.of(Variant.class),
            between(1, 20),
            Arbitraries.oneOf(between(2, 40), Arbitraries.of(15, 16, 17, 64, 65, 80)),
            between(1, 3),
            Arbitraries.of(Direction.class),
            between(1, 6),
            // Batches of one piece, and of two halves.
            Arbitraries.oneOf(between(1, 5), between(16, 30)),
            Arbitraries.longs())
        .as(Case::new)
        .withoutEdgeCases();
  }

  private static Arbitrary<Integer> between(int least, int most) {
    return Arbitraries.integers()
        .between(least, most)
        .withDistribution(RandomDistribution.uniform());
  }

  /**
   * Some sequences in the library, in float. The loss is a weighted sum of the top layer's hidden
   * states and of every last cell state; the weights of the first lie in dh, of the second in dc.
   */
  private static final class Window {
    final Case c;
    final NetworkSpec spec;
    final Parameters parameters;
    final Network network;
    final Workspace workspace;
    final int[] lengths;

    /** Rows of the case from one on, all of them or a single one. */
    Window(Kernels kernels, Case c, int firstRow, int rows) {
      this.c = c;
      this.spec = c.spec(0, c.direction());
      this.parameters = c.parameters(spec);
      this.network = new Network(kernels, parameters, true);
      this.workspace = Workspace.withInputGradients(network, c.timeSteps(), rows, 0);
      this.lengths = Arrays.copyOfRange(c.lengths(), firstRow, firstRow + rows);
      network.pack(parameters.values());
      workspace.timeline().set(lengths);
      workspace.clearStateGradients();
      for (int row = 0; row < rows; row++) {
        SplittableRandom random = new SplittableRandom(c.seed() + 31L * (firstRow + row));
        for (int t = 0; t < lengths[row]; t++) {
          draw(random, workspace.x, workspace.xAt(t, row), c.inputSize());
        }
        for (int layer = 0; layer < c.layers(); layer++) {
          for (int direction = 0; direction < spec.direction().count(); direction++) {
            Tape tape = workspace.tape(layer, direction);
            int first = first(direction, row);
            draw(random, tape.h, tape.at(first, row), spec.stateSize());
            draw(random, tape.c, tape.cellAt(first, row), c.hiddenSize());
            draw(random, tape.dc, tape.dcAt(row), c.hiddenSize());
            for (int t = 0; layer == c.layers() - 1 && t < lengths[row]; t++) {
              draw(random, tape.dh, tape.at(t + 1 - direction, row), spec.stateSize());
            }
          }
        }
      }
    }

    int first(int direction, int row) {
      return direction == 0 ? 0 : lengths[row];
    }

    void run() {
      network.forward(workspace, 0, lengths.length);
      network.backward(workspace, 0, lengths.length);
      network.weightGradient(workspace, 0, 1, parameters.gradients());
    }

    Map<String, double[]> inDouble(float[] arena) {
      Map<String, double[]> map = new LinkedHashMap<>();
      for (Parameter p : parameters.slices()) {
        map.put(p.name(), Doubles.of(arena, p.offset(), p.size()));
      }
      return map;
    }
  }

  /** One sequence through all layers in double, and back; made before the library runs. */
  private static final class Sequence {
    final Case c;
    final NetworkSpec spec;
    final int length;
    final double[][] x;
    final double[][][] h0;
    final double[][][] c0;
    final double[][][] dcn;
    final double[][][] dTop;
    final List<ReferenceLayer.Run[]> runs = new ArrayList<>();

    Sequence(Window window, int row) {
      this.c = window.c;
      this.spec = window.spec;
      this.length = window.lengths[row];
      Workspace workspace = window.workspace;
      int directions = spec.direction().count();
      x = new double[length][];
      h0 = new double[c.layers()][directions][];
      c0 = new double[c.layers()][directions][];
      dcn = new double[c.layers()][directions][];
      dTop = new double[directions][length][];
      for (int t = 0; t < length; t++) {
        int at = workspace.xAt(t, row);
        x[t] = Doubles.of(workspace.x, at, c.inputSize());
      }
      for (int layer = 0; layer < c.layers(); layer++) {
        for (int direction = 0; direction < directions; direction++) {
          Tape tape = workspace.tape(layer, direction);
          int first = window.first(direction, row);
          h0[layer][direction] = Doubles.of(tape.h, tape.at(first, row), spec.stateSize());
          c0[layer][direction] = Doubles.of(tape.c, tape.cellAt(first, row), c.hiddenSize());
          dcn[layer][direction] = Doubles.of(tape.dc, tape.dcAt(row), c.hiddenSize());
          for (int t = 0; layer == c.layers() - 1 && t < length; t++) {
            dTop[direction][t] =
                Doubles.of(tape.dh, tape.at(t + 1 - direction, row), spec.stateSize());
          }
        }
      }
    }

    /** The loss. */
    double forward(Map<String, double[]> values) {
      runs.clear();
      double loss = 0;
      double[][] input = x;
      for (int layer = 0; layer < c.layers(); layer++) {
        ReferenceLayer.Run[] run = new ReferenceLayer.Run[h0[layer].length];
        for (int direction = 0; direction < run.length; direction++) {
          run[direction] =
              new ReferenceLayer(c.variant().reference, weights(layer, direction, values), false)
                  .forward(
                      rows(ordered(input, direction)),
                      new int[] {length},
                      new double[][] {h0[layer][direction]},
                      new double[][] {c0[layer][direction]});
          loss += dot(dcn[layer][direction], run[direction].cn[0]);
          for (int t = 0; layer == c.layers() - 1 && t < length; t++) {
            loss += dot(dTop[direction][t], output(run[direction], direction)[t]);
          }
        }
        runs.add(run);
        input = output(run[0], 0);
        for (int t = 0; run.length > 1 && t < length; t++) {
          input[t] = join(spec.direction(), input[t], output(run[1], 1)[t]);
        }
      }
      return loss;
    }

    /** dx; the gradients of states take the places of what they belong to. */
    double[][] backward(Map<String, double[]> gradients) {
      double[][] above = null;
      for (int layer = c.layers() - 1; layer >= 0; layer--) {
        double[][] dx = null;
        for (int direction = 0; direction < h0[layer].length; direction++) {
          double[][] dOutput = dTop[direction];
          for (int t = 0; above != null && t < length; t++) {
            int from = spec.direction() == Direction.BIDIRECTIONAL ? direction : 0;
            int size = spec.stateSize();
            dOutput[t] = Arrays.copyOfRange(above[t], from * size, (from + 1) * size);
          }
          ReferenceLayer.Back back =
              runs.get(layer)[direction].backward(
                  rows(ordered(dOutput, direction)),
                  new double[1][spec.stateSize()],
                  new double[][] {dcn[layer][direction]},
                  weights(layer, direction, gradients));
          h0[layer][direction] = back.dh0[0];
          c0[layer][direction] = back.dc0[0];
          double[][] part = ordered(first(back.dx), direction);
          dx = dx == null ? part : sum(dx, part);
        }
        above = dx;
      }
      return above;
    }

    private ReferenceCell.Weights weights(int layer, int direction, Map<String, double[]> values) {
      String end = "_l" + layer + (direction == 0 ? "" : "_reverse");
      return new ReferenceCell.Weights(
          new ReferenceAffine(values.get("lstm.weight_ih" + end), values.get("lstm.bias_ih" + end)),
          new ReferenceAffine(values.get("lstm.weight_hh" + end), values.get("lstm.bias_hh" + end)),
          values.get("lstm." + c.variant().own + end));
    }

    private double[][] output(ReferenceLayer.Run run, int direction) {
      return ordered(first(run.output), direction);
    }

    /** The reverse direction walks from the last step to the first. */
    private static double[][] ordered(double[][] steps, int direction) {
      double[][] ordered = steps.clone();
      for (int t = 0; direction == 1 && t < steps.length; t++) {
        ordered[t] = steps[steps.length - 1 - t];
      }
      return ordered;
    }

    private static double[] join(Direction direction, double[] a, double[] b) {
      if (direction == Direction.BIDIRECTIONAL_SUM) {
        return sum(new double[][] {a}, new double[][] {b})[0];
      }
      double[] joined = Arrays.copyOf(a, a.length + b.length);
      System.arraycopy(b, 0, joined, a.length, b.length);
      return joined;
    }

    private static double[][][] rows(double[][] steps) {
      return Arrays.stream(steps).map(step -> new double[][] {step}).toArray(double[][][]::new);
    }

    private static double[][] first(double[][][] steps) {
      return Arrays.stream(steps).map(step -> step[0]).toArray(double[][]::new);
    }

    private static double[][] sum(double[][] a, double[][] b) {
      double[][] sum = new double[a.length][a[0].length];
      for (int t = 0; t < a.length; t++) {
        for (int i = 0; i < sum[t].length; i++) {
          sum[t][i] = a[t][i] + b[t][i];
        }
      }
      return sum;
    }
  }

  @Property(tries = 100)
  void resultsEqualTheReference(@ForAll("all") Case c) {
    Window window = new Window(KernelProvider.kernels(), c, 0, c.batch());
    Map<String, double[]> values = window.inDouble(window.parameters.values());
    Map<String, double[]> gradients = new LinkedHashMap<>();
    values.forEach((name, array) -> gradients.put(name, new double[array.length]));
    Sequence[] sequences = new Sequence[c.batch()];
    for (int row = 0; row < sequences.length; row++) {
      sequences[row] = new Sequence(window, row);
      sequences[row].forward(values);
    }
    window.run();
    Workspace workspace = window.workspace;
    for (int row = 0; row < sequences.length; row++) {
      Sequence sequence = sequences[row];
      for (int layer = 0; layer < c.layers(); layer++) {
        for (int direction = 0; direction < c.direction().count(); direction++) {
          Tape tape = workspace.tape(layer, direction);
          ReferenceLayer.Run run = sequence.runs.get(layer)[direction];
          double[][] output = sequence.output(run, direction);
          for (int t = 0; t < sequence.length; t++) {
            int at = tape.at(t + 1 - direction, row);
            Doubles.near(TOLERANCE, "h", output[t], Doubles.of(tape.h, at, output[t].length));
          }
          int last = direction == 0 ? sequence.length : 0;
          Doubles.near(
              TOLERANCE,
              "cn",
              run.cn[0],
              Doubles.of(tape.c, tape.cellAt(last, row), c.hiddenSize()));
        }
      }
      double[][] dx = sequence.backward(gradients);
      for (int layer = 0; layer < c.layers(); layer++) {
        for (int direction = 0; direction < c.direction().count(); direction++) {
          Tape tape = workspace.tape(layer, direction);
          double[] dh0 = sequence.h0[layer][direction];
          int at = tape.at(window.first(direction, row), row);
          Doubles.near(TOLERANCE, "dh0", dh0, Doubles.of(tape.dh, at, dh0.length));
          double[] dc0 = sequence.c0[layer][direction];
          Doubles.near(TOLERANCE, "dc0", dc0, Doubles.of(tape.dc, tape.dcAt(row), dc0.length));
        }
      }
      for (int t = 0; t < sequence.length; t++) {
        int at = workspace.xAt(t, row);
        Doubles.near(TOLERANCE, "dx", dx[t], Doubles.of(workspace.dx, at, c.inputSize()));
      }
    }
    window
        .inDouble(window.parameters.gradients())
        .forEach((name, found) -> Doubles.near(TOLERANCE, "d" + name, gradients.get(name), found));
  }

  /** The float gradients of the library against differences of the loss in double. */
  @Property(tries = 30)
  void gradientsEqualDifferences(@ForAll("all") Case any) {
    Case c = any.small();
    Window window = new Window(KernelProvider.kernels(), c, 0, c.batch());
    Map<String, double[]> values = window.inDouble(window.parameters.values());
    Sequence[] sequences = new Sequence[c.batch()];
    Arrays.setAll(sequences, row -> new Sequence(window, row));
    window.run();
    GradientCheck check =
        GradientCheck.inDouble(
                () -> Arrays.stream(sequences).mapToDouble(s -> s.forward(values)).sum())
            .tolerance(2e-4)
            .sample(8, c.seed());
    window
        .inDouble(window.parameters.gradients())
        .forEach((name, found) -> check.parameter(name, values.get(name), found));
    check.check().assertPassed();
  }

  @Property(tries = 50)
  void batchOfManyEqualsOneByOne(@ForAll("all") Case c) {
    Window many = new Window(KernelProvider.kernels(), c, 0, c.batch());
    many.run();
    for (int row = 0; row < c.batch(); row++) {
      Window one = new Window(KernelProvider.kernels(), c, row, 1);
      one.run();
      for (int layer = 0; layer < c.layers(); layer++) {
        for (int direction = 0; direction < c.direction().count(); direction++) {
          Tape a = many.workspace.tape(layer, direction);
          Tape b = one.workspace.tape(layer, direction);
          for (int slot = 0; slot <= one.lengths[0]; slot++) {
            Bits.same(c, "h", a.stride, b.h, b.at(slot, 0), a.h, a.at(slot, row));
            Bits.same(c, "c", a.cellStride, b.c, b.cellAt(slot, 0), a.c, a.cellAt(slot, row));
            Bits.same(c, "dh", a.stride, b.dh, b.at(slot, 0), a.dh, a.at(slot, row));
          }
          Bits.same(c, "dc", a.cellStride, b.dc, 0, a.dc, a.dcAt(row));
        }
      }
      int width = many.workspace.xStride;
      for (int t = 0; t < one.lengths[0]; t++) {
        int at = many.workspace.xAt(t, row);
        Bits.same(c, "dx", width, one.workspace.dx, t * width, many.workspace.dx, at);
      }
    }
  }

  @Property(tries = 12)
  void threadsAndLanesDoNotChangeTraining(@ForAll("all") Case c) {
    NetworkSpec spec = c.spec(OUTPUTS, c.direction());
    Parameters expected = c.parameters(spec);
    double[] losses = train(new PlainKernels(), c, expected, 1);
    for (int threads = 1; threads <= 4; threads++) {
      Parameters found = c.parameters(spec);
      assertArrayEquals(losses, train(KernelProvider.kernels(), c, found, threads));
      Bits.same(c, "parameters", found.size(), expected.values(), 0, found.values(), 0);
    }
  }

  private static double[] train(Kernels kernels, Case c, Parameters parameters, int threads) {
    TrainSpec spec =
        new TrainSpec(
            c.batch(),
            c.timeSteps(),
            new Adam(0.9, 0.999, 1e-8),
            new Schedule.Constant(0.01),
            new Clip(0.1, 0.2),
            1e-3,
            threads);
    double[] losses = new double[4];
    SplittableRandom random = new SplittableRandom(c.seed());
    try (Trainer trainer = new Trainer(kernels, parameters, spec)) {
      Workspace workspace = trainer.workspace();
      workspace.timeline().set(c.lengths());
      for (int window = 0; window < losses.length; window++) {
        draw(random, workspace.x, 0, workspace.x.length);
        int[] classes = trainer.targets().classes;
        Arrays.setAll(classes, i -> random.nextInt(OUTPUTS));
        losses[window] = trainer.step(1);
        if (c.direction() == Direction.FORWARD) {
          workspace.carryState();
        } else {
          workspace.clearState();
        }
      }
    }
    return losses;
  }

  /** Longer than a session's chunk; the state is moved to another session on the way. */
  @Property(tries = 40)
  void sessionStepsEqualASequence(@ForAll("all") Case c) {
    int steps = 32 + 5 * c.timeSteps();
    Model model = Model.of(c.parameters(c.spec(OUTPUTS, Direction.FORWARD)));
    float[] inputs = new float[steps * c.inputSize()];
    draw(new SplittableRandom(c.seed()), inputs, 0, inputs.length);
    float[] expected = new float[steps * OUTPUTS];
    model.session().sequence(steps, inputs, expected);
    Session session = model.session();
    float[] output = new float[OUTPUTS];
    for (int t = 0; t < steps; t++) {
      int at = t * c.inputSize();
      session.step(Arrays.copyOfRange(inputs, at, at + c.inputSize()), output);
      Bits.same(c, "outputs of step " + t, OUTPUTS, expected, t * OUTPUTS, output, 0);
      if (t % 5 == 0) {
        float[] state = new float[session.stateSize()];
        session.saveState(state);
        session = model.session();
        session.restoreState(state);
      }
    }
  }

  private static void draw(SplittableRandom random, float[] values, int at, int n) {
    for (int i = 0; i < n; i++) {
      values[at + i] = (float) (2 * random.nextDouble() - 1);
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
