package org.lanewise.properties;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Network;
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

/** Batches, windows, threads and lanes do not change a bit of what a network computes. */
@Tag("bits")
@Domain(Generators.class)
class NetworkBitsTest {

  @Property(tries = 60)
  void batchOfManyEqualsOneByOne(@ForAll NetworkCase c) {
    for (Kernels kernels : AllKernels.all()) {
      Bptt all = bptt(kernels, c);
      c.fillInputs(all.workspace(), 0);
      c.fillStates(all.workspace());
      c.fillTargets(all.targets().classes, 0);
      double counted = all.weight();
      Bptt[] ones = new Bptt[c.batch()];
      for (int row = 0; row < ones.length; row++) {
        ones[row] = bptt(kernels, c.withSizes(c.timeSteps(), 1));
        copyRow(c, all, row, ones[row]);
        ones[row].rows(counted, 0, 1);
      }
      all.workspace().clearStateGradients();
      all.rows(counted, 0, c.batch());
      for (int row = 0; row < ones.length; row++) {
        sameRow(c + ", row " + row, c, all.workspace(), row, ones[row].workspace());
      }
    }
  }

  private static void copyRow(NetworkCase c, Bptt all, int row, Bptt one) {
    Workspace from = all.workspace();
    Workspace to = one.workspace();
    for (int t = 0; t < c.timeSteps(); t++) {
      int at = t * c.batch() + row;
      if (to.tokens.length > 0) {
        to.tokens[t] = from.tokens[at];
      }
      System.arraycopy(from.x, from.xAt(t, row), to.x, to.xAt(t, 0), to.xStride);
      one.targets().classes[t] = all.targets().classes[at];
    }
    for (int layer = 0; layer < c.layers(); layer++) {
      Tape tape = from.tape(layer);
      System.arraycopy(tape.h, tape.at(0, row), to.tape(layer).h, 0, tape.stride);
      System.arraycopy(tape.c, tape.at(0, row), to.tape(layer).c, 0, tape.stride);
    }
  }

  /** Activations, and their gradients, of one row of a batch against a batch of one. */
  private static void sameRow(String where, NetworkCase c, Workspace all, int row, Workspace one) {
    for (int t = 0; t < c.timeSteps(); t++) {
      String at = " at step " + t;
      int y = all.yAt(t, row);
      Bits.same(where, "dy" + at, c.outputSize(), one.y, one.yAt(t, 0), all.y, y);
      int x = all.xAt(t, row);
      Bits.same(where, "dx" + at, one.xStride, one.dx, one.xAt(t, 0), all.dx, x);
    }
    for (int layer = 0; layer < c.layers(); layer++) {
      Tape a = all.tape(layer);
      Tape b = one.tape(layer);
      String name = " of layer " + layer;
      for (int slot = 0; slot <= c.timeSteps(); slot++) {
        int at = a.at(slot, row);
        Bits.same(where, "h" + name, c.hiddenSize(), b.h, b.at(slot, 0), a.h, at);
        Bits.same(where, "c" + name, c.hiddenSize(), b.c, b.at(slot, 0), a.c, at);
        Bits.same(where, "dh" + name, c.hiddenSize(), b.dh, b.at(slot, 0), a.dh, at);
      }
      Bits.same(where, "dc" + name, c.hiddenSize(), b.dc, 0, a.dc, a.dcAt(row));
    }
  }

  @Property(tries = 60)
  void windowEqualsStepByStep(@ForAll NetworkCase c) {
    for (Kernels kernels : AllKernels.all()) {
      Workspace whole = bptt(kernels, c).workspace();
      Network network = network(kernels, c.parameters());
      c.fillInputs(whole, 0);
      c.fillStates(whole);
      Workspace step = new Workspace(network, 1, c.batch(), false);
      c.fillStates(step);
      network.forward(whole, 0, c.batch());
      for (int t = 0; t < c.timeSteps(); t++) {
        int tokens = step.tokens.length;
        System.arraycopy(whole.tokens, t * tokens, step.tokens, 0, tokens);
        for (int row = 0; row < c.batch(); row++) {
          System.arraycopy(whole.x, whole.xAt(t, row), step.x, step.xAt(0, row), step.xStride);
        }
        network.forward(step, 0, c.batch());
        for (int row = 0; row < c.batch(); row++) {
          sameStep(c + ", step " + t + ", row " + row, c, whole, t, row, step);
        }
        step.carryState();
      }
    }
  }

  private static void sameStep(
      String where, NetworkCase c, Workspace whole, int t, int row, Workspace step) {
    Bits.same(where, "y", whole.yStride, whole.y, whole.yAt(t, row), step.y, step.yAt(0, row));
    for (int layer = 0; layer < c.layers(); layer++) {
      Tape a = whole.tape(layer);
      Tape b = step.tape(layer);
      String name = " of layer " + layer;
      Bits.same(where, "h" + name, a.stride, a.h, a.at(t + 1, row), b.h, b.at(1, row));
      Bits.same(where, "c" + name, a.stride, a.c, a.at(t + 1, row), b.c, b.at(1, row));
    }
  }

