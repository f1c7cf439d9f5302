package org.lanewise.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * Question: how much faster do two threads train than one? Rounds of a second, in one virtual
 * machine: one thread, two threads, and two trainings of one thread each that share nothing but the
 * machine. The last is the limit: what two cores do at once that need not wait for each other.
 *
 * <p>Each line is a round: milliseconds of a step, {@code speed} the first by the second, {@code
 * limit} the steps that both trainings did by those that one did alone. {@code peak} is the FMA
 * peak of two cores at once by that of one alone, which needs no memory and no waiting: below 2,
 * the clock of a core falls when the other works too, or somebody else has a part of it.
 */
public final class TrainScalingReport {
  private static final double NANO = 1e-9;
  private static final double WARM_UP = 3;
  private static final double SETTLE = 0.3;
  private static final double ROUND = 0.35;
  private static final int ROUNDS = 15;
  private static final long PEAK = 30_000_000;
  private static final List<TrainTask> LAYERS =
      List.of(TrainTask.LSTM_128, TrainTask.LSTM_256, TrainTask.LSTM_512);

  private TrainScalingReport() {}

  /**
   * Prints the table of each task.
   *
   * @param args names of {@link TrainTask}; layers of 128, 256 and 512 units if there are none
   */
  public static void main(String[] args) {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      fail("two threads need two cores: LANEWISE_CPUS=0,1 bench/run train-scaling");
    }
    List<TrainTask> tasks = new ArrayList<>();
    for (TrainTask task : TrainTask.values()) {
      if (args.length == 0 ? LAYERS.contains(task) : List.of(args).contains(task.name())) {
        tasks.add(task);
      }
    }
    if (tasks.size() < args.length) {
      fail("tasks are " + Arrays.toString(TrainTask.values()) + ", found " + List.of(args));
    }
    for (TrainTask task : tasks) {
      measure(task);
    }
  }

  private static void fail(String message) {
    System.err.println("train-scaling: " + message);
    System.exit(2);
  }

  private static void measure(TrainTask task) {
    System.out.println(task.title());
    System.out.printf(
        "%10s %11s %13s %7s %7s %7s%n",
        "1 thread", "2 threads", "2 trainings", "speed", "limit", "peak");
    double[][] columns = new double[6][ROUNDS];
    try (TrainTask.Run one = task.start(1);
        TrainTask.Run other = task.start(1)) {
      Roofline.peak((long) (WARM_UP / NANO));
      seconds(one, WARM_UP);
      seconds(other, WARM_UP);
      shared(task, WARM_UP);
      for (int round = 0; round < ROUNDS; round++) {
        double peak = Roofline.peak(PEAK);
        double alone = seconds(one, ROUND);
        double shared = shared(task, SETTLE);
        CompletableFuture<Double> second =
            CompletableFuture.supplyAsync(() -> seconds(other, ROUND));
        double first = seconds(one, ROUND);
        double limit = alone / first + alone / second.join();
        double peaks = peaks() / peak;
        double[] row = {1e3 * alone, 1e3 * shared, 1e3 * first, alone / shared, limit, peaks};
        for (int i = 0; i < row.length; i++) {
          columns[i][round] = row[i];
        }
        print(row);
      }
    }
    for (double[] column : columns) {
      Arrays.sort(column);
    }
    System.out.println("medians");
    print(Arrays.stream(columns).mapToDouble(column -> column[ROUNDS / 2]).toArray());
  }

  /** A step by two threads, which end with this: waiting, they would take the cores from others. */
  private static double shared(TrainTask task, double settle) {
    try (TrainTask.Run two = task.start(2)) {
      seconds(two, settle);
      return seconds(two, ROUND);
    }
  }

  /** The FMA peak of two cores at once. */
  private static double peaks() {
    CompletableFuture<Double> other = CompletableFuture.supplyAsync(() -> Roofline.peak(PEAK));
    return Roofline.peak(PEAK) + other.join();
  }

  private static void print(double[] row) {
    System.out.printf(
        Locale.ROOT,
        "%10.3f %11.3f %13.3f %7.2f %7.2f %7.2f%n",
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        row[5]);
  }

  /** Mean seconds of a step. */
  private static double seconds(TrainTask.Run run, double atLeast) {
    long begin = System.nanoTime();
    int steps = 0;
    double passed = 0;
    while (passed < atLeast) {
      run.step();
      steps++;
      passed = NANO * (System.nanoTime() - begin);
    }
    return passed / steps;
  }
}
