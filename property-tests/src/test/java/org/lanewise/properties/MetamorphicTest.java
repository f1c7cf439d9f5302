package org.lanewise.properties;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.lanewise.data.Example;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Batch;
import org.lanewise.stream.Model;

/** Changes of weights and inputs that must show in the results in a known way, or not at all. */
class MetamorphicTest {
  private static final double TOLERANCE = 2e-5;

  @Provide
  Arbitrary<NetworkSample> any() {
    return Samples.any();
  }

  @Provide
  Arbitrary<NetworkSample> bidirectional() {
    return Samples.any().filter(sample -> sample.spec().direction() != Direction.FORWARD);
  }

  /** Backward in time, a network with its two directions swapped does the same. */
  @Property(tries = 100)
  void reversedInputThroughSwappedDirectionsReversesTime(
      @ForAll("bidirectional") NetworkSample sample) {
    Parameters swapped = swapDirections(sample.parameters());
    Batch forward = run(sample, sample.parameters());
    Batch backward =
        run(
            sample.with(sample.examples().stream().map(MetamorphicTest::reverse).toList()),
            swapped);
    Closeness results = new Closeness(sample, TOLERANCE).ofTerms(0.1);
    for (int row = 0; row < sample.batch(); row++) {
      int count = sample.spec().head() == Head.STEPS ? sample.lengths()[row] : 1;
      for (int t = 0; t < count; t++) {
        float[] found = result(sample, backward, count - 1 - t, row);
        results.add("y[" + t + "][" + row + "]", doubles(sample, forward, t, row), found, 0);
      }
    }
    results.check();
  }

  /** Units have no order: nothing that is visible depends on how they are numbered. */
  @Property(tries = 100)
  void numberingTheHiddenUnitsAnewChangesNothing(@ForAll("any") NetworkSample sample) {
    Batch before = run(sample, sample.parameters());
    Batch after = run(sample, permute(sample.parameters(), sample.seed()));
    Closeness results = new Closeness(sample, TOLERANCE).ofTerms(0.1);
    for (int row = 0; row < sample.batch(); row++) {
      int count = sample.spec().head() == Head.STEPS ? sample.lengths()[row] : 1;
      for (int t = 0; t < count; t++) {
        float[] found = result(sample, after, t, row);
        results.add("y[" + t + "][" + row + "]", doubles(sample, before, t, row), found, 0);
      }
    }
    results.check();
  }

  private static Batch run(NetworkSample sample, Parameters parameters) {
    Model model = Model.of(KernelProvider.kernels(), parameters);
    Batch batch = model.batch(sample.timeSteps(), sample.batch());
    sample.fill(batch.workspace());
    batch.run(sample.lengths());
    return batch;
  }

  private static float[] result(NetworkSample sample, Batch batch, int time, int row) {
    float[] result = new float[sample.spec().outputSize()];
    batch.result(time, row, result);
    return result;
  }

  private static double[] doubles(NetworkSample sample, Batch batch, int time, int row) {
    float[] result = result(sample, batch, time, row);
    return IntStream.range(0, result.length).mapToDouble(i -> result[i]).toArray();
  }

  private static Example reverse(Example example) {
    int n = example.length();
    int[][] tokens = new int[example.tokens().length][n];
    int values = example.features().length / n;
    float[] features = new float[n * values];
    for (int t = 0; t < n; t++) {
      for (int input = 0; input < tokens.length; input++) {
        tokens[input][n - 1 - t] = example.tokens()[input][t];
      }
      System.arraycopy(example.features(), t * values, features, (n - 1 - t) * values, values);
    }
    return new Example(n, tokens, features, example.classes(), example.values());
  }

  private static Parameters swapDirections(Parameters from) {
    NetworkSpec spec = from.spec();
    int hidden = spec.hiddenSize();
    Parameters to = new Parameters(spec);
    for (Parameter p : from.slices()) {
      String name = p.name();
      float[] values = values(from, p);
      boolean joined = spec.direction() == Direction.BIDIRECTIONAL;
      boolean above = name.contains("weight_ih") && !name.contains("weight_ih_l0");
      if (joined && (above || name.equals("linear.weight"))) {
        values = columns(values, 2 * hidden, rotated(2 * hidden, hidden));
      }
      if (name.startsWith("initial.")) {
        values = pairsSwapped(values, hidden);
      }
      boolean recurrent = name.contains("weight_") || name.contains("bias_");
      String target =
          !recurrent
              ? name
              : name.endsWith("_reverse") ? name.replace("_reverse", "") : name + "_reverse";
      set(to, target, values);
    }
    return to;
  }

  /** Rows 0 and 1 change places, 2 and 3, and so on. */
  private static float[] pairsSwapped(float[] values, int columns) {
    float[] swapped = new float[values.length];
    for (int row = 0; row < values.length / columns; row++) {
      System.arraycopy(values, row * columns, swapped, (row ^ 1) * columns, columns);
    }
    return swapped;
  }

  private static int[] rotated(int n, int by) {
    return IntStream.range(0, n).map(i -> (i + by) % n).toArray();
  }

  /** One numbering for all layers and directions. */
  private static Parameters permute(Parameters from, long seed) {
    NetworkSpec spec = from.spec();
    int hidden = spec.hiddenSize();
    int[] order = order(hidden, seed);
    int[] wide = new int[spec.width()];
    Arrays.setAll(wide, i -> i / hidden * hidden + order[i % hidden]);
    Parameters to = new Parameters(spec);
    for (Parameter p : from.slices()) {
      String name = p.name();
      float[] values = values(from, p);
      boolean above = name.contains("weight_ih") && !name.contains("weight_ih_l0");
      if (above || name.equals("linear.weight")) {
        values = columns(values, spec.width(), wide);
      }
      if (name.contains("weight_hh") || name.startsWith("initial.")) {
        values = columns(values, hidden, order);
      }
      if (name.contains("weight_") || name.contains("bias_")) {
        values = gateRows(values, p.shape().size() == 1 ? 1 : p.shape().get(1), order);
      }
      set(to, name, values);
    }
    return to;
  }

  private static int[] order(int n, long seed) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, n).boxed().toList());
    SplittableRandom random = new SplittableRandom(seed);
    for (int last = n - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      int moved = order.get(last);
      order.set(last, order.get(other));
      order.set(other, moved);
    }
    return order.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Column i of the result is column order[i]. */
  private static float[] columns(float[] values, int columns, int[] order) {
    float[] moved = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      moved[i] = values[i / columns * columns + order[i % columns]];
    }
    return moved;
  }

  /** Row i of each gate is row order[i] of it. */
  private static float[] gateRows(float[] values, int columns, int[] order) {
    int hidden = order.length;
    float[] moved = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int row = i / columns;
      int from = row / hidden * hidden + order[row % hidden];
      moved[i] = values[from * columns + i % columns];
    }
    return moved;
  }

  private static float[] values(Parameters parameters, Parameter p) {
    return Arrays.copyOfRange(parameters.values(), p.offset(), p.offset() + p.size());
  }

  private static void set(Parameters parameters, String name, float[] values) {
    Parameter p = parameters.slice(name);
    System.arraycopy(values, 0, parameters.values(), p.offset(), p.size());
  }
}
