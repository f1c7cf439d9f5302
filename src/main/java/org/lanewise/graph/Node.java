package org.lanewise.graph;

import java.util.List;
import java.util.Objects;

/**
 * An operator at its place in a graph.
 *
 * @param name what messages call it
 * @param operator what it does
 * @param inputs names of the values that it reads; empty where an optional one is absent
 * @param outputs names of the values that it gives; empty where one is not wanted
 */
public record Node(String name, Operator operator, List<String> inputs, List<String> outputs) {
  /** Keeps copies of the lists. */
  public Node {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(operator, "operator");
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
