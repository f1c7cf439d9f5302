package org.lanewise.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lanewise.cli.SequenceRuns.succeed;
import static org.lanewise.cli.SequenceRuns.training;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lanewise.format.FormatException;
import org.lanewise.train.Checkpoint;

/** Pictures of losses and forecasts. */
class PictureTest {
  @TempDir private Path folder;

  private Path out(String name) {
    return folder.resolve(name);
  }

  /** The text of a picture, which is well-formed. */
  private static String svg(Path file) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    // The document type is named by an address that nobody must ask.
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    assertEquals(
        "svg", factory.newDocumentBuilder().parse(file.toFile()).getDocumentElement().getTagName());
    return Files.readString(file);
  }

  @Test
  void curveIsDrawnAsSvgAndPngByEveryTrainer() throws Exception {
    succeed(
        Cli.training(
            Cli.text(folder), out("m"), "--steps", "40", "--curve", out("c.svg").toString()));
    String svg = svg(out("c.svg"));
    assertTrue(svg.contains("<title>Loss of m</title><desc>training; validation</desc>"));
    succeed(training("tags", folder, out("m"), "--steps", "4", "--curve", out("c.PNG").toString()));
    assertEquals(900, ImageIO.read(out("c.PNG").toFile()).getWidth());
    succeed(
        training(
            "classify",
            folder,
            out("m"),
            "--steps",
            "4",
            "--validation",
            "0",
            "--curve",
            out("c.svg").toString()));
    assertTrue(svg(out("c.svg")).contains("<desc>training</desc>"));
    assertTrue(Files.notExists(out("c.svg.part")));
  }

  @Test
  void curveOfAResumedRunHasTheEarlierPoints() throws Exception {
    List<String> args =
        training(
            "series",
            folder,
            out("m"),
            "--eval-every",
            "2",
            "--curve",
            out("whole.svg").toString());
    args.addAll(List.of("--steps", "12"));
    succeed(args);
    String whole = svg(out("whole.svg"));
    assertEquals(6, curve("m").lines().count());
    String points = curve("m");
    args.set(args.size() - 1, "6");
    succeed(args);
    succeed(
        "train",
        "series",
        args.get(2),
        "--out",
        out("m"),
        "--resume",
        out("m.checkpoint"),
        "--steps",
        12,
        "--curve",
        out("resumed.svg"));
    assertEquals(points, curve("m"));
    assertEquals(whole, svg(out("resumed.svg")));
  }

  private String curve(String model) throws IOException, FormatException {
    return Checkpoint.load(out(model + ".checkpoint")).settings().get(TrainLoop.CURVE);
  }

  @ParameterizedTest
  @CsvSource({
    "1, '100,20,24', Forecasts one row ahead",
    "1, '100,44,0', Forecasts one row ahead",
    "5, '100,20,24', Forecast of 5 rows"
  })
  void forecastIsDrawnBesideTheTruth(String horizon, String parts, String title) throws Exception {
    succeed(
        training(
            "series",
            folder,
            out("m"),
            "--steps",
            "4",
            "--horizon",
            horizon,
            "--parts",
            parts,
            "--picture",
            out("p.svg").toString()));
    String words =
        "<title>" + title + "</title><desc>Passengers, truth; Passengers, forecast</desc>";
    assertTrue(svg(out("p.svg")).contains(words));
  }

  @Test
  void whatCannotBeDrawnIsToldBeforeTraining() throws IOException {
    String help = "; see lanewise train series --help";
    assertRefused(
        "--curve: found c.pdf, expected a name in .svg or .png" + help, "--curve", "c.pdf");
    assertRefused("--picture: found p, expected a name in .svg or .png" + help, "--picture", "p");
    assertRefused(
        "--curve: found no/c.svg, expected a file in an existing folder" + help,
        "--curve",
        "no/c.svg");
    assertRefused(
        "--picture needs test or validation rows, found none" + help,
        "--validation",
        "0",
        "--picture",
        "p.svg");
  }

  private void assertRefused(String message, String... options) throws IOException {
    Cli found = Cli.run(training("series", folder, out("m"), options));
    assertEquals("lanewise: " + message + System.lineSeparator(), found.err());
    assertEquals(2, found.status());
    assertTrue(Files.notExists(out("m")));
  }

  @Test
  void missingLibraryIsToldAndNothingElseNeedsIt() throws Exception {
    Path model = out("m");
    List<String> args = training("tags", folder, model, "--steps", "1", "--hidden", "4");
    args.subList(args.indexOf("--hidden"), args.indexOf("--hidden") + 2).clear();
    assertEquals(0, withoutLibrary(args));
    assertTrue(Files.exists(model));
    args.addAll(List.of("--curve", out("c.svg").toString()));
    assertEquals(2, withoutLibrary(args));
    String err = Files.readString(out("err"));
    String expected =
        "lanewise: --curve: pictures need the library org.knowm.xchart:xchart on the class path;"
            + " see lanewise train tags --help";
    assertTrue(err.contains(expected), err);
  }

  private int withoutLibrary(List<String> args) throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String without =
        Arrays.stream(classPath.split(File.pathSeparator, -1))
            .filter(entry -> !entry.contains("xchart"))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", without));
    command.add("org.lanewise.cli.Main");
    command.addAll(args);
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(out("err").toFile())
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return process.exitValue();
  }
}
