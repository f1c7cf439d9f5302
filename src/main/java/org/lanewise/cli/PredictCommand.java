package org.lanewise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.lanewise.data.Example;
import org.lanewise.format.ModelFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lanewise predict}: what a model makes of a file. */
@Command(
    name = "predict",
    description = {
      "Writes a model's predictions for a file: a class for each sequence, a tag for each word, or"
          + " forecasts of a series as comma-separated text.",
      "Sentences to tag have one word on each line and an empty line after each sentence."
    },
    sortOptions = false)
final class PredictCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A model of train tags, classify or series.")
  private Path model;

  @Parameters(index = "1", paramLabel = "FILE", description = "The data.")
  private Path file;

  @Option(
      names = "--rows",
      paramLabel = "FROM:TO",
      defaultValue = "",
      description =
          "Of a series: forecast these rows, the first below the names being 0 (default: all that"
              + " have a window, and those that follow the file).")
  private String rows;

  @Override
  public Integer call() throws IOException {
    ModelFile loaded = ModelFile.load(model);
    SequenceTask task = SequenceTask.of(model, loaded);
    SequenceOptions.checkRows(spec, task, rows);
    SequenceTask.Data data = task.readQuestions(file, rows);
    boolean everyStep = loaded.parameters().spec().head().everyStep();
    List<float[]> results = new ArrayList<>();
    for (Example example : data.examples()) {
      results.add(new float[(everyStep ? example.length() : 1) * task.outputSize()]);
    }
    SequenceTraining.evaluate(
        loaded,
        task,
        data.examples(),
        (example, step, y, offset) ->
            System.arraycopy(
                y, offset, results.get(example), step * task.outputSize(), task.outputSize()));
    PrintWriter out = spec.commandLine().getOut();
    data.write(results, out);
    out.flush();
    return 0;
  }
}
