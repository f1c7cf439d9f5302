package org.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyTest {
  /** Two bytes, three bytes, and two characters outside the basic plane, one of them twice. */
  private static final String WIDE = "za\u00e9\u4e2d\ud83d\ude00\n\ud835\udd38\ud83d\ude00a";

  @Test
  void decodingUndoesEncoding() {
    Vocabulary vocabulary = Vocabulary.of(WIDE);
    String back =
        Arrays.stream(vocabulary.encode(WIDE))
            .mapToObj(vocabulary::decode)
            .collect(Collectors.joining());
    assertEquals(WIDE, back);
  }

  @Test
  void idsFollowTheOrderOfCodePoints() {
    Vocabulary vocabulary = Vocabulary.of(WIDE);
    assertEquals("\naz\u00e9\u4e2d\ud835\udd38\ud83d\ude00", vocabulary.toString());
    assertEquals(7, vocabulary.size());
    assertArrayEquals(new int[] {0, 6, 5}, vocabulary.encode("\n\ud83d\ude00\ud835\udd38"));
  }

  @Test
  void parsingUndoesPrinting() {
    Vocabulary vocabulary = Vocabulary.of(WIDE);
    Vocabulary back = Vocabulary.parse(vocabulary.toString());
    assertEquals(vocabulary.toString(), back.toString());
    assertArrayEquals(vocabulary.encode(WIDE), back.encode(WIDE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ba", "aa", "abca"})
  void onlySortedDistinctCharactersAreParsed(String text) {
    assertEquals(
        "vocabulary: expected distinct characters in the order of their code points",
        assertThrows(IllegalArgumentException.class, () -> Vocabulary.parse(text)).getMessage());
  }

  @Test
  void unknownCharacterIsNamedWithItsPlace() {
    Vocabulary vocabulary = Vocabulary.of("ab");
    assertEquals(
        "character 1 is '\u00e9' (U+00E9), which is not among the 2 of the vocabulary",
        assertThrows(IllegalArgumentException.class, () -> vocabulary.encode("a\u00e9"))
            .getMessage());
  }

  @Test
  void emptyTextIsRefused() {
    assertEquals(
        "the text is empty",
        assertThrows(IllegalArgumentException.class, () -> Vocabulary.of("")).getMessage());
  }
}
