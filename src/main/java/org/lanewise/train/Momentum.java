package org.lanewise.train;

import java.util.SortedMap;
import java.util.TreeMap;

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
  public State start(int size) {
    return new Running(mu, size);
  }

  private static final class Running implements State {
    private final float mu;
    private final float[] velocity;
    private float rate;

    Running(float mu, int size) {
      this.mu = mu;
      this.velocity = new float[size];
    }

    @Override
    public void begin(long step, double stepRate) {
      rate = (float) stepRate;
    }

    @Override
    public void update(int begin, int end, float[] values, float[] gradients) {
      float[] v = velocity;
      float keep = mu;
      float minusRate = -rate;
      for (int i = begin; i < end; i++) {
        float next = Math.fma(keep, v[i], gradients[i]);
        v[i] = next;
        values[i] = Math.fma(minusRate, next, values[i]);
      }
    }

    @Override
    public SortedMap<String, float[]> arrays() {
      SortedMap<String, float[]> arrays = new TreeMap<>();
      arrays.put("velocity", velocity);
      return arrays;
    }
  }
}
