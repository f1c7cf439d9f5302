package org.lanewise.train;

import java.util.SortedMap;
import java.util.TreeMap;
import org.lanewise.kernel.Kernels;

/**
 * Adam (Kingma and Ba 2015), in PyTorch's form.
 *
 * <pre>
 * m ← β1 m + (1 - β1) g      v ← β2 v + (1 - β2) g²
 * p ← p - rate / (1 - β1ᵗ) · m / (√v / √(1 - β2ᵗ) + ε)
 * </pre>
 *
 * <p>A row of an embedding that no token of a window touches has a gradient of zero, which still
 * makes m and v smaller and moves p on by what is left of m; so does PyTorch's Adam. The sparse
 * form leaves such a row, m, v and weight decay included, as it is, as PyTorch's SparseAdam does.
 *
 * @param beta1 share of the mean that is kept
 * @param beta2 share of the mean square that is kept
 * @param epsilon added to the root
 * @param sparse whether rows of embeddings that a window does not touch stay as they are
 */
public record Adam(double beta1, double beta2, double epsilon, boolean sparse)
    implements Optimizer {
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

  /**
   * The dense form.
   *
   * @param beta1 share of the mean that is kept
   * @param beta2 share of the mean square that is kept
   * @param epsilon added to the root
   */
  public Adam(double beta1, double beta2, double epsilon) {
    this(beta1, beta2, epsilon, false);
  }

  @Override
  public State start(Kernels kernels, int size) {
    return new Running(kernels, this, size);
  }

  @Override
  public boolean touchedOnly(double weightDecay) {
    return sparse;
  }

  private static final class Running implements State {
    private final Kernels kernels;
    private final Adam adam;
    private final float[] mean;
    private final float[] square;
    private float stepSize;
    private float rootCorrection;

    Running(Kernels kernels, Adam adam, int size) {
      this.kernels = kernels;
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
    public void update(
        int begin, int end, float factor, float weightDecay, float[] values, float[] gradients) {
      kernels.adam(
          end - begin,
          factor,
          weightDecay,
          stepSize,
          (float) (1 - adam.beta1),
          (float) adam.beta2,
          (float) (1 - adam.beta2),
          rootCorrection,
          (float) adam.epsilon,
          gradients,
          mean,
          square,
          values,
          begin);
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
