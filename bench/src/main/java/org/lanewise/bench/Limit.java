package org.lanewise.bench;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/**
 * The limit of this machine, measured once in each virtual machine, that is in each fork, before
 * the benchmark that is judged by it. Work of so many operations on so many bytes takes at least
 *
 * <pre>
 * max(operations / FMA peak, bytes / read bandwidth of a working set of that size)
 * </pre>
 *
 * <p>A benchmark adds the seconds of its limit to a counter for each call; per second of the run
 * that counter reads as the fraction of the limit that was reached.
 */
final class Limit {
  private static final double GIGA = 1e9;

  /** Below this, a working set is in the first cache like any other. */
  private static final double SMALLEST = 8192;

  /** A round of measurement. */
  private static final long ROUND = 5_000_000;

  /** Rounds without a better one, after which the loops are taken as compiled. */
  private static final int STEADY = 25;

  private static final Map<Long, Double> BANDWIDTHS = new ConcurrentHashMap<>();

  private Limit() {}

  /**
   * The shortest time for some work.
   *
   * @param flops floating-point operations, an FMA being two
   * @param bytes what is read: the working set
   * @return seconds
   */
  static double seconds(double flops, double bytes) {
    return Math.max(flops / (GIGA * Peak.GFLOPS), bytes / (GIGA * bandwidth(bytes)));
  }

  /**
   * The shortest time for arithmetic on a working set that is read more than once.
   *
   * @param flops floating-point operations
   * @return seconds
   */
  static double seconds(double flops) {
    return flops / (GIGA * Peak.GFLOPS);
  }

  /** Measured on first use. */
  private static final class Peak {
    static final double GFLOPS = steady(() -> Roofline.peak(ROUND));
  }

  private static double bandwidth(double bytes) {
    long size = (long) Math.max(SMALLEST, bytes);
    return BANDWIDTHS.computeIfAbsent(
        size,
        key -> {
          float[] x = Roofline.array(key);
          return steady(() -> Roofline.bandwidth(2 * ROUND, x));
        });
  }

  /** The best round, when many have not bettered it: the first ones run before C2 has compiled. */
  private static double steady(DoubleSupplier round) {
    double best = 0;
    int since = 0;
    while (since < STEADY) {
      double rate = round.getAsDouble();
      since = rate > 1.01 * best ? 0 : since + 1;
      best = Math.max(best, rate);
    }
    return best;
  }
}
