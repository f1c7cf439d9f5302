package org.lanewise.properties;

/**
 * What a batch of sequences is read from. Sequences may differ in length; what stands behind the
 * end of one is not read.
 *
 * @param ids tokens of each part of the input that reads tokens {@code [parts][T][B]}
 * @param vectors the values of the parts that read vectors, one behind the other {@code [T][B][F]};
 *     F is 0 when there are none
 * @param lengths steps of each sequence {@code [B]}, from 1 to T
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record ReferenceInput(int[][][] ids, double[][][] vectors, int[] lengths) {

  /**
   * The longest length.
   *
   * @return T
   */
  public int timeSteps() {
    return vectors.length;
  }
}
