package org.lanewise.bench;

import java.util.Arrays;
import java.util.Locale;

/**
 * Times of training steps without JMH, a line for each task in the form that {@code
 * bench/train-ratios} reads from both sides: {@code TITLE MEDIAN ms best BEST ms RATE UNIT}.
 */
public final class TrainRows {
  private static final double NANO = 1e-9;
  private static final double WARM_UP = 6;
  private static final double MEASURED = 1.5;
  private static final int REPEATS = 3;
  private static final int FEWEST = 5;

  private TrainRows() {}

  /**
   * Prints the titles of all tasks, or runs some of them.
   *
   * @param args {@code list}, or a number of threads and a part of a title
   */
  public static void main(String[] args) {
    boolean list = args.length > 0 && args[0].equals("list");
    String part = args.length > 1 ? args[1] : "";
    for (TrainTask task : TrainTask.values()) {
      if (task.title().contains(part)) {
        System.out.println(list ? task.title() : measure(task, Integer.parseInt(args[0])));
      }
    }
  }

  private static String measure(TrainTask task, int threads) {
    try (TrainTask.Run run = task.start(threads)) {
      times(run, WARM_UP);
      double[] medians = new double[REPEATS];
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < REPEATS; i++) {
        double[] times = times(run, MEASURED);
        medians[i] = median(times);
        best = Math.min(best, times[0]);
      }
      double seconds = median(medians);
      double rate = task.isLayer() ? NANO * task.countedFlops() / seconds : task.tokens() / seconds;
      return String.format(
          Locale.ROOT,
          "%-58s %9.3f ms  best %9.3f ms %10.1f %s",
          task.title(),
          1e3 * seconds,
          1e3 * best,
          rate,
          task.isLayer() ? "GFLOP/s" : "token/s");
    }
  }

  /** Seconds of each step, sorted. */
  private static double[] times(TrainTask.Run run, double seconds) {
    double[] times = new double[1024];
    int n = 0;
    long begin = System.nanoTime();
    long last = begin;
    while (n < FEWEST || (last - begin) * NANO < seconds) {
      run.step();
      long now = System.nanoTime();
      if (n == times.length) {
        times = Arrays.copyOf(times, 2 * n);
      }
      times[n++] = (now - last) * NANO;
      last = now;
    }
    double[] sorted = Arrays.copyOf(times, n);
    Arrays.sort(sorted);
    return sorted;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
