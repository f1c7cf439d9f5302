package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Compares tensors with golden ones, in the measure of the golden files: the largest difference,
 * relative to max(1, max|x|). Remembers the worst of each kind of file.
 */
final class GoldenErrors {
  private final String title;
  private final Map<String, Set<String>> files = new TreeMap<>();
  private final Map<String, Map<String, Double>> worst = new TreeMap<>();

  GoldenErrors(String title) {
    this.title = title;
  }

  /** Compares a tensor; {@code what} is what the summary calls its like, such as gradients. */
  void check(
      GoldenFile file,
      String what,
      double tolerance,
      String name,
      double[] expected,
      double... found) {
    assertEquals(expected.length, found.length, file + ": " + name);
    double scale = 1;
    double largest = 0;
    int at = 0;
    for (int i = 0; i < expected.length; i++) {
      scale = Math.max(scale, Math.abs(expected[i]));
      double difference = Math.abs(expected[i] - found[i]);
      if (!(difference <= largest)) {
        largest = difference;
        at = i;
      }
    }
    double error = largest / scale;
    files.computeIfAbsent(file.kind(), k -> new TreeSet<>()).add(file.toString());
    worst.computeIfAbsent(file.kind(), k -> new TreeMap<>()).merge(what, error, Math::max);
    if (!(error <= tolerance)) {
      throw new AssertionError(
          "%s: %s[%d]: expected %s, found %s, relative difference %.2e, allowed %.0e"
              .formatted(file, name, at, expected[at], found[at], error, tolerance));
    }
  }

  /** What has been run, how exact it was, and what could not be run. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(title);
    worst.forEach(
        (kind, errors) ->
            text.append("\n  ")
                .append(kind)
                .append(": ")
                .append(files.get(kind).size())
                .append(" files, worst error ")
                .append(
                    errors.entrySet().stream()
                        .map(e -> String.format(Locale.ROOT, "%.1e %s", e.getValue(), e.getKey()))
                        .collect(Collectors.joining(", "))));
    Map<String, Long> others =
        GoldenFile.all().stream()
            .map(GoldenFile::kind)
            .filter(kind -> !worst.containsKey(kind))
            .collect(Collectors.groupingBy(kind -> kind, TreeMap::new, Collectors.counting()));
    return text.append("\n  not for this test: ").append(others).toString();
  }
}
