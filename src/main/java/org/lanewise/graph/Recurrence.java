package org.lanewise.graph;

/** One direction of a recurrent layer, its weights known. */
interface Recurrence {
  /**
   * Runs all sequences.
   *
   * @param sequences inputs, and room for outputs; the states go from the first to the last
   */
  void run(Sequences sequences);
}
