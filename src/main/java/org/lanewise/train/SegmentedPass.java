package org.lanewise.train;

import org.lanewise.network.Network;
import org.lanewise.network.OutputPass;
import org.lanewise.network.Workers;
import org.lanewise.network.Workspace;

/**
 * A window forward and backward with a workspace that keeps no gates, and few results at a time:
 * what {@link Bptt} does in three phases, in as many as there are blocks of results and segments of
 * layers, with the same bits.
 */
final class SegmentedPass {
  private final Network network;
  private final Workspace workspace;
  private final float[] gradients;
  private final Workers workers;
  private final OutputPass.Results judge;
  private float scale;
  private int half;
  private int begin;
  private int end;
  private int replay;

  private final Workers.Phase forward = this::forward;
  private final Workers.Phase results = this::results;
  private final Workers.Phase resultGradients = this::resultGradients;
  private final Workers.Phase backward = this::backward;
  private final Workers.Phase replayRows = this::replayRows;
  private final Workers.Phase weightGradients = this::weightGradients;

  SegmentedPass(Network network, Bptt bptt, float[] gradients, Workers workers) {
    this.network = network;
    this.workspace = bptt.workspace();
    this.gradients = gradients;
    this.workers = workers;
    this.judge = bptt::judge;
  }

  /** Runs a window, up to and with the weight gradients of all layers. */
  void run(double weight) {
    scale = (float) (1 / weight);
    workers.run(forward);
    int steps = OutputPass.steps(workspace);
    for (half = 0; half < workspace.halves().count(); half++) {
      for (begin = 0; begin < steps; begin = end) {
        end = Math.min(begin + OutputPass.blockSteps(workspace), steps);
        workers.run(results);
        workers.run(resultGradients);
      }
    }
    workers.run(backward);
    int replays = network.replays(workspace);
    for (replay = 0; replay < replays; replay++) {
      workers.run(replayRows);
      workers.run(weightGradients);
    }
  }

  private int row(int part, int parts) {
    return workspace.row(part, parts);
  }

  private void forward(int part, int parts) {
    if (row(part, parts) < row(part + 1, parts)) {
      network.forwardStates(workspace, row(part, parts), row(part + 1, parts));
    }
  }

  private void results(int part, int parts) {
    int from = workspace.row(half, part, parts);
    int to = workspace.row(half, part + 1, parts);
    if (from < to) {
      network.output().run(workspace, begin, end, from, to, scale, judge);
    }
  }

  private void resultGradients(int part, int parts) {
    network.output().accumulate(workspace, half, begin, end, part, parts);
  }

  private void backward(int part, int parts) {
    if (row(part, parts) < row(part + 1, parts)) {
      network.backwardStates(workspace, row(part, parts), row(part + 1, parts));
    }
  }

  private void replayRows(int part, int parts) {
    network.replay(workspace, replay, part, parts);
  }

  private void weightGradients(int part, int parts) {
    network.accumulate(workspace, replay, part, parts, gradients);
  }
}
