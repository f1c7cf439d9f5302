package org.lanewise.train;

import org.lanewise.kernel.Kernels;
import org.lanewise.network.Network;
import org.lanewise.network.Parameters;
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
  private final int[] targets;
  private final double[] losses;

  /**
   * The engine for one network and one size of window.
   *
   * @param kernels arithmetic
   * @param network a network that can run backward
   * @param parameters its arena
   * @param workspace its buffers
   */
  public Bptt(Kernels kernels, Network network, Parameters parameters, Workspace workspace) {
    this.kernels = kernels;
    this.network = network;
    this.parameters = parameters;
    this.workspace = workspace;
    this.targets = new int[workspace.timeSteps * workspace.batch];
    this.losses = new double[targets.length];
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
   * The classes to predict {@code [time][batch]}, filled by the caller; negative to ignore a
   * position.
   *
   * @return the array itself
   */
  public int[] targets() {
    return targets;
  }

  /**
   * Forward values, loss and error terms of some rows of the batch. The gradient is that of the
   * mean over all positions that are not ignored.
   *
   * @param counted positions that are not ignored, in the whole batch
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void rows(int counted, int rowBegin, int rowEnd) {
    int timeSteps = workspace.timeSteps;
    network.forward(workspace, timeSteps, rowBegin, rowEnd);
    loss(timeSteps, counted, rowBegin, rowEnd);
    network.backward(workspace, timeSteps, rowBegin, rowEnd);
  }

  /**
   * Forward values and loss of some rows of the batch, without error terms.
   *
   * @param timeSteps steps, at most those of the workspace
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void evaluate(int timeSteps, int rowBegin, int rowEnd) {
    network.forward(workspace, timeSteps, rowBegin, rowEnd);
    loss(timeSteps, 1, rowBegin, rowEnd);
  }

  private void loss(int timeSteps, int counted, int rowBegin, int rowEnd) {
    int classes = network.spec().outputSize();
    for (int time = 0; time < timeSteps; time++) {
      int row = time * workspace.batch + rowBegin;
      kernels.softmaxCrossEntropy(
          rowEnd - rowBegin,
          classes,
          targets,
          row,
          1f / counted,
          losses,
          row,
          workspace.y,
          row * workspace.yStride,
          workspace.yStride);
    }
  }

  /**
   * Weight gradients, one of several equal parts, when the error terms of all rows are there.
   *
   * @param part index of the part
   * @param parts number of parts
   */
  public void weightGradient(int part, int parts) {
    network.weightGradient(workspace, workspace.timeSteps, part, parts, parameters.gradients());
  }

  /**
   * The number of positions that are not ignored.
   *
   * @param timeSteps steps
   * @return targets that are not negative
   */
  public int counted(int timeSteps) {
    int counted = 0;
    for (int i = 0; i < timeSteps * workspace.batch; i++) {
      counted += targets[i] >= 0 ? 1 : 0;
    }
    return counted;
  }

  /**
   * The sum of the losses, in the order of the positions.
   *
   * @param timeSteps steps
   * @return nats
   */
  public double lossSum(int timeSteps) {
    double sum = 0;
    for (int i = 0; i < timeSteps * workspace.batch; i++) {
      sum += losses[i];
    }
    return sum;
  }
}
