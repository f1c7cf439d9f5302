package org.lanewise.properties;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.lanewise.cell.Tape;
import org.lanewise.data.Example;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;
import org.lanewise.stream.Batch;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;
import org.lanewise.train.Adam;
import org.lanewise.train.Clip;
import org.lanewise.train.Schedule;
import org.lanewise.train.SequenceEvaluator;
import org.lanewise.train.TrainSpec;
import org.lanewise.train.Trainer;

/**
 * For any architecture and any lengths: what stands beside a sequence, how it is cut, threads and
 * lanes change no bit.
 */
@Tag("bits")
class ArchitectureBitsTest {

  @Provide
  Arbitrary<NetworkSample> any() {
    return Samples.any();
  }

  @Provide
  Arbitrary<NetworkSample> divisible() {
    return Samples.streams().filter(sample -> sample.timeSteps() > 1);
  }

  /** What a session can run. */
  @Provide
  Arbitrary<NetworkSample> sessions() {
    return Samples.streams().filter(sample -> !(sample.spec().input() instanceof Input.Joined));
  }

  /** A sequence alone, without padding, against the same beside longer and shorter ones. */
  @Property(tries = 120)
  void paddingAndNeighboursChangeNoBit(@ForAll("any") NetworkSample sample) {
    for (Kernels kernels : AllKernels.all()) {
      Samples.Engine all = new Samples.Engine(kernels, sample);
      double weight = all.bptt.weight();
      all.forward();
      float[] results = all.workspace.y.clone();
      all.run(weight);
      for (int row = 0; row < sample.batch(); row++) {
        NetworkSample alone = sample.with(List.of(sample.examples().get(row)));
        Samples.Engine one = new Samples.Engine(kernels, alone).forward();
        String where = sample + ", row " + row;
        int steps = sample.spec().head().everyStep() ? alone.timeSteps() : 1;
        for (int t = 0; t < steps; t++) {
          int columns = sample.spec().outputSize();
          Bits.same(
              where, "y", columns, one.workspace.y, one.result(t, 0), results, all.result(t, row));
        }
        one.run(weight);
        sameGradients(where, one, all, row);
      }
    }
  }

