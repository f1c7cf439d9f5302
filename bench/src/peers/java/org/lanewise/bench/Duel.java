package org.lanewise.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * Contenders at the same task, in turn: many short rounds, ours, theirs, ours, theirs, with the
 * machine's limit between them, so that a slow second of the machine hits all alike. Each figure is
 * the median over the rounds of the mean time of a call.
 */
final class Duel {
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

  /** Without a compilation, after which a contender is taken as compiled. */
  private static final long QUIET = 500_000_000;

  /** A warm-up takes at most so many times as long as asked for. */
  private static final int LONGEST_WARM_UP = 10;

  /** A round of a contender. */
  private static final long ROUND = 10_000_000;

  /** A round of each of the machine's limits. */
  private static final long LIMIT_ROUND = 1_000_000;

  /** Fewest rounds, also of calls that take longer than a round. */
  private static final int FEWEST = 5;

  private final Task task;
  private final Contender[] contenders;
  private final float[] weights;
  private final int[] calls;
  private final int[] turns;
  private final long[] allocated;

  Duel(Task task, Contender... contenders) {
    this.task = task;
    this.contenders = contenders.clone();
    this.weights = Roofline.array(task.weightBytes());
    this.calls = new int[contenders.length];
    this.turns = new int[contenders.length];
    this.allocated = new long[contenders.length];
  }

  /**
   * What was measured.
   *
   * @param nanos time of a call, for each contender
   * @param bytes bytes allocated on the heap by a call, for each contender
   * @param peak GFLOP/s
   * @param bandwidth GB/s, read from an array of the size of the weights
   */
  @SuppressWarnings("ArrayRecordComponent") // A carrier of arrays; nobody compares results.
  record Result(double[] nanos, double[] bytes, double peak, double bandwidth) {}

  /**
   * Whether all compute the same: the largest difference of an output of the first contender and
   * each other one, over some calls that start from a state of zero.
   */
  double[] differences() throws Exception {
    double[] largest = new double[contenders.length];
    for (Contender contender : contenders) {
      contender.reset();
    }
    for (int turn = 0; turn < task.inputs().length; turn++) {
      contenders[0].run(turn);
      float[] expected = contenders[0].output();
      for (int i = 1; i < contenders.length; i++) {
        contenders[i].run(turn);
        float[] found = contenders[i].output();
        for (int k = 0; k < expected.length; k++) {
          double difference = Math.abs(expected[k] - found[k]);
          // Math.max gives NaN for NaN, as it should here.
          largest[i] = Math.max(largest[i], difference);
        }
      }
    }
    return largest;
  }

  /**
   * Measures.
   *
   * @param warmUp nanoseconds for each contender before anything counts
   * @param duration nanoseconds for each contender
   */
  Result run(long warmUp, long duration) throws Exception {
    for (int i = 0; i < contenders.length; i++) {
      warmUp(i, warmUp);
    }
    Arrays.fill(allocated, 0);
    int rounds = (int) Math.max(FEWEST, duration / ROUND);
    double[][] nanos = new double[contenders.length][rounds];
    double[] peak = new double[rounds];
    double[] bandwidth = new double[rounds];
    int done = 0;
    long begin = System.nanoTime();
    long most = 2 * duration * contenders.length;
    while (done < rounds && (done < FEWEST || System.nanoTime() - begin < most)) {
      peak[done] = Roofline.peak(LIMIT_ROUND);
      bandwidth[done] = Roofline.bandwidth(4 * LIMIT_ROUND, weights);
      for (int i = 0; i < contenders.length; i++) {
        nanos[i][done] = round(i);
      }
      done++;
    }
    double[] medians = new double[contenders.length];
    double[] bytes = new double[contenders.length];
    for (int i = 0; i < contenders.length; i++) {
      medians[i] = median(nanos[i], done);
      bytes[i] = (double) allocated[i] / ((long) done * calls[i]);
    }
    return new Result(medians, bytes, median(peak, done), median(bandwidth, done));
  }

  /**
   * Rounds that grow to the length of a round, until the time is over and nothing has been compiled
   * for a while: on one core the compiler takes its time from what it compiles.
   */
  private void warmUp(int i, long duration) throws Exception {
    calls[i] = 1;
    long begin = System.nanoTime();
    long quietSince = begin;
    long compiled = COMPILER.getTotalCompilationTime();
    long now = begin;
    while (now - begin < duration
        || (now - quietSince < QUIET && now - begin < LONGEST_WARM_UP * duration)) {
      double nanos = round(i);
      calls[i] = (int) Math.max(1, Math.min(2.0 * calls[i], ROUND / nanos));
      Roofline.peak(1);
      Roofline.bandwidth(1, weights);
      now = System.nanoTime();
      if (COMPILER.getTotalCompilationTime() != compiled) {
        compiled = COMPILER.getTotalCompilationTime();
        quietSince = now;
      }
    }
  }

  private double round(int i) throws Exception {
    Contender contender = contenders[i];
    int turn = turns[i];
    int inputs = task.inputs().length;
    if (calls[i] > 1) {
      // Brings its weights into the cache again, which the others have used.
      contender.run(turn);
    }
    long heap = THREADS.getCurrentThreadAllocatedBytes();
    long begin = System.nanoTime();
    for (int call = 0; call < calls[i]; call++) {
      turn = (turn + 1) % inputs;
      contender.run(turn);
    }
    long nanos = System.nanoTime() - begin;
    allocated[i] += THREADS.getCurrentThreadAllocatedBytes() - heap;
    turns[i] = turn;
    return (double) nanos / calls[i];
  }

  private static double median(double[] values, int n) {
    double[] sorted = Arrays.copyOf(values, n);
    Arrays.sort(sorted);
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
}
