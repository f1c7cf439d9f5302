package org.lanewise.properties;

/**
 * One time step of one layer, for one sequence: forward, and backward as its mirror. A new kind of
 * network is a new implementation; batch, time and layers are the affair of {@link
 * ReferenceNetwork}.
 *
 * <p>Vectors are plain arrays: the input x {@code [I]}, the hidden state h {@code [H]}, the cell
 * state c {@code [H]}, or {@code [0]} where the cell has none. No array given is changed, except
 * the gradients. Implementations have no state.
 */
public interface ReferenceCell {

  /**
   * Blocks of H rows in the weights: 4 for LSTM, 3 for GRU, 1 for the vanilla RNN.
   *
   * @return the number of gates
   */
  int gates();

  /**
   * Whether there is a c beside h.
   *
   * @return true for LSTM
   */
  boolean hasCellState();

  /**
   * Computes one step.
   *
   * @param weights the layer's parameters
   * @param x input {@code [I]}
   * @param hPrevious hidden state of the step before, {@code [H]}
   * @param cPrevious cell state of the step before, {@code [H]} or {@code [0]}
   * @return the new states, with all that the way back needs
   */
  Step forward(Weights weights, double[] x, double[] hPrevious, double[] cPrevious);

  /** A step done: its results, and the way back through it. */
  interface Step {

    /**
     * The hidden state after the step, which is also the layer's output.
     *
     * @return h {@code [H]}
     */
    double[] h();

    /**
     * The cell state after the step.
     *
     * @return c {@code [H]}, or {@code [0]}
     */
    double[] c();

    /**
     * Goes back through the step.
     *
     * @param dh dL/dh, from the output and from the step after, {@code [H]}
     * @param dc dL/dc, from the step after, {@code [H]} or {@code [0]}
     * @param gradients where the gradients of the weights are added
     * @return the gradients of what the step was given
     */
    Back backward(double[] dh, double[] dc, Weights gradients);
  }

  /**
   * The parameters of one layer, or their gradients.
   *
   * @param ih {@code weight_ih [G*H, I]} and {@code bias_ih [G*H]}
   * @param hh {@code weight_hh [G*H, H]} and {@code bias_hh [G*H]}
   * @param own what the cell has beside them, row-major; {@code [0]} for most
   */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  record Weights(ReferenceAffine ih, ReferenceAffine hh, double[] own) {

    /**
     * Those of a cell that has no others.
     *
     * @param ih {@code weight_ih [G*H, I]} and {@code bias_ih [G*H]}
     * @param hh {@code weight_hh [G*H, H]} and {@code bias_hh [G*H]}
     */
    public Weights(ReferenceAffine ih, ReferenceAffine hh) {
      this(ih, hh, new double[0]);
    }
  }

  /**
   * Gradients of what a step was given.
   *
   * @param dx dL/dx {@code [I]}
   * @param dhPrevious dL/dh of the step before, through this step only, {@code [H]}
   * @param dcPrevious dL/dc of the step before, {@code [H]} or {@code [0]}
   */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  record Back(double[] dx, double[] dhPrevious, double[] dcPrevious) {}
}
