package org.lanewise.stream;

import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Workspace;

/**
 * Whole sequences side by side through a model, each from the trained state or from zero: for
 * bidirectional networks and for heads that give one result per sequence, as well as for any other.
 * Nothing is allocated after construction. Belongs to one thread at a time.
 *
 * <p>The result of a sequence has the same bits whatever stands beside it.
 */
public final class Batch {
  private final Network network;
  private final NetworkSpec spec;
  private final Workspace workspace;
  private final Input.Part[] tokenParts;

  Batch(Network network, int timeSteps, int batch) {
    this.network = network;
    this.spec = network.spec();
    this.workspace = new Workspace(network, timeSteps, batch, false);
    this.tokenParts =
        spec.input().parts().stream()
            .filter(part -> part.input().isToken())
            .toArray(Input.Part[]::new);
    if (spec.outputSize() == 0) {
      throw new IllegalStateException("the model has no linear output to read results from");
    }
  }

  /**
   * The buffers, whose inputs the caller fills: {@code tokens}, or rows of {@code x}.
   *
   * @return the workspace
   */
  public Workspace workspace() {
    return workspace;
  }

  /**
   * Runs the sequences that the caller has filled in.
   *
   * @param lengths steps of each sequence, the longest first
   * @throws IllegalArgumentException if the lengths do not fit or a token is out of range
   */
  public void run(int[] lengths) {
    workspace.timeline().set(lengths);
    checkTokens();
    network.beginState(workspace);
    network.forward(workspace, 0, workspace.batch);
  }

  private void checkTokens() {
    for (int input = 0; input < tokenParts.length; input++) {
      checkTokens(tokenParts[input], workspace.tokens(input));
    }
  }

  private void checkTokens(Input.Part part, int[] tokens) {
    for (int time = 0; time < workspace.timeline().steps(); time++) {
      for (int row = 0; row < workspace.timeline().rows(time); row++) {
        int token = tokens[time * workspace.batch + row];
        if (token < 0 || token >= part.input().tokens()) {
          throw new IllegalArgumentException(
              "token"
                  + (part.name().isEmpty() ? "" : " " + part.name())
                  + " at step "
                  + time
                  + " of row "
                  + row
                  + ": found "
                  + token
                  + ", expected 0 to "
                  + (part.input().tokens() - 1));
        }
      }
    }
  }

  /**
   * Copies a result.
   *
   * @param time step of the sequence; 0 when the head gives one result per sequence
   * @param row the sequence
   * @param output receives {@code outputSize} values
   */
  public void result(int time, int row, float[] output) {
    int at = (spec.head() == Head.STEPS ? time * workspace.batch + row : row) * workspace.yStride;
    System.arraycopy(workspace.y, at, output, 0, spec.outputSize());
  }
}
