package org.lanewise.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.lanewise.data.TaggedSentences.Sentence;

/**
 * Turns sentences into examples. A step is a word: the id of the word in lower case, the id of its
 * last three characters, and four features that are 1 or 0: the first letter is upper case, all
 * letters are, there is a digit, there is a hyphen. Keep the three lexicons with the model.
 *
 * @param words words in lower case, with {@link Lexicon#UNKNOWN}
 * @param suffixes last three characters of words in lower case, with {@link Lexicon#UNKNOWN}
 * @param tags the classes
 */
public record SentenceEncoder(Lexicon words, Lexicon suffixes, Lexicon tags) {
  /** Features of a step. */
  public static final int FEATURES = 4;

  /** Checks that any word can be encoded. */
  public SentenceEncoder {
    if (!words.contains(Lexicon.UNKNOWN) || !suffixes.contains(Lexicon.UNKNOWN)) {
      throw new IllegalArgumentException(
          "expected words and suffixes with an entry " + Lexicon.UNKNOWN);
    }
  }

  /**
   * The words, suffixes and tags of sentences.
   *
   * @param sentences the training part, with tags
   * @param wordAtLeast how often a word must be seen
   * @param suffixAtLeast how often a suffix must be seen
   * @return an encoder for any words
   * @throws IllegalArgumentException if no sentence has tags
   */
  public static SentenceEncoder of(List<Sentence> sentences, int wordAtLeast, int suffixAtLeast) {
    return new SentenceEncoder(
        Lexicon.open(all(sentences, Sentence::words).map(SentenceEncoder::lower), wordAtLeast),
        Lexicon.open(all(sentences, Sentence::words).map(SentenceEncoder::suffix), suffixAtLeast),
        Lexicon.closed(all(sentences, Sentence::tags)));
  }

  private static Stream<String> all(
      List<Sentence> sentences, Function<Sentence, List<String>> part) {
    return sentences.stream().map(part).flatMap(List::stream);
  }

  /**
   * The examples of sentences.
   *
   * @param sentences with tags or without
   * @return an example for each
   * @throws IOException if a tag is unknown: names the file and the line
   */
  public List<Example> examples(List<Sentence> sentences) throws IOException {
    List<Example> examples = new ArrayList<>();
    for (Sentence sentence : sentences) {
      examples.add(example(sentence.words(), classes(sentence)));
    }
    return examples;
  }

  /**
   * The example of a sentence without tags.
   *
   * @param sentence its words, at least one
   * @return tokens {@code [word, suffix][step]}, features {@code [step][4]}, no classes
   */
  public Example example(List<String> sentence) {
    return example(sentence, new int[0]);
  }

  private Example example(List<String> sentence, int[] classes) {
    int[][] tokens = {
      sentence.stream().mapToInt(word -> words.id(lower(word))).toArray(),
      sentence.stream().mapToInt(word -> suffixes.id(suffix(word))).toArray()
    };
    float[] features = new float[sentence.size() * FEATURES];
    for (int step = 0; step < sentence.size(); step++) {
      shape(sentence.get(step), features, step * FEATURES);
    }
    return new Example(sentence.size(), tokens, features, classes, new float[0]);
  }

  private int[] classes(Sentence sentence) throws IOException {
    int[] classes = new int[sentence.tags().size()];
    for (int step = 0; step < classes.length; step++) {
      try {
        classes[step] = tags.id(sentence.tags().get(step));
      } catch (IllegalArgumentException e) {
        throw TextFiles.problem(sentence.file(), sentence.line() + step, "tag: " + e.getMessage());
      }
    }
    return classes;
  }

  private static String lower(String word) {
    return word.toLowerCase(Locale.ROOT);
  }

  /** The last three characters (code points), or the whole word if it is shorter. */
  private static String suffix(String word) {
    String lower = lower(word);
    int characters = lower.codePointCount(0, lower.length());
    return lower.substring(lower.offsetByCodePoints(0, Math.max(0, characters - 3)));
  }

  private static void shape(String word, float[] features, int at) {
    boolean cased = word.codePoints().anyMatch(Character::isUpperCase);
    boolean small = word.codePoints().anyMatch(Character::isLowerCase);
    features[at] = Character.isUpperCase(word.codePointAt(0)) ? 1 : 0;
    features[at + 1] = cased && !small ? 1 : 0;
    features[at + 2] = word.codePoints().anyMatch(Character::isDigit) ? 1 : 0;
    features[at + 3] = word.indexOf('-') >= 0 ? 1 : 0;
  }
}
