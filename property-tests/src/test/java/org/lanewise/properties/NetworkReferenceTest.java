package org.lanewise.properties;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.network.Network;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;
import org.lanewise.train.Bptt;
import org.lanewise.train.Clip;
import org.lanewise.train.CrossEntropy;
import org.lanewise.train.Schedule;
import org.lanewise.train.Sgd;
import org.lanewise.train.TrainSpec;
import org.lanewise.train.Trainer;

/** The library computes, in float, what the reference computes in double. */
@Domain(Generators.class)
class NetworkReferenceTest {
  /** Relative to the largest magnitude of all that is compared together. */
  private static final double TOLERANCE = 5e-6;

  /** What both give for one window of one case. */
  private static final class Both {
    final NetworkCase c;
    final Bptt bptt;
    final Workspace workspace;
    final Parameters parameters;
    final Map<String, double[]> inDouble;
    final ReferenceNetwork reference;
    final ReferenceNetwork.State initial;
    final int[][] targets;

    Both(NetworkCase c) {
      this.c = c;
      this.parameters = c.parameters();
      Network network = new Network(KernelProvider.kernels(), parameters, true);
      network.pack(parameters.values());
      this.workspace = Workspace.withInputGradients(network, c.timeSteps(), c.batch(), 0);
      this.bptt =
          new Bptt(KernelProvider.kernels(), network, parameters, workspace, new CrossEntropy());
      c.fillInputs(workspace, 0);
      c.fillStates(workspace);
      c.fillTargets(bptt.targets().classes, 0);
      this.inDouble = NetworkCase.inDouble(parameters, parameters.values());
      this.reference = ReferenceNetwork.lstm(inDouble);
      this.initial = states(c, workspace, 0);
      this.targets = matrix(c, bptt.targets().classes);
    }

    ReferenceNetwork.Run forward() {
      return NetworkReferenceTest.forward(c, reference, workspace, initial);
    }

    void run() {
      workspace.clearStateGradients();
      bptt.rows(bptt.weight(), 0, c.batch());
      bptt.weightGradient(0, 1);
    }

    Map<String, double[]> gradients() {
      return NetworkCase.inDouble(parameters, parameters.gradients());
    }
  }

  @Property(tries = 150)
  void outputsAndStatesEqualTheReference(@ForAll NetworkCase c) {
    Both both = new Both(c);
    bothForward(both);
    ReferenceNetwork.Run run = both.forward();
    Closeness output = new Closeness(c, TOLERANCE).ofTerms(0.1);
    Workspace workspace = both.workspace;
    for (int t = 0; t < c.timeSteps(); t++) {
      for (int b = 0; b < c.batch(); b++) {
        int at = workspace.yAt(t, b);
        output.add("y[" + t + "][" + b + "]", run.output()[t][b], workspace.y, at);
      }
    }
    output.check();
    ReferenceNetwork.State last = states(c, workspace, c.timeSteps());
    Closeness state = new Closeness(c, TOLERANCE);
    state.add("hn", run.finalState().h(), last.h());
    state.add("cn", run.finalState().c(), last.c());
    state.check();
  }

  private static void bothForward(Both both) {
    NetworkCase c = both.c;
    Network network = new Network(KernelProvider.kernels(), both.parameters, true);
    network.pack(both.parameters.values());
    network.forward(both.workspace, 0, c.batch());
  }

  @Property(tries = 150)
  void lossAndGradientsEqualTheReference(@ForAll NetworkCase c) {
    Both both = new Both(c);
    both.run();
    ReferenceNetwork.Run run = both.forward();
    ReferenceLoss loss = ReferenceLoss.crossEntropy(run, both.targets);
    ReferenceNetwork.Gradients expected = run.backward(loss);

    double found = both.bptt.lossSum() / both.bptt.weight();
    new Closeness(c, TOLERANCE).add("loss", new double[] {loss.value()}, found).check();
    Closeness gradients = new Closeness(c, TOLERANCE);
    both.gradients()
        .forEach((name, values) -> gradients.add(name, expected.parameters().get(name), values));
    Workspace workspace = both.workspace;
    for (int t = 0; t < c.timeSteps() && workspace.dx.length > 0; t++) {
      for (int b = 0; b < c.batch(); b++) {
        int at = workspace.xAt(t, b);
        gradients.add("x[" + t + "][" + b + "]", expected.input()[t][b], workspace.dx, at);
      }
    }
    for (int layer = 0; layer < c.layers(); layer++) {
      Tape tape = workspace.tape(layer);
      for (int b = 0; b < c.batch(); b++) {
        String at = "[" + layer + "][" + b + "]";
        gradients.add("h0" + at, expected.h0()[layer][b], tape.dh, tape.at(0, b));
        gradients.add("c0" + at, expected.c0()[layer][b], tape.dc, tape.dcAt(b));
      }
    }
    gradients.check();
  }

