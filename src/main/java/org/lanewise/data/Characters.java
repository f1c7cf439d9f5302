package org.lanewise.data;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The characters (Unicode code points) of a text and their ids: the sorted distinct characters,
 * numbered from 0. Immutable.
 */
public final class Characters implements Vocabulary {
  private final int[] characters;
  private final Map<Integer, Integer> ids = new HashMap<>();

  private Characters(int[] characters) {
    this.characters = characters;
    for (int id = 0; id < characters.length; id++) {
      ids.put(characters[id], id);
    }
  }

  /**
   * The vocabulary of a text.
   *
   * @param text any text but the empty one
   * @return its distinct characters
   * @throws IllegalArgumentException if the text is empty
   */
  public static Characters of(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("the text is empty");
    }
    return new Characters(text.codePoints().sorted().distinct().toArray());
  }

  /**
   * Reads what {@link #toString} gave.
   *
   * @param text distinct characters in order
   * @return the vocabulary
   * @throws IllegalArgumentException if they are not distinct and sorted, or none
   */
  public static Characters parse(String text) {
    int[] characters = text.codePoints().toArray();
    if (!Arrays.equals(characters, text.codePoints().sorted().distinct().toArray())
        || characters.length == 0) {
      throw new IllegalArgumentException(
          "vocabulary: expected distinct characters in the order of their code points");
    }
    return new Characters(characters);
  }

  @Override
  public int size() {
    return characters.length;
  }

  @Override
  public int[] encode(String text) {
    int[] points = text.codePoints().toArray();
    for (int i = 0; i < points.length; i++) {
      Integer id = ids.get(points[i]);
      if (id == null) {
        throw new IllegalArgumentException(
            String.format(
                "character %d is '%s' (U+%04X), which is not among the %d of the vocabulary",
                i, Character.toString(points[i]), points[i], characters.length));
      }
      points[i] = id;
    }
    return points;
  }

  @Override
  public String decode(int id) {
    return Character.toString(characters[id]);
  }

  @Override
  public Kind kind() {
    return Kind.CHAR;
  }

  /** All characters in the order of their ids. */
  @Override
  public String toString() {
    return new String(characters, 0, characters.length);
  }
}
