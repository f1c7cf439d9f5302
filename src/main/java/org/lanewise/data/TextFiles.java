package org.lanewise.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads text files. */
public final class TextFiles {
  /** How many words of a list a message has. */
  private static final int SHOWN = 40;

  /** How many characters a message has. */
  private static final int MOST = 1500;

  private TextFiles() {}

  /**
   * The whole text of a file in UTF-8.
   *
   * @param path the file
   * @return its text, never empty
   * @throws IOException if it cannot be read, is not UTF-8 or is empty; the message names the file,
   *     and the line that is not UTF-8
   */
  public static String read(Path path) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    if (bytes.length == 0) {
      throw new IOException(path + ": the file is empty");
    }
    ByteBuffer input = ByteBuffer.wrap(bytes);
    CharBuffer text = CharBuffer.allocate(bytes.length);
    if (StandardCharsets.UTF_8.newDecoder().decode(input, text, true).isError()) {
      long line = 1;
      for (int i = 0; i < input.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      throw problem(path, line, "not a text in UTF-8");
    }
    return text.flip().toString();
  }

  /** The lines of a file in UTF-8, without the mark that some editors put before the first. */
  static List<String> lines(Path path) throws IOException {
    return withoutMark(read(path)).lines().toList();
  }

  /** The text without a byte order mark before it. */
  static String withoutMark(String text) {
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /** The first words of a list, for a message: those of a hostile file may be without end. */
  static List<String> shown(List<String> words) {
    if (words.size() <= SHOWN) {
      return words;
    }
    List<String> some = new ArrayList<>(words.subList(0, SHOWN));
    some.add("… and " + (words.size() - SHOWN) + " more");
    return some;
  }

  /** What is wrong with a line of a file, from 1. */
  static IOException problem(Path path, long line, String message) {
    boolean cut = message.length() > MOST;
    return new IOException(
        path + ":" + line + ": " + (cut ? message.substring(0, MOST) + "…" : message));
  }
}
