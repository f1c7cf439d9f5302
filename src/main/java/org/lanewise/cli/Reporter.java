package org.lanewise.cli;

import java.io.Console;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Tells how long work goes: a progress bar on a terminal, plain lines elsewhere, JSON lines when
 * asked for. The bar is drawn on standard error by a thread of its own.
 */
final class Reporter implements AutoCloseable {
  private final PrintWriter out;
  private final boolean json;
  private final ProgressBar bar;
  private final String unit;

  Reporter(PrintWriter out, boolean json, String task, String unit, long done, long total) {
    this.out = out;
    this.json = json;
    this.unit = unit;
    this.bar = terminal() ? bar(task, done, total) : null;
  }

  private static boolean terminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  private static ProgressBar bar(String task, long done, long total) {
    // The bytes of standard error, so that the bar needs no terminal library.
    PrintStream err = System.err;
    ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(total)
            .setUpdateIntervalMillis(200)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(new ConsoleProgressBarConsumer(err, 110))
            .build();
    bar.stepTo(done);
    return bar;
  }

  /** After every step; cheap. */
  void step(long step) {
    if (bar != null) {
      bar.stepTo(step);
    }
  }

  /** Some numbers beside the bar. */
  void message(double loss, double perSecond) {
    if (bar != null) {
      bar.setExtraMessage(
          String.format(Locale.ROOT, " loss %.3f %,.0f %s/s", loss, perSecond, unit));
    }
  }

  /** A line of its own; the JSON form when JSON is asked for. */
  void line(String plain, String jsonForm) {
    if (bar != null && !json) {
      // Clears the bar's line; its thread draws it again below.
      System.err.print("\r\033[K");
      System.err.flush();
    }
    out.println(json ? jsonForm : plain);
    out.flush();
  }

  /** A number in JSON, which knows no NaN. */
  static String number(String format, double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "null";
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
