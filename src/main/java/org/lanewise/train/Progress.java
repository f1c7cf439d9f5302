package org.lanewise.train;

/** What a run has done so far, in this process and those it goes on from; a checkpoint keeps it. */
final class Progress {
  /** Training steps. */
  long steps;

  /** Sum of the losses of the steps since the last evaluation. */
  double lossSum;

  /** Steps since the last evaluation. */
  long lossCount;

  /** Seconds of training, evaluation included. */
  double seconds;

  void add(double loss, long startNanos) {
    steps++;
    lossSum += loss;
    lossCount++;
    addSeconds(startNanos);
  }

  void addSeconds(long startNanos) {
    seconds += (System.nanoTime() - startNanos) * 1e-9;
  }

  double takeLoss() {
    double mean = lossSum / lossCount;
    lossSum = 0;
    lossCount = 0;
    return mean;
  }
}
