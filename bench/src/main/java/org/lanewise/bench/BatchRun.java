package org.lanewise.bench;

import org.lanewise.cell.Tape;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.network.Network;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;

/**
 * Sequences side by side through the layers of a network without a linear output, from zero: what a
 * batch of inference computes, with inputs copied in and hidden states copied out.
 */
final class BatchRun {
  private final Network network;
  private final Workspace workspace;
  private final int timeSteps;

  /**
   * Buffers for a batch.
   *
   * @param parameters weights, as they are now
   * @param timeSteps steps of each sequence
   * @param batch sequences
   */
  BatchRun(Parameters parameters, int timeSteps, int batch) {
    this.network = new Network(KernelProvider.kernels(), parameters, false);
    this.network.pack(parameters.values());
    this.workspace = new Workspace(network, timeSteps, batch, false);
    this.timeSteps = timeSteps;
  }

  /**
   * Runs a batch.
   *
   * @param inputs {@code [time][batch][inputSize]}
   * @param outputs receives {@code [time][batch][hiddenSize]}
   */
  void sequences(float[] inputs, float[] outputs) {
    int batch = workspace.batch;
    int rows = timeSteps * batch;
    int size = network.spec().input().size();
    for (int row = 0; row < rows; row++) {
      int to = workspace.xAt(row / batch, row % batch);
      System.arraycopy(inputs, row * size, workspace.x, to, size);
    }
    workspace.timeline().setAll(timeSteps);
    network.beginState(workspace);
    network.forward(workspace, 0, batch);
    Tape top = workspace.tape(network.spec().layers() - 1);
    int hidden = network.spec().width();
    for (int row = 0; row < rows; row++) {
      int from = top.at(1 + row / batch, row % batch);
      System.arraycopy(top.h, from, outputs, row * hidden, hidden);
    }
  }
}
