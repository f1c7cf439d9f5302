package org.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanewise.data.TaggedSentences.Sentence;

class TaggedSentencesTest {
  private static final String TEXT =
      "The\tDET\ndog\tNOUN\nran\tVERB\n\n\nThe\tDET\nhot dog\tNOUN\nU-2\tPROPN\n";

  @TempDir Path directory;

  @Test
  void sentencesKnowTheirLines() throws IOException {
    List<Sentence> sentences = TaggedSentences.read(file(TEXT));
    assertEquals(2, sentences.size());
    assertEquals(List.of("The", "hot dog", "U-2"), sentences.get(1).words());
    assertEquals(List.of("DET", "NOUN", "PROPN"), sentences.get(1).tags());
    assertEquals(6, sentences.get(1).line());
  }

  @Test
  void stepsAreWordsSuffixesShapesAndTags() throws IOException {
    List<Sentence> sentences = TaggedSentences.read(file(TEXT));
    SentenceEncoder encoder = SentenceEncoder.of(sentences, 2, 2);
    assertEquals("<unk>\nthe", encoder.words().toString());
    assertEquals("<unk>\ndog\nthe", encoder.suffixes().toString());
    assertEquals("DET\nNOUN\nPROPN\nVERB", encoder.tags().toString());
    Example example = encoder.examples(sentences).get(1);
    assertEquals(3, example.length());
    assertArrayEquals(new int[] {1, 0, 0}, example.tokens()[0]);
    assertArrayEquals(new int[] {2, 1, 0}, example.tokens()[1]);
    assertArrayEquals(new float[] {1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1}, example.features());
    assertArrayEquals(new int[] {0, 1, 2}, example.classes());
  }

  @Test
  void suffixesAreWholeCharacters() {
    List<Sentence> one =
        List.of(new Sentence(Path.of("x"), 1, List.of("ab\ud83d\ude00cD"), List.of("X")));
    assertEquals("<unk>\n\ud83d\ude00cd", SentenceEncoder.of(one, 1, 1).suffixes().toString());
  }

  @Test
  void wordsWithoutTagsGiveTheSameInputs() throws IOException {
    List<Sentence> tagged = TaggedSentences.read(file(TEXT));
    SentenceEncoder encoder = SentenceEncoder.of(tagged, 1, 1);
    List<Sentence> bare = TaggedSentences.readWords(file("The\nhot dog\nU-2"));
    Example expected = encoder.examples(tagged).get(1);
    Example example = encoder.examples(bare).get(0);
    assertArrayEquals(expected.tokens(), example.tokens());
    assertArrayEquals(expected.features(), example.features());
    assertEquals(0, example.classes().length);
  }

  @Test
  void lexiconTextGivesTheSameIdsBack() {
    Stream<String> words = Stream.of(" ", ",", "\"", "\u2028", "a b", "\\n", "<unk>", "\u00a0");
    Lexicon lexicon = Lexicon.open(words, 1);
    Lexicon parsed = Lexicon.parse(lexicon.toString());
    assertEquals(8, parsed.size());
    for (int id = 0; id < lexicon.size(); id++) {
      assertEquals(lexicon.word(id), parsed.word(id));
      assertEquals(id, parsed.id(lexicon.word(id)));
    }
    assertEquals(0, parsed.id("never seen"));
    for (String text : new String[] {"", "a\na", "a\n", "\na"}) {
      assertThrows(IllegalArgumentException.class, () -> Lexicon.parse(text), text);
    }
  }

  @Test
  void malformedLinesAreRefused() {
    assertRefused("2: found 1 column, expected a word, a tab and a tag", "a\tX\nb X\n");
    assertRefused("1: found 3 columns, expected a word, a tab and a tag", "a\tX\tY\n");
    assertRefused("3: found no word", "a\tX\n\n\tX\n");
    assertRefused("1: found no tag", "a\t\n");
    assertRefused("1: found no sentence", "\n\n");
    DataFiles.assertRefused(
        directory.resolve("text.tsv"),
        "1: found 2 columns, expected a word alone",
        () -> TaggedSentences.readWords(file("a\tX\n")));
  }

  @Test
  void unknownTagIsRefused() throws IOException {
    SentenceEncoder encoder = SentenceEncoder.of(TaggedSentences.read(file(TEXT)), 1, 1);
    List<Sentence> other = TaggedSentences.read(file("a\tDET\n\nb\tDET\nc\tADV\n"));
    DataFiles.assertRefused(
        directory.resolve("text.tsv"),
        "4: tag: found 'ADV', expected one of [DET, NOUN, PROPN, VERB]",
        () -> encoder.examples(other));
  }

  @Test
  void englishTreebank() throws IOException {
    List<Sentence> train = TaggedSentences.read(DataFiles.large("ewt_upos_train.tsv"));
    List<Sentence> dev = TaggedSentences.read(DataFiles.large("ewt_upos_dev.tsv"));
    assertEquals(12_544, train.size());
    assertEquals(25_147, dev.stream().mapToInt(sentence -> sentence.words().size()).sum());
    SentenceEncoder encoder = SentenceEncoder.of(train, 2, 2);
    assertEquals(17, encoder.tags().size());
    assertEquals(2001, encoder.examples(dev).size());
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("text.tsv"), text);
  }

  private void assertRefused(String message, String text) {
    DataFiles.assertRefused(
        directory.resolve("text.tsv"), message, () -> TaggedSentences.read(file(text)));
  }
}
