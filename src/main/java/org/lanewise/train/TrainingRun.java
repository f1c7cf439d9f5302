package org.lanewise.train;

/**
 * A training that stands between two steps, where a {@link Checkpoint} can be taken; resumed from
 * it, it goes on with the same bits. Confined to one thread.
 */
public sealed interface TrainingRun extends AutoCloseable permits TextRun, SequenceRun {

  /**
   * The trainer, for its parameters and its last gradient norm.
   *
   * @return the trainer
   */
  Trainer trainer();

  /**
   * One training step. Allocates nothing.
   *
   * @return mean loss before the update
   * @throws DivergenceException if the loss or the gradient is NaN or infinite
   */
  double step();

  /**
   * Steps done, in this run and those it goes on from.
   *
   * @return 0 before the first
   */
  long steps();

  /**
   * Steps of an epoch.
   *
   * @return steps from one beginning of the data to the next
   */
  int stepsPerEpoch();

  /**
   * The epoch of the last step.
   *
   * @return from 1; 1 before the first step
   */
  default int epoch() {
    return (int) (Math.max(0, steps() - 1) / stepsPerEpoch()) + 1;
  }

  /**
   * Seconds that steps and evaluations have taken, in this run and those it goes on from.
   *
   * @return wall-clock time
   */
  double seconds();

  /**
   * The mean training loss since the last call, which starts a new mean.
   *
   * @return mean of the losses of the steps, NaN when there was none
   */
  double takeTrainingLoss();

  /**
   * Whether the state is carried from step to step and therefore kept by a checkpoint.
   *
   * @return true for texts
   */
  boolean carriesState();

  /** Ends the worker threads. */
  @Override
  void close();
}
