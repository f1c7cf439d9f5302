package org.lanewise.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Question: how soon does training run at its final speed? A table of a few tasks, each in a fresh
 * virtual machine: the rate of each second, counted from before the first step, as a fraction of
 * the median of the last five; and after how many seconds none of the others is below 90%.
 *
 * <p>A step that lies in two seconds counts in both, in proportion.
 */
public final class TrainWarmUpReport {
  private static final double NANO = 1e-9;
  private static final int SECONDS = 16;
  private static final int LAST = 5;
  private static final double REACHED = 0.9;
  private static final List<TrainTask> TASKS =
      List.of(TrainTask.ONE_HOT_1X128, TrainTask.WORDS_2X200);

  private TrainWarmUpReport() {}

  /**
   * Prints the table, or measures one task in this virtual machine.
   *
   * @param args a number of threads, 1 if there is none; and the name of a task
   * @throws IOException if a virtual machine cannot be started
   * @throws InterruptedException if this thread is interrupted
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 2) {
      System.out.println(measure(TrainTask.valueOf(args[1]), Integer.parseInt(args[0])));
      return;
    }
    System.out.println(
        "each second of training in percent of the final rate, and that rate in tokens/s");
    for (TrainTask task : TASKS) {
      List<String> command = new ArrayList<>();
      command.add(ProcessHandle.current().info().command().orElse("java"));
      command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-cp"));
      command.add(System.getProperty("java.class.path"));
      command.add(TrainWarmUpReport.class.getName());
      command.addAll(List.of(args.length > 0 ? args[0] : "1", task.name()));
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String line = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": exit status " + process.exitValue());
      }
      System.out.println(task.title() + "\n  " + line);
    }
  }

  private static String measure(TrainTask task, int threads) {
    double[] rates = new double[SECONDS];
    try (TrainTask.Run run = task.start(threads)) {
      long begin = System.nanoTime();
      double last = 0;
      while (last < SECONDS) {
        run.step();
        double now = NANO * (System.nanoTime() - begin);
        add(rates, last, now, task.tokens());
        last = now;
      }
    }
    double[] end = Arrays.copyOfRange(rates, SECONDS - LAST, SECONDS);
    Arrays.sort(end);
    double rate = end[LAST / 2];
    StringBuilder line = new StringBuilder();
    int reached = 0;
    for (int second = 0; second < SECONDS; second++) {
      line.append(String.format(Locale.ROOT, "%.0f ", 100 * rates[second] / rate));
      if (rates[second] < REACHED * rate && second < SECONDS - LAST) {
        reached = second + 1;
      }
    }
    return line + String.format(Locale.ROOT, " %.0f; at least 90%% after %d s", rate, reached);
  }

  /** Spreads the tokens of a step evenly over its time. */
  private static void add(double[] rates, double begin, double end, int tokens) {
    for (int second = (int) begin; second < Math.min(end, SECONDS); second++) {
      double part = Math.min(end, second + 1.0) - Math.max(begin, second);
      rates[second] += tokens * part / (end - begin);
    }
  }
}
