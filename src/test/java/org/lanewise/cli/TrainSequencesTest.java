package org.lanewise.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lanewise.cli.SequenceRuns.AIRLINE;
import static org.lanewise.cli.SequenceRuns.OTHER_VOWELS;
import static org.lanewise.cli.SequenceRuns.SUNSPOTS;
import static org.lanewise.cli.SequenceRuns.VOWELS;
import static org.lanewise.cli.SequenceRuns.last;
import static org.lanewise.cli.SequenceRuns.numbers;
import static org.lanewise.cli.SequenceRuns.succeed;
import static org.lanewise.cli.SequenceRuns.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.data.Example;

/** Training on tags, classes and series, from the command line. */
class TrainSequencesTest {
  @TempDir private Path folder;

  private Path out(String name) {
    return folder.resolve(name);
  }

  private static void assertSameBytes(Path expected, Path found, String what) throws IOException {
    assertArrayEquals(Files.readAllBytes(expected), Files.readAllBytes(found), what);
  }

  // ---- what a run tells
  // --------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "tags, word, accuracy macro_f1",
    "classify, sequence, accuracy macro_f1",
    "series, window, mse mae rmse"
  })
  void jsonLinesHaveExactlyTheseKeys(String task, String unit, String metrics) throws IOException {
    Cli run =
        succeed(training(task, folder, out("m"), "--steps", "6", "--eval-every", "2", "--json"));
    String keys = "step epoch train_loss valid_loss";
    for (String metric : metrics.split(" ", -1)) {
      keys += " valid_" + metric;
    }
    keys += " " + unit + "s_per_second seconds";
    List<String> lines = run.out().lines().toList();
    assertEquals(3, lines.size(), run.out());
    for (String line : lines) {
      assertEquals(keys, line.replaceAll("\"?[:,] [-.0-9]+|[{}]|\"", "").replace(",", ""), line);
    }
  }

  @ParameterizedTest
  @CsvSource({"tags, valid_accuracy, 0.8", "classify, valid_accuracy, 0.6"})
  void accuracyIsFarBetterThanChance(String task, String key, double least) throws IOException {
    Cli run = succeed(training(task, folder, out("m"), "--epochs", "8", "--json"));
    assertTrue(last(run, key) > least, "found " + last(run, key));
  }

  @Test
  void forecastIsBetterThanTheLastValue() throws IOException {
    Cli run =
        succeed(
            "train",
            "series",
            SUNSPOTS,
            "--out",
            out("m"),
            "--inputs",
            "SUNACTIVITY",
            "--targets",
            "SUNACTIVITY",
            "--window",
            12,
            "--hidden",
            12,
            "--batch",
            16,
            "--rate",
            0.01,
            "--epochs",
            30,
            "--parts",
            "200,0,100",
            "--json");
    double[] spots =
        Files.readAllLines(SUNSPOTS).stream()
            .skip(1)
            .mapToDouble(line -> Double.parseDouble(line.split(",", -1)[1]))
            .toArray();
    double squares =
        IntStream.range(200, 300).mapToDouble(i -> Math.pow(spots[i] - spots[i - 1], 2)).sum();
    double rmse = last(run, "test_rmse");
    assertTrue(rmse < 0.8 * Math.sqrt(squares / 100), rmse + " of " + Math.sqrt(squares / 100));
  }

  @Test
  void testFileIsJudgedAtTheEndAndByEvalAlike() throws IOException {
    Cli run =
        succeed(
            training(
                "classify",
                folder,
                out("m"),
                "--steps",
                "10",
                "--test",
                OTHER_VOWELS.toString(),
                "--json"));
    Cli judged = succeed("eval", out("m"), OTHER_VOWELS, "--json");
    for (String key : new String[] {"loss", "accuracy", "macro_f1"}) {
      assertEquals(last(run, "test_" + key), last(judged, key), key);
    }
    Cli plain = succeed("eval", out("m"), OTHER_VOWELS);
    assertTrue(plain.out().contains("precision"), plain.out());
  }

  @Test
  void balancedWeightsFindTheRareClass() throws IOException {
    StringBuilder rare = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      // One in ten is b, among as many of class a that look alike.
      rare.append(i % 5 == 0 ? 1 : 0).append(",0:").append(i % 10 == 0 ? "b" : "a").append('\n');
      rare.append(i % 5 == 0 ? "1,0:a\n" : "");
    }
    Path file = Files.writeString(folder.resolve("rare.ts"), ts(rare.toString()));
    double[] recalls = new double[2];
    for (int i = 0; i < 2; i++) {
      succeed(
          "train",
          "classify",
          file,
          "--out",
          out("m"),
          "--hidden",
          4,
          "--batch",
          20,
          "--rate",
          0.02,
          "--epochs",
          20,
          "--class-weights",
          i == 0 ? "none" : "balanced");
      String table = succeed("eval", out("m"), file).out();
      String row = table.lines().filter(line -> line.startsWith("b ")).findAny().orElseThrow();
      recalls[i] = Double.parseDouble(row.strip().split(" +", -1)[4]);
    }
    assertArrayEquals(new double[] {0, 1}, recalls);
  }

  // ---- which examples
  // ----------------------------------------------------------------------------

  @Test
  void validationTakesItsShareOfEachClassHoweverTheFileIsOrdered() {
    TrainOptions options = new TrainOptions();
    options.validation = 0.2;
    List<Example> byClass = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      byClass.add(new Example(1, new int[0][], new float[1], new int[] {i / 10}, new float[0]));
    }
    List<Example> interleaved = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      interleaved.add(byClass.get(i % 5 * 10 + i / 5));
    }
    for (List<Example> examples : List.of(byClass, interleaved)) {
      List<List<Example>> parts = new SequenceTraining(null, options, null, null).split(examples);
      assertEquals(40, parts.get(0).size());
      int[] counts = new int[5];
      parts.get(1).forEach(example -> counts[example.classes()[0]]++);
      assertArrayEquals(new int[] {2, 2, 2, 2, 2}, counts);
    }
  }

  @Test
  void validationTakesItsShareOfEachClassOfAFile() throws IOException {
    Cli run = succeed(training("classify", folder, out("m"), "--steps", "1"));
    assertTrue(run.out().contains("valid accuracy"), run.out());
    Path few = Files.writeString(folder.resolve("few.ts"), ts("1,2:a", "3,4:b", "5,6:a"));
    Cli none = succeed("train", "classify", few, "--out", out("n"), "--steps", "1", "--json");
    assertTrue(!none.out().contains("valid_"), none.out());
  }

  @Test
  void partsOfASeriesAreTrainedValidatedAndTestedOn() throws IOException {
    List<String> args =
        training("series", folder, out("m"), "--steps", "8", "--json", "--parts", "90,30,24");
    Cli run = succeed(args);
    Cli validation = succeed("eval", out("m"), AIRLINE, "--rows", "90:120", "--json");
    Cli test = succeed("eval", out("m"), AIRLINE, "--rows", "120:144", "--json");
    assertEquals(last(run, "valid_loss"), last(validation, "loss"));
    assertEquals(last(run, "valid_rmse"), last(validation, "rmse"));
    assertEquals(last(run, "test_loss"), last(test, "loss"));
    assertEquals(last(run, "test_mae"), last(test, "mae"));
  }

  // ---- which model
  // -------------------------------------------------------------------------------

  @Test
  void bestModelIsKept() throws IOException {
    Path test = SequenceRuns.sentences(folder, "test", 2);
    String[][] tasks = {
      {"tags", "--valid", test.toString(), "--test", test.toString()},
      {"classify", "--valid", OTHER_VOWELS.toString(), "--test", OTHER_VOWELS.toString()},
      {"series", "--parts", "120,24,0"}
    };
    for (String[] task : tasks) {
      Path out = out("best " + task[0]);
      List<String> args = training(task[0], folder, out, "--keep", "best", "--eval-every", "1");
      args.addAll(List.of(task).subList(1, task.length));
      args.addAll(List.of("--steps", "12", "--json"));
      args.set(args.indexOf("0.02"), "1.5");
      Cli run = succeed(args);
      double best = Collections.min(numbers(run, "valid_loss"));
      assertTrue(best < last(run, "valid_loss"), "the last model is the best");
      double kept =
          task[0].equals("series")
              ? last(succeed("eval", out, AIRLINE, "--rows", "120:144", "--json"), "loss")
              : last(run, "test_loss");
      assertEquals(best, kept, task[0]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tags", "classify", "series"})
  void patienceStopsWhenNothingGetsBetter(String task) throws IOException {
    List<String> args =
        training(task, folder, out("m"), "--patience", "3", "--eval-every", "1", "--json");
    args.addAll(List.of("--steps", "300"));
    args.set(args.indexOf("0.02"), "0.5");
    List<Double> losses = numbers(succeed(args), "valid_loss");
    assertTrue(losses.size() < 300, "stopped after " + losses.size());
    double best = Collections.min(losses);
    assertEquals(losses.size() - 4, losses.indexOf(best), task);
  }

  @ParameterizedTest
  @CsvSource({
    "tags, --direction bidirectional --dropout 0.3",
    "tags, --valid ?other --smoothing 0.1",
    "classify, --head mean --trained-state --optimizer momentum",
    "classify, --cell gru --layers 2 --missing fill-forward --class-weights balanced",
    "series, --window 9 --horizon 2 --base none --loss huber --centered --parts 100;20;24",
    "series, --validation 0.2 --keep best --cell rnn_tanh"
  })
  void resumedRunIsTheRunNeverInterrupted(String task, String options) throws IOException {
    Path other = SequenceRuns.sentences(folder, "other", 3);
    String[] more = options.replace("?other", other.toString()).replace(';', ',').split(" ", -1);
    List<String> args = training(task, folder, out("whole"), more);
    if (options.contains("--window")) {
      int twice = args.indexOf("--window");
      args.subList(twice, twice + 2).clear();
    }
    args.addAll(List.of("--eval-every", "4", "--json", "--steps", "16"));
    Cli whole = succeed(args);
    Path part = out("part");
    args.set(args.indexOf("--out") + 1, part.toString());
    args.set(args.size() - 1, "8");
    succeed(args);
    Cli resumed =
        succeed(
            "train",
            task,
            args.get(2),
            "--out",
            part,
            "--resume",
            part + ".checkpoint",
            "--steps",
            16,
            "--threads",
            2,
            "--json");
    assertSameBytes(out("whole"), part, options);
    assertEquals(numbers(whole, "valid_loss").subList(2, 4), numbers(resumed, "valid_loss"));
    assertEquals(numbers(whole, "train_loss").subList(2, 4), numbers(resumed, "train_loss"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "tags", "classify", "series"})
  void runWithDefaultIntervalsCanBeResumed(String task) throws IOException {
    List<String> args =
        task.equals("text")
            ? new ArrayList<>(
                List.of(
                    "train",
                    "text",
                    Cli.text(folder).toString(),
                    "--out",
                    out("m").toString(),
                    "--hidden",
                    "4",
                    "--window",
                    "4",
                    "--batch",
                    "5"))
            : training(task, folder, out("m"));
    args.addAll(List.of("--steps", "2"));
    succeed(args);
    Cli resumed =
        succeed(
            "train",
            task,
            args.get(2),
            "--out",
            out("m"),
            "--resume",
            out("m") + ".checkpoint",
            "--steps",
            3,
            "--json");
    assertEquals(List.of(3.0), numbers(resumed, "step"));
  }

  @Test
  void bestModelThatIsNotThereIsFoundAnew() throws IOException {
    List<String> args = training("series", folder, out("m"), "--keep", "best", "--steps", "8");
    succeed(args);
    succeed(
        "train",
        "series",
        AIRLINE,
        "--out",
        out("other"),
        "--resume",
        out("m") + ".checkpoint",
        "--steps",
        16);
    assertTrue(Files.exists(out("other")));
  }

  @Test
  void trainingGoesOnFromAModelWithWhatItLearnedOfItsData() throws IOException {
    succeed(training("tags", folder, out("m"), "--epochs", "8"));
    // Other words in another order of ids: only the model's own ids mean the same.
    Path other = folder.resolve("other");
    String text = Files.readString(folder.resolve("sentences"));
    Files.writeString(other, text.replace("cat\t", "zebra\t").replace("likes\t", "admires\t"));
    Cli run =
        succeed(
            "train",
            "tags",
            other,
            "--out",
            out("n"),
            "--init-from",
            out("m"),
            "--steps",
            1,
            "--rate",
            1e-9,
            "--json");
    double before = last(succeed("eval", out("m"), other, "--json"), "accuracy");
    double after = last(succeed("eval", out("n"), other, "--json"), "accuracy");
    assertEquals(before, after, run.out());
    assertTrue(before > 0.5, "accuracy " + before);

    succeed(training("series", folder, out("s"), "--steps", "30"));
    Cli sunspots =
        succeed(
            "train",
            "series",
            AIRLINE,
            "--out",
            out("t"),
            "--init-from",
            out("s"),
            "--steps",
            1,
            "--json");
    assertTrue(last(sunspots, "valid_loss") < 1, sunspots.out());

    succeed(training("classify", folder, out("c"), "--epochs", "4"));
    Cli vowels =
        succeed(
            "train",
            "classify",
            OTHER_VOWELS,
            "--out",
            out("d"),
            "--init-from",
            out("c"),
            "--steps",
            1,
            "--json");
    assertTrue(last(vowels, "valid_accuracy") > 0.3, vowels.out());
  }

  @Test
  void severalColumnsCategoriesAndSeparatorsAreRead() throws IOException {
    StringBuilder text = new StringBuilder("day;load;heat\n");
    for (int row = 0; row < 80; row++) {
      text.append(row % 7 < 5 ? "work" : "rest").append(';').append(row % 7).append(';');
      text.append(row == 10 ? "?" : "" + row % 3).append('\n');
    }
    Path file = Files.writeString(folder.resolve("load.csv"), text.toString());
    Cli run =
        succeed(
            "train",
            "series",
            file,
            "--out",
            out("m"),
            "--inputs",
            "day,load",
            "--targets",
            "load,heat",
            "--categories",
            "day",
            "--separator",
            ";",
            "--missing",
            "fill-forward",
            "--window",
            7,
            "--horizon",
            2,
            "--hidden",
            8,
            "--steps",
            30,
            "--rate",
            0.02,
            "--json");
    List<Double> losses = numbers(run, "valid_loss");
    assertTrue(losses.get(losses.size() - 1) < losses.get(0), losses.toString());
    Cli sun =
        succeed(
            "train",
            "series",
            SUNSPOTS,
            "--out",
            out("s"),
            "--inputs",
            "SUNACTIVITY",
            "--targets",
            "SUNACTIVITY",
            "--steps",
            3,
            "--hidden",
            4);
    assertTrue(sun.out().contains("valid rmse"), sun.out());
    assertEquals(4 + 80 - 7 + 80 - 7 - 1, succeed("predict", out("m"), file).out().lines().count());
  }

  private static String ts(String... sequences) {
    return "@problemName p\n@univariate true\n@classLabel true a b\n@data\n"
        + String.join("\n", sequences)
        + "\n";
  }

  // ---- what is refused
  // ---------------------------------------------------------------------------

  @Test
  void checkpointsAndModelsOfOtherTasksAreRefused() throws IOException {
    succeed(training("tags", folder, out("tags"), "--steps", "1"));
    succeed(training("classify", folder, out("classify"), "--steps", "1"));
    Cli.run(Cli.training(Cli.text(folder), out("text"), "--steps", "1"));
    String[][] runs = {
      {"classify", VOWELS.toString(), "--init-from", out("tags").toString(), ""},
      {"classify", VOWELS.toString(), "--resume", out("tags.checkpoint").toString(), ""},
      {"series", AIRLINE.toString(), "--init-from", out("classify").toString(), ""}
    };
    for (String[] run : runs) {
      Cli found = Cli.run("train", run[0], run[1], "--out", out("m").toString(), run[2], run[3]);
      String made = run[3].contains("tags") ? "tags" : "classify";
      assertFails(1, run[3] + ": made by train " + made + ", expected train " + run[0], found);
    }
    String kinds = ": task: found \"\", expected classify, tags or series";
    assertFails(
        1,
        out("text") + kinds,
        Cli.run(
            "train",
            "classify",
            VOWELS.toString(),
            "--out",
            out("m").toString(),
            "--init-from",
            out("text").toString()));
    assertFails(
        1,
        out("text.checkpoint") + kinds,
        Cli.run(
            "train",
            "classify",
            VOWELS.toString(),
            "--out",
            out("m").toString(),
            "--resume",
            out("text.checkpoint").toString()));
    assertFails(
        1,
        out("tags.checkpoint") + ": not a checkpoint of train text: no setting text",
        Cli.run(
            "train",
            "text",
            out("sentences").toString(),
            "--out",
            out("m").toString(),
            "--resume",
            out("tags.checkpoint").toString()));
    assertFails(
        1,
        out("tags") + ": no vocabulary in the metadata: no text model",
        Cli.run("generate", out("tags").toString()));
    Cli other =
        Cli.run(
            "train",
            "classify",
            OTHER_VOWELS.toString(),
            "--out",
            out("m").toString(),
            "--resume",
            out("classify.checkpoint").toString());
    assertEquals(1, other.status());
    assertTrue(other.err().contains(" is not the file this checkpoint was made with"), other.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "classify|--head steps|--head: found steps, expected last, mean or max",
        "classify|--head sum|head: found \"sum\", expected one of steps, last, mean, max",
        "classify|--direction back|direction: found \"back\", expected one of forward, bidirectional, bidirectional-sum",
        "classify|--missing no|missing values: found 'no', expected error, fill-forward, drop-leading or value:X with a number",
        "classify|--keep worst|--keep: found \"worst\", expected last or best",
        "classify|--patience -1|--patience: found -1, expected at least 0",
        "classify|--patience 2 --validation 0|--keep best and --patience need validation data, found none",
        "tags|--keep best --validation 0|--keep best and --patience need validation data, found none",
        "series|--keep best --parts 100,0,44|--keep best and --patience need validation data, found none",
        "classify|--resume a --head mean|--head: the architecture comes with --resume",
        "classify|--init-from a --direction forward|--direction: the architecture comes with --init-from",
        "tags|--smoothing 1|label smoothing: found 1.0, expected a share from 0 to below 1",
        "classify|--class-weights no|--class-weights: found \"no\", expected none or balanced",
        "tags|--min-count 0|--min-count: found 0, expected at least 1",
        "tags|--dropout 1|dropout: found 1.0, expected a share from 0 to below 1",
        "series|--horizon 0|found a window of 12 and a horizon of 0 steps, expected 1 or more of each",
        "series|--base day:13|base day:13: expected at most the window of 12 steps",
        "series|--base week|base: found 'week', expected none, last or day:N with a number of values",
        "series|--loss cube|loss: found \"cube\", expected squared, absolute or huber",
        "series|--parts 1,2|--parts: found [1, 2], expected three counts of together at most 144",
        "series|--parts 100,40,5|--parts: found [100, 40, 5], expected three counts of together at most 144",
        "series|--valid x|series are divided by --parts, not by --valid and --test",
        "series|--categories Date|--categories: found Date, expected an input that is no target"
      })
  void wrongUsageIsOneLineAndStatus2(String task, String options, String message)
      throws IOException {
    List<String> args = training(task, folder, out("m"), options.split(" ", -1));
    if (options.startsWith("--resume") || options.startsWith("--init-from")) {
      args.subList(args.indexOf("--hidden"), args.indexOf("--hidden") + 2).clear();
    }
    assertFails(2, message + "; see lanewise train " + task + " --help", Cli.run(args));
  }

  @Test
  void newSeriesNeedsItsColumns() {
    assertFails(
        2,
        "Missing required option: '--targets=NAMES'; see lanewise train series --help",
        Cli.run(
            "train",
            "series",
            AIRLINE.toString(),
            "--out",
            out("m").toString(),
            "--inputs",
            "Passengers"));
  }

  @Test
  void badDataIsNamedByFileAndLine() throws IOException {
    String help = "the value is missing; choose fill-forward, drop-leading or value:X to go on";
    assertBadData("tags", "a\tX\nb\n\n", ":2: found 1 column, expected a word, a tab and a tag");
    assertBadData("tags", "\n\n", ":1: found no sentence");
    assertBadData(
        "classify", ts("1,2:a", "1,x:b"), ":6: channel 1, step 2: found 'x', expected a number");
    assertBadData("classify", ts("1,2:c"), ":5: found the class 'c', expected one of [a, b]");
    assertBadData("classify", ts("1,?:a"), ":5: channel 1, step 2: " + help);
    assertBadData(
        "classify",
        "@univariate true\n@classLabel false\n@data\n1,2\n",
        ": the sequences have no class to learn: expected @classLabel true");
    assertBadData(
        "series", "Passengers\n1\nx\n", ":3: column 'Passengers': found 'x', expected a number");
    assertBadData("series", "P\n1\n", ":1: found no column 'Passengers' among [P]");
    assertBadData("series", "Passengers\n1\n\"\"\n", ":3: column 'Passengers': " + help);
    assertBadData(
        "series",
        "Passengers\n" + "1\n".repeat(10),
        ": rows 0 to 9 of 10: found no place for a window of 12 and a horizon of 1");
    assertTrue(Files.notExists(out("m")));
  }

  private void assertBadData(String task, String text, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("bad"), text);
    List<String> args = training(task, folder, out("m"));
    args.set(2, file.toString());
    assertFails(1, file + message, Cli.run(args));
  }

  @Test
  void filesThatDoNotFitTheTrainingFileAreNamed() throws IOException {
    Path tags = Files.writeString(folder.resolve("valid"), "the\tD\ncat\tQ\n");
    assertFails(
        1,
        tags + ":2: tag: found 'Q', expected one of [D, N, V]",
        Cli.run(training("tags", folder, out("m"), "--valid", tags.toString())));
    Path narrow = Files.writeString(folder.resolve("narrow"), ts("1,2:a"));
    assertFails(
        1,
        narrow + ":5: found 1 channels, expected 12 as in training",
        Cli.run(training("classify", folder, out("m"), "--test", narrow.toString())));
  }

  /** One line on standard error, nothing on standard output, and the status. */
  private static void assertFails(int status, String message, Cli found) {
    assertEquals("lanewise: " + message + System.lineSeparator(), found.err());
    assertEquals("", found.out());
    assertEquals(status, found.status());
  }
}
