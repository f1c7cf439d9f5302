package org.lanewise.network;

/**
 * Inverted dropout (Srivastava et al. 2014): in training a value is set to zero with probability
 * {@code rate} and scaled by {@code 1 / (1 - rate)} otherwise.
 *
 * <p>The random numbers are not drawn one after the other but computed from (seed, step, place), so
 * that threads, batch order and resumed runs change nothing: the number of the step is all there is
 * to remember.
 */
final class Dropout {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Dropout() {}

  /**
   * Writes the factors of a row, 0 or {@code 1 / (1 - rate)}, and multiplies the row by them.
   *
   * @param rate probability of zero
   * @param seed of the run and the step, as {@link #seed} makes it
   * @param place as {@link #place} gives it
   * @param n values
   * @param mask receives the factors
   * @param maskAt start in mask
   * @param y values
   * @param yAt start in y
   */
  static void apply(
      double rate, long seed, long place, int n, float[] mask, int maskAt, float[] y, int yAt) {
    long threshold = (long) (rate * 0x1p53);
    float keep = (float) (1 / (1 - rate));
    for (int i = 0; i < n; i++) {
      mask[maskAt + i] = mix(seed + (place + i) * GOLDEN) >>> 11 < threshold ? 0f : keep;
      y[yAt + i] *= mask[maskAt + i];
    }
  }

  /**
   * The number of a row's first value among all that are dropped in a step.
   *
   * @param layer index of the layer whose outputs they are; the number of layers for what the head
   *     picks. Each has 2^48 numbers for itself
   * @param row index of the row, counted {@code [time][batch]}
   * @param width values of a row
   */
  static long place(int layer, int row, int width) {
    return ((long) layer << 48) + (long) row * width;
  }

  /** Joins the seed of a run with the number of a step. */
  static long seed(long seed, long step) {
    return mix(mix(seed) + step * GOLDEN);
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
  private static long mix(long z) {
    long y = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    y = (y ^ (y >>> 27)) * 0x94D049BB133111EBL;
    return y ^ (y >>> 31);
  }
}