  /** Windows of one run, the state carried: losses, and the weights at its end. */
  @Property(tries = 60)
  void trainingOverWindowsEqualsTheReference(@ForAll NetworkCase c) {
    double rate = 0.3;
    int windows = 4;
    Parameters parameters = c.parameters();
    Map<String, double[]> inDouble = NetworkCase.inDouble(parameters, parameters.values());
    ReferenceNetwork reference = ReferenceNetwork.lstm(inDouble);
    ReferenceOptimizer optimizer = ReferenceOptimizer.sgd(rate);
    TrainSpec spec =
        new TrainSpec(
            c.batch(), c.timeSteps(), new Sgd(), new Schedule.Constant(rate), Clip.NONE, 0, 1);
    Closeness losses = new Closeness(c, 1e-5);
    try (Trainer trainer = new Trainer(parameters, spec)) {
      Workspace workspace = trainer.workspace();
      c.fillStates(workspace);
      ReferenceNetwork.State state = states(c, workspace, 0);
      for (int window = 0; window < windows; window++) {
        if (window > 0) {
          workspace.carryState();
        }
        c.fillInputs(workspace, window);
        c.fillTargets(trainer.targets().classes, window);
        ReferenceNetwork.Run run = forward(c, reference, workspace, state);
        ReferenceLoss loss = ReferenceLoss.crossEntropy(run, matrix(c, trainer.targets().classes));
        optimizer.step(inDouble, run.backward(loss).parameters());
        state = run.finalState();
        losses.add("loss of window " + window, new double[] {loss.value()}, trainer.step(1));
      }
    }
    losses.check();
    Closeness weights = new Closeness(c, 1e-5);
    Map<String, double[]> found = NetworkCase.inDouble(parameters, parameters.values());
    inDouble.forEach((name, values) -> weights.add(name, values, found.get(name)));
    weights.check();
  }

  /** The float gradients against differences of the loss in double. */
  @Property(tries = 40)
  void gradientsEqualDifferences(@ForAll NetworkCase large) {
    Both both = new Both(large.small());
    both.run();
    GradientCheck check =
        GradientCheck.inDouble(
                () -> ReferenceLoss.crossEntropy(both.forward(), both.targets).value())
            .tolerance(2e-4)
            // Where terms cancel, what is left in float has a smaller error than 2e-8, and no
            // better.
            .precision(2e-12)
            .sample(8, large.seed());
    Map<String, double[]> gradients = both.gradients();
    for (Parameter p : both.parameters.slices()) {
      check.parameter(p.name(), both.inDouble.get(p.name()), gradients.get(p.name()));
    }
    GradientCheck.Report report = check.check();
    if (!report.passed()) {
      throw new AssertionError(both.c + "\n" + report);
    }
  }

  private static ReferenceNetwork.Run forward(
      NetworkCase c,
      ReferenceNetwork reference,
      Workspace workspace,
      ReferenceNetwork.State initial) {
    if (c.kind() != NetworkCase.Kind.FEATURES) {
      return reference.forward(matrix(c, workspace.tokens), initial);
    }
    double[][][] x = new double[c.timeSteps()][c.batch()][c.inputSize()];
    for (int t = 0; t < x.length; t++) {
      for (int b = 0; b < x[t].length; b++) {
        for (int k = 0; k < c.inputSize(); k++) {
          x[t][b][k] = workspace.x[workspace.xAt(t, b) + k];
        }
      }
    }
    return reference.forward(x, initial);
  }

  private static int[][] matrix(NetworkCase c, int[] ids) {
    int[][] matrix = new int[c.timeSteps()][c.batch()];
    for (int i = 0; i < ids.length; i++) {
      matrix[i / c.batch()][i % c.batch()] = ids[i];
    }
    return matrix;
  }

  private static ReferenceNetwork.State states(NetworkCase c, Workspace workspace, int slot) {
    double[][][] h = new double[c.layers()][c.batch()][c.hiddenSize()];
    double[][][] cell = new double[c.layers()][c.batch()][c.hiddenSize()];
    for (int layer = 0; layer < c.layers(); layer++) {
      Tape tape = workspace.tape(layer);
      for (int b = 0; b < c.batch(); b++) {
        for (int u = 0; u < c.hiddenSize(); u++) {
          h[layer][b][u] = tape.h[tape.at(slot, b) + u];
          cell[layer][b][u] = tape.c[tape.at(slot, b) + u];
        }
      }
    }
    return new ReferenceNetwork.State(h, cell);
  }
}
