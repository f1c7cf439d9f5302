package org.lanewise.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;
import org.lanewise.format.TensorFile;

/** What a user types and what comes back. */
class CommandLineTest {
  private static final Pattern JSON =
      Pattern.compile(
          "\\{\"step\": \\d+, \"epoch\": \\d+, \"train_loss\": \\d+\\.\\d{6}, \"valid_loss\":"
              + " (\\d+\\.\\d{6}), \"chars_per_second\": \\d+\\.\\d, \"seconds\": \\d+\\.\\d{3}\\}");

  @TempDir private static Path shared;
  private static Path text;
  private static Path model;
  private static Cli trained;

  @TempDir private Path folder;

  @BeforeAll
  static void train() throws IOException {
    text = Cli.text(shared);
    model = shared.resolve("model.safetensors");
    trained = Cli.run(Cli.training(text, model, "--steps", "60", "--json"));
  }

  /** One line on standard error, nothing on standard output, and the status. */
  private static void assertFails(int status, String message, Cli found) {
    assertEquals("lanewise: " + message + System.lineSeparator(), found.err());
    assertEquals("", found.out());
    assertEquals(status, found.status());
  }

  private static byte[] bytes(Path path) throws IOException {
    return Files.readAllBytes(path);
  }

  // ---- help and usage
  // ----------------------------------------------------------------------------

  @Test
  void helpNamesEveryOptionOfTraining() {
    Cli help = Cli.run("train", "text", "--help");
    assertEquals(0, help.status());
    for (String option :
        ("--out --cell --layers --hidden --projection --embedding --batch --window --epochs --steps --optimizer"
                + " --rate --decay --decay-after --weight-decay --clip-norm --clip-value --init"
                + " --validation --eval-every --checkpoint-every --seed --threads --init-from"
                + " --resume --json --stacktrace --help --version")
            .split(" ", -1)) {
      assertTrue(
          Pattern.compile("(?m)^.*" + option + "\\b").matcher(help.out()).find(),
          option + " is not in " + help.out());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "train", "eval", "generate", "info", "latency"})
  void everyCommandHasHelp(String command) {
    List<String> args = new ArrayList<>(command.isEmpty() ? List.of() : List.of(command));
    args.add("--help");
    Cli help = Cli.run(args);
    assertEquals(0, help.status());
    assertEquals("", help.err());
    assertTrue(help.out().startsWith("Usage: lanewise " + command), help.out());
  }

  @Test
  void projectedModelsAreTrainedAndRead() {
    Path projected = folder.resolve("projected.safetensors");
    Cli found = Cli.run(Cli.training(text, projected, "--steps", "20", "--projection", "5"));
    assertEquals(0, found.status(), found.err());
    Cli info = Cli.run("info", projected.toString());
    assertTrue(info.out().contains("lstm.weight_hr_l0"), info.out());
    assertTrue(Pattern.compile("proj_size +5").matcher(info.out()).find(), info.out());
    assertEquals(0, Cli.run("generate", projected.toString()).status());
  }

  @Test
  void wrongUsageIsOneLineAndStatus2() {
    String help = "; see lanewise train text --help";
    assertFails(2, "a command is missing; see lanewise --help", Cli.run());
    assertFails(
        2,
        "what to train is missing: text, tags, classify or series; see lanewise train --help",
        Cli.run("train"));
    assertFails(2, "Missing required parameter: 'FILE'" + help, Cli.run("train", "text"));
    Map<String, String> broken = new TreeMap<>();
    broken.put("--validation 1", "--validation: found 1.0, expected a share from 0 to below 1");
    broken.put("--eval-every 0", "--eval-every: found 0, expected at least 1");
    broken.put("--steps 0", "--steps: found 0, expected at least 1");
    broken.put("--steps 5 --epochs 1", "--steps and --epochs exclude each other");
    broken.put("--resume a --init-from b", "--resume and --init-from exclude each other");
    broken.put("--threads 0", "threads: found 0, expected at least 1");
    broken.put("--batch -1", "batch: found -1, expected at least 1");
    broken.put("--hidden 0", "hidden size: found 0, expected at least 1");
    broken.put(
        "--hidden 8 --projection 8",
        "projection size: found 8, expected 0 for none or 1 to 7, below the hidden size");
    broken.put("--cell gru --projection 3", "projection size: found 3 for cell gru, expected 0");
    broken.put("--rate 0", "learning rate: found 0.0, expected a positive number");
    broken.put(
        "--optimizer sdg", "optimizer: found \"sdg\", expected sgd, momentum, adam or sparse-adam");
    broken.put(
        "--memory 12x", "--memory: found \"12x\", expected a number with k, m or g, as 200m");
    broken.put("--init x", "initialisation: found \"x\", expected torch, glorot or uniform:R");
    broken.put("--resume a --hidden 9", "--hidden: the architecture comes with --resume");
    broken.put("--init-from a --layers 2", "--layers: the architecture comes with --init-from");
    broken.put("--hidden 30000", "lstm.weight_hh_l0 [120000, 30000]: more than 2^31 parameters");
    broken.forEach(
        (options, message) -> {
          List<String> args = new ArrayList<>(List.of("train", "text", text.toString()));
          args.addAll(List.of("--out", model.toString()));
          args.addAll(List.of(options.split(" ", -1)));
          assertFails(2, message + help, Cli.run(args));
        });
  }

