package org.lanewise.train;

import java.util.SortedMap;
import java.util.TreeMap;
import org.lanewise.kernel.Kernels;

/**
 * Gradient descent with momentum, as PyTorch's SGD: {@code v ← μ v + g}, {@code p ← p - rate v}.
 *
 * @param mu share of the last velocity that is kept
 */
public record Momentum(float mu) implements Optimizer {
  /** Checks the share. */
  public Momentum {
    if (!(mu >= 0 && mu < 1)) {
      throw new IllegalArgumentException("momentum: found " + mu + ", expected 0 to below 1");
    }
  }

  @Override
  public State start(Kernels kernels, int size) {
    return new Running(kernels, mu, size);
  }

  @Override
  public boolean touchedOnly(double weightDecay) {
    return false;
  }

  private static final class Running implements State {
    private final Kernels kernels;
    private final float mu;
    private final float[] velocity;
    private float rate;

    Running(Kernels kernels, float mu, int size) {
      this.kernels = kernels;
      this.mu = mu;
      this.velocity = new float[size];
    }

    @Override
    public void begin(long step, double stepRate) {
      rate = (float) stepRate;
    }

    @Override
    public void update(
        int begin, int end, float factor, float weightDecay, float[] values, float[] gradients) {
      kernels.momentum(
          end - begin, factor, weightDecay, rate, mu, gradients, velocity, values, begin);
    }

    @Override
    public SortedMap<String, float[]> arrays() {
      SortedMap<String, float[]> arrays = new TreeMap<>();
      arrays.put("velocity", velocity);
      return arrays;
    }
  }
}
