package org.lanewise.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Workspace;
import org.lanewise.train.Checkpoint;
import org.lanewise.train.DivergenceException;
import org.lanewise.train.TrainingRun;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What every trainer does with a run: steps, evaluations, reports, checkpoints, an early stop, and
 * a good checkpoint when it is interrupted.
 */
final class TrainLoop {
  /** Exit status after Ctrl-C, as shells have it. */
  private static final int INTERRUPTED = 130;

  static final String BEST_LOSS = "best.loss";
  static final String BEST_STEP = "best.step";
  static final String CURVE = "curve";

  private final CommandSpec spec;
  private final TrainOptions options;
  private final TrainingRun run;
  private final String unit;
  private final double unitsPerStep;
  private final Evaluation evaluation;
  private final Map<String, String> settings;
  private final Map<String, String> metadata;
  private double bestLoss = Double.POSITIVE_INFINITY;
  private long bestStep;
  private Path lastGood;
  private final Curve curve;

  /** Measures the network as it is. */
  interface Evaluation {
    /**
     * Measures on validation data.
     *
     * @return names and values to report, {@code valid_loss} among them
     */
    Map<String, Double> measure();
  }

  /**
   * A loop.
   *
   * @param spec of the command
   * @param options of the command
   * @param run the run, restored if it is resumed
   * @param unit what is counted per second
   * @param unitsPerStep how many of them a step has
   * @param evaluation measures on validation data
   * @param settings what a resumed run must know
   * @param metadata what the model file says beside the architecture
   */
  TrainLoop(
      CommandSpec spec,
      TrainOptions options,
      TrainingRun run,
      String unit,
      double unitsPerStep,
      Evaluation evaluation,
      Map<String, String> settings,
      Map<String, String> metadata) {
    this.spec = spec;
    this.options = options;
    this.run = run;
    this.unit = unit;
    this.unitsPerStep = unitsPerStep;
    this.evaluation = evaluation;
    this.settings = new TreeMap<>(settings);
    this.metadata = metadata;
    this.lastGood = options.resume;
    this.curve = Curve.parse(settings.getOrDefault(CURVE, ""));
    // The best so far counts for a file that is there; beside another one, it must be found anew.
    boolean lost = options.keepBest() && !Files.exists(options.out);
    if (settings.containsKey(BEST_LOSS) && !lost) {
      bestLoss = Double.parseDouble(settings.get(BEST_LOSS));
      bestStep = Long.parseLong(settings.get(BEST_STEP));
    }
  }

  /** Runs to the end, and gives the exit status. */
  int run() throws IOException {
    try (Interrupt interrupt = new Interrupt()) {
      boolean interrupted = steps(interrupt);
      drawCurve();
      // Below the bar, and before the virtual machine is let go: after that, nothing may be
      // printed.
      if (interrupted) {
        System.err.println(
            "lanewise: stopped after step "
                + run.steps()
                + "; go on with --resume "
                + options.checkpoint());
        return INTERRUPTED;
      }
      return 0;
    } catch (DivergenceException e) {
      String last =
          lastGood == null
              ? "; there is no checkpoint yet"
              : "; the last good checkpoint is " + lastGood;
      throw new IOException(e.getMessage() + last, e);
    }
  }

  /** Steps until the end; true when interrupted. */
  private boolean steps(Interrupt interrupt) throws IOException {
    long total = options.totalSteps(run.stepsPerEpoch());
    long every = options.evalEvery(run.stepsPerEpoch());
    try (Reporter reporter =
        new Reporter(
            spec.commandLine().getOut(), options.json, "training", unit, run.steps(), total)) {
      reportMemory(reporter);
      Speed speed = new Speed();
      boolean stop = false;
      while (run.steps() < total && !stop) {
        if (interrupt.requested()) {
          checkpoint();
          return true;
        }
        double loss = run.step();
        reporter.step(run.steps());
        if (run.steps() % 10 == 0) {
          reporter.message(loss, speed.perSecond());
        }
        if (run.steps() % every == 0 || run.steps() == total) {
          run.trainer().requireFinite();
          stop = evaluate(reporter, speed);
          speed = new Speed();
        } else if (options.checkpointEvery > 0 && run.steps() % options.checkpointEvery == 0) {
          checkpoint();
        }
      }
    }
    return false;
  }

