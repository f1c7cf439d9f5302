package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanewise.cell.CellKind;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;

/** The Java programs in the README compile and run. */
class ReadmeTest {
  private static final Pattern PROGRAM =
      Pattern.compile("```java\\R(.*?public class (\\w+) .*?)```", Pattern.DOTALL);

  @TempDir private Path folder;

  @Test
  void everyProgramInTheReadmeRuns() throws Exception {
    Path model = folder.resolve("model.safetensors");
    Parameters parameters =
        new Parameters(new NetworkSpec(new Input.Features(5), CellKind.LSTM, 8, 1, 5));
    new Initializer.Torch().fill(parameters, 1);
    new ModelFile(parameters, Map.of()).save(model);

    List<String> ran = new ArrayList<>();
    Matcher programs = PROGRAM.matcher(Files.readString(Path.of("..", "README.md")));
    while (programs.find()) {
      assertTrue(
          !run(programs.group(2), programs.group(1), model).isBlank(),
          () -> programs.group(2) + " prints nothing");
      ran.add(programs.group(2));
    }
    assertEquals(List.of("First", "Embed", "Classify", "Train", "Check"), ran);
  }

  private String run(String name, String source, Path model) throws Exception {
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, messages, messages, "-cp", classPath(), file.toString());
    assertEquals(0, status, () -> name + ": " + messages.toString(StandardCharsets.UTF_8));
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      loader
          .loadClass(name)
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[] {model.toString()});
    } finally {
      System.setOut(out);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  /** Surefire may hide the class path in the manifest of a jar of its own. */
  private static String classPath() throws IOException {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
        .replace("\n", File.pathSeparator);
  }
}
