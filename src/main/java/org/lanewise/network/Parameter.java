package org.lanewise.network;

import java.util.List;

/**
 * A named slice of the arena: one weight matrix or bias vector, row-major, in PyTorch's layout.
 *
 * @param name PyTorch's name, such as {@code lstm.weight_ih_l0}
 * @param shape its dimensions, outermost first
 * @param offset where it starts in the arena
 * @param size number of elements
 */
public record Parameter(String name, List<Integer> shape, int offset, int size) {
  @Override
  public String toString() {
    return name + " " + shape;
  }
}