  /** The size of the buffers, before the first step; the lines of JSON are evaluations alone. */
  private void reportMemory(Reporter reporter) {
    Workspace workspace = run.trainer().workspace();
    int segment = workspace.segment();
    String gates = segment == 0 ? "" : ", gates of " + segment + " steps at a time";
    String line =
        String.format(Locale.ROOT, "buffers of a window: %,d bytes%s", workspace.bytes(), gates);
    if (!options.json) {
      reporter.line(line, "");
    }
  }

  private void checkpoint() throws IOException {
    settings.put(CURVE, curve.toString());
    settings.put(BEST_LOSS, Double.toString(bestLoss));
    settings.put(BEST_STEP, Long.toString(bestStep));
    Checkpoint.save(options.checkpoint(), run, settings);
    lastGood = options.checkpoint();
  }

  /** Reports and saves; true when it is time to stop early. */
  private boolean evaluate(Reporter reporter, Speed speed) throws IOException {
    double trainLoss = run.takeTrainingLoss();
    double perSecond = speed.perSecond();
    Map<String, Double> measured = new LinkedHashMap<>();
    measured.put("train_loss", trainLoss);
    measured.putAll(evaluation.measure());
    report(reporter, measured, perSecond);
    double loss = measured.getOrDefault("valid_loss", Double.NaN);
    curve.add(run.steps(), trainLoss, loss);
    boolean best = loss < bestLoss;
    if (best) {
      bestLoss = loss;
      bestStep = run.steps();
    }
    // Without validation there is no best, and the last model is kept.
    if (best || !options.keepBest() || Double.isNaN(loss)) {
      new ModelFile(run.trainer().parameters(), metadata).save(options.out);
    }
    checkpoint();
    drawCurve();
    long every = options.evalEvery(run.stepsPerEpoch());
    return options.patience > 0 && run.steps() - bestStep >= options.patience * every;
  }

  private void drawCurve() throws IOException {
    if (options.curve != null && !curve.isEmpty()) {
      curve.picture("Loss of " + options.out.getFileName()).write(options.curve);
    }
  }

  private void report(Reporter reporter, Map<String, Double> measured, double perSecond) {
    StringBuilder plain =
        new StringBuilder(
            String.format(Locale.ROOT, "step %6d  epoch %3d", run.steps(), run.epoch()));
    StringBuilder json =
        new StringBuilder(
            String.format(Locale.ROOT, "{\"step\": %d, \"epoch\": %d", run.steps(), run.epoch()));
    measured.forEach(
        (name, value) -> {
          String label = name.replace("_loss", "").replace('_', ' ');
          plain.append(String.format(Locale.ROOT, "  %s %.4f", label, value));
          json.append(", \"").append(name).append("\": ").append(Reporter.number("%.6f", value));
        });
    plain.append(
        String.format(Locale.ROOT, "  %,9.0f %s/s  %6.1f s", perSecond, unit, run.seconds()));
    json.append(
        String.format(
            Locale.ROOT,
            ", \"%ss_per_second\": %s, \"seconds\": %s}",
            unit,
            Reporter.number("%.1f", perSecond),
            Reporter.number("%.3f", run.seconds())));
    reporter.line(plain.toString(), json.toString());
  }

  /** Units per second of training since it was made. */
  private final class Speed {
    private final long steps = run.steps();
    private final double seconds = run.seconds();

    double perSecond() {
      return (run.steps() - steps) * unitsPerStep / (run.seconds() - seconds);
    }
  }
}
