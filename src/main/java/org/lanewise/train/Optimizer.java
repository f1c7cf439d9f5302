package org.lanewise.train;

import org.lanewise.kernel.Kernels;

/**
 * A law by which gradients change parameters. The record is the configuration; {@link #start} makes
 * the running state. A new optimizer is its own file and one line in {@link #parse} and {@code
 * permits}.
 */
public sealed interface Optimizer permits Sgd, Momentum, Adam {

  /**
   * The state of a run.
   *
   * @param kernels arithmetic
   * @param size number of parameters
   * @return state for step 1
   */
  State start(Kernels kernels, int size);

  /**
   * Whether rows of embeddings that no token of the window touched are left as they are: exact for
   * a law under which a gradient of zero changes nothing, and a law of its own for others.
   *
   * @param weightDecay weight of the L2 penalty
   * @return true to leave them
   */
  boolean touchedOnly(double weightDecay);

  /**
   * Reads the name of an optimizer.
   *
   * @param text {@code sgd}, {@code momentum}, {@code adam} or {@code sparse-adam}
   * @return the optimizer with its usual constants
   * @throws IllegalArgumentException if it is none of these
   */
  static Optimizer parse(String text) {
    return switch (text) {
      case "sgd" -> new Sgd();
      case "momentum" -> new Momentum(0.9f);
      case "adam" -> new Adam(0.9, 0.999, 1e-8);
      case "sparse-adam" -> new Adam(0.9, 0.999, 1e-8, true);
      default ->
          throw new IllegalArgumentException(
              "optimizer: found \"" + text + "\", expected sgd, momentum, adam or sparse-adam");
    };
  }

  /** What an optimizer remembers between steps. */
  interface State {

    /**
     * Called once before the updates of a step.
     *
     * @param step number of the step, from 1
     * @param rate learning rate of the step
     */
    void begin(long step, double rate);

    /**
     * Updates a range of parameters by the gradient {@code factor g + weightDecay p}; threads share
     * a step by ranges.
     *
     * @param begin first parameter
     * @param end one past the last parameter
     * @param factor of clipping by norm
     * @param weightDecay weight of the L2 penalty
     * @param values the arena
     * @param gradients gradients of the same layout, left as they are
     */
    void update(
        int begin, int end, float factor, float weightDecay, float[] values, float[] gradients);

    /**
     * The arrays of the arena's layout that a checkpoint must keep, by name.
     *
     * @return the arrays themselves, in a fixed order
     */
    java.util.SortedMap<String, float[]> arrays();
  }
}
