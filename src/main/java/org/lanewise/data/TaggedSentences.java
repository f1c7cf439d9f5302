package org.lanewise.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Sentences from a file in UTF-8: a word on each line and, with a tab between, its tag; an empty
 * line after each sentence.
 */
public final class TaggedSentences {
  private TaggedSentences() {}

  /**
   * A sentence.
   *
   * @param file the file it stands in
   * @param line the line of its first word, from 1; the others follow
   * @param words its words, at least one
   * @param tags a tag for each word, or none at all
   */
  public record Sentence(Path file, int line, List<String> words, List<String> tags) {
    /** Checks the lengths. */
    public Sentence {
      words = List.copyOf(words);
      tags = List.copyOf(tags);
      if (words.isEmpty() || (!tags.isEmpty() && tags.size() != words.size())) {
        throw new IllegalArgumentException(
            "sentence: found " + words.size() + " words, " + tags.size() + " tags");
      }
    }
  }

  /**
   * Reads words with their tags.
   *
   * @param path a file with {@code word TAB tag} on each line
   * @return at least one sentence
   * @throws IOException if the file cannot be read, a line is anything else or there is no
   *     sentence: names the file and the line
   */
  public static List<Sentence> read(Path path) throws IOException {
    return read(path, 2);
  }

  /**
   * Reads words without tags.
   *
   * @param path a file with a word on each line
   * @return at least one sentence
   * @throws IOException as {@link #read(Path)}
   */
  public static List<Sentence> readWords(Path path) throws IOException {
    return read(path, 1);
  }

  private static List<Sentence> read(Path path, int columns) throws IOException {
    List<String> lines = TextFiles.lines(path);
    List<Sentence> sentences = new ArrayList<>();
    List<String> words = new ArrayList<>();
    List<String> tags = new ArrayList<>();
    for (int line = 1; line <= lines.size() + 1; line++) {
      String text = line <= lines.size() ? lines.get(line - 1) : "";
      if (!text.isEmpty()) {
        String[] cells = text.split("\t", -1);
        check(path, line, cells, columns);
        words.add(cells[0]);
        tags.addAll(List.of(cells).subList(1, columns));
      } else if (!words.isEmpty()) {
        sentences.add(new Sentence(path, line - words.size(), words, tags));
        words.clear();
        tags.clear();
      }
    }
    if (sentences.isEmpty()) {
      throw TextFiles.problem(path, 1, "found no sentence");
    }
    return sentences;
  }

  private static void check(Path path, int line, String[] cells, int columns) throws IOException {
    if (cells.length != columns) {
      throw TextFiles.problem(
          path,
          line,
          "found "
              + cells.length
              + (cells.length == 1 ? " column" : " columns")
              + ", expected "
              + (columns == 2 ? "a word, a tab and a tag" : "a word alone"));
    }
    for (int column = 0; column < columns; column++) {
      if (cells[column].isBlank()) {
        throw TextFiles.problem(path, line, column == 0 ? "found no word" : "found no tag");
      }
    }
  }
}
