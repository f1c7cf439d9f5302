package org.lanewise.train;

import java.util.Objects;

/**
 * How a network is trained.
 *
 * @param batch sequences side by side
 * @param window time steps that errors are carried back
 * @param optimizer law of the update
 * @param schedule learning rate of every step
 * @param clip limits of the gradient
 * @param weightDecay L2 penalty λ: {@code g ← g + λ p}, after clipping, as PyTorch's {@code
 *     weight_decay}; 0 for none
 * @param threads threads that share a step; the result is the same for every number
 * @param loss what is made small
 * @param seed of the random numbers of dropout
 * @param memory bytes that the buffers of a window may take; in a small budget gates are computed
 *     anew and not kept, which takes about twice the time and gives the same bits
 */
public record TrainSpec(
    int batch,
    int window,
    Optimizer optimizer,
    Schedule schedule,
    Clip clip,
    double weightDecay,
    int threads,
    Loss loss,
    long seed,
    long memory) {

  /** Checks the numbers. */
  public TrainSpec {
    Objects.requireNonNull(optimizer, "optimizer");
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(clip, "clip");
    Objects.requireNonNull(loss, "loss");
    atLeastOne("batch", batch);
    atLeastOne("window", window);
    atLeastOne("threads", threads);
    if (!(weightDecay >= 0) || Double.isInfinite(weightDecay)) {
      throw new IllegalArgumentException(
          "weight decay: found " + weightDecay + ", expected a finite number, 0 or above");
    }
  }

  /**
   * Training without a limit of memory.
   *
   * @param batch sequences side by side
   * @param window time steps that errors are carried back
   * @param optimizer law of the update
   * @param schedule learning rate of every step
   * @param clip limits of the gradient
   * @param weightDecay L2 penalty
   * @param threads threads that share a step
   * @param loss what is made small
   * @param seed of the random numbers of dropout
   */
  public TrainSpec(
      int batch,
      int window,
      Optimizer optimizer,
      Schedule schedule,
      Clip clip,
      double weightDecay,
      int threads,
      Loss loss,
      long seed) {
    this(
        batch, window, optimizer, schedule, clip, weightDecay, threads, loss, seed, Long.MAX_VALUE);
  }

  /**
   * Training with cross-entropy.
   *
   * @param batch sequences side by side
   * @param window time steps that errors are carried back
   * @param optimizer law of the update
   * @param schedule learning rate of every step
   * @param clip limits of the gradient
   * @param weightDecay L2 penalty
   * @param threads threads that share a step
   */
  public TrainSpec(
      int batch,
      int window,
      Optimizer optimizer,
      Schedule schedule,
      Clip clip,
      double weightDecay,
      int threads) {
    this(batch, window, optimizer, schedule, clip, weightDecay, threads, new CrossEntropy(), 0);
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": found " + value + ", expected at least 1");
    }
  }
}
