package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.cell.CellKind;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;

/**
 * What dropout promises: the share, the mean, the same masks from the same numbers, none at rest.
 */
@Tag("bits")
class DropoutTest {
  private static final int HIDDEN = 50;
  private static final int STEPS = 8;
  private static final int BATCH = 10;

  @Provide
  Arbitrary<NetworkSample> smooth() {
    return Samples.samples(NetworkLimits.SMALL);
  }

  /** A network whose result is what the layer hands up: the output is the identity. */
  private static Network transparent(double dropout, Head head, Direction direction) {
    int width = direction.width(HIDDEN);
    NetworkSpec spec =
        new NetworkSpec(
            new Input.Features(3),
            CellKind.GRU,
            HIDDEN,
            0,
            1,
            direction,
            head,
            dropout,
            false,
            width);
    Parameters parameters = new NetworkSample(spec, null, List.of(), 1).parameters();
    Parameter weight = parameters.slice("linear.weight");
    Parameter bias = parameters.slice("linear.bias");
    float[] values = parameters.values();
    Arrays.fill(values, weight.offset(), weight.offset() + weight.size(), 0f);
    Arrays.fill(values, bias.offset(), bias.offset() + bias.size(), 0f);
    for (int i = 0; i < width; i++) {
      values[weight.offset() + i * width + i] = 1;
    }
    Network network = new Network(KernelProvider.kernels(), parameters, true);
    network.pack(values);
    return network;
  }

