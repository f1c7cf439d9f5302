package org.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WordsTest {
  private static final String TEXT = "the cat sat\n\n  on the   mat \n";

  @Test
  void everyLineEndsWithItsOwnToken() {
    Words words = Words.of(TEXT, 1, 1);
    assertEquals(
        "the cat sat \n\non the mat \n",
        Arrays.stream(words.encode(TEXT)).mapToObj(words::decode).collect(Collectors.joining()));
  }

  @Test
  void wordsBeyondTheShareAreUnknown() {
    Words words = Words.of(TEXT, 0.5, 1);
    assertEquals("<unk>\n<eos>\ncat\nsat\nthe", words.toString());
    assertArrayEquals(new int[] {4, 2, 3, 1, 1, 0, 4, 0, 1}, words.encode(TEXT));
  }

  @Test
  void rareWordsAreUnknown() {
    assertEquals("<unk>\n<eos>\nthe", Words.of(TEXT, 1, 2).toString());
  }

  @Test
  void textFormIsReadBack() {
    Words words = Words.of(TEXT, 1, 1);
    assertArrayEquals(
        words.encode(TEXT), Vocabulary.parse(Vocabulary.Kind.WORD, words.toString()).encode(TEXT));
  }

  @Test
  void aVocabularyWithoutUnknownWordsIsRefused() {
    assertEquals(
        "vocabulary: expected a word <unk>",
        assertThrows(IllegalArgumentException.class, () -> Words.parse("a\nb")).getMessage());
  }

  @Test
  void aTextWithoutWordsIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Words.of(" \n \n", 1, 1));
  }
}
