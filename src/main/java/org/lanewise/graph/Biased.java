package org.lanewise.graph;

import java.util.Arrays;

/** {@code Y = c + A B}, each element one chain that starts at the bias, as in a linear layer. */
record Biased() implements Operator {
  /** Whether a product with a matrix and the sum with a vector are this. */
  static boolean fits(Value matrix, Value bias) {
    return matrix != null
        && bias != null
        && !bias.isInteger()
        && matrix.rank() == 2
        && Arrays.equals(bias.shape, new int[] {matrix.shape[1]});
  }

  @Override
  public Value[] run(Value... inputs) {
    return new Value[] {Products.product(inputs[0], inputs[1], inputs[2])};
  }

  @Override
  public int leastInputs() {
    return 3;
  }

  @Override
  public int mostInputs() {
    return 3;
  }
}
