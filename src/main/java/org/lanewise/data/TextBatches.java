package org.lanewise.data;

/**
 * A text cut for truncated back-propagation: {@code batch} streams of equal length side by side,
 * each a stretch of the text, walked through in windows whose states are carried on. The target of
 * a position is the token after it. Up to {@code batch - 1} tokens at the end belong to no stream.
 */
public final class TextBatches {
  private final int[] ids;
  private final int begin;
  private final int batch;
  private final int window;
  private final int length;

  /**
   * The windows of a stretch of text.
   *
   * @param ids tokens
   * @param begin first token of the stretch
   * @param end one past the last
   * @param batch streams side by side
   * @param window time steps of a window
   * @throws IllegalArgumentException if the stretch is shorter than a single window of the batch
   */
  public TextBatches(int[] ids, int begin, int end, int batch, int window) {
    this.ids = ids;
    this.begin = begin;
    this.batch = batch;
    this.window = window;
    this.length = Math.max(0, end - begin - 1) / batch;
    if (length < window) {
      throw new IllegalArgumentException(
          "the text is too short: found "
              + (end - begin)
              + " tokens, expected at least "
              + ((long) batch * window + 1)
              + " for a batch of "
              + batch
              + " and a window of "
              + window);
    }
  }

  /**
   * Whole windows in each stream.
   *
   * @return windows of an epoch
   */
  public int windows() {
    return length / window;
  }

  /**
   * Steps of the shorter window that is left at the end of each stream.
   *
   * @return 0 to below the window
   */
  public int remainder() {
    return length % window;
  }

  /**
   * Copies one window.
   *
   * @param index index of the window; {@link #windows()} for what is left at the end
   * @param steps steps to copy, at most the window
   * @param tokens receives the inputs {@code [time][batch]}
   * @param targets receives the tokens after them {@code [time][batch]}
   */
  public void fill(int index, int steps, int[] tokens, int[] targets) {
    for (int t = 0; t < steps; t++) {
      for (int b = 0; b < batch; b++) {
        int at = begin + b * length + index * window + t;
        tokens[t * batch + b] = ids[at];
        targets[t * batch + b] = ids[at + 1];
      }
    }
  }
}