  /** Results without padding, of one forward pass over the same inputs. */
  private static float[] results(Network network, boolean training, long seed, long step) {
    Workspace workspace = new Workspace(network, STEPS, BATCH, training);
    for (int row = 0; row < STEPS * BATCH; row++) {
      for (int k = 0; k < 3; k++) {
        workspace.x[row * workspace.xStride + k] = 1 + row % 7 - 2 * k;
      }
    }
    workspace.setDropout(seed, step);
    network.beginState(workspace);
    network.forward(workspace, 0, BATCH);
    int columns = network.spec().outputSize();
    int rows = workspace.y.length / workspace.yStride;
    float[] results = new float[rows * columns];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(workspace.y, row * workspace.yStride, results, row * columns, columns);
    }
    return results;
  }

  private static BitSet mask(float[] results) {
    BitSet mask = new BitSet();
    for (int i = 0; i < results.length; i++) {
      mask.set(i, results[i] != 0);
    }
    return mask;
  }

  @ParameterizedTest
  @EnumSource(Head.class)
  void aValueIsZeroOrScaledUp(Head head) {
    for (Direction direction : Direction.values()) {
      double rate = 0.4;
      float[] plain = results(transparent(0, head, direction), true, 1, 1);
      float[] dropped = results(transparent(rate, head, direction), true, 1, 1);
      float keep = (float) (1 / (1 - rate));
      for (int i = 0; i < plain.length; i++) {
        boolean zero = dropped[i] == 0;
        assertTrue(zero || dropped[i] == plain[i] * keep, plain[i] + " became " + dropped[i]);
      }
    }
  }

  /** Within five standard deviations of a fair draw. */
  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.1, 0.5, 0.9})
  void theShareOfZerosAndTheMeanAreRight(double rate) {
    float[] plain = results(transparent(0, Head.STEPS, Direction.FORWARD), true, 1, 1);
    Network network = transparent(rate, Head.STEPS, Direction.FORWARD);
    double zeros = 0;
    long count = 0;
    double difference = 0;
    double squares = 0;
    for (int step = 1; step <= 40; step++) {
      float[] dropped = results(network, true, 3, step);
      for (int i = 0; i < plain.length; i++) {
        zeros += dropped[i] == 0 ? 1 : 0;
        count++;
        difference += dropped[i] - plain[i];
        squares += plain[i] * plain[i];
      }
    }
    assertEquals(rate * count, zeros, 5 * Math.sqrt(rate * (1 - rate) * count), "zeros");
    assertEquals(0, difference, 5 * Math.sqrt(squares * rate / (1 - rate)), "sum of differences");
  }

  @Test
  void nothingIsDroppedInEvaluation() {
    for (Head head : Head.values()) {
      float[] plain = results(transparent(0, head, Direction.BIDIRECTIONAL), false, 1, 1);
      float[] rest = results(transparent(0.5, head, Direction.BIDIRECTIONAL), false, 1, 1);
      Bits.same(head, "y", plain, rest);
    }
  }

  @Test
  void theMaskDependsOnSeedAndStepAlone() {
    Network network = transparent(0.5, Head.STEPS, Direction.FORWARD);
    Set<BitSet> masks = new HashSet<>();
    for (long seed = 0; seed < 6; seed++) {
      for (long step = 1; step <= 6; step++) {
        BitSet mask = mask(results(network, true, seed, step));
        assertEquals(mask, mask(results(network, true, seed, step)));
        assertTrue(masks.add(mask), "seed " + seed + ", step " + step + " repeats another mask");
      }
    }
  }

  /** The places of a mask are drawn one by one: no two rows or units go together. */
  @Test
  void rowsAndUnitsHaveTheirOwnMasks() {
    BitSet mask = mask(results(transparent(0.5, Head.STEPS, Direction.FORWARD), true, 5, 1));
    Set<BitSet> rows = new HashSet<>();
    for (int row = 0; row < STEPS * BATCH; row++) {
      rows.add(mask.get(row * HIDDEN, (row + 1) * HIDDEN));
    }
    assertEquals(STEPS * BATCH, rows.size());
    assertNotEquals(0, mask.cardinality());
  }

  /** A shorter neighbour or none: the mask of a place is that of its time and row. */
  @Test
  void lengthsDoNotMoveTheMask() {
    Network network = transparent(0.5, Head.STEPS, Direction.FORWARD);
    float[] even = results(network, true, 1, 1);
    Workspace workspace = new Workspace(network, STEPS, BATCH, true);
    int[] lengths = new int[BATCH];
    Arrays.fill(lengths, 1);
    lengths[0] = STEPS;
    workspace.timeline().set(lengths);
    Arrays.fill(workspace.x, 1f);
    workspace.setDropout(1, 1);
    network.beginState(workspace);
    network.forward(workspace, 0, BATCH);
    for (int time = 0; time < STEPS; time++) {
      for (int i = 0; i < HIDDEN; i++) {
        int at = time * BATCH;
        boolean kept = workspace.y[at * workspace.yStride + i] != 0;
        assertEquals(even[at * HIDDEN + i] != 0, kept, "step " + time + ", unit " + i);
      }
    }
  }

  /** With the mask held, the loss is a function, and its gradients are those of its differences. */
  @Property(tries = 25)
  void gradientsGoThroughTheMask(@ForAll("smooth") NetworkSample drawn) {
    NetworkSample sample = drawn.withDropout(0.4);
    Samples.Engine engine = new Samples.Engine(KernelProvider.kernels(), sample);
    engine.workspace.setDropout(sample.seed(), 1);
    double weight = engine.bptt.weight();
    engine.run(weight);
    GradientCheck check =
        GradientCheck.inFloat(
                () -> {
                  engine.network.pack(engine.parameters.values());
                  engine.network.beginState(engine.workspace);
                  engine.bptt.evaluate(0, sample.batch());
                  return engine.bptt.lossSum() / weight;
                })
            .sample(3, sample.seed());
    for (Parameter p : engine.parameters.slices()) {
      check.slice(
          p.name(),
          engine.parameters.values(),
          p.offset(),
          engine.parameters.gradients(),
          p.offset(),
          p.size());
    }
    GradientCheck.Report report = check.check();
    if (!report.passed()) {
      throw new AssertionError(sample + "\n" + report);
    }
  }
}
