package org.lanewise.train;

/**
 * A law by which gradients change parameters. The record is the configuration; {@link #start} makes
 * the running state. A new optimizer is its own file and one line in {@link #parse} and {@code
 * permits}.
 */
public sealed interface Optimizer permits Sgd, Momentum, Adam {

  /**
   * The state of a run.
   *
   * @param size number of parameters
   * @return state for step 1
   */
  State start(int size);

  /**
   * Reads the name of an optimizer.
   *
   * @param text {@code sgd}, {@code momentum} or {@code adam}
   * @return the optimizer with its usual constants
   * @throws IllegalArgumentException if it is none of these
   */
  static Optimizer parse(String text) {
    return switch (text) {
      case "sgd" -> new Sgd();
      case "momentum" -> new Momentum(0.9f);
      case "adam" -> new Adam(0.9, 0.999, 1e-8);
      default ->
          throw new IllegalArgumentException(
              "optimizer: found \"" + text + "\", expected sgd, momentum or adam");
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
     * Updates a range of parameters; threads share a step by ranges. Plain loops, which C2 turns
     * into vector code: the arithmetic of each element is IEEE's and therefore the same everywhere.
     *
     * @param begin first parameter
     * @param end one past the last parameter
     * @param values the arena
     * @param gradients gradients of the same layout
     */
    void update(int begin, int end, float[] values, float[] gradients);

    /**
     * The arrays of the arena's layout that a checkpoint must keep, by name.
     *
     * @return the arrays themselves, in a fixed order
     */
    java.util.SortedMap<String, float[]> arrays();
  }
}
