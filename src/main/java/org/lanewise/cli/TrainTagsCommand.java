package org.lanewise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.lanewise.data.Example;
import org.lanewise.data.SentenceEncoder;
import org.lanewise.data.TaggedSentences;
import org.lanewise.data.TaggedSentences.Sentence;
import org.lanewise.train.Loss;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lanewise train tags}: a tag for every word. */
@Command(
    name = "tags",
    description = {
      "Trains a network to tag the words of sentences.",
      "A word is read as embeddings of itself and of its last three characters, and four features"
          + " of its shape."
    },
    sortOptions = false)
final class TrainTagsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TrainOptions options;
  @Mixin private SequenceOptions sequences;
  @Mixin private ClassOptions classes;

  @Parameters(
      paramLabel = "FILE",
      description = "Lines of WORD TAB TAG, an empty line after each sentence, in UTF-8.")
  private Path file;

  @Option(
      names = "--word-embedding",
      paramLabel = "N",
      defaultValue = "64",
      description = "Size of a word's embedding (default: ${DEFAULT-VALUE}).")
  private int wordSize;

  @Option(
      names = "--suffix-embedding",
      paramLabel = "N",
      defaultValue = "32",
      description = "Size of a suffix's embedding (default: ${DEFAULT-VALUE}).")
  private int suffixSize;

  @Option(
      names = "--min-count",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "How often a word or suffix must be seen to have an id (default: ${DEFAULT-VALUE}).")
  private int minCount;

  @Override
  public Integer call() throws IOException {
    SequenceTraining training = new SequenceTraining(spec, options, sequences, file);
    TagsTask given =
        training.prepare(TagsTask.class, "--word-embedding", "--suffix-embedding", "--min-count");
    if (minCount < 1) {
      throw new ParameterException(
          spec.commandLine(), "--min-count: found " + minCount + ", expected at least 1");
    }
    List<Sentence> sentences = TaggedSentences.read(file);
    TagsTask task =
        given != null
            ? given
            : new TagsTask(SentenceEncoder.of(sentences, minCount, minCount), wordSize, suffixSize);
    training.usage(task::input);
    SequenceTask.Data validation = null;
    if (sequences.valid != null) {
      validation = task.read(sequences.valid, "");
    } else if (options.validation > 0) {
      List<Sentence> kept = new ArrayList<>();
      List<Sentence> held = new ArrayList<>();
      for (int i = 0; i < sentences.size(); i++) {
        (training.held(i) ? held : kept).add(sentences.get(i));
      }
      sentences = kept;
      validation = held.isEmpty() ? null : task.data(held);
    }
    SequenceTask.Data test = sequences.test == null ? null : task.read(sequences.test, "");
    List<Example> examples = task.data(sentences).examples();
    Loss loss = training.usage(() -> classes.loss(spec, examples, task.outputSize()));
    return training.run(task, task.head(), loss, examples, validation, test);
  }
}
