package org.lanewise.network;

import java.util.Arrays;

/**
 * The trained table of an embedding: {@code x = E[token]}; backward {@code δE[token] += δx}, in the
 * order of the rows.
 */
public final class EmbeddingTable {
  private final int size;
  private final int at;
  private final float[] rows;

  EmbeddingTable(Input.Embedding input, Parameters parameters) {
    this.size = input.size();
    this.at = parameters.slice("embedding.weight").offset();
    this.rows = new float[Math.multiplyExact(input.tokens(), size)];
  }

  void pack(float[] values) {
    System.arraycopy(values, at, rows, 0, rows.length);
  }

  /**
   * Copies the row of each token.
   *
   * @param count number of tokens
   * @param tokens ids
   * @param tokensOffset start of tokens
   * @param x receives the rows {@code [count][size]}
   * @param xOffset start of x
   * @param xStride row stride of x
   */
  public void forward(
      int count, int[] tokens, int tokensOffset, float[] x, int xOffset, int xStride) {
    for (int r = 0; r < count; r++) {
      System.arraycopy(rows, tokens[tokensOffset + r] * size, x, xOffset + r * xStride, size);
    }
  }

  /**
   * Adds the gradient of each row to that of its token, for some columns of the table.
   *
   * @param workspace tokens and gradients of the rows
   * @param columnBegin first column
   * @param columnEnd one past the last column
   * @param gradients the arena of gradients; the columns are overwritten
   */
  void backward(Workspace workspace, int columnBegin, int columnEnd, float[] gradients) {
    for (int row = at; row < at + rows.length; row += size) {
      Arrays.fill(gradients, row + columnBegin, row + columnEnd, 0f);
    }
    for (int time = 0; time < workspace.timeline().steps(); time++) {
      int first = time * workspace.batch;
      for (int r = first; r < first + workspace.timeline().rows(time); r++) {
        int to = at + workspace.tokens[r] * size;
        int from = r * workspace.xStride;
        for (int k = columnBegin; k < columnEnd; k++) {
          gradients[to + k] += workspace.dx[from + k];
        }
      }
    }
  }

  /**
   * The length of a row.
   *
   * @return embedding size
   */
  public int size() {
    return size;
  }
}
