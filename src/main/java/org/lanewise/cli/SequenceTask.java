package org.lanewise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.lanewise.data.Example;
import org.lanewise.format.FormatException;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.train.Loss;

/**
 * A kind of work on separate sequences: how a file becomes examples, what the network reads and
 * gives, how it is judged, and how predictions are written. What it learned from the training data,
 * such as vocabularies and statistics, travels in the model's metadata.
 */
interface SequenceTask {
  /** Metadata key of the kind of task. */
  String TASK = "task";

  /** Examples of a file and what belongs to them. */
  interface Data {
    /** The examples. */
    List<Example> examples();

    /** A fresh measure of results on these examples. */
    Metrics metrics();

    /** Writes predictions; {@code results} holds the results of each example, step after step. */
    void write(List<float[]> results, PrintWriter out) throws IOException;
  }

  /** What the network reads. */
  Input input();

  /** Values of a result. */
  int outputSize();

  /** The head, unless the user chooses another that fits. */
  Head head();

  /** What training makes small. */
  Loss loss();

  /** What is counted per second, and how many of them some examples have. */
  String unit();

  /** Everything that {@link #of} needs. */
  Map<String, String> metadata();

  /** Reads a file with known answers; {@code rows} picks rows of a series, "" for all. */
  Data read(Path file, String rows) throws IOException;

  /** Reads a file whose answers are wanted; {@code rows} as above. */
  Data readQuestions(Path file, String rows) throws IOException;

  /** Wants an answer for every example of a file. */
  static List<Example> answered(Path file, List<Example> examples) throws IOException {
    if (examples.stream().anyMatch(e -> e.classes().length == 0 && e.values().length == 0)) {
      throw new IOException(file + ": the sequences have no class to judge by");
    }
    return examples;
  }

  /** The task of a model. */
  static SequenceTask of(Path path, ModelFile model) throws FormatException {
    return of(path, model.metadata(), model.parameters().spec());
  }

  /** The task that metadata tell of, for a network of that architecture. */
  static SequenceTask of(Path path, Map<String, String> metadata, NetworkSpec network)
      throws FormatException {
    String kind = metadata.getOrDefault(TASK, "");
    try {
      SequenceTask task =
          switch (kind) {
            case "classify" -> ClassifyTask.of(metadata);
            case "tags" -> TagsTask.of(metadata);
            case "series" -> SeriesTask.of(metadata);
            default ->
                throw new IllegalArgumentException(
                    "task: found \"" + kind + "\", expected classify, tags or series");
          };
      task.loss(); // Refuses the name of a loss that is none.
      if (!task.input().equals(network.input())
          || task.outputSize() != network.outputSize()
          || task.head().everyStep() != network.head().everyStep()) {
        throw new IllegalArgumentException("the network does not fit the task in the metadata");
      }
      return task;
    } catch (IllegalArgumentException e) {
      throw new FormatException(path.toString(), e.getMessage());
    }
  }

  /** A value of the metadata. */
  static String value(Map<String, String> metadata, String key) {
    String value = metadata.get(key);
    if (value == null) {
      throw new IllegalArgumentException("metadata: no \"" + key + "\"");
    }
    return value;
  }
}
