package org.lanewise.format;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * JSON, read strictly and from front to back. The caller says what must come next, so nothing is
 * built that was not asked for, nesting is as deep as the caller's own code, and any other value is
 * refused where it starts. A safetensors header needs no more than objects, arrays, strings and
 * non-negative integers; {@link Json} reads the rest.
 *
 * <p>Every method takes {@code where}, the words that start its complaint.
 */
final class JsonReader {
  private static final int END = -1;

  /** How many characters of a number a complaint shows. */
  private static final int FOUND = 24;

  /** How many characters of a number are read. */
  private static final int LONGEST_NUMBER = 64;

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  /** Those that certainly fit a {@code long}. */
  private static final Pattern INTEGER = Pattern.compile("0|-?[1-9][0-9]{0,17}");

  private final String file;
  private final String text;
  private final byte[] bytes;
  private int at;

  /** A reader of the bytes of a file that messages call by this name, such as "the header". */
  JsonReader(String file, String text, byte[] bytes) {
    this.file = file;
    this.text = text;
    this.bytes = bytes;
  }

  /** Steps over white space and one character, which must be this one. */
  void expect(char character, String where) throws FormatException {
    if (!accept(character)) {
      throw unexpected(where, "'" + character + "'");
    }
  }

  /** Steps over white space, and over the next character if it is this one. */
  boolean accept(char character) {
    skipSpace();
    if (peek() != character) {
      return false;
    }
    at++;
    return true;
  }

  /** After a member of an object or an array: whether another one follows or it ends here. */
  boolean another(char close, String where) throws FormatException {
    if (accept(',')) {
      return true;
    }
    if (accept(close)) {
      return false;
    }
    throw unexpected(where, "',' or '" + close + "'");
  }

  /** After the last value: nothing but spaces may follow. */
  void end(String where) throws FormatException {
    while (peek() == ' ') {
      at++;
    }
    if (peek() != END) {
      throw unexpected(where, "nothing but spaces after the last '}'");
    }
  }

  /** A non-negative integer that fits a {@code long}, in its only spelling. */
  long integer(String where) throws FormatException {
    skipSpace();
    int start = at;
    long value = 0;
    while (isDigit(peek())) {
      int digit = bytes[at++] - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        at = start;
        throw unexpected(where, "an integer up to " + Long.MAX_VALUE);
      }
      value = value * 10 + digit;
    }
    boolean leadingZero = at - start > 1 && bytes[start] == '0';
    if (at == start || leadingZero || isNumberPart(peek())) {
      at = start;
      throw unexpected(where, "a non-negative integer");
    }
    return value;
  }

  /** Whether a number comes next. */
  boolean atNumber() {
    skipSpace();
    return peek() == '-' || isDigit(peek());
  }

  /** Whether a string comes next. */
  boolean atString() {
    skipSpace();
    return peek() == '"';
  }

  /** A number: an integer that fits a {@code long} as that, any other finite one rounded. */
  Number number(String where) throws FormatException {
    skipSpace();
    int start = at;
    while (isNumberPart(peek()) && at - start < LONGEST_NUMBER) {
      at++;
    }
    String digits = new String(bytes, start, at - start, StandardCharsets.US_ASCII);
    if (NUMBER.matcher(digits).matches() && !isNumberPart(peek())) {
      if (INTEGER.matcher(digits).matches()) {
        return Long.valueOf(digits);
      }
      double value = Double.parseDouble(digits);
      if (Double.isFinite(value)) {
        return value;
      }
    }
    at = start;
    throw unexpected(where, "a finite number");
  }

  /** Steps over white space, and over these letters if they come next. */
  boolean accept(String letters) {
    skipSpace();
    for (int i = 0; i < letters.length(); i++) {
      if (at + i >= bytes.length || bytes[at + i] != letters.charAt(i)) {
        return false;
      }
    }
    at += letters.length();
    return true;
  }

  /** A string, with its escapes resolved. */
  String string(String where) throws FormatException {
    if (!accept('"')) {
      throw unexpected(where, "a string");
    }
    StringBuilder text = new StringBuilder();
    while (true) {
      text.append(plainText(where));
      if (peek() == '"') {
        at++;
        return text.toString();
      }
      if (peek() != '\\') {
        throw unexpected(where, peek() == END ? "the string to end" : "control characters escaped");
      }
      at++;
      text.appendCodePoint(escaped(where));
    }
  }

  /** The characters up to the next quote, backslash or control character. */
  private String plainText(String where) throws FormatException {
    int start = at;
    while (peek() >= ' ' && peek() != '"' && peek() != '\\') {
      at++;
    }
    try {
      // A fresh decoder, unlike new String, reports malformed input.
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, start, at - start))
          .toString();
    } catch (CharacterCodingException e) {
      throw complaint(where, "malformed UTF-8 in the string", start);
    }
  }

  private int escaped(String where) throws FormatException {
    int c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> escapedUnicode(where);
      default -> {
        at--;
        throw unexpected(where, "one of \"\\/bfnrtu after a backslash");
      }
    };
  }

  /** Four hexadecimal digits, or two such escapes that form a surrogate pair. */
  private int escapedUnicode(String where) throws FormatException {
    int start = at - 2;
    char first = fourHexDigits(where);
    if (!Character.isSurrogate(first)) {
      return first;
    }
    if (Character.isHighSurrogate(first)
        && peek() == '\\'
        && at + 1 < bytes.length
        && bytes[at + 1] == 'u') {
      at += 2;
      char second = fourHexDigits(where);
      if (Character.isLowSurrogate(second)) {
        return Character.toCodePoint(first, second);
      }
    }
    throw complaint(where, "unpaired surrogate in the string", start);
  }

  private char fourHexDigits(String where) throws FormatException {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int c = peek();
      int digit = c < 0x80 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        throw unexpected(where, "four hexadecimal digits after \\u");
      }
      value = value << 4 | digit;
      at++;
    }
    return (char) value;
  }

  /** The next byte, unsigned, or {@value #END} behind the last. */
  private int peek() {
    return at < bytes.length ? bytes[at] & 0xff : END;
  }

  /** Steps over white space. */
  void skipSpace() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
      at++;
    }
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNumberPart(int c) {
    return isDigit(c) || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
  }

  /** A complaint about what stands here instead of what was expected. */
  FormatException unexpected(String where, String expected) {
    return complaint(where, "found " + found() + ", expected " + expected, at);
  }

  private FormatException complaint(String where, String problem, int position) {
    return new FormatException(
        file, where + ": " + problem + ", at byte " + position + " of " + text);
  }

  /** What stands here: a whole number if it is one, otherwise a character. */
  private String found() {
    int end = at;
    while (end < Math.min(bytes.length, at + FOUND) && isNumberPart(bytes[end])) {
      end++;
    }
    if (end > at) {
      return new String(bytes, at, end - at, StandardCharsets.US_ASCII);
    }
    int c = peek();
    if (c == END) {
      return "the end of " + text;
    }
    return c > ' ' && c < 0x7f ? "'" + (char) c + "'" : String.format("byte 0x%02x", c);
  }
}
