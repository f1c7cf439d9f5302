package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lanewise.cell.CellKind;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;

/** The README's commands on a small setting, through the launcher, as a user runs them. */
@Timeout(120)
class LauncherTest {
  /** Maven runs tests in the module's folder. */
  private static final Path PROJECT = Path.of("").toAbsolutePath().getParent();

  private static final Pattern JSON =
      Pattern.compile(
          "\\{\"step\": \\d+, \"epoch\": 1, \"train_loss\": [\\d.]+, \"valid_loss\": ([\\d.]+),"
              + " \"chars_per_second\": [\\d.]+, \"seconds\": [\\d.]+\\}");

  @TempDir private static Path folder;

  /** What a command gave. */
  private record Result(int status, String out, String err) {}

  @BeforeAll
  static void needsShellAndJar() throws IOException {
    assumeFalse(System.getProperty("os.name").startsWith("Windows"), "the launcher needs a shell");
    Path target = PROJECT.resolve("src/target");
    assumeTrue(Files.isDirectory(target.resolve("lib")), "the library has not been packaged");
    try (Stream<Path> files = Files.list(target)) {
      assumeTrue(
          files.anyMatch(file -> file.toString().endsWith(".jar")), "the library is not packaged");
    }
  }

  private static Result lanewise(String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of("./lanewise"));
    command.addAll(List.of(args));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command).directory(PROJECT.toFile());
    builder.environment().put("LANEWISE_JAVA_HOME", System.getProperty("java.home"));
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    int status = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
    return new Result(status, Files.readString(out), Files.readString(err));
  }

  @Test
  void trainsAndWritesTextWithoutABuild() throws Exception {
    String model = folder.resolve("model.safetensors").toString();
    Result trained =
        lanewise(
            "train",
            "text",
            "bench/data/tinyshakespeare.txt",
            "--hidden",
            "16",
            "--steps",
            "30",
            "--eval-every",
            "10",
            "--json",
            "--out",
            model);
    assertEquals(0, trained.status(), trained.err());
    assertFalse(trained.err().contains("building"), trained.err());
    List<Double> losses = new ArrayList<>();
    for (String line : trained.out().lines().toList()) {
      Matcher matcher = JSON.matcher(line);
      assertTrue(matcher.matches(), line);
      losses.add(Double.valueOf(matcher.group(1)));
    }
    assertEquals(3, losses.size(), trained.out());
    double first = losses.get(0);
    double last = losses.get(2);
    assertTrue(last < first && first < Math.log(65), "losses " + first + ", then " + last);

    Result written = lanewise("generate", model, "--prompt", "ROMEO:", "--length", "40");
    assertEquals(0, written.status(), written.err());
    assertFalse(written.err().contains("building"), written.err());
    assertTrue(written.out().startsWith("ROMEO:"), written.out());
    assertEquals("ROMEO:".length() + 40 + 1, written.out().length(), written.out());
  }

  /** Beside the line on incubator modules, which no option turns off. */
  @Test
  void modelsOfOtherLibrariesAreReadWithoutWarnings() throws Exception {
    Path model = folder.resolve("first.safetensors");
    Parameters parameters =
        new Parameters(new NetworkSpec(new Input.Features(3), CellKind.LSTM, 4, 1, 2));
    new Initializer.Torch().fill(parameters, 1);
    new ModelFile(parameters, Map.of()).save(model);
    for (String name : List.of("m.onnx", "m.keras")) {
      String other = folder.resolve(name).toString();
      Result made = lanewise("convert", model.toString(), other);
      Result told = lanewise("info", other);
      assertEquals(0, told.status(), made.err() + told.err());
      assertEquals("", told.err().replaceAll("WARNING: Using incubator modules: .*\n", ""));
    }
  }

  @Test
  void statusAndMessageOfAFailureComeThrough() throws Exception {
    Result found = lanewise("info", "no-such-model");
    assertEquals(1, found.status());
    assertTrue(found.err().endsWith("lanewise: no-such-model: no such file\n"), found.err());
    assertEquals(2, lanewise("info").status());
  }
}
