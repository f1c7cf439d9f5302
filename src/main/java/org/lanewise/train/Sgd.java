package org.lanewise.train;

import java.util.SortedMap;
import java.util.TreeMap;

/** Stochastic gradient descent: {@code p ← p - rate g}. */
public record Sgd() implements Optimizer {
  @Override
  public State start(int size) {
    return new Running();
  }

  private static final class Running implements State {
    private float rate;

    @Override
    public void begin(long step, double stepRate) {
      rate = (float) stepRate;
    }

    @Override
    public void update(int begin, int end, float[] values, float[] gradients) {
      float minusRate = -rate;
      for (int i = begin; i < end; i++) {
        values[i] = Math.fma(minusRate, gradients[i], values[i]);
      }
    }

    @Override
    public SortedMap<String, float[]> arrays() {
      return new TreeMap<>();
    }
  }
}
