package org.lanewise.bench;

import java.util.Arrays;
import java.util.Locale;

/**
 * One contender called a thousand times a second. A call is timed from the moment it was due, so
 * one that is late because of the call before it counts as late: nothing is omitted.
 */
final class Pace {
  private static final long PERIOD = 1_000_000;
  private static final int PER_SECOND = 1000;

  private final Contender contender;
  private final int inputs;
  private final long[] latencies;
  private int done;
  private int turn;

  Pace(Contender contender, int inputs, long duration) {
    this.contender = contender;
    this.inputs = inputs;
    this.latencies = new long[(int) Math.max(PER_SECOND, duration / PERIOD)];
  }

  /** Calls at full speed. */
  void warmUp(long duration) throws Exception {
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < duration) {
      call();
    }
  }

  private void call() throws Exception {
    turn = (turn + 1) % inputs;
    contender.run(turn);
  }

  /** Whether all calls are done. */
  boolean done() {
    return done == latencies.length;
  }

  /** The calls of a second. */
  void second() throws Exception {
    long due = System.nanoTime() + PERIOD;
    for (int i = 0; i < PER_SECOND && done < latencies.length; i++) {
      while (System.nanoTime() - due < 0) {
        Thread.onSpinWait();
      }
      call();
      latencies[done++] = System.nanoTime() - due;
      due += PERIOD;
    }
  }

  /** Half, 90%, 99%, 99.9%, 99.99% and all of the calls take no longer than these microseconds. */
  String percentiles() {
    long[] sorted = latencies.clone();
    Arrays.sort(sorted);
    StringBuilder text = new StringBuilder();
    for (double share : new double[] {0.5, 0.9, 0.99, 0.999, 0.9999, 1}) {
      int index = (int) Math.ceil(share * sorted.length) - 1;
      text.append(String.format(Locale.ROOT, " %9.2f", 1e-3 * sorted[index]));
    }
    return text.toString();
  }
}
