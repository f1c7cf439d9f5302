package org.lanewise.tutorial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanewise.format.ModelFile;

/** The programs of the tutorial do what the tutorial says. */
class TutorialTest {
  @TempDir private Path folder;

  private interface Program {
    void main(String[] args) throws IOException;
  }

  private static String resource(String name) throws URISyntaxException {
    return Path.of(TutorialTest.class.getResource("/" + name).toURI()).toString();
  }

  private static String printed(Program program, String... args) throws IOException {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      program.main(args);
    } finally {
      System.setOut(out);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void streamedOutputsAreThoseOfPyTorch() throws Exception {
    List<String> expected = Files.readAllLines(Path.of(resource("tutorial/net.txt")));
    List<String> found =
        printed(StreamModel::main, resource("tutorial/net.safetensors")).lines().toList();
    assertEquals(100, expected.size());
    assertEquals(100, found.size());
    for (int time = 0; time < found.size(); time++) {
      assertEquals(
          Float.parseFloat(expected.get(time)),
          Float.parseFloat(found.get(time)),
          1e-6f,
          "step " + time);
    }
  }

  @Test
  void trainedForecastIsBetterThanTheLastRow() throws Exception {
    Path model = folder.resolve("passengers.safetensors");
    String table = resource("data/airline_passengers.csv");
    String text = printed(TrainOnCsv::main, table, "Passengers", model.toString());
    // As the tutorial says: the same bits on every machine.
    assertEquals("mean error 29.2, of the last row as forecast 42.3", text.strip());
    assertEquals(32, ModelFile.load(model).parameters().spec().hiddenSize());
  }
}
