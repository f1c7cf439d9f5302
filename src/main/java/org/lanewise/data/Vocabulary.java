package org.lanewise.data;

import java.util.Locale;

/** The tokens of texts and their ids, numbered from 0. Immutable. */
public sealed interface Vocabulary permits Characters, Words {

  /** What a token is. */
  enum Kind {
    /** A character (Unicode code point). */
    CHAR,
    /** A word between white space; {@link Words#END} ends each line. */
    WORD;

    /**
     * The name in files and on the command line.
     *
     * @return the name in lower case
     */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The kind of a name.
     *
     * @param text {@code char} or {@code word}
     * @return the kind
     * @throws IllegalArgumentException if it is neither
     */
    public static Kind parse(String text) {
      return switch (text) {
        case "char" -> CHAR;
        case "word" -> WORD;
        default ->
            throw new IllegalArgumentException(
                "tokens: found \"" + text + "\", expected char or word");
      };
    }
  }

  /**
   * The characters of a text.
   *
   * @param text any text but the empty one
   * @return its distinct characters
   * @throws IllegalArgumentException if the text is empty
   */
  static Vocabulary of(String text) {
    return Characters.of(text);
  }

  /**
   * Reads what {@code toString} gave for characters.
   *
   * @param text distinct characters in order
   * @return the vocabulary
   * @throws IllegalArgumentException if they are not distinct and sorted, or none
   */
  static Vocabulary parse(String text) {
    return Characters.parse(text);
  }

  /**
   * Reads what {@code toString} gave.
   *
   * @param kind of the tokens
   * @param text the tokens
   * @return the vocabulary
   * @throws IllegalArgumentException if it is not understood
   */
  static Vocabulary parse(Kind kind, String text) {
    return kind == Kind.CHAR ? Characters.parse(text) : Words.parse(text);
  }

  /**
   * What a token is.
   *
   * @return the kind
   */
  Kind kind();

  /**
   * The number of tokens.
   *
   * @return one more than the largest id
   */
  int size();

  /**
   * Turns text into ids.
   *
   * @param text tokens of this vocabulary
   * @return an id for each
   * @throws IllegalArgumentException if a token is not in the vocabulary; names it and its place
   */
  int[] encode(String text);

  /**
   * The text of an id.
   *
   * @param id from 0 to below the size
   * @return what stands for it in a text, white space included
   */
  String decode(int id);
}
