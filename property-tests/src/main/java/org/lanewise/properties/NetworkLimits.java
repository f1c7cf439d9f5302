package org.lanewise.properties;

/**
 * How large a generated network may be. Every number is the largest; the smallest is 1.
 *
 * @param inputSize values, or distinct tokens, of a part of the input
 * @param hiddenSize hidden units
 * @param layers recurrent layers
 * @param outputSize values of a result
 * @param timeSteps steps of a sequence
 * @param batch sequences side by side
 * @param kinks whether there may be what has no derivative somewhere: relu, the head that picks the
 *     largest, the absolute error. Finite differences across a kink say nothing
 */
public record NetworkLimits(
    int inputSize,
    int hiddenSize,
    int layers,
    int outputSize,
    int timeSteps,
    int batch,
    boolean kinks) {

  /** Sizes around the width of a vector, and everything that a network can have. */
  public static final NetworkLimits ANY = new NetworkLimits(20, 40, 3, 20, 7, 20, true);

  /** As {@link #ANY}, but smooth. */
  public static final NetworkLimits SMOOTH = new NetworkLimits(20, 40, 3, 20, 7, 20, false);

  /** Small and smooth, for finite differences. */
  public static final NetworkLimits SMALL = new NetworkLimits(4, 5, 3, 4, 4, 3, false);
}
