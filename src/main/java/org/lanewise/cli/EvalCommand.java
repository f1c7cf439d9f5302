package org.lanewise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.lanewise.data.TextBatches;
import org.lanewise.data.TextFiles;
import org.lanewise.data.Vocabulary;
import org.lanewise.format.ModelFile;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Network;
import org.lanewise.network.Precision;
import org.lanewise.network.Workspace;
import org.lanewise.train.Bptt;
import org.lanewise.train.CrossEntropy;
import org.lanewise.train.TextRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lanewise eval}: how well a model does. */
@Command(
    name = "eval",
    description = "Tells how well a model does on a text, or on sequences with known answers.",
    sortOptions = false)
final class EvalCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model of any trainer.")
  private Path model;

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description = "The text, or data of the kind the model was trained on.")
  private Path file;

  @Option(
      names = "--validation",
      paramLabel = "SHARE",
      defaultValue = "1",
      description = "Evaluate only this share at the end of the text (default: all of it).")
  private double validation;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "50",
      description =
          "Streams the text is cut into; each starts without a past (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--rows",
      paramLabel = "FROM:TO",
      defaultValue = "",
      description =
          "Of a series: judge the forecasts of these rows, the first below the names being 0"
              + " (default: all).")
  private String rows;

  @Mixin private PrecisionOption rounding;

  @Option(names = "--json", description = "Report in JSON on standard output.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (!(validation > 0 && validation <= 1)) {
      throw new ParameterException(
          spec.commandLine(),
          "--validation: found " + validation + ", expected a share above 0 up to 1");
    }
    if (batch < 1) {
      throw new ParameterException(
          spec.commandLine(), "--batch: found " + batch + ", expected at least 1");
    }
    ModelFile loaded = ModelFile.load(model);
    if (loaded.metadata().containsKey(SequenceTask.TASK)) {
      for (String name : new String[] {"--validation", "--batch", "--precision"}) {
        if (spec.commandLine().getParseResult().hasMatchedOption(name)) {
          throw new ParameterException(
              spec.commandLine(), name + ": this model is not one of texts");
        }
      }
      return sequences(loaded);
    }
    if (!rows.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--rows: this model is not one of train series");
    }
    Vocabulary vocabulary =
        TrainTextCommand.vocabulary(model, loaded.parameters().spec(), loaded.metadata());
    String text = TextFiles.read(file);
    long start = System.nanoTime();
    int count;
    double loss;
    try {
      int[] ids = vocabulary.encode(text);
      int begin = validation == 1 ? 0 : (int) ((1 - validation) * ids.length);
      count = ids.length - begin;
      int streams = Math.max(1, Math.min(batch, (count - 1) / 2));
      int window = Math.max(1, Math.min(50, (count - 1) / streams));
      TextBatches batches = new TextBatches(ids, begin, ids.length, streams, window);
      loss = TextRun.evaluate(engine(loaded, rounding.precision(), window, streams), batches);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    double perSecond = count / ((System.nanoTime() - start) * 1e-9);
    String unit = vocabulary.kind().text();
    String plain =
        String.format(
            Locale.ROOT,
            "%.4f nats  %.4f bits  perplexity %.3f  (%,d %ss, %,.0f per second)",
            loss,
            loss / Math.log(2),
            Math.exp(loss),
            count,
            unit,
            perSecond);
    String jsonForm =
        String.format(
            Locale.ROOT,
            "{\"loss\": %s, \"bits\": %s, \"perplexity\": %s, \"%ss\": %d,"
                + " \"%ss_per_second\": %s}",
            Reporter.number("%.6f", loss),
            Reporter.number("%.6f", loss / Math.log(2)),
            Reporter.number("%.4f", Math.exp(loss)),
            unit.equals("char") ? "character" : unit,
            count,
            unit,
            Reporter.number("%.1f", perSecond));
    spec.commandLine().getOut().println(json ? jsonForm : plain);
    return 0;
  }

  private int sequences(ModelFile loaded) throws IOException {
    SequenceTask task = SequenceTask.of(model, loaded);
    SequenceOptions.checkRows(spec, task, rows);
    SequenceTask.Data data = task.read(file, rows);
    Metrics metrics = data.metrics();
    double loss = SequenceTraining.evaluate(loaded, task, data.examples(), metrics);
    SequenceTraining.print(spec.commandLine().getOut(), json, "", loss, metrics);
    return 0;
  }

  private static Bptt engine(ModelFile model, Precision precision, int window, int streams) {
    Kernels kernels = KernelProvider.kernels();
    Network network = new Network(kernels, model.parameters(), false);
    network.pack(model.parameters().values());
    network.freeze(precision);
    Workspace workspace = new Workspace(network, window, streams, false);
    return new Bptt(kernels, network, model.parameters(), workspace, new CrossEntropy());
  }
}