  @Test
  void aBudgetOfMemoryGivesTheSameModelOrSaysWhatIsNeeded() throws IOException {
    Path all = folder.resolve("all");
    Path some = folder.resolve("some");
    Cli whole = Cli.run(Cli.training(text, all, "--steps", "20"));
    Matcher bytes = Pattern.compile("buffers of a window: ([\\d,]+) bytes\\R").matcher(whole.out());
    assertTrue(bytes.find(), whole.out());
    long needed = Long.parseLong(bytes.group(1).replace(",", ""));
    String budget = Long.toString(needed * 3 / 4);
    Cli lean = Cli.run(Cli.training(text, some, "--steps", "20", "--memory", budget));
    assertTrue(lean.out().contains(" bytes, gates of "), lean.out() + lean.err());
    assertEquals(-1, Files.mismatch(all, some));
    Cli refused = Cli.run(Cli.training(text, some, "--memory", "1k"));
    assertEquals(2, refused.status());
    assertTrue(
        refused
            .err()
            .startsWith("lanewise: --memory: the buffers of training take " + bytes.group(1)),
        refused.err());
  }

  @Test
  void missingFolderOfTheModelIsToldBeforeTraining() {
    Path out = folder.resolve("no").resolve("model");
    assertFails(
        2,
        "--out: found "
            + out
            + ", expected a file in an existing folder; see lanewise train text"
            + " --help",
        Cli.run(Cli.training(text, out, "--steps", "1000000000")));
  }

  @Test
  void heapThatIsTooSmallIsToldInOneLine() {
    // 5 GB of weights.
    Cli found =
        Cli.run(
            "train",
            "text",
            text.toString(),
            "--out",
            model.toString(),
            "--hidden",
            "18000",
            "--batch",
            "2");
    assertEquals(1, found.status());
    assertTrue(
        found.err().matches("lanewise: .*heap.* is too small; give more .*\\R"), found.err());
  }

  // ---- texts
  // -------------------------------------------------------------------------------------

  @Test
  void textsThatCannotBeUsedAreNamed() throws IOException {
    Path out = folder.resolve("model");
    Path missing = folder.resolve("missing");
    assertFails(1, missing + ": no such file", Cli.run(Cli.training(missing, out)));
    Path empty = Files.write(folder.resolve("empty"), new byte[0]);
    assertFails(1, empty + ": the file is empty", Cli.run(Cli.training(empty, out)));
    Path latin = Files.write(folder.resolve("latin"), new byte[] {'a', (byte) 0xe9, 'b'});
    assertFails(1, latin + ":1: not a text in UTF-8", Cli.run(Cli.training(latin, out)));
    Path tiny = Files.writeString(folder.resolve("tiny"), "abc");
    assertFails(
        1,
        tiny
            + ": the training part: the text is too short: found 2 tokens, expected at least 41"
            + " for a batch of 5 and a window of 8",
        Cli.run(Cli.training(tiny, out)));
    assertFalse(Files.exists(out));
  }

  @Test
  void stackTraceComesWhenAskedFor() throws IOException {
    Path empty = Files.write(folder.resolve("empty"), new byte[0]);
    Cli plain = Cli.run("eval", model.toString(), empty.toString());
    Cli traced = Cli.run("--stacktrace", "eval", model.toString(), empty.toString());
    assertFalse(plain.err().contains("\tat "), plain.err());
    assertTrue(traced.err().startsWith(plain.err()), traced.err());
    assertTrue(traced.err().contains("\tat org.lanewise"), traced.err());
    assertEquals(1, traced.status());
  }

