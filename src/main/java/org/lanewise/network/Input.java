package org.lanewise.network;

/** What a network reads at each time step. */
public sealed interface Input {

  /**
   * The number of values the first recurrent layer sees.
   *
   * @return PyTorch's {@code input_size}
   */
  int size();

  /**
   * Whether a step is a token id and not a vector.
   *
   * @return true for one-hot and embedding inputs
   */
  default boolean isToken() {
    return !(this instanceof Features);
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
}
