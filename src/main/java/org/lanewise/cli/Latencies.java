package org.lanewise.cli;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;

/**
 * How long the steps of a session take, at full speed or at a fixed rate.
 *
 * <p>At a fixed rate every step has an intended start, and its latency is counted from there and
 * not from when it came to be run: a pause is counted in all of the steps that it held up (no
 * coordinated omission). Between steps the thread spins, so that the time in which a sleeping
 * thread wakes up is not in the figures.
 */
final class Latencies {
  /** Longer latencies count as this, one minute. */
  private static final long MOST = 60_000_000_000L;

  /** Inputs taken in turn. */
  private static final int TURNS = 64;

  private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};

  /** The figures of one run. */
  static final class Run {
    private final String name;
    private final Histogram histogram = new Histogram(1, MOST, 3);
    private long nanos;
    private long bytes;
    private long collections;

    private Run(String name) {
      this.name = name;
    }

    private String text() {
      StringBuilder text = new StringBuilder();
      text.append(
          String.format(
              Locale.ROOT,
              "%s: %,d steps in %.3f s, %s, %d garbage collection%s%n",
              name,
              histogram.getTotalCount(),
              nanos / 1e9,
              bytes < 0 ? "unknown allocation" : String.format(Locale.ROOT, "%,d bytes", bytes),
              collections,
              collections == 1 ? "" : "s"));
      for (double percentile : PERCENTILES) {
        text.append(line("p" + number(percentile), histogram.getValueAtPercentile(percentile)));
      }
      return text + line("max", histogram.getMaxValue()).stripTrailing();
    }

    private static String line(String name, long nanos) {
      return String.format(Locale.ROOT, "  %-7s %,12.3f µs%n", name, nanos / 1e3);
    }

    private String json() {
      StringBuilder text = new StringBuilder("{\"run\": \"" + name + "\"");
      text.append(", \"steps\": ").append(histogram.getTotalCount());
      text.append(String.format(Locale.ROOT, ", \"seconds\": %.3f", nanos / 1e9));
      for (double percentile : PERCENTILES) {
        double micros = histogram.getValueAtPercentile(percentile) / 1e3;
        text.append(String.format(Locale.ROOT, ", \"p%s_us\": %.3f", number(percentile), micros));
      }
      text.append(String.format(Locale.ROOT, ", \"max_us\": %.3f", histogram.getMaxValue() / 1e3));
      text.append(", \"bytes\": ").append(bytes < 0 ? "null" : bytes);
      return text + ", \"collections\": " + collections + "}";
    }
  }

  private final Session session;
  private final boolean tokens;
  private final float[][] inputs = new float[TURNS][];
  private final int[] ids = new int[TURNS];
  private final float[] output;

  Latencies(Model model) {
    this.session = model.session();
    this.tokens = model.spec().input().isToken();
    this.output = new float[model.outputSize()];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < TURNS; i++) {
      inputs[i] = new float[tokens ? 0 : model.inputSize()];
      for (int k = 0; k < inputs[i].length; k++) {
        inputs[i][k] = (float) random.nextDouble(-1, 1);
      }
      ids[i] = tokens ? random.nextInt(model.spec().input().tokens()) : 0;
    }
  }

  /** Throws {@link NoClassDefFoundError} when the library is not there. */
  static void check() {
    new Histogram(3);
  }

  /** Without digits that it does not need. */
  private static String number(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }

  private void step(long number) {
    int turn = (int) (number % TURNS);
    if (tokens) {
      session.step(ids[turn], output);
    } else {
      session.step(inputs[turn], output);
    }
  }

  /** Steps one after the other. */
  Run fullSpeed(long steps) {
    return measure("full speed", steps, 0);
  }

  /** Steps at intended times. */
  Run atRate(double perSecond, long steps) {
    return measure(number(perSecond) + " per second", steps, 1e9 / perSecond);
  }

  private Run measure(String name, long steps, double period) {
    // The first run of the loop that measures is the last of the warm-up.
    measure(new Run(name), Math.min(steps, 20_000), 0);
    Run run = new Run(name);
    long collections = collections();
    measure(run, steps, period);
    run.collections = collections() - collections;
    return run;
  }

  private void measure(Run run, long steps, double period) {
    ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    long allocated = allocated(threads);
    long begin = System.nanoTime();
    long end = begin;
    for (long i = 0; i < steps; i++) {
      long start = period == 0 ? end : begin + (long) (i * period);
      while (System.nanoTime() - start < 0) {
        Thread.onSpinWait();
      }
      step(i);
      end = System.nanoTime();
      run.histogram.recordValue(Math.clamp(end - start, 1, MOST));
    }
    run.nanos = end - begin;
    run.bytes = threads == null ? -1 : allocated(threads) - allocated;
  }

  private static long allocated(ThreadMXBean threads) {
    return threads == null ? 0 : threads.getCurrentThreadAllocatedBytes();
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
  }

  /** Lines for people, or JSON. */
  static String report(Run run, boolean json) {
    return json ? run.json() : run.text();
  }

  /**
   * Writes histograms: their percentiles as text, or with the ending {@code .hlog} the log format
   * of HdrHistogram, from which every count can be read again. Writes beside the file, and renames.
   */
  static void write(Path file, List<Run> runs) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (PrintStream out =
          new PrintStream(Files.newOutputStream(beside), false, StandardCharsets.UTF_8)) {
        if (file.toString().endsWith(".hlog")) {
          writeLog(out, runs);
        } else {
          writePercentiles(out, runs);
        }
        if (out.checkError()) {
          throw new IOException(file + ": cannot be written");
        }
      }
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  private static void writePercentiles(PrintStream out, List<Run> runs) {
    for (Run run : runs) {
      out.println("#[" + run.name + ", microseconds]");
      run.histogram.outputPercentileDistribution(out, 1000.0);
    }
  }

  private static void writeLog(PrintStream out, List<Run> runs) {
    HistogramLogWriter log = new HistogramLogWriter(out);
    log.outputComment("[latency of steps in nanoseconds]");
    log.outputLogFormatVersion();
    log.outputLegend();
    for (Run run : runs) {
      run.histogram.setTag(run.name.replace(' ', '-'));
      run.histogram.setStartTimeStamp(0);
      run.histogram.setEndTimeStamp(run.nanos / 1_000_000);
      log.outputIntervalHistogram(run.histogram);
    }
  }
}
