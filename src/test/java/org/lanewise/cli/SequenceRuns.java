package org.lanewise.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Small runs of the trainers on separate sequences. */
final class SequenceRuns {
  static final Path VOWELS = data("JapaneseVowels_TRAIN.ts");
  static final Path OTHER_VOWELS = data("JapaneseVowels_TEST.ts");
  static final Path AIRLINE = data("airline_passengers.csv");
  static final Path SUNSPOTS = data("sunspots_yearly.csv");

  private SequenceRuns() {}

  private static Path data(String name) {
    try {
      return Path.of(SequenceRuns.class.getResource("/data/" + name).toURI());
    } catch (java.net.URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** Sentences in which the words tell the tags, but for one in ten. */
  static Path sentences(Path folder, String name, long seed) throws IOException {
    String[][] words = {{"the", "a"}, {"cat", "dog", "Oslo"}, {"sees", "likes", "finds"}};
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int sentence = 0; sentence < 60; sentence++) {
      for (int word = 0; word < 5 - 3 * random.nextInt(2); word++) {
        String[] choice = words[word % 3];
        int tag = random.nextInt(10) == 0 ? random.nextInt(3) : word % 3;
        text.append(choice[random.nextInt(choice.length)]).append('\t').append("DNV".charAt(tag));
        text.append('\n');
      }
      text.append('\n');
    }
    return Files.writeString(folder.resolve(name), text.toString());
  }

  /** The arguments of a run of {@code tags}, {@code classify} or {@code series}. */
  static List<String> training(String task, Path folder, Path out, String... more)
      throws IOException {
    List<String> args = new ArrayList<>(List.of("train", task));
    switch (task) {
      case "tags" ->
          args.addAll(
              List.of(
                  sentences(folder, "sentences", 1).toString(),
                  "--word-embedding",
                  "4",
                  "--suffix-embedding",
                  "3"));
      case "classify" -> args.add(VOWELS.toString());
      default ->
          args.addAll(
              List.of(
                  AIRLINE.toString(),
                  "--inputs",
                  "Passengers",
                  "--targets",
                  "Passengers",
                  "--window",
                  "12"));
    }
    args.addAll(
        List.of("--out", out.toString(), "--hidden", "8", "--batch", "16", "--rate", "0.02"));
    args.addAll(List.of(more));
    return args;
  }

  /** Runs a command that must succeed. */
  static Cli succeed(List<String> args) {
    Cli found = Cli.run(args);
    assertEquals(0, found.status(), found.err());
    return found;
  }

  static Cli succeed(Object... args) {
    return succeed(java.util.Arrays.stream(args).map(Object::toString).toList());
  }

  /** The numbers of a key, one from each line that has it. */
  static List<Double> numbers(Cli run, String key) {
    List<Double> numbers = new ArrayList<>();
    Matcher matcher = Pattern.compile('"' + key + "\": ([^,}]+)").matcher(run.out());
    while (matcher.find()) {
      numbers.add(Double.valueOf(matcher.group(1)));
    }
    return numbers;
  }

  /** The number of a key in the last line that has it. */
  static double last(Cli run, String key) {
    List<Double> numbers = numbers(run, key);
    return numbers.get(numbers.size() - 1);
  }
}