  @Property(tries = 15)
  void threadsDoNotChangeTraining(@ForAll NetworkCase c) {
    for (Kernels kernels : AllKernels.all()) {
      Parameters one = c.parameters();
      double[] losses = train(kernels, c, one, 1);
      for (int threads = 2; threads <= 4; threads++) {
        Parameters several = c.parameters();
        String where = c + " on " + threads + " threads";
        Bits.same(where, "losses", losses, train(kernels, c, several, threads));
        Bits.same(where, "parameters", one.values(), several.values());
      }
    }
  }

  /**
   * One after the other on one thread, from the last to the first or from the first to the last.
   */
  @Property(tries = 30)
  void partsOfTheWeightGradientsMayRunInAnyOrder(@ForAll NetworkCase c) {
    for (Kernels kernels : AllKernels.all()) {
      float[] expected = gradients(kernels, c, 1, false);
      for (int parts = 2; parts <= 4; parts++) {
        for (boolean backwards : new boolean[] {false, true}) {
          String where = c + ", " + parts + " parts, backwards " + backwards;
          Bits.same(where, "gradients", expected, gradients(kernels, c, parts, backwards));
        }
      }
    }
  }

  private static float[] gradients(Kernels kernels, NetworkCase c, int parts, boolean backwards) {
    Parameters parameters = c.parameters();
    Network network = new Network(kernels, parameters, true);
    network.pack(parameters.values());
    Workspace workspace = new Workspace(network, c.timeSteps(), c.batch(), true);
    Bptt bptt = new Bptt(kernels, network, parameters, workspace, new CrossEntropy());
    c.fillStates(workspace);
    SplittableRandom random = new SplittableRandom(c.seed());
    Arrays.setAll(bptt.targets().classes, i -> random.nextInt(c.outputSize()));
    // Twice: what the first window leaves behind must not reach the second.
    for (int window = 0; window < 2; window++) {
      c.fillInputs(workspace, window);
      workspace.clearStateGradients();
      bptt.rows(bptt.weight(), 0, c.batch());
      for (int i = 0; i < parts; i++) {
        bptt.weightGradient(backwards ? parts - 1 - i : i, parts);
      }
      if (parts > 1) {
        network.tokenGradient(workspace, 0, 1, parameters.gradients());
        network.nonZero(workspace, parameters.gradients());
      }
    }
    return parameters.gradients();
  }

  @Property(tries = 60)
  @AddLifecycleHook(AllKernels.NeedsVectors.class)
  void lanesDoNotChangeTraining(@ForAll NetworkCase c) {
    Parameters plain = c.parameters();
    Parameters vector = c.parameters();
    double[] plainLosses = train(AllKernels.PLAIN, c, plain, 1);
    double[] vectorLosses = train(AllKernels.vector(), c, vector, 1);
    Bits.same(c, "losses", plainLosses, vectorLosses);
    Bits.same(c, "parameters", plain.values(), vector.values());
    Bits.same(c, "gradients", plain.gradients(), vector.gradients());
  }

  /** Five steps with carried state; the seed chooses the optimizer. */
  private static double[] train(
      Kernels kernels, NetworkCase c, Parameters parameters, int threads) {
    Optimizer[] optimizers = {new Sgd(), new Momentum(0.9f), new Adam(0.9, 0.999, 1e-8)};
    TrainSpec spec =
        new TrainSpec(
            c.batch(),
            c.timeSteps(),
            optimizers[Math.floorMod(c.seed(), optimizers.length)],
            new Schedule.Constant(0.02),
            new Clip(0.1, 0.2),
            1e-3,
            threads);
    double[] losses = new double[5];
    try (Trainer trainer = new Trainer(kernels, parameters, spec)) {
      c.fillStates(trainer.workspace());
      for (int step = 0; step < losses.length; step++) {
        if (step > 0) {
          trainer.workspace().carryState();
        }
        c.fillInputs(trainer.workspace(), step);
        c.fillTargets(trainer.targets().classes, step);
        losses[step] = trainer.step(1);
      }
    }
    return losses;
  }

  private static Bptt bptt(Kernels kernels, NetworkCase c) {
    Parameters parameters = c.parameters();
    Network network = network(kernels, parameters);
    return new Bptt(
        kernels,
        network,
        parameters,
        Workspace.withInputGradients(network, c.timeSteps(), c.batch(), 0),
        new CrossEntropy());
  }

  private static Network network(Kernels kernels, Parameters parameters) {
    Network network = new Network(kernels, parameters, true);
    network.pack(parameters.values());
    return network;
  }
}
