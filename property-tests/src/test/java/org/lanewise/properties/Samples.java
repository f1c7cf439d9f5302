package org.lanewise.properties;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Direction;
import org.lanewise.network.Network;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;
import org.lanewise.train.Bptt;

/** Arbitrary architectures with a batch of sequences of any lengths. */
final class Samples {
  private Samples() {}

  static Arbitrary<NetworkSample> any() {
    return samples(NetworkLimits.ANY);
  }

  /** Networks that run forward with a result at each step, which can be cut anywhere. */
  static Arbitrary<NetworkSample> streams() {
    return any()
        .filter(
            sample ->
                sample.spec().direction() == Direction.FORWARD && sample.spec().head().everyStep());
  }

  static Arbitrary<NetworkSample> samples(NetworkLimits limits) {
    return Arbitraries.longs()
        .map(seed -> new NetworkGenerator(seed, limits).sample())
        .withoutEdgeCases();
  }

  /** The library on a sample: inputs, states and targets filled in. */
  static final class Engine {
    final Parameters parameters;
    final Network network;
    final Workspace workspace;
    final Bptt bptt;

    Engine(Kernels kernels, NetworkSample sample) {
      this(kernels, sample, true);
    }

    Engine(Kernels kernels, NetworkSample sample, boolean inputGradients) {
      parameters = sample.parameters();
      network = new Network(kernels, parameters, true);
      network.pack(parameters.values());
      workspace =
          inputGradients
              ? Workspace.withInputGradients(network, sample.timeSteps(), sample.batch(), 0)
              : new Workspace(network, sample.timeSteps(), sample.batch(), true);
      bptt = new Bptt(kernels, network, parameters, workspace, sample.loss().loss());
      sample.fill(workspace);
      sample.fill(bptt.targets());
      network.beginState(workspace);
    }

    /** Forward values alone. */
    Engine forward() {
      network.forward(workspace, 0, workspace.batch);
      return this;
    }

    /** Forward values and gradients, of the mean over so much weight. */
    Engine run(double weight) {
      workspace.clearStateGradients();
      bptt.rows(weight, 0, workspace.batch);
      bptt.weightGradient(0, 1);
      return this;
    }

    /** Where a result starts in y. */
    int result(int time, int row) {
      return workspace.yAt(time, row);
    }

    /** The slot of the state before the first step. */
    int firstSlot(int direction, int row) {
      return direction == 0 ? 0 : workspace.timeline().length(row);
    }

    /** The slot of the state after the step that a direction walks last. */
    int lastSlot(int direction, int row) {
      return direction == 0 ? workspace.timeline().length(row) : 0;
    }
  }
}
