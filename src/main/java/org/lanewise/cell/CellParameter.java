package org.lanewise.cell;

import java.util.List;

/**
 * A parameter that a cell has beside the four of every cell (input and hidden weights, and their
 * biases): a matrix, or a vector, whose rows come in parts of one length.
 *
 * @param name what stands before {@code _l0} in its name, such as {@code weight_hr}
 * @param parts parts of rows, such as one for each gate
 * @param outputs rows of a part
 * @param inputs columns; 0 for a vector
 */
public record CellParameter(String name, int parts, int outputs, int inputs) {

  /**
   * Its dimensions.
   *
   * @return {@code [parts * outputs, inputs]}, or {@code [parts * outputs]} for a vector
   */
  public List<Long> shape() {
    long rows = (long) parts * outputs;
    return inputs == 0 ? List.of(rows) : List.of(rows, (long) inputs);
  }
}
