package org.lanewise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.lanewise.data.Example;
import org.lanewise.data.Missing;
import org.lanewise.data.TsFile;
import org.lanewise.network.Head;
import org.lanewise.train.Loss;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lanewise train classify}: a class for every sequence. */
@Command(
    name = "classify",
    description = {
      "Trains a network to tell the class of a sequence of vectors, from .ts files.",
      "Channels are standardised with the statistics of the training file."
    },
    sortOptions = false)
final class TrainClassifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TrainOptions options;
  @Mixin private SequenceOptions sequences;
  @Mixin private ClassOptions classes;

  @Parameters(paramLabel = "FILE", description = "Sequences and classes, as sktime's .ts files.")
  private Path file;

  @Option(
      names = "--head",
      paramLabel = "NAME",
      defaultValue = "last",
      description = "What the class is told from: last, mean or max (default: ${DEFAULT-VALUE}).")
  private String head;

  @Option(
      names = "--missing",
      paramLabel = "RULE",
      defaultValue = "error",
      description =
          "Missing values: error, fill-forward, drop-leading or value:X"
              + " (default: ${DEFAULT-VALUE}).")
  private String missing;

  @Override
  public Integer call() throws IOException {
    SequenceTraining training = new SequenceTraining(spec, options, sequences, file);
    ClassifyTask given = training.prepare(ClassifyTask.class, "--head", "--missing");
    Missing rule = given != null ? given.missing() : training.usage(() -> Missing.parse(missing));
    Head chosen = training.usage(() -> pooling(Head.parse(head)));
    TsFile read = TsFile.read(file, rule);
    if (read.classes().isEmpty()) {
      throw new IOException(
          file + ": the sequences have no class to learn: expected @classLabel true");
    }
    ClassifyTask task =
        given != null ? given : new ClassifyTask(read.classes(), read.scaling(), rule);
    List<Example> examples = read.examples(task.scaling(), task.classes());
    SequenceTask.Data validation = null;
    if (sequences.valid != null) {
      validation = task.read(sequences.valid, "");
    } else if (options.validation > 0) {
      List<List<Example>> parts = training.split(examples);
      examples = parts.get(0);
      validation = parts.get(1).isEmpty() ? null : task.data(parts.get(1));
    }
    SequenceTask.Data test = sequences.test == null ? null : task.read(sequences.test, "");
    List<Example> trained = examples;
    Loss loss = training.usage(() -> classes.loss(spec, trained, task.outputSize()));
    return training.run(task, chosen, loss, trained, validation, test);
  }

  private static Head pooling(Head head) {
    if (head.everyStep()) {
      throw new IllegalArgumentException("--head: found steps, expected last, mean or max");
    }
    return head;
  }
}
