package org.lanewise.format;

import java.io.IOException;

/**
 * A model file that breaks the rules of its format, or does not hold what was asked of it. The
 * message names the file, the tensor, the value found and the value expected.
 *
 * <p>It is an {@link IOException}, and so checked, because a file comes from outside the program:
 * no care in the calling code can rule it out, and whoever opens a file already handles the disk
 * that fails and the file that is not there.
 */
public final class FormatException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Names in messages are cut to this many characters: a hostile one may have millions. */
  private static final int SHOWN = 120;

  /**
   * A complaint about a file.
   *
   * @param file the file, as the user named it; empty for a tensor that came from no file
   * @param problem what was found and what was expected
   */
  public FormatException(String file, String problem) {
    super(file.isEmpty() ? problem : file + ": " + problem);
  }

  /**
   * Text out of a file, fit for one line of a message: cut when long, with control and other
   * invisible characters escaped.
   *
   * @param text any text
   * @return the text itself when it is short and printable
   */
  public static String shown(String text) {
    StringBuilder line = new StringBuilder();
    text.codePoints()
        .limit(SHOWN)
        .forEach(
            c -> {
              if (isVisible(c)) {
                line.appendCodePoint(c);
              } else {
                line.append(String.format("\\u%04x", c));
              }
            });
    return text.codePointCount(0, text.length()) > SHOWN
        ? line.append('…').toString()
        : line.toString();
  }

  private static boolean isVisible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
