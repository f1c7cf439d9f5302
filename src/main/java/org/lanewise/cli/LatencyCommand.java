package org.lanewise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.lanewise.format.LoadOptions;
import org.lanewise.stream.Model;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lanewise latency}: how long the steps of a model take. */
@Command(
    name = "latency",
    description = {
      "Runs a model step by step, at full speed and then at a fixed rate, and prints percentiles of"
          + " the time a step takes.",
      "At a fixed rate it is counted from when the step should have begun, so a pause counts in every"
          + " step that it holds up. Between the steps the thread spins: it takes a whole core."
    },
    sortOptions = false)
final class LatencyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "A model file.")
  private Path path;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Steps at full speed; 0 for none (default: ${DEFAULT-VALUE}).")
  private long steps;

  @Option(
      names = "--rate",
      paramLabel = "R",
      defaultValue = "1000",
      description = "Steps per second at a fixed rate; 0 for none (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "How long to run at the fixed rate (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--no-warmup",
      description = "Do not warm up; the figures are those of a virtual machine that compiles.")
  private boolean cold;

  @Option(
      names = "--histogram",
      paramLabel = "FILE",
      description =
          "Write the histograms: percentiles as text, or with the ending .hlog the log format of"
              + " HdrHistogram.")
  private Path histogram;

  @Mixin private PrecisionOption rounding;

  @Option(names = "--json", description = "Report in JSON lines on standard output.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    check();
    Model model = Model.load(path, LoadOptions.NONE, rounding.precision());
    Latencies latencies = new Latencies(model);
    PrintWriter out = spec.commandLine().getOut();
    if (!cold) {
      Duration took = model.warmUp();
      double warm = took.toNanos() / 1e9;
      out.printf(Locale.ROOT, json ? "{\"warmup_seconds\": %.3f}%n" : "warm-up: %.3f s%n", warm);
      out.flush();
    }
    List<Latencies.Run> runs = new ArrayList<>();
    if (steps > 0) {
      report(latencies.fullSpeed(steps), runs);
    }
    if (rate > 0) {
      report(latencies.atRate(rate, Math.max(1, Math.round(rate * seconds))), runs);
    }
    if (histogram != null) {
      Latencies.write(histogram, runs);
    }
    return 0;
  }

  private void report(Latencies.Run run, List<Latencies.Run> runs) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(Latencies.report(run, json));
    out.flush();
    runs.add(run);
  }

  private void check() {
    if (steps < 0) {
      throw usage("--steps: found " + steps + ", expected at least 0");
    }
    if (!(rate >= 0 && rate <= 1e9)) {
      throw usage("--rate: found " + rate + ", expected 0 to 1e9");
    }
    if (!(seconds > 0 && seconds <= 1e6)) {
      throw usage("--seconds: found " + seconds + ", expected a positive number, 1e6 at most");
    }
    if (steps == 0 && rate == 0) {
      throw usage("--steps 0 and --rate 0 leave nothing to run");
    }
    if (histogram != null) {
      Path folder = histogram.toAbsolutePath().getParent();
      if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(histogram)) {
        throw usage("--histogram: found " + histogram + ", expected a file in an existing folder");
      }
    }
    try {
      Latencies.check();
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "latency needs the library org.hdrhistogram:HdrHistogram on the class path", e);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
