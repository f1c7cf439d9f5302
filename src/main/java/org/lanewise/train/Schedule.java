package org.lanewise.train;

/** The learning rate of every step. */
public sealed interface Schedule {

  /**
   * The rate of a step.
   *
   * @param step number of the step, from 1
   * @param epoch number of the epoch the step is in, from 1
   * @return learning rate
   */
  double rate(long step, int epoch);

  /**
   * The same rate at every step.
   *
   * @param rate learning rate
   */
  record Constant(double rate) implements Schedule {
    /** Checks the rate. */
    public Constant {
      checkRate(rate);
    }

    @Override
    public double rate(long step, int epoch) {
      return rate;
    }
  }

  /**
   * The rate is multiplied by a factor at every epoch after a certain one, as in Zaremba et al.
   * 2014.
   *
   * @param rate learning rate of the first epochs
   * @param factor what each later epoch multiplies it by
   * @param after last epoch at the full rate
   */
  record EpochDecay(double rate, double factor, int after) implements Schedule {
    /** Checks the numbers. */
    public EpochDecay {
      checkRate(rate);
      if (!(factor > 0 && factor <= 1) || after < 0) {
        throw new IllegalArgumentException(
            "rate decay: found factor "
                + factor
                + " after epoch "
                + after
                + ", expected a factor above 0 up to 1 and an epoch of 0 or more");
      }
    }

    @Override
    public double rate(long step, int epoch) {
      double decayed = rate;
      for (int e = after; e < epoch; e++) {
        decayed *= factor;
      }
      return decayed;
    }
  }

  /**
   * Rises in a straight line over the first steps, then falls along half a cosine to zero
   * (Loshchilov and Hutter 2017).
   *
   * @param rate highest learning rate
   * @param warmUp steps of the rise
   * @param steps steps of the whole run
   */
  record Cosine(double rate, long warmUp, long steps) implements Schedule {
    /** Checks the numbers. */
    public Cosine {
      checkRate(rate);
      if (warmUp < 0 || steps <= warmUp) {
        throw new IllegalArgumentException(
            "cosine schedule: found " + warmUp + " warm-up steps of " + steps);
      }
    }

    @Override
    public double rate(long step, int epoch) {
      if (step <= warmUp) {
        return rate * step / warmUp;
      }
      double done = Math.min(1, (double) (step - warmUp) / (steps - warmUp));
      return rate * 0.5 * (1 + StrictMath.cos(Math.PI * done));
    }
  }

  private static void checkRate(double rate) {
    if (!(rate > 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException(
          "learning rate: found " + rate + ", expected a positive number");
    }
  }
}
