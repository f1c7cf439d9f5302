package org.lanewise.network;

import java.util.Arrays;

/**
 * The trained table of an embedding: {@code x = E[token]}; backward {@code δE[token] += δx}, in the
 * order of the rows.
 */
public final class EmbeddingTable {
  private final int size;
  private final int index;
  private final int column;
  private final int at;
  private final float[] rows;

  /**
   * The table of one part of the input.
   *
   * @param part an embedding
   * @param index number of the part among those that read tokens
   * @param column where its values stand among those the first layer sees
   * @param parameters the arena
   */
  EmbeddingTable(Input.Part part, int index, int column, Parameters parameters) {
    this.size = part.input().size();
    this.index = index;
    this.column = column;
    this.at = parameters.slice(part.tableName()).offset();
    this.rows = new float[Math.multiplyExact(part.input().tokens(), size)];
  }

  void pack(float[] values) {
    System.arraycopy(values, at, rows, 0, rows.length);
  }

  /**
   * Copies the row of each token into the input of the first layer, for some rows of the batch.
   *
   * @param workspace tokens and inputs
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  void forward(Workspace workspace, int rowBegin, int rowEnd) {
    int[] tokens = workspace.tokens(index);
    for (int time = 0; time < workspace.timeline().steps(); time++) {
      int first = time * workspace.batch;
      int end = first + Math.min(rowEnd, workspace.timeline().rows(time));
      for (int r = first + rowBegin; r < end; r++) {
        System.arraycopy(rows, tokens[r] * size, workspace.x, r * workspace.xStride + column, size);
      }
    }
  }

  /**
   * Copies the row of one token.
   *
   * @param token its id
   * @param x receives the row
   * @param xOffset start of the values that the first layer sees
   */
  public void look(int token, float[] x, int xOffset) {
    System.arraycopy(rows, token * size, x, xOffset + column, size);
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
    int[] tokens = workspace.tokens(index);
    for (int time = 0; time < workspace.timeline().steps(); time++) {
      int first = time * workspace.batch;
      for (int r = first; r < first + workspace.timeline().rows(time); r++) {
        int to = at + tokens[r] * size;
        int from = r * workspace.xStride + column;
        for (int k = columnBegin; k < columnEnd; k++) {
          gradients[to + k] += workspace.dx[from + k];
        }
      }
    }
  }

  /** The length of a row. */
  int size() {
    return size;
  }
}
