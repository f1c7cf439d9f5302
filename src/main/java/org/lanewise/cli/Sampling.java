package org.lanewise.cli;

import java.util.SplittableRandom;

/** Draws a token from the logits of a network. */
final class Sampling {
  private Sampling() {}

  /**
   * Draws an index with the probabilities {@code softmax(logits / temperature)}; at temperature 0
   * takes the largest. The same numbers everywhere: exact operations and StrictMath only.
   */
  static int sample(float[] logits, double temperature, SplittableRandom random) {
    int largest = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[largest]) {
        largest = i;
      }
    }
    if (temperature == 0) {
      return largest;
    }
    double sum = 0;
    for (float logit : logits) {
      sum += weight(logit, logits[largest], temperature);
    }
    double left = random.nextDouble() * sum;
    for (int i = 0; i < logits.length; i++) {
      left -= weight(logits[i], logits[largest], temperature);
      if (left < 0) {
        return i;
      }
    }
    return largest;
  }

  private static double weight(float logit, float largest, double temperature) {
    return StrictMath.exp(((double) logit - largest) / temperature);
  }
}
