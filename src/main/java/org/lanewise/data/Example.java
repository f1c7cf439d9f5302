package org.lanewise.data;

/**
 * One sequence and what a network should make of it. Arrays are kept, not copied; what a task does
 * not use is empty.
 *
 * @param length steps
 * @param tokens ids of each token input {@code [input][step]}
 * @param features vectors {@code [step][features]}, row after row
 * @param classes the class of each step, or of the sequence alone; negative to ignore
 * @param values the values of each step, or of the sequence alone, row after row; NaN to ignore
 */
@SuppressWarnings("ArrayRecordComponent") // A carrier of arrays; nobody compares examples.
public record Example(int length, int[][] tokens, float[] features, int[] classes, float[] values) {

  /** Checks the length. */
  public Example {
    if (length < 1) {
      throw new IllegalArgumentException(
          "example: found length " + length + ", expected 1 or more");
    }
  }
}
