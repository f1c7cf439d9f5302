package org.lanewise.network;

import java.util.Arrays;

/**
 * The trained table of an embedding: {@code x = E[token]}. Rows of tokens that a window does not
 * hold are not touched.
 *
 * <p>Backward, for one of several parts of the input: {@code δE[token] += δx}, in the order of the
 * rows, t first. When the table is all the input, {@code S[v] = Σ δz} over all rows with token v,
 * in the order of {@link LayerGradients}, and then {@code δE[v] = W_ihᵀ S[v]} and {@code δW_ih =
 * Σ_v S[v] E[v]ᵀ}, v ascending: for any size of vocabulary and window the work is done once for
 * each distinct token.
 */
public final class EmbeddingTable {
  private final int tokens;
  private final int size;
  private final int index;
  private final int column;
  private final int at;
  private final boolean training;
  private float[] rows;
  private int rowsAt;

  /** The array of gradients that is known to be zero but for some rows, and those rows. */
  private float[] known;

  private int[] touched = new int[0];
  private int touchedCount;

  /**
   * The table of one part of the input.
   *
   * @param part an embedding
   * @param index number of the part among those that read tokens
   * @param column where its values stand among those the first layer sees
   * @param parameters the arena
   * @param training whether the rows are read in the arena itself and not in a copy
   */
  EmbeddingTable(Input.Part part, int index, int column, Parameters parameters, boolean training) {
    this.tokens = part.input().tokens();
    this.size = part.input().size();
    this.index = index;
    this.column = column;
    this.at = parameters.slice(part.tableName()).offset();
    this.training = training;
    this.rows = new float[training ? 0 : Math.multiplyExact(tokens, size)];
  }

  /** The rows follow the arena: in training at once, else when this is called. */
  void pack(float[] values) {
    if (training) {
      rows = values;
      rowsAt = at;
    } else {
      System.arraycopy(values, at, rows, 0, rows.length);
    }
  }

  /** Tells a share of the rows: of all, or of those that the last gradient touched. */
  void change(int part, int parts, boolean touchedOnly, ArenaChange change) {
    if (!touchedOnly) {
      int begin = at + Network.share(tokens, part, parts) * size;
      change.apply(begin, at + Network.share(tokens, part + 1, parts) * size);
      return;
    }
    int end = Network.share(touchedCount, part + 1, parts);
    for (int i = Network.share(touchedCount, part, parts); i < end; i++) {
      change.apply(at + touched[i] * size, at + (touched[i] + 1) * size);
    }
  }

  /**
   * The array that holds the rows.
   *
   * @return the table, from {@link #rowAt} of 0 on
   */
  public float[] rows() {
    return rows;
  }

  /**
   * Where the row of a token begins.
   *
   * @param token its id
   * @return an index into {@link #rows()}
   */
  public int rowAt(int token) {
    return rowsAt + token * size;
  }

  /** Copies the rows of some distinct tokens, those from begin to end. */
  void gather(DistinctTokens distinct, int begin, int end, float[] x, int stride) {
    for (int i = begin; i < end; i++) {
      System.arraycopy(rows, rowAt(distinct.ids[i]), x, i * stride, size);
    }
  }

  /**
   * Copies the row of each token into the input of the first layer, for some rows of the batch.
   *
   * @param workspace tokens and inputs
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  void forward(Workspace workspace, int rowBegin, int rowEnd) {
    int[] ids = workspace.tokens(index);
    for (int time = 0; time < workspace.timeline().steps(); time++) {
      int first = time * workspace.batch;
      int end = Math.min(rowEnd, workspace.timeline().rows(time));
      for (int row = rowBegin; row < end; row++) {
        int to = workspace.xAt(time, row) + column;
        System.arraycopy(rows, rowAt(ids[first + row]), workspace.x, to, size);
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
    System.arraycopy(rows, rowAt(token), x, xOffset + column, size);
  }

  /**
   * Adds the gradient of each row to that of its token, for a share of the columns of the table.
   *
   * @param workspace tokens and gradients of the rows
   * @param part index of the share
   * @param parts number of shares
   * @param gradients the arena of gradients
   */
  void backward(Workspace workspace, int part, int parts, float[] gradients) {
    int begin = Network.share(size, part, parts);
    int end = Network.share(size, part + 1, parts);
    clear(gradients, 0, tokens, begin, end);
    int[] ids = workspace.tokens(index);
    for (int time = 0; time < workspace.timeline().steps(); time++) {
      int first = time * workspace.batch;
      for (int row = 0; row < workspace.timeline().rows(time); row++) {
        int to = at + ids[first + row] * size;
        int from = workspace.xAt(time, row) + column;
        for (int k = begin; k < end; k++) {
          gradients[to + k] += workspace.dx[from + k];
        }
      }
    }
  }

  /**
   * Writes the gradients of some distinct tokens, those from begin to end, and clears what is
   * between them.
   */
  void scatter(DistinctTokens distinct, int begin, int end, float[] dx, int stride, float[] to) {
    int first = begin == 0 ? 0 : distinct.ids[begin];
    clear(to, first, end == distinct.count() ? tokens : distinct.ids[end], 0, size);
    for (int i = begin; i < end; i++) {
      System.arraycopy(dx, i * stride, to, at + distinct.ids[i] * size, size);
    }
  }

  /** Clears what is not known to be zero, in some rows and columns. */
  @SuppressWarnings("ReferenceEquality") // The array itself, whatever it holds.
  private void clear(float[] gradients, int rowBegin, int rowEnd, int begin, int end) {
    if (gradients != known) {
      for (int row = rowBegin; row < rowEnd; row++) {
        Arrays.fill(gradients, at + row * size + begin, at + row * size + end, 0f);
      }
      return;
    }
    for (int i = 0; i < touchedCount; i++) {
      if (touched[i] >= rowBegin && touched[i] < rowEnd) {
        int row = at + touched[i] * size;
        Arrays.fill(gradients, row + begin, row + end, 0f);
      }
    }
  }

  /** Remembers which rows of the gradients are not zero, when all parts have been written. */
  void note(DistinctTokens distinct, float[] gradients) {
    known = gradients;
    touchedCount = distinct.count();
    if (touched.length < touchedCount) {
      touched = new int[distinct.ids.length];
    }
    System.arraycopy(distinct.ids, 0, touched, 0, touchedCount);
  }

  /** Adds the touched rows, ascending. */
  void addTo(Ranges ranges) {
    for (int i = 0; i < touchedCount; i++) {
      ranges.add(at + touched[i] * size, at + (touched[i] + 1) * size);
    }
  }

  /** Size of the vocabulary. */
  int tokens() {
    return tokens;
  }

  /** Number of the part among those that read tokens. */
  int index() {
    return index;
  }

  /** One past the last parameter of the table. */
  int end() {
    return at + tokens * size;
  }
}
