package org.lanewise.bench;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.lanewise.cell.CellKind;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;

/**
 * The training of one LSTM layer and nothing else: forward, mean squared error of the hidden
 * states, backward, all weight gradients. No optimizer, no output layer, state of zero; nobody asks
 * for gradients of the inputs.
 *
 * <p>Threads split the rows of the batch and then the parts of the weight gradients. They spin
 * between the steps: nothing else is to be done on a machine that measures.
 */
final class LayerTraining implements TrainTask.Run {
  private static final int PARTIALS = 16;

  private final Kernels kernels = KernelProvider.kernels();
  private final Parameters parameters;
  private final Network network;
  private final Workspace workspace;
  private final float[][] inputs = new float[Fixtures.TURNS][];
  private final float[][] targets = new float[Fixtures.TURNS][];
  private final double[] losses;
  private final double[] partials;
  private final int threads;
  private final AtomicInteger running = new AtomicInteger();
  private volatile int round;
  private volatile boolean closed;
  private int turn;

  LayerTraining(int hidden, int batch, int timeSteps, int threads) {
    this.parameters =
        new Parameters(new NetworkSpec(new Input.Features(hidden), CellKind.LSTM, hidden, 1, 0));
    new Initializer.Torch().fill(parameters, 1);
    this.network = new Network(kernels, parameters, true);
    network.pack(parameters.values());
    this.workspace = new Workspace(network, timeSteps, batch, true);
    workspace.timeline().setAll(timeSteps);
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = Fixtures.uniform(timeSteps * batch * hidden, 1, i);
      targets[i] = Fixtures.uniform(timeSteps * batch * hidden, 1, inputs.length + i);
    }
    this.losses = new double[batch];
    this.partials = new double[PARTIALS * batch];
    this.threads = threads;
    for (int part = 1; part < threads; part++) {
      int own = part;
      Thread.ofPlatform().daemon().start(() -> serve(own));
    }
  }

  @Override
  public double step() {
    turn = (turn + 1) % inputs.length;
    workspace.clearState();
    workspace.clearStateGradients();
    together();
    double loss = 0;
    for (double part : losses) {
      loss += part;
    }
    return loss;
  }

  /** A step by all threads. */
  private void together() {
    running.set(threads - 1);
    int next = round + 1;
    round = next;
    work(0, threads);
    while (running.get() > 0) {
      Thread.onSpinWait();
    }
  }

  private void serve(int thread) {
    int seen = 0;
    while (!closed) {
      if (round == seen) {
        Thread.onSpinWait();
      } else {
        seen++;
        try {
          work(thread, threads);
        } finally {
          running.decrementAndGet();
        }
      }
    }
  }

  private void work(int thread, int parts) {
    int part = network.part(thread, parts);
    int begin = workspace.row(part, parts);
    int end = workspace.row(part + 1, parts);
    int hidden = network.spec().hiddenSize();
    for (int time = 0; time < workspace.timeSteps; time++) {
      for (int row = begin; row < end; row++) {
        int at = time * workspace.batch + row;
        System.arraycopy(inputs[turn], at * hidden, workspace.x, workspace.xAt(time, row), hidden);
      }
    }
    network.forward(workspace, begin, end);
    squaredErrors(begin, end, hidden);
    network.gradients(workspace, part, parts, parameters.gradients());
  }

  /** The mean squared errors of some rows, and their gradients. */
  private void squaredErrors(int begin, int end, int hidden) {
    Tape tape = workspace.tape(0);
    float[] target = targets[turn];
    float scale = 2f / target.length;
    Arrays.fill(partials, PARTIALS * begin, PARTIALS * end, 0);
    for (int time = 0; time < workspace.timeSteps; time++) {
      for (int row = begin; row < end; row++) {
        int at = tape.at(time + 1, row);
        int targetAt = (time * workspace.batch + row) * hidden;
        gradient(hidden, tape.h, at, target, targetAt, scale, tape.dh);
        kernels.accumulateSquares(hidden, tape.dh, at, partials, PARTIALS * row);
      }
    }
    for (int row = begin; row < end; row++) {
      double squares = kernels.sumOfPartials(partials, PARTIALS * row) / (scale * scale);
      losses[row] = squares / target.length;
    }
  }

  /** A loop of its own, which C2 makes vectors of. */
  private static void gradient(
      int n, float[] h, int hOffset, float[] target, int targetOffset, float scale, float[] dh) {
    for (int i = 0; i < n; i++) {
      dh[hOffset + i] = scale * (h[hOffset + i] - target[targetOffset + i]);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
