package org.lanewise.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.format.ModelFile;
import org.lanewise.format.Safetensors;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;

/** What {@code latency} counts, prints and writes; the times themselves are no matter of tests. */
class LatencyTest {
  private static final Pattern RUN =
      Pattern.compile(
          "\\{\"run\": \"([^\"]+)\", \"steps\": (\\d+), \"seconds\": [\\d.]+, \"p50_us\": ([\\d.]+),"
              + " \"p90_us\": ([\\d.]+), \"p99_us\": ([\\d.]+), \"p99.9_us\": ([\\d.]+),"
              + " \"p99.99_us\": ([\\d.]+), \"max_us\": ([\\d.]+), \"bytes\": (\\d+|null),"
              + " \"collections\": \\d+\\}");

  @TempDir private static Path folder;
  private static Path vectors;
  private static Path tokens;

  @BeforeAll
  static void write() throws IOException {
    vectors = model("vectors", Fixtures.lstm(new Input.Features(3), 5, 2, 2));
    tokens = model("tokens", Fixtures.lstm(new Input.OneHot(6), 5, 1, 6));
  }

  private static Path model(String name, NetworkSpec spec) throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    Safetensors.write(
        file, ModelFile.architecture(spec), ModelFile.tensors(Fixtures.filled(spec, 1)));
    return file;
  }

  private static Cli latency(Path model, String... options) {
    List<String> args = new ArrayList<>(List.of("latency", model.toString(), "--no-warmup"));
    args.addAll(List.of(options));
    return Cli.run(args);
  }

  private static Matcher run(String line) {
    Matcher run = RUN.matcher(line);
    assertTrue(run.matches(), line);
    double last = 0;
    for (int group = 3; group <= 8; group++) {
      double value = Double.parseDouble(run.group(group));
      assertTrue(value >= last, "percentiles fall: " + line);
      last = value;
    }
    return run;
  }

  @Test
  void bothRunsCountTheirSteps() {
    for (Path model : List.of(vectors, tokens)) {
      Cli found = latency(model, "--steps", "700", "--rate", "2000", "--seconds", "0.1", "--json");
      assertEquals(0, found.status(), found.err());
      List<String> lines = found.out().lines().toList();
      assertEquals(2, lines.size(), found.out());
      assertEquals("full speed", run(lines.get(0)).group(1));
      assertEquals("700", run(lines.get(0)).group(2));
      assertEquals("2000 per second", run(lines.get(1)).group(1));
      assertEquals("200", run(lines.get(1)).group(2));
    }
  }

  /** Of steps that come too fast for any machine, each waits for all before it. */
  @Test
  void latencyIsCountedFromTheIntendedStart() {
    String[] options = {"--steps", "0", "--rate", "1e9", "--seconds", "2e-5", "--json"};
    Matcher run = run(latency(vectors, options).out().strip());
    assertEquals("20000", run.group(2));
    // So the last, which is the longest, has waited for the whole run.
    double micros =
        1e6 * Double.parseDouble(run.group(0).replaceAll(".*\"seconds\": ([\\d.]+).*", "$1"));
    assertEquals(micros, Double.parseDouble(run.group(8)), 1500 + 0.01 * micros, run.group());
  }

  @Test
  void warmUpIsReportedUnlessRefused() {
    Cli warm = Cli.run("latency", vectors.toString(), "--steps", "10", "--rate", "0", "--json");
    assertTrue(warm.out().matches("\\{\"warmup_seconds\": \\d+\\.\\d{3}\\}\\R.*\\R"), warm.out());
  }

  @Test
  void theReportForPeopleHasEveryPercentile() {
    Cli found = latency(vectors, "--steps", "300", "--rate", "0");
    assertEquals(0, found.status(), found.err());
    assertTrue(found.out().startsWith("full speed: 300 steps in "), found.out());
    for (String name : List.of("p50", "p90", "p99", "p99.9", "p99.99", "max")) {
      assertTrue(
          Pattern.compile("(?m)^  " + Pattern.quote(name) + " +[\\d,.]+ µs$")
              .matcher(found.out())
              .find(),
          name + " is not in " + found.out());
    }
  }

  @Test
  void histogramsHoldEveryStep() throws IOException {
    String[] options = {"--steps", "400", "--rate", "1000", "--seconds", "0.05", "--histogram"};
    List<String> args = new ArrayList<>(List.of(options));
    Path log = folder.resolve("run.hlog");
    args.add(log.toString());
    assertEquals(0, latency(vectors, args.toArray(String[]::new)).status());
    Map<String, Long> counts = new TreeMap<>();
    try (HistogramLogReader reader = new HistogramLogReader(new File(log.toString()))) {
      EncodableHistogram next = reader.nextIntervalHistogram();
      while (next != null) {
        counts.put(next.getTag(), ((Histogram) next).getTotalCount());
        next = reader.nextIntervalHistogram();
      }
    }
    assertEquals(Map.of("full-speed", 400L, "1000-per-second", 50L), counts);
    Path text = folder.resolve("run.txt");
    args.set(args.size() - 1, text.toString());
    assertEquals(0, latency(vectors, args.toArray(String[]::new)).status());
    List<String> lines = Files.readAllLines(text);
    assertEquals("#[full speed, microseconds]", lines.get(0));
    assertTrue(lines.contains("#[1000 per second, microseconds]"), lines.toString());
    assertTrue(lines.stream().anyMatch(line -> line.matches("#\\[Max.*Total count += +400\\]")));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          List.of(log, text), files.filter(f -> f.toString().contains("run.")).sorted().toList());
    }
  }

  @Test
  void wrongOptionsAreNamed() {
    Map<String, String> broken = new TreeMap<>();
    broken.put("--steps -1", "--steps: found -1, expected at least 0");
    broken.put("--rate -1", "--rate: found -1.0, expected 0 to 1e9");
    broken.put("--rate NaN", "--rate: found NaN, expected 0 to 1e9");
    broken.put("--seconds 0", "--seconds: found 0.0, expected a positive number, 1e6 at most");
    broken.put("--steps 0 --rate 0", "--steps 0 and --rate 0 leave nothing to run");
    broken.put(
        "--histogram no/such/file",
        "--histogram: found no/such/file, expected a file in an existing folder");
    broken.forEach(
        (options, message) -> {
          Cli found = latency(vectors, options.split(" ", -1));
          assertEquals(2, found.status());
          assertEquals(
              "lanewise: " + message + "; see lanewise latency --help" + System.lineSeparator(),
              found.err());
        });
  }

  @Test
  void aModelWithoutStepsIsTold() throws IOException {
    NetworkSpec spec =
        new NetworkSpec(
            new Input.Features(2),
            CellKind.LSTM,
            3,
            0,
            1,
            Direction.BIDIRECTIONAL,
            Head.STEPS,
            0,
            false,
            1);
    Cli found = latency(model("both", spec), "--steps", "5");
    assertEquals(1, found.status());
    assertTrue(found.err().startsWith("lanewise: no steps: found direction bidirectional"));
    assertEquals(1, found.err().lines().count());
  }
}