  // ---- training
  // ----------------------------------------------------------------------------------

  @Test
  void jsonLinesHaveExactlyTheseKeys() {
    assertEquals(0, trained.status(), trained.err());
    List<String> lines = trained.out().lines().toList();
    assertEquals(3, lines.size(), trained.out());
    for (String line : lines) {
      assertTrue(JSON.matcher(line).matches(), line);
    }
  }

  @Test
  void evaluationGivesTheLossOfTraining() {
    Matcher last = JSON.matcher(trained.out().lines().toList().get(2));
    assertTrue(last.matches());
    Cli found =
        Cli.run(
            "eval",
            model.toString(),
            text.toString(),
            "--validation",
            "0.1",
            "--batch",
            "5",
            "--json");
    assertTrue(found.out().startsWith("{\"loss\": " + last.group(1) + ","), found.out());
  }

  @Test
  void roundingTheWeightsChangesTheLossALittle() {
    String[] exact = {"eval", model.toString(), text.toString(), "--json"};
    String[] rounded = {
      "eval", model.toString(), text.toString(), "--json", "--precision", "bfloat16"
    };
    double expected = loss(Cli.run(exact));
    double found = loss(Cli.run(rounded));
    assertEquals(expected, found, 0.02);
    assertNotEquals(expected, found);
    rounded[5] = "half";
    assertEquals(2, Cli.run(rounded).status());
  }

  private static double loss(Cli run) {
    return Double.parseDouble(run.out().replaceAll("\\{\"loss\": ([0-9.]+),[^\n]*\n?", "$1"));
  }

