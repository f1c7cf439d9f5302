package org.lanewise.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

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

  /** So are whole messages, to this many. */
  private static final int MOST = 1500;

  /**
   * A complaint about a file. Like {@link #shown}, a message has no control characters and an end,
   * whatever the file holds.
   *
   * @param file the file, as the user named it; empty for a tensor that came from no file
   * @param problem what was found and what was expected
   */
  public FormatException(String file, String problem) {
    super((file.isEmpty() ? "" : file + ": ") + shown(String.valueOf(problem), MOST));
  }

  /**
   * Text out of a file, fit for one line of a message: cut when long, with control and other
   * invisible characters escaped.
   *
   * @param text any text
   * @return the text itself when it is short and printable
   */
  public static String shown(String text) {
    return shown(text, SHOWN);
  }

  private static String shown(String text, int most) {
    StringBuilder line = new StringBuilder();
    text.codePoints()
        .limit(most)
        .forEach(
            c -> {
              if (isVisible(c)) {
                line.appendCodePoint(c);
              } else {
                line.append(String.format("\\u%04x", c));
              }
            });
    return text.codePointCount(0, text.length()) > most
        ? line.append('…').toString()
        : line.toString();
  }

  /**
   * What a file is that is not of the format it was read as, as far as its first bytes tell.
   *
   * @param first the first bytes of the file, eight or more unless it has fewer
   * @return a text for a message, or null if they tell nothing
   */
  public static String otherFormat(byte... first) {
    if (begins(first, 'P', 'K', 3, 4) || begins(first, 0x80)) {
      return (first[0] == 'P' ? "a zip archive, such as torch.save writes" : "a pickle")
          + "; save the weights in Python with"
          + " safetensors.torch.save_file(net.state_dict(), \"net.safetensors\")";
    }
    if (begins(first, 0x89, 'H', 'D', 'F')) {
      return "HDF5; weights of Keras have a name that ends in .weights.h5";
    }
    if (first.length > Long.BYTES && first[Long.BYTES] == '{') {
      return "safetensors; these have a name that ends in .safetensors";
    }
    String text = new String(first, 0, Math.min(first.length, Long.BYTES), StandardCharsets.UTF_8);
    boolean letters =
        text.chars()
            .allMatch(c -> (c >= ' ' && c != 0xFFFD) || c == '\n' || c == '\r' || c == '\t');
    return letters && first.length >= Long.BYTES ? "text, which begins with " + shown(text) : null;
  }

  private static boolean begins(byte[] file, int... first) {
    boolean same = file.length >= first.length;
    for (int i = 0; same && i < first.length; i++) {
      same = file[i] == (byte) first[i];
    }
    return same;
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
