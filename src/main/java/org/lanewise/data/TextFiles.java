package org.lanewise.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads text files. */
public final class TextFiles {
  private TextFiles() {}

  /**
   * The whole text of a file in UTF-8.
   *
   * @param path the file
   * @return its text, never empty
   * @throws IOException if it cannot be read, is not UTF-8 or is empty; the message names the file
   */
  public static String read(Path path) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    if (bytes.length == 0) {
      throw new IOException(path + ": the file is empty");
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IOException(path + ": not a text in UTF-8", e);
    }
  }
}
