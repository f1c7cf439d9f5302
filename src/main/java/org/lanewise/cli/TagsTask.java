package org.lanewise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.lanewise.data.Example;
import org.lanewise.data.Lexicon;
import org.lanewise.data.SentenceEncoder;
import org.lanewise.data.TaggedSentences;
import org.lanewise.data.TaggedSentences.Sentence;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.train.CrossEntropy;
import org.lanewise.train.Loss;

/**
 * One tag per word, from sentences of {@code word TAB tag}.
 *
 * @param encoder words, suffixes and tags
 * @param wordSize size of a word's embedding
 * @param suffixSize size of a suffix's embedding
 */
record TagsTask(SentenceEncoder encoder, int wordSize, int suffixSize) implements SequenceTask {

  static TagsTask of(Map<String, String> metadata) {
    return new TagsTask(
        new SentenceEncoder(
            Lexicon.parse(SequenceTask.value(metadata, "words")),
            Lexicon.parse(SequenceTask.value(metadata, "suffixes")),
            Lexicon.parse(SequenceTask.value(metadata, "tags"))),
        Integer.parseInt(SequenceTask.value(metadata, "word_size")),
        Integer.parseInt(SequenceTask.value(metadata, "suffix_size")));
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of(
        TASK,
        "tags",
        "words",
        encoder.words().toString(),
        "suffixes",
        encoder.suffixes().toString(),
        "tags",
        encoder.tags().toString(),
        "word_size",
        Integer.toString(wordSize),
        "suffix_size",
        Integer.toString(suffixSize));
  }

  @Override
  public Input input() {
    return new Input.Joined(
        List.of(
            new Input.Part("word", new Input.Embedding(encoder.words().size(), wordSize)),
            new Input.Part("suffix", new Input.Embedding(encoder.suffixes().size(), suffixSize)),
            new Input.Part("shape", new Input.Features(SentenceEncoder.FEATURES))));
  }

  @Override
  public int outputSize() {
    return encoder.tags().size();
  }

  @Override
  public Head head() {
    return Head.STEPS;
  }

  @Override
  public Loss loss() {
    return new CrossEntropy();
  }

  @Override
  public String unit() {
    return "word";
  }

  @Override
  public Data read(Path file, String rows) throws IOException {
    return data(TaggedSentences.read(file));
  }

  /** Sentences to tag have words alone. */
  @Override
  public Data readQuestions(Path file, String rows) throws IOException {
    return data(TaggedSentences.readWords(file));
  }

  Data data(List<Sentence> sentences) throws IOException {
    List<Example> examples = encoder.examples(sentences);
    List<String> names =
        IntStream.range(0, encoder.tags().size()).mapToObj(encoder.tags()::word).toList();
    return new Data() {
      @Override
      public List<Example> examples() {
        return examples;
      }

      @Override
      public Metrics metrics() {
        return new ClassMetrics(names, examples);
      }

      @Override
      public void write(List<float[]> results, PrintWriter out) {
        for (int i = 0; i < results.size(); i++) {
          List<String> words = sentences.get(i).words();
          for (int step = 0; step < words.size(); step++) {
            int tag = ClassMetrics.largest(names.size(), results.get(i), step * names.size());
            out.println(words.get(step) + "\t" + names.get(tag));
          }
          out.println();
        }
      }
    };
  }
}
