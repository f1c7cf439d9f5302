package org.lanewise.kernel;

/** The laws of the optimizers in plain Java, over ranges of the arena. */
final class PlainUpdates {
  private PlainUpdates() {}

  /** What is added to a parameter is this gradient, times minus the rate. */
  private static float gradient(float factor, float decay, float gradient, float value) {
    float scaled = factor * gradient;
    return decay == 0 ? scaled : Math.fma(decay, value, scaled);
  }

  /** {@link Kernels#sgd}. */
  static void sgd(
      int n, float factor, float decay, float rate, float[] gradients, float[] values, int offset) {
    for (int i = offset; i < offset + n; i++) {
      float g = gradient(factor, decay, gradients[i], values[i]);
      values[i] = Math.fma(-rate, g, values[i]);
    }
  }

  /** {@link Kernels#momentum}. */
  static void momentum(
      int n,
      float factor,
      float decay,
      float rate,
      float keep,
      float[] gradients,
      float[] velocity,
      float[] values,
      int offset) {
    for (int i = offset; i < offset + n; i++) {
      float g = gradient(factor, decay, gradients[i], values[i]);
      float next = Math.fma(keep, velocity[i], g);
      velocity[i] = next;
      values[i] = Math.fma(-rate, next, values[i]);
    }
  }

  /** {@link Kernels#adam}. */
  static void adam(
      int n,
      float factor,
      float decay,
      float rate,
      float learn,
      float keepSquare,
      float learnSquare,
      float correction,
      float epsilon,
      float[] gradients,
      float[] mean,
      float[] square,
      float[] values,
      int offset) {
    for (int i = offset; i < offset + n; i++) {
      float g = gradient(factor, decay, gradients[i], values[i]);
      float nextMean = Math.fma(learn, g - mean[i], mean[i]);
      float nextSquare = Math.fma(learnSquare * g, g, keepSquare * square[i]);
      mean[i] = nextMean;
      square[i] = nextSquare;
      float root = Math.fma((float) Math.sqrt(nextSquare), correction, epsilon);
      values[i] = Math.fma(-rate, nextMean / root, values[i]);
    }
  }
}
