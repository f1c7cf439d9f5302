package org.lanewise.graph;

import java.util.List;
import java.util.Objects;

/**
 * An input or an output of a graph.
 *
 * @param name its name
 * @param integer whether its elements are integers, and not floating-point numbers
 * @param shape its dimensions: each a number, or the name of a size that is known when the graph
 *     runs and is the same wherever the name stands, or empty for any; null when nothing is known
 */
public record Port(String name, boolean integer, List<String> shape) {
  /** Keeps a copy of the shape. */
  public Port {
    Objects.requireNonNull(name, "name");
    shape = shape == null ? null : List.copyOf(shape);
  }

  @Override
  public String toString() {
    return name + ": " + (integer ? "integers " : "numbers ") + (shape == null ? "[…]" : shape);
  }
}
