package org.lanewise.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The words of a text and their ids: what stands between white space, and {@link #END} at the end
 * of each line, as language models of words count it. A word that is not known takes the id of
 * {@link Lexicon#UNKNOWN}. Immutable.
 */
public final class Words implements Vocabulary {
  /** The token that ends a line. */
  public static final String END = "<eos>";

  private final Lexicon lexicon;

  private Words(Lexicon lexicon) {
    this.lexicon = lexicon;
  }

  /**
   * The words of the first part of a text.
   *
   * @param text any text with a word
   * @param share of its tokens that are looked at, from the first on
   * @param atLeast how often a word must be seen there
   * @return a vocabulary that has an id for any word
   * @throws IllegalArgumentException if the text has no word
   */
  public static Words of(String text, double share, int atLeast) {
    List<String> tokens = split(text);
    if (tokens.stream().allMatch(END::equals)) {
      throw new IllegalArgumentException("the text has no word");
    }
    return new Words(
        Lexicon.open(tokens.subList(0, (int) (share * tokens.size())).stream(), atLeast));
  }

  /**
   * Reads what {@link #toString} gave.
   *
   * @param text a word on each line
   * @return the vocabulary
   * @throws IllegalArgumentException if a word stands there twice, or none for the unknown ones
   */
  public static Words parse(String text) {
    Lexicon lexicon = Lexicon.parse(text);
    if (!lexicon.contains(Lexicon.UNKNOWN)) {
      throw new IllegalArgumentException("vocabulary: expected a word " + Lexicon.UNKNOWN);
    }
    return new Words(lexicon);
  }

  private static List<String> split(String text) {
    List<String> tokens = new ArrayList<>();
    text.lines()
        .forEach(
            line -> {
              Arrays.stream(line.strip().split("\\s+", -1))
                  .filter(word -> !word.isEmpty())
                  .forEach(tokens::add);
              tokens.add(END);
            });
    return tokens;
  }

  @Override
  public Kind kind() {
    return Kind.WORD;
  }

  @Override
  public int size() {
    return lexicon.size();
  }

  @Override
  public int[] encode(String text) {
    return split(text).stream().mapToInt(lexicon::id).toArray();
  }

  @Override
  public String decode(int id) {
    String word = lexicon.word(id);
    return word.equals(END) ? "\n" : word + " ";
  }

  /** All words in the order of their ids, each on its own line. */
  @Override
  public String toString() {
    return lexicon.toString();
  }
}
