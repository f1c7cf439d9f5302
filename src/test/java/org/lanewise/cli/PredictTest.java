package org.lanewise.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lanewise.cli.SequenceRuns.AIRLINE;
import static org.lanewise.cli.SequenceRuns.OTHER_VOWELS;
import static org.lanewise.cli.SequenceRuns.VOWELS;
import static org.lanewise.cli.SequenceRuns.last;
import static org.lanewise.cli.SequenceRuns.succeed;
import static org.lanewise.cli.SequenceRuns.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lanewise.format.Safetensors;
import org.lanewise.format.TensorFile;

/** What {@code predict}, {@code eval} and {@code info} make of models of sequences. */
class PredictTest {
  @TempDir private static Path folder;

  @BeforeAll
  static void train() throws IOException {
    succeed(training("tags", folder, model("tags"), "--epochs", "4"));
    succeed(training("classify", folder, model("classify"), "--epochs", "4"));
    succeed(training("series", folder, model("series"), "--epochs", "4", "--horizon", "3"));
    succeed(Cli.training(Cli.text(folder), model("text"), "--steps", "1"));
  }

  private static Path model(String task) {
    return folder.resolve(task + ".safetensors");
  }

  // ---- predictions
  // -------------------------------------------------------------------------------

  @Test
  void tagsAreThoseThatEvalCounts() throws IOException {
    Path file = SequenceRuns.sentences(folder, "other", 7);
    List<String> lines = Files.readAllLines(file);
    String wordsAlone =
        lines.stream()
            .map(line -> line.replaceAll("\t.*", "") + "\n")
            .collect(Collectors.joining());
    Path words = Files.writeString(folder.resolve("words"), wordsAlone);
    List<String> found = succeed("predict", model("tags"), words).out().lines().toList();
    assertEquals(lines.size(), found.size());
    int right = 0;
    int all = 0;
    for (int i = 0; i < lines.size(); i++) {
      assertEquals(lines.get(i).replaceAll("\t.*", ""), found.get(i).replaceAll("\t.*", ""));
      all += lines.get(i).isEmpty() ? 0 : 1;
      right += !lines.get(i).isEmpty() && lines.get(i).equals(found.get(i)) ? 1 : 0;
    }
    double accuracy = last(succeed("eval", model("tags"), file, "--json"), "accuracy");
    assertEquals((double) right / all, accuracy, 1e-6);
  }

  @Test
  void classesAreThoseThatEvalCounts() throws IOException {
    List<String> truth =
        Files.readAllLines(OTHER_VOWELS).stream()
            .filter(line -> line.matches("[-0-9].*"))
            .map(line -> line.substring(line.lastIndexOf(':') + 1))
            .toList();
    List<String> found = succeed("predict", model("classify"), OTHER_VOWELS).out().lines().toList();
    assertEquals(truth.size(), found.size());
    long right =
        IntStream.range(0, truth.size()).filter(i -> truth.get(i).equals(found.get(i))).count();
    double accuracy = last(succeed("eval", model("classify"), OTHER_VOWELS, "--json"), "accuracy");
    assertEquals((double) right / truth.size(), accuracy, 1e-6);
  }

  @Test
  void sequencesWithoutClassesArePredictedAndNotJudged() throws IOException {
    String text = Files.readString(OTHER_VOWELS);
    Path file =
        Files.writeString(
            folder.resolve("unknown.ts"),
            text.replaceAll("@classLabel.*", "@classLabel false").replaceAll(":\\d(?=\\R)", ""));
    assertEquals(
        succeed("predict", model("classify"), OTHER_VOWELS).out(),
        succeed("predict", model("classify"), file).out());
    assertFails(
        1,
        file + ": the sequences have no class to judge by",
        Cli.run("eval", model("classify").toString(), file.toString()));
    assertFails(
        1,
        file + ": the sequences have no class to judge by",
        Cli.run(training("classify", folder, folder.resolve("m"), "--valid", file.toString())));
  }

  private static List<String[]> forecasts(Object... rows) {
    Object[] args = new Object[3 + rows.length];
    args[0] = "predict";
    args[1] = model("series");
    args[2] = AIRLINE;
    System.arraycopy(rows, 0, args, 3, rows.length);
    List<String> lines = succeed(args).out().lines().toList();
    assertEquals("row,step,Passengers", lines.get(0));
    return lines.stream().skip(1).map(line -> line.split(",", -1)).toList();
  }

  @Test
  void forecastsAreThoseThatEvalMeasures() throws IOException {
    List<String> lines = Files.readAllLines(AIRLINE);
    List<String[]> found = forecasts("--rows", "120:140");
    assertEquals(18 * 3, found.size());
    double squares = 0;
    for (String[] cells : found) {
      int row = Integer.parseInt(cells[0]) + Integer.parseInt(cells[1]) - 1;
      double truth = Double.parseDouble(lines.get(row + 1).split(",", -1)[1]);
      squares += Math.pow(Double.parseDouble(cells[2]) - truth, 2);
    }
    Cli eval = succeed("eval", model("series"), AIRLINE, "--rows", "120:140", "--json");
    assertEquals(last(eval, "rmse"), Math.sqrt(squares / found.size()), 1e-3);
  }

