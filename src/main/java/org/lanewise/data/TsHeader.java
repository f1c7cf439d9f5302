package org.lanewise.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What the lines with {@code @} say, above the data of a {@code .ts} file. */
final class TsHeader {
  private static final Set<String> KEYS =
      Set.of(
          "problemname",
          "timestamps",
          "missing",
          "univariate",
          "dimension",
          "dimensions",
          "equallength",
          "serieslength",
          "classlabel",
          "targetlabel");

  private final Path path;
  private final Map<String, String> entries = new HashMap<>();
  private final Map<String, Integer> lines = new HashMap<>();

  /** Lines of the file up to {@code @data}. */
  final int length;

  /** Channels of every sequence; 0 if the file does not say. */
  final int channels;

  /** Steps of every sequence; 0 if they differ or the file does not say. */
  final int steps;

  /** Whether all sequences must have as many steps as the first. */
  final boolean equalLength;

  /** Classes in the order of the file; none if the sequences have no class. */
  final List<String> classes;

  TsHeader(Path path, List<String> text) throws IOException {
    this.path = path;
    this.length = readEntries(text);
    if (flag("timestamps")) {
      throw problem("timestamps", "found time stamps, expected plain values");
    }
    if (flag("targetlabel")) {
      throw problem("targetlabel", "found numbers to predict, expected classes");
    }
    flag("missing"); // Checked alone: a missing value is met where it stands.
    String dimensions = entries.containsKey("dimension") ? "dimension" : "dimensions";
    this.channels = flag("univariate") ? 1 : count(dimensions);
    this.equalLength = flag("equallength");
    this.steps = count("serieslength");
    this.classes = readClasses();
  }

  private int readEntries(List<String> text) throws IOException {
    for (int line = 1; line <= text.size(); line++) {
      String entry = text.get(line - 1).strip();
      if (entry.isEmpty() || entry.startsWith("#")) {
        continue;
      }
      String[] words = entry.split("\\s+", 2);
      String key = words[0].substring(1).toLowerCase(Locale.ROOT);
      if (entry.startsWith("@") && key.equals("data")) {
        return line;
      }
      if (!entry.startsWith("@") || !KEYS.contains(key)) {
        String found = entry.length() > 40 ? entry.substring(0, 40) + "..." : entry;
        throw TextFiles.problem(
            path, line, "found '" + found + "', expected a known @ entry, a # comment or @data");
      }
      if (entries.put(key, words.length == 1 ? "" : words[1]) != null) {
        throw TextFiles.problem(path, line, words[0] + " stands here a second time");
      }
      lines.put(key, line);
    }
    throw TextFiles.problem(path, Math.max(1, text.size()), "the file ends without @data");
  }

  private boolean flag(String key) throws IOException {
    String value = entries.getOrDefault(key, "false").toLowerCase(Locale.ROOT);
    if (!value.equals("true") && !value.equals("false")) {
      throw problem(key, "found '" + entries.get(key) + "', expected true or false");
    }
    return value.equals("true");
  }

  private int count(String key) throws IOException {
    if (!entries.containsKey(key)) {
      return 0;
    }
    if (!entries.get(key).matches("0*[1-9]\\d{0,8}")) {
      throw problem(key, "found '" + entries.get(key) + "', expected a number from 1");
    }
    return Integer.parseInt(entries.get(key));
  }

  private List<String> readClasses() throws IOException {
    List<String> words = List.of(entries.getOrDefault("classlabel", "false").split("\\s+"));
    List<String> names = words.subList(1, words.size());
    boolean any = words.get(0).equalsIgnoreCase("true");
    boolean distinct = new HashSet<>(names).size() == names.size();
    if ((!any && !words.get(0).equalsIgnoreCase("false")) || !distinct || any == names.isEmpty()) {
      throw problem(
          "classlabel",
          "found '" + String.join(" ", words) + "', expected true and distinct classes, or false");
    }
    return names;
  }

  private IOException problem(String key, String message) {
    return TextFiles.problem(path, lines.get(key), "@" + key + ": " + message);
  }
}
