package org.lanewise.stream;

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
  }

  /**
   * Sets the input of one step of one sequence, for a network that reads one vector.
   *
   * @param time step
   * @param row the sequence
   * @param values as many as {@code inputSize} of the model says
   * @throws IllegalArgumentException if the network reads something else, or there is no such step,
   *     sequence or number of values
   */
  public void input(int time, int row, float[] values) {
    check(spec.input() instanceof Input.Features, "a vector", time, row);
    if (values.length != spec.input().size()) {
      throw new IllegalArgumentException(
          "input: found " + values.length + " values, expected " + spec.input().size());
    }
    System.arraycopy(values, 0, workspace.x, workspace.xAt(time, row), values.length);
  }

  /**
   * Sets the input of one step of one sequence, for a network that reads one token.
   *
   * @param time step
   * @param row the sequence
   * @param token its number
   * @throws IllegalArgumentException if the network reads something else, or there is no such step
   *     or sequence
   */
  public void input(int time, int row, int token) {
    check(spec.input().isToken(), "a token", time, row);
    workspace.tokens[time * workspace.batch + row] = token;
  }

  private void check(boolean fits, String found, int time, int row) {
    if (!fits) {
      throw new IllegalArgumentException(
          "input: found " + found + ", expected what " + spec.input() + " reads");
    }
    if (time < 0 || time >= workspace.timeSteps || row < 0 || row >= workspace.batch) {
      throw new IllegalArgumentException(
          String.format(
              "input: found step %d of row %d, expected less than %d and %d",
              time, row, workspace.timeSteps, workspace.batch));
    }
  }

  /**
   * The buffers, whose inputs the caller may also fill: {@code tokens}, or rows of {@code x}.
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
    run(lengths, null, null);
  }

  /**
   * Runs the sequences that the caller has filled in, from given states.
   *
   * @param lengths steps of each sequence, the longest first
   * @param h0 hidden states before the first steps {@code [layers * directions][batch][stateSize]};
   *     null for where sequences begin: the trained state, or zero
   * @param c0 cell states before them {@code [layers * directions][batch][hiddenSize]}; null as
   *     above
   * @throws IllegalArgumentException if the lengths or the states do not fit, or a token is out of
   *     range
   */
  public void run(int[] lengths, float[] h0, float[] c0) {
    workspace.timeline().set(lengths);
    checkTokens();
    network.beginState(workspace);
    if (h0 != null || c0 != null) {
      workspace.setStates(h0, c0);
    }
    network.forward(workspace, 0, workspace.batch);
  }

  /**
   * Copies the states after the last step of each sequence, in reverse after its step 0.
   *
   * @param hn receives hidden states {@code [layers * directions][batch][stateSize]}; may be null
   * @param cn receives cell states {@code [layers * directions][batch][hiddenSize]}; may be null
   * @throws IllegalArgumentException if a length is wrong, or cell states are asked of a cell that
   *     has none
   */
  public void lastStates(float[] hn, float[] cn) {
    workspace.lastStates(hn, cn);
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
   * Copies a result: of the linear output or, without one, what the head picks of the top layer's
   * hidden states.
   *
   * @param time step of the sequence; 0 when the head gives one result per sequence
   * @param row the sequence
   * @param output receives {@code outputSize} values of the model
   */
  public void result(int time, int row, float[] output) {
    workspace.result(time, row, output, 0);
  }
}
