package org.lanewise.network;

import java.util.List;

/** What a network reads at each time step. */
public sealed interface Input {

  /**
   * The number of values the first recurrent layer sees.
   *
   * @return PyTorch's {@code input_size}
   */
  int size();

  /**
   * Whether a step is one token id and nothing else.
   *
   * @return true for one-hot and embedding inputs
   */
  default boolean isToken() {
    return this instanceof OneHot || this instanceof Embedding;
  }

  /**
   * The parts that are read at each step, in the order in which the first layer sees them.
   *
   * @return this input alone, unless it is joined of several
   */
  default List<Part> parts() {
    return List.of(new Part("", this));
  }

  /**
   * The number of distinct tokens.
   *
   * @return the vocabulary size, or 0 when the input is a vector
   */
  int tokens();

  /**
   * A vector of numbers per step.
   *
   * @param size its length
   */
  record Features(int size) implements Input {
    /** Checks the size. */
    public Features {
      Shapes.positive("input size", size);
    }

    @Override
    public int tokens() {
      return 0;
    }
  }

  /**
   * A token id per step, seen as a one-hot vector; never multiplied out.
   *
   * @param tokens size of the vocabulary
   */
  record OneHot(int tokens) implements Input {
    /** Checks the size. */
    public OneHot {
      Shapes.positive("vocabulary", tokens);
    }

    @Override
    public int size() {
      return tokens;
    }
  }

  /**
   * A token id per step, replaced by its row of a trained table.
   *
   * @param tokens size of the vocabulary, rows of the table
   * @param size length of a row
   */
  record Embedding(int tokens, int size) implements Input {
    /** Checks the sizes. */
    public Embedding {
      Shapes.positive("vocabulary", tokens);
      Shapes.positive("embedding size", size);
    }
  }

  /**
   * A named part of a joined input.
   *
   * @param name a word; empty when the input is not joined
   * @param input what is read
   */
  record Part(String name, Input input) {
    /** The parameter that holds the table of an embedding. */
    String tableName() {
      return name.isEmpty() ? "embedding.weight" : "embedding." + name + ".weight";
    }
  }

  /**
   * Several named inputs at each step, seen one behind the other: embeddings and vectors, for
   * example of a word, of its suffix and of its shape.
   *
   * @param parts at least one embedding or vector, names distinct words
   */
  record Joined(List<Part> parts) implements Input {
    /** Checks the parts. */
    public Joined {
      parts = List.copyOf(parts);
      Shapes.positive("input parts", parts.size());
      for (Part part : parts) {
        boolean fits = part.input() instanceof Embedding || part.input() instanceof Features;
        if (!fits || !part.name().matches("\\w+")) {
          throw new IllegalArgumentException(
              "input part: found " + part + ", expected a named embedding or vector");
        }
      }
      if (parts.stream().map(Part::name).distinct().count() < parts.size()) {
        throw new IllegalArgumentException("input parts: found " + parts + ", expected own names");
      }
    }

    @Override
    public int size() {
      return parts.stream().mapToInt(part -> part.input().size()).reduce(0, Math::addExact);
    }

    @Override
    public int tokens() {
      return 0;
    }
  }
}
