package org.lanewise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.lanewise.data.Example;
import org.lanewise.data.Missing;
import org.lanewise.data.Scaling;
import org.lanewise.data.TsFile;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.train.CrossEntropy;
import org.lanewise.train.Loss;

/**
 * One class per sequence, from {@code .ts} files.
 *
 * @param classes names of the classes
 * @param scaling of the channels, from the training file
 * @param missing what becomes of missing values
 */
record ClassifyTask(List<String> classes, Scaling scaling, Missing missing)
    implements SequenceTask {

  static ClassifyTask of(Map<String, String> metadata) {
    return new ClassifyTask(
        List.of(SequenceTask.value(metadata, "classes").split("\n", -1)),
        Scaling.parse(SequenceTask.value(metadata, "scaling")),
        Missing.parse(SequenceTask.value(metadata, "missing")));
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of(
        TASK,
        "classify",
        "classes",
        String.join("\n", classes),
        "scaling",
        scaling.toString(),
        "missing",
        missing.toString());
  }

  @Override
  public Input input() {
    return new Input.Features(scaling.columns());
  }

  @Override
  public int outputSize() {
    return classes.size();
  }

  @Override
  public Head head() {
    return Head.LAST;
  }

  @Override
  public Loss loss() {
    return new CrossEntropy();
  }

  @Override
  public String unit() {
    return "sequence";
  }

  @Override
  public Data read(Path file, String rows) throws IOException {
    return data(SequenceTask.answered(file, TsFile.read(file, missing).examples(scaling, classes)));
  }

  @Override
  public Data readQuestions(Path file, String rows) throws IOException {
    return data(TsFile.read(file, missing).examples(scaling, classes));
  }

  Data data(List<Example> examples) {
    return new Data() {
      @Override
      public List<Example> examples() {
        return examples;
      }

      @Override
      public Metrics metrics() {
        return new ClassMetrics(classes, examples);
      }

      @Override
      public void write(List<float[]> results, PrintWriter out) {
        results.forEach(y -> out.println(classes.get(ClassMetrics.largest(classes.size(), y, 0))));
      }
    };
  }
}