  private static void sameGradients(String where, Samples.Engine one, Samples.Engine all, int row) {
    NetworkSpec spec = all.network.spec();
    Workspace a = one.workspace;
    Workspace b = all.workspace;
    for (int t = 0; t < a.timeline().steps() && a.dx.length > 0; t++) {
      int to = b.xAt(t, row);
      Bits.same(where, "dx", spec.input().size(), a.dx, a.xAt(t, 0), b.dx, to);
    }
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int d = 0; d < spec.direction().count(); d++) {
        Tape alone = a.tape(layer, d);
        Tape tape = b.tape(layer, d);
        int from = alone.at(one.firstSlot(d, 0), 0);
        int to = tape.at(all.firstSlot(d, row), row);
        Bits.same(where, "dh0", spec.hiddenSize(), alone.dh, from, tape.dh, to);
        if (spec.cell().hasCellState()) {
          Bits.same(where, "dc0", spec.hiddenSize(), alone.dc, 0, tape.dc, tape.dcAt(row));
        }
      }
    }
  }

  @Property(tries = 60)
  void askingForGradientsOfTheInputsChangesNoOther(@ForAll("any") NetworkSample sample) {
    for (Kernels kernels : AllKernels.all()) {
      Samples.Engine asked = new Samples.Engine(kernels, sample, true).forward();
      Samples.Engine plain = new Samples.Engine(kernels, sample, false).forward();
      float[] expected = asked.run(asked.bptt.weight()).parameters.gradients();
      float[] found = plain.run(plain.bptt.weight()).parameters.gradients();
      Bits.same(sample, "gradients", expected.length, expected, 0, found, 0);
    }
  }

  /** Longer room than any sequence needs, filled with rubbish. */
  @Property(tries = 100)
  void roomBehindTheSequencesChangesNoBit(@ForAll("any") NetworkSample sample) {
    for (Kernels kernels : AllKernels.all()) {
      Model model = Model.of(kernels, sample.parameters());
      Batch tight = model.batch(sample.timeSteps(), sample.batch());
      Batch wide = model.batch(sample.timeSteps() + 3, sample.batch());
      Arrays.fill(wide.workspace().x, Float.NaN);
      Arrays.fill(wide.workspace().y, Float.NaN);
      for (Batch batch : List.of(tight, wide)) {
        sample.fill(batch.workspace());
        batch.run(sample.lengths());
      }
      for (int row = 0; row < sample.batch(); row++) {
        for (int t = 0; t < results(sample, row); t++) {
          Bits.same(sample, "y", result(tight, sample, t, row), result(wide, sample, t, row));
        }
      }
    }
  }

  @Property(tries = 25)
  void threadsAndLanesChangeNoBitOfTraining(@ForAll("any") NetworkSample drawn) {
    NetworkSample sample = drawn.seed() % 2 == 0 ? drawn : drawn.withDropout(0.3);
    Parameters one = sample.parameters();
    double[] losses = train(AllKernels.PLAIN, sample, one, 1);
    for (Kernels kernels : AllKernels.all()) {
      for (int threads = 1; threads <= 4; threads++) {
        Parameters several = sample.parameters();
        String where = sample + " on " + threads + " threads";
        Bits.same(where, "losses", losses, train(kernels, sample, several, threads));
        Bits.same(where, "parameters", one.values(), several.values());
        Bits.same(where, "gradients", one.gradients(), several.gradients());
      }
    }
  }

  private static double[] train(
      Kernels kernels, NetworkSample sample, Parameters parameters, int threads) {
    TrainSpec spec =
        new TrainSpec(
            sample.batch(),
            sample.timeSteps(),
            new Adam(0.9, 0.999, 1e-8),
            new Schedule.Constant(0.01),
            new Clip(0.1, 0.2),
            1e-3,
            threads,
            sample.loss().loss(),
            7);
    double[] losses = new double[3];
    try (Trainer trainer = new Trainer(kernels, parameters, spec)) {
      sample.fill(trainer.workspace());
      sample.fill(trainer.targets());
      for (int step = 0; step < losses.length; step++) {
        trainer.network().beginState(trainer.workspace());
        losses[step] = trainer.step(1);
      }
    }
    return losses;
  }

  /** Two windows with the state carried, against one; the loss is not summed here. */
  @Property(tries = 120)
  void splittingASequenceChangesNoBit(@ForAll("divisible") NetworkSample sample) {
    Example whole = sample.examples().get(0);
    int cut = 1 + Math.floorMod(sample.seed(), whole.length() - 1);
    for (Kernels kernels : AllKernels.all()) {
      Samples.Engine all = new Samples.Engine(kernels, sample.with(List.of(whole))).forward();
      Samples.Engine parts = new Samples.Engine(kernels, sample.with(List.of(whole)));
      for (int begin = 0; begin < whole.length(); begin += cut) {
        int end = Math.min(begin + cut, whole.length());
        sample.with(List.of(part(whole, begin, end))).fill(parts.workspace);
        parts.forward();
        for (int t = begin; t < end; t++) {
          int columns = sample.spec().outputSize();
          int from = all.result(t, 0);
          int to = parts.result(t - begin, 0);
          Bits.same(
              sample + ", cut " + cut, "y", columns, all.workspace.y, from, parts.workspace.y, to);
        }
        parts.workspace.carryState();
      }
    }
  }

  private static Example part(Example whole, int begin, int end) {
    int[][] tokens = new int[whole.tokens().length][];
    for (int input = 0; input < tokens.length; input++) {
      tokens[input] = Arrays.copyOfRange(whole.tokens()[input], begin, end);
    }
    int values = whole.features().length / whole.length();
    float[] features = Arrays.copyOfRange(whole.features(), begin * values, end * values);
    return new Example(end - begin, tokens, features, new int[0], new float[0]);
  }

  /** A session is a batch of one, step by step, and starts where sequences begin. */
  @Property(tries = 120)
  void aSessionEqualsABatch(@ForAll("sessions") NetworkSample drawn) {
    Example example = drawn.examples().get(0);
    NetworkSample sample = drawn.with(List.of(example));
    for (Kernels kernels : AllKernels.all()) {
      Model model = Model.of(kernels, sample.parameters());
      Batch batch = model.batch(sample.timeSteps(), 1);
      sample.fill(batch.workspace());
      batch.run(sample.lengths());
      Session session = model.session();
      for (int round = 0; round < 2; round++) {
        float[] output = new float[sample.spec().outputSize()];
        for (int t = 0; t < example.length(); t++) {
          if (sample.spec().input().isToken()) {
            session.step(example.tokens()[0][t], output);
          } else {
            int size = sample.spec().input().size();
            session.step(Arrays.copyOfRange(example.features(), t * size, (t + 1) * size), output);
          }
          Bits.same(sample + ", step " + t, "y", result(batch, sample, t, 0), output);
        }
        session.reset();
      }
    }
  }

  /** Evaluated in batches of any size, the last of them not full. */
  @Property(tries = 100)
  void evaluatorEqualsBatch(@ForAll("any") NetworkSample sample) {
    for (Kernels kernels : AllKernels.all()) {
      Samples.Engine engine = new Samples.Engine(kernels, sample);
      Batch batch =
          Model.of(kernels, sample.parameters()).batch(sample.timeSteps(), sample.batch());
      sample.fill(batch.workspace());
      batch.run(sample.lengths());
      double[] losses = new double[2];
      for (int size = 1; size <= 2; size++) {
        List<String> seen = new ArrayList<>();
        losses[size - 1] =
            new SequenceEvaluator(
                    kernels,
                    engine.network,
                    engine.parameters,
                    sample.timeSteps(),
                    size,
                    sample.loss().loss())
                .evaluate(
                    sample.examples(),
                    (row, t, y, offset) -> {
                      float[] expected = result(batch, sample, t, row);
                      Bits.same(sample, "y", expected.length, expected, 0, y, offset);
                      seen.add(row + "," + t);
                    });
        long count = 0;
        for (int row = 0; row < sample.batch(); row++) {
          count += results(sample, row);
        }
        if (seen.stream().distinct().count() != count || seen.size() != count) {
          throw new AssertionError(sample + ": visited " + seen);
        }
      }
      if (!(Math.abs(losses[0] - losses[1]) <= 1e-12 * Math.abs(losses[0]))) {
        throw new AssertionError(sample + ": losses " + Arrays.toString(losses));
      }
    }
  }

  private static int results(NetworkSample sample, int row) {
    return sample.spec().head().everyStep() ? sample.lengths()[row] : 1;
  }

  private static float[] result(Batch batch, NetworkSample sample, int time, int row) {
    float[] result = new float[sample.spec().outputSize()];
    batch.result(time, row, result);
    return result;
  }
}
