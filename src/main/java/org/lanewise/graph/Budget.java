package org.lanewise.graph;

/**
 * How much a graph may still compute where nobody asked for a result: while it is made, and while
 * it is tried out. Counted in elements that an operator reads and writes, and in multiplications.
 */
final class Budget {
  private long left;
  private boolean exceeded;

  Budget(long most) {
    this.left = most;
  }

  /**
   * Takes what an operator will need; false, and nothing taken, where that is more than is left.
   */
  boolean take(long work) {
    boolean enough = work <= left;
    left -= enough ? work : 0;
    exceeded |= !enough;
    return enough;
  }

  /** Takes what an operator has made; nothing is left where that is more. */
  void spend(Value... made) {
    for (Value value : made) {
      left = Math.max(0, left - (value == null ? 0 : value.size()));
    }
  }

  /** Whether there was not enough for something. */
  boolean exceeded() {
    return exceeded;
  }

  /** What an operator will multiply, or read. */
  static long work(Operator operator, Value... inputs) {
    if (operator instanceof Products product && inputs.length > 1) {
      int rank = inputs[0].rank();
      long inner = rank == 0 ? 1 : inputs[0].shape[rank > 1 && product.transA() ? 0 : rank - 1];
      return inputs[0].size() * (long) inputs[1].size() / Math.max(1, inner);
    }
    if (operator instanceof Recurrent && inputs.length > 2 && inputs[0].rank() == 3) {
      long rows = (long) inputs[0].shape[0] * inputs[0].shape[1];
      return rows * (inputs[1].size() + (long) inputs[2].size());
    }
    long read = 0;
    for (Value input : inputs) {
      read += input == null ? 0 : input.size();
    }
    return read;
  }
}