  /** The lines without time and speed, from a step on. */
  private static List<String> lines(Cli run, int from) {
    return run.out()
        .lines()
        .filter(line -> Integer.parseInt(line.replaceAll("\\D*(\\d+).*", "$1")) >= from)
        .map(line -> line.replaceAll(", \"chars_per_second.*", ""))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--optimizer sgd",
        "--optimizer momentum --embedding 4",
        "--optimizer adam --layers 2",
        "--decay 0.5 --clip-value 0.01 --weight-decay 0.001 --init glorot"
      })
  void resumedRunIsTheRunNeverInterrupted(String options) throws IOException {
    String[] more = (options + " --json --validation 0.2").split(" ", -1);
    Path whole = folder.resolve("whole");
    Path part = folder.resolve("part");
    List<String> args = Cli.training(text, whole, more);
    args.addAll(List.of("--steps", "60"));
    Cli wholeRun = Cli.run(args);
    args = Cli.training(text, part, more);
    args.addAll(List.of("--steps", "33"));
    assertEquals(0, Cli.run(args).status());
    Cli resumed =
        Cli.run(
            "train",
            "text",
            text.toString(),
            "--out",
            part.toString(),
            "--resume",
            part + ".checkpoint",
            "--steps",
            "60",
            "--threads",
            "2",
            "--json");
    assertEquals(0, resumed.status(), resumed.err());
    assertArrayEquals(bytes(whole), bytes(part), options);
    // The interrupted run evaluated at its end, so the training mean of step 40 began there.
    assertEquals(lines(wholeRun, 60), lines(resumed, 60), options);
  }

  @Test
  void aCheckpointNamesItsText() throws IOException {
    Path own = Files.writeString(folder.resolve("own.txt"), Files.readString(text));
    Path part = folder.resolve("named");
    assertEquals(0, Cli.run(Cli.training(own, part, "--steps", "20")).status());
    String[] resume = {
      "train", "text", "--resume", part + ".checkpoint", "--out", part.toString(), "--steps", "25"
    };
    Cli resumed = Cli.run(resume);
    assertEquals(0, resumed.status(), resumed.err());
    Files.delete(own);
    assertFails(
        2,
        "FILE is missing, and the checkpoint names "
            + own
            + ", which is not here; see lanewise train text --help",
        Cli.run(resume));
  }

  @Test
  void checkpointOfAnotherTextOrOptionIsRefused() throws IOException {
    Path checkpoint = Path.of(model + ".checkpoint");
    Path other = Files.writeString(folder.resolve("other"), Files.readString(text) + "k");
    Cli found =
        Cli.run(Cli.training(other, folder.resolve("m"), "--resume", checkpoint.toString()));
    assertEquals(2, found.status(), found.err());
    List<String> args =
        List.of(
            "train",
            "text",
            other.toString(),
            "--out",
            folder.resolve("m").toString(),
            "--resume",
            checkpoint.toString());
    found = Cli.run(args);
    assertEquals(1, found.status());
    assertTrue(
        found.err().contains(other + " is not the text this checkpoint was made with (found 2001"),
        found.err());
    args = new ArrayList<>(args);
    args.set(2, text.toString());
    args.addAll(List.of("--rate", "0.5"));
    assertFails(
        2,
        "--rate: found 0.5, but the checkpoint was made with 0.01; see lanewise train text --help",
        Cli.run(args));
  }

  @Test
  void damagedCheckpointIsRefused() throws IOException {
    byte[] good = bytes(Path.of(model + ".checkpoint"));
    Path broken = folder.resolve("broken");
    for (int length : new int[] {0, 5, 200, good.length / 2, good.length - 1}) {
      Files.write(broken, Arrays.copyOf(good, length));
      Cli found =
          Cli.run(
              "train",
              "text",
              text.toString(),
              "--out",
              folder.resolve("m").toString(),
              "--resume",
              broken.toString());
      assertEquals(1, found.status(), found.err());
      assertTrue(found.err().startsWith("lanewise: " + broken + ": "), found.err());
      assertEquals(1, found.err().lines().count(), found.err());
    }
  }

  @Test
  void trainingGoesOnFromAModel() {
    Path out = folder.resolve("more");
    Cli found =
        Cli.run(
            "train",
            "text",
            text.toString(),
            "--out",
            out.toString(),
            "--init-from",
            model.toString(),
            "--steps",
            "20",
            "--batch",
            "5",
            "--window",
            "8",
            "--json",
            "--eval-every",
            "1");
    assertEquals(0, found.status(), found.err());
    double first =
        Double.parseDouble(
            found
                .out()
                .lines()
                .findFirst()
                .orElseThrow()
                .replaceAll(".*valid_loss\": ([^,]+),.*", "$1"));
    Matcher last = JSON.matcher(trained.out().lines().toList().get(2));
    assertTrue(last.matches());
    assertEquals(Double.parseDouble(last.group(1)), first, 0.1);
  }

  @Test
  void divergenceIsToldWithTheLastGoodCheckpointAndLeavesTheModel() throws IOException {
    Path out = Files.copy(model, folder.resolve("model"));
    Cli found =
        Cli.run(
            Cli.training(
                text,
                out,
                "--steps",
                "300",
                "--rate",
                "1e38",
                "--optimizer",
                "sgd",
                "--clip-norm",
                "0"));
    assertEquals(2, found.status(), "given twice: " + found.err());
    List<String> args =
        new ArrayList<>(
            Cli.training(text, out, "--steps", "300", "--optimizer", "sgd", "--clip-norm", "0"));
    args.set(args.indexOf("0.01"), "1e38");
    found = Cli.run(args);
    assertEquals(1, found.status());
    assertTrue(
        found
            .err()
            .matches(
                "lanewise: training diverged at step \\d+: loss .*, gradient norm .*; there is no checkpoint yet\\R"),
        found.err());
    assertArrayEquals(bytes(model), bytes(out));
    args.set(args.indexOf("--eval-every") + 1, "1");
    found = Cli.run(args);
    assertEquals(1, found.status());
    assertTrue(found.err().contains("training diverged at step "), found.err());
    assertEquals(0, Cli.run("info", out.toString()).status(), "the model is damaged");
  }

  // ---- use of a model
  // ----------------------------------------------------------------------------

  private static String generated(String... options) {
    List<String> args = new ArrayList<>(List.of("generate", model.toString(), "--length", "80"));
    args.addAll(List.of(options));
    Cli found = Cli.run(args);
    assertEquals(0, found.status(), found.err());
    return found.out();
  }

  @Test
  void generationIsDeterminedByTheSeed() {
    assertEquals(generated("--seed", "5"), generated("--seed", "5"));
    assertFalse(generated("--seed", "5").equals(generated("--seed", "6")));
    assertEquals(80 + System.lineSeparator().length(), generated().length());
  }

  @Test
  void temperatureZeroIgnoresTheSeed() {
    String[] greedy = {"--prompt", "the king", "--temperature", "0", "--seed", "1"};
    String first = generated(greedy);
    greedy[5] = "2";
    assertEquals(first, generated(greedy));
    assertTrue(first.startsWith("the king"), first);
  }

  @Test
  void unknownCharacterOfThePromptIsNamed() {
    int size = (int) org.lanewise.Fixtures.text(2000, 8).chars().distinct().count();
    assertFails(
        2,
        "--prompt: character 1 is '~' (U+007E), which is not among the "
            + size
            + " of the vocabulary; see lanewise generate --help",
        Cli.run("generate", model.toString(), "--prompt", "t~"));
  }

  @Test
  void infoTellsArchitectureAndParameters() {
    Cli found = Cli.run("info", model.toString());
    assertEquals(0, found.status());
    for (String part :
        new String[] {
          "every check passed", "one-hot", "lstm.weight_hh_l0", "[48, 12]", "vocabulary"
        }) {
      assertTrue(found.out().contains(part), found.out());
    }
    assertTrue(Cli.run("info", model.toString(), "--json").out().contains("\"shape\": [48, 12]"));
  }

  /** A copy of the model with other metadata or tensors, and what a command says to it. */
  private Cli info(Map<String, String> metadata, List<Tensor> tensors) throws IOException {
    Path changed = folder.resolve("changed");
    Safetensors.write(changed, metadata, tensors);
    Cli found = Cli.run("generate", changed.toString());
    assertEquals(1, found.status(), found.out());
    assertEquals(1, found.err().lines().count(), found.err());
    return found;
  }

  @Test
  void wrongModelFilesAreNamed() throws IOException {
    TensorFile file = Safetensors.read(model);
    List<Tensor> good = List.copyOf(file.tensors().values());
    List<Tensor> fewer =
        good.stream().filter(t -> !t.name().equals("linear.bias")).collect(Collectors.toList());
    String path = folder.resolve("changed") + ": ";
    assertTrue(info(file.metadata(), fewer).err().contains("linear.bias"));
    List<Tensor> more = new ArrayList<>(good);
    more.add(Tensor.of("extra", new float[1], 1));
    assertFails(
        1,
        path + "extra: not a parameter of the architecture in the metadata",
        info(file.metadata(), more));
    float[] bias = file.require("linear.bias", file.metadata().get("vocabulary").length()).floats();
    bias[3] = Float.NaN;
    fewer.add(Tensor.of("linear.bias", bias, bias.length));
    assertFails(
        1,
        path + "linear.bias: element 3 is NaN, expected a finite number",
        info(file.metadata(), fewer));
    Map<String, String> other = new TreeMap<>(file.metadata());
    other.put("vocabulary", "abc");
    assertFails(
        1,
        path
            + "the vocabulary has 3 tokens, but the network reads "
            + bias.length
            + " and predicts "
            + bias.length,
        info(other, good));
    Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(bytes(model), 900));
    Cli found = Cli.run("info", cut.toString());
    assertEquals(1, found.status());
    assertTrue(found.err().startsWith("lanewise: " + cut + ": "), found.err());
  }

  /** Whatever a name ends in, a newcomer is told what the file is. */
  @ParameterizedTest
  @CsvSource({
    "m.safetensors, 'To be, or not', 'a safetensors file but text, which begins with To be, o'",
    "m.onnx, 'To be, or not', 'an ONNX model but text, which begins with To be, o'",
    "m.keras, 'To be, or not', 'a file of Keras but text, which begins with To be, o'",
    "m.weights.h5, 'To be, or not', 'a file of Keras but text, which begins with To be, o'",
    "m.onnx, '', 'an ONNX model but empty'",
    "m.onnx, '\u0089HDF1234567', 'an ONNX model but HDF5;'",
    "m.weights.h5, '12345678{\"a\": 1}', 'a file of Keras but safetensors;'",
    "m.weights.h5, '\u0080ccopyreg', 'a file of Keras but a pickle;'"
  })
  void aFileOfAnotherKindIsToldAsWhatItIs(String name, String content, String problem)
      throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));
    Cli refused = Cli.run("info", file.toString());
    assertEquals(1, refused.status());
    assertTrue(refused.err().startsWith("lanewise: " + file + ": not " + problem), refused.err());
  }
}