  @Test
  void forecastsGoOnBeyondTheEndOfTheFile() {
    List<String[]> all = forecasts();
    assertEquals((144 - 12 + 1) * 3, all.size());
    assertEquals("12", all.get(0)[0]);
    String[] last = all.get(all.size() - 1);
    assertEquals("144", last[0]);
    assertEquals("3", last[1]);
    List<String[]> future = forecasts("--rows", "144:147");
    assertEquals(3, future.size());
    assertEquals(last[2], future.get(2)[2]);
    assertFails(
        1,
        AIRLINE
            + ": rows 145 to 148: found no place for a window of 12 and a horizon of 3 after 144 rows",
        Cli.run("predict", model("series").toString(), AIRLINE.toString(), "--rows", "145:148"));
  }

  // ---- wrong combinations
  // ------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "eval|tags|--batch 3|--batch: this model is not one of texts",
        "eval|series|--validation 0.5|--validation: this model is not one of texts",
        "eval|classify|--rows 1:2|--rows: this model is not one of train series",
        "eval|text|--rows 1:2|--rows: this model is not one of train series",
        "predict|tags|--rows 1:2|--rows: this model is not one of train series",
        "predict|series|--rows 3|--rows: found \"3\", expected FROM:TO"
      })
  void optionsThatTheModelHasNoUseForAreRefused(
      String command, String task, String options, String message) {
    String[] option = options.split(" ", -1);
    assertFails(
        2,
        message + "; see lanewise " + command + " --help",
        Cli.run(command, model(task).toString(), "file", option[0], option[1]));
  }

  @Test
  void filesOfAnotherTaskAreRefused() throws IOException {
    Path sentences = folder.resolve("sentences");
    String series = AIRLINE + ":1: found 1 column, expected a word, a tab and a tag";
    assertFails(1, series, run("eval", "tags", AIRLINE));
    assertFails(
        1,
        sentences + ":1: found 2 columns, expected a word alone",
        run("predict", "tags", sentences));
    assertFails(
        1,
        AIRLINE + ":1: found 'Date,Passengers', expected a known @ entry, a # comment or @data",
        run("predict", "classify", AIRLINE));
    Path other = Files.writeString(folder.resolve("other.csv"), "Date,Cars\n1,2\n");
    assertFails(
        1,
        other + ":1: found no column 'Passengers' among [Date, Cars]",
        run("predict", "series", other));
    Path few = Files.writeString(folder.resolve("few.csv"), "Passengers\n1\n2\n");
    Cli found = run("predict", "series", few);
    assertTrue(found.err().startsWith("lanewise: " + few + ": rows 0 to 5: found no place"));
    assertFails(
        1,
        model("text") + ": task: found \"\", expected classify, tags or series",
        run("predict", "text", VOWELS));
    assertEquals(1, run("predict", "tags", folder.resolve("none")).status());
  }

  private static Cli run(String command, String task, Path file) {
    return Cli.run(command, model(task).toString(), file.toString());
  }

  // ---- info
  // --------------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "tags, embedding.suffix.weight",
    "classify, lstm.weight_ih_l0",
    "series, linear.bias"
  })
  void infoTellsTheTask(String task, String parameter) {
    Cli plain = succeed("info", model(task));
    assertTrue(plain.out().matches("(?s).*\\R  task +" + task + "\\R.*"), plain.out());
    assertTrue(plain.out().contains(parameter), plain.out());
    Cli json = succeed("info", model(task), "--json");
    assertTrue(json.out().contains("\"task\": \"" + task + "\""), json.out());
    assertEquals(1, json.out().lines().count());
  }

  @ParameterizedTest
  @CsvSource({
    "tags, words, , no \"words\"",
    "tags, tags, D, the network does not fit",
    "classify, scaling, 1 0, deviation",
    "classify, classes, a, the network does not fit",
    "series, window, x, \"x\"",
    "series, loss, cube, cube",
    "series, separator, , no \"separator\"",
    "series, task, tags, no \"words\"",
    "series, task, poem, expected classify"
  })
  void modelsWithWrongMetadataAreNamed(String task, String key, String value, String message)
      throws IOException {
    TensorFile file = Safetensors.read(model(task));
    Map<String, String> metadata = new TreeMap<>(file.metadata());
    metadata.remove(key);
    if (value != null) {
      metadata.put(key, value);
    }
    Path changed = folder.resolve("changed");
    Safetensors.write(changed, metadata, List.copyOf(file.tensors().values()));
    Cli found = Cli.run("predict", changed.toString(), AIRLINE.toString());
    assertEquals(1, found.status());
    assertEquals(1, found.err().lines().count(), found.err());
    assertTrue(found.err().startsWith("lanewise: " + changed + ": "), found.err());
    assertTrue(found.err().contains(message), found.err());
  }

  /** One line on standard error, nothing on standard output, and the status. */
  private static void assertFails(int status, String message, Cli found) {
    assertEquals("lanewise: " + message + System.lineSeparator(), found.err());
    assertEquals("", found.out());
    assertEquals(status, found.status());
  }
}
