package org.lanewise.train;

import org.lanewise.kernel.Kernels;
import org.lanewise.network.Network;
import org.lanewise.network.OutputPass;
import org.lanewise.network.Parameters;
import org.lanewise.network.Timeline;
import org.lanewise.network.Workspace;

/**
 * Back-propagation through time over a window (Werbos 1990), in its three steps: forward values,
 * backward error terms, weight gradients. Truncated to the window when the caller carries the state
 * from one window to the next; full when the window is the sequence.
 *
 * <p>The first two steps run row by row of the batch and the third output by output, so threads
 * that share them give the same bits as one thread. Nothing is allocated after construction.
 */
public final class Bptt {
  private final Kernels kernels;
  private final Network network;
  private final Parameters parameters;
  private final Workspace workspace;
  private final Loss loss;
  private final Targets targets;
  private final double[] losses;
  private final OutputPass.Results judge = this::judge;

  /**
   * The engine for one network and one size of window.
   *
   * @param kernels arithmetic
   * @param network a network that can run backward
   * @param parameters its arena
   * @param workspace its buffers
   * @param loss what is made small
   * @throws IllegalArgumentException if the loss does not fit the network's results
   */
  public Bptt(
      Kernels kernels, Network network, Parameters parameters, Workspace workspace, Loss loss) {
    loss.checkColumns(network.spec().outputSize());
    this.kernels = kernels;
    this.network = network;
    this.parameters = parameters;
    this.workspace = workspace;
    this.loss = loss;
    int rows = everyStep() ? workspace.timeSteps * workspace.batch : workspace.batch;
    this.targets = new Targets(rows, network.spec().outputSize(), loss.readsClasses());
    this.losses = new double[rows];
  }

  private boolean everyStep() {
    return network.spec().head().everyStep();
  }

  /**
   * The buffers; the caller fills the inputs.
   *
   * @return the workspace
   */
  public Workspace workspace() {
    return workspace;
  }

  /**
   * What the results should be, filled by the caller.
   *
   * @return the targets themselves
   */
  public Targets targets() {
    return targets;
  }

  /** Sets the state before the window to where sequences begin. */
  public void beginState() {
    network.beginState(workspace);
  }

  /**
   * Forward values, loss and error terms of some rows of the batch. The gradient is that of the
   * weighted mean over all results that are not ignored.
   *
   * @param weight {@link #weight()} of the whole batch
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void rows(double weight, int rowBegin, int rowEnd) {
    network.run(workspace, rowBegin, rowEnd, (float) (1 / weight), judge);
  }

  /**
   * Results, losses and error terms of the results, one of several parts, between the states
   * forward and backward of all rows. {@link #rows} is the three of them for threads that do not
   * meet in between.
   *
   * @param weight {@link #weight()} of the whole batch
   * @param part index of the part
   * @param parts number of parts
   */
  public void results(double weight, int part, int parts) {
    network.output().share(workspace, part, parts, (float) (1 / weight), judge);
  }

  /**
   * Forward values and loss of some rows of the batch, without error terms; the results give way to
   * their gradients.
   *
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void evaluate(int rowBegin, int rowEnd) {
    network.forward(workspace, rowBegin, rowEnd);
    loss(1, rowBegin, rowEnd);
  }

  void loss(double scale, int rowBegin, int rowEnd) {
    network.output().turn(workspace, rowBegin, rowEnd, (float) scale, judge);
  }

  /** Losses of some rows, whose results give way to their gradients. */
  void judge(int row, int rows, int offset, float scale) {
    loss.apply(kernels, rows, targets, row, scale, losses, workspace.y, offset, workspace.yStride);
  }

  /**
   * Weight gradients, one of several equal parts, when the error terms of all rows are there.
   *
   * @param part index of the part
   * @param parts number of parts
   */
  public void weightGradient(int part, int parts) {
    network.weightGradient(workspace, part, parts, parameters.gradients());
  }

  /**
   * Error terms of the states of some rows, and then weight gradients: one of several parts, after
   * {@link #results}, all of them at the same time. See {@link Network#gradients}.
   *
   * @param part index of the part
   * @param parts number of parts
   */
  public void gradients(int part, int parts) {
    network.gradients(workspace, part, parts, parameters.gradients());
  }

  /**
   * The total weight of the results that are not ignored: their number, unless classes have
   * weights.
   *
   * @return the divisor of the mean
   */
  public double weight() {
    double weight = 0;
    Timeline timeline = workspace.timeline();
    int steps = everyStep() ? timeline.steps() : 1;
    for (int time = 0; time < steps; time++) {
      int rows = everyStep() ? timeline.rows(time) : workspace.batch;
      for (int row = time * workspace.batch; row < time * workspace.batch + rows; row++) {
        weight += loss.weight(targets, row);
      }
    }
    return weight;
  }

  /**
   * The sum of the weighted losses, in the order of the results.
   *
   * @return nats, or what the loss measures
   */
  public double lossSum() {
    double sum = 0;
    Timeline timeline = workspace.timeline();
    int steps = everyStep() ? timeline.steps() : 1;
    for (int time = 0; time < steps; time++) {
      int rows = everyStep() ? timeline.rows(time) : workspace.batch;
      for (int row = time * workspace.batch; row < time * workspace.batch + rows; row++) {
        sum += losses[row];
      }
    }
    return sum;
  }
}
