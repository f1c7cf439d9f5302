package org.lanewise.graph;

/**
 * What a node does to its inputs. Operators are records of their attributes, in the terms of the
 * newest ONNX operator set; what an older one says by an attribute and a newer one by an input is
 * an input here.
 *
 * <p>Immutable, and so safe to share between threads.
 */
public sealed interface Operator
    permits Biased,
        Binary,
        Filling,
        Products,
        Recurrent,
        Reduction,
        Reshaping,
        Selection,
        Softmax,
        Unary {

  /**
   * The outputs, from the inputs.
   *
   * @param inputs one value each; null for an optional one that is absent
   * @return the outputs; fewer may be used
   * @throws IllegalArgumentException if the inputs do not fit the operator or one another
   */
  Value[] run(Value... inputs);

  /**
   * How many inputs there must be.
   *
   * @return the least number
   */
  int leastInputs();

  /**
   * How many inputs there may be.
   *
   * @return the greatest number
   */
  int mostInputs();

  /**
   * How many outputs there may be.
   *
   * @return the number of values that {@link #run} gives
   */
  default int outputs() {
    return 1;
  }
}
