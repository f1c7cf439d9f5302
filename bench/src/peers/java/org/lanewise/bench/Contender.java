package org.lanewise.bench;

/** One engine, set up for one task. Used by one thread. */
interface Contender {
  /**
   * Sets the state to zero.
   *
   * @throws Exception what the engine throws
   */
  void reset() throws Exception;

  /**
   * One call: from an input of the task to outputs that the caller can read.
   *
   * @param turn index of the input
   * @throws Exception what the engine throws
   */
  void run(int turn) throws Exception;

  /**
   * The outputs of the last call.
   *
   * @return {@code [time][batch][hiddenSize]}
   * @throws Exception what the engine throws
   */
  float[] output() throws Exception;

  /**
   * Frees what the engine holds outside the heap.
   *
   * @throws Exception what the engine throws
   */
  default void close() throws Exception {}
}
