package org.lanewise.train;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Adam (Kingma and Ba 2015), in PyTorch's form.
 *
 * <pre>
 * m ← β1 m + (1 - β1) g      v ← β2 v + (1 - β2) g²
 * p ← p - rate / (1 - β1ᵗ) · m / (√v / √(1 - β2ᵗ) + ε)
 * </pre>
 *
 * @param beta1 share of the mean that is kept
 * @param beta2 share of the mean square that is kept
 * @param epsilon added to the root
 */
public record Adam(double beta1, double beta2, double epsilon) implements Optimizer {
  /** Checks the constants. */
  public Adam {
    if (!(beta1 >= 0 && beta1 < 1) || !(beta2 >= 0 && beta2 < 1) || !(epsilon > 0)) {
      throw new IllegalArgumentException(
          "adam: found betas "
              + beta1
              + ", "
              + beta2
              + " and epsilon "
              + epsilon
              + ", expected betas from 0 to below 1 and a positive epsilon");
    }
  }

  @Override
  public State start(int size) {
    return new Running(this, size);
  }

  private static final class Running implements State {
    private final Adam adam;
    private final float[] mean;
    private final float[] square;
    private float stepSize;
    private float rootCorrection;

    Running(Adam adam, int size) {
      this.adam = adam;
      this.mean = new float[size];
      this.square = new float[size];
    }

    @Override
    public void begin(long step, double rate) {
      stepSize = (float) (rate / (1 - power(adam.beta1, step)));
      rootCorrection = (float) (1 / Math.sqrt(1 - power(adam.beta2, step)));
    }

    /** By squaring: exact operations only, so the same on every platform. */
    private static double power(double base, long exponent) {
      double result = 1;
      double square = base;
      for (long e = exponent; e > 0; e >>= 1) {
        if ((e & 1) == 1) {
          result *= square;
        }
        square *= square;
      }
      return result;
    }

    @Override
    public void update(int begin, int end, float[] values, float[] gradients) {
      float[] m = mean;
      float[] v = square;
      float learn1 = (float) (1 - adam.beta1);
      float keep2 = (float) adam.beta2;
      float learn2 = (float) (1 - adam.beta2);
      float epsilon = (float) adam.epsilon;
      float minusStep = -stepSize;
      float correction = rootCorrection;
      for (int i = begin; i < end; i++) {
        float g = gradients[i];
        float nextMean = Math.fma(learn1, g - m[i], m[i]);
        float nextSquare = Math.fma(learn2 * g, g, keep2 * v[i]);
        m[i] = nextMean;
        v[i] = nextSquare;
        float root = Math.fma((float) Math.sqrt(nextSquare), correction, epsilon);
        values[i] = Math.fma(minusStep, nextMean / root, values[i]);
      }
    }

    @Override
    public SortedMap<String, float[]> arrays() {
      SortedMap<String, float[]> arrays = new TreeMap<>();
      arrays.put("mean", mean);
      arrays.put("square", square);
      return arrays;
    }
  }
}
