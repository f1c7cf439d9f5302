package org.lanewise.train;

import java.util.SortedMap;
import java.util.TreeMap;
import org.lanewise.kernel.Kernels;

/** Stochastic gradient descent: {@code p ← p - rate g}. */
public record Sgd() implements Optimizer {
  @Override
  public State start(Kernels kernels, int size) {
    return new Running(kernels);
  }

  @Override
  public boolean touchedOnly(double weightDecay) {
    return weightDecay == 0;
  }

  private static final class Running implements State {
    private final Kernels kernels;
    private float rate;

    Running(Kernels kernels) {
      this.kernels = kernels;
    }

    @Override
    public void begin(long step, double stepRate) {
      rate = (float) stepRate;
    }

    @Override
    public void update(
        int begin, int end, float factor, float weightDecay, float[] values, float[] gradients) {
      kernels.sgd(end - begin, factor, weightDecay, rate, gradients, values, begin);
    }

    @Override
    public SortedMap<String, float[]> arrays() {
      return new TreeMap<>();
    }
  }
}
