package org.lanewise.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs in processes of their own, which are killed. */
@Timeout(60)
class KilledRunTest {
  private static final String STEPS = "400";

  @TempDir private Path folder;

  private List<String> options(Path text, Path out) {
    return Cli.training(text, out, "--checkpoint-every", "1", "--steps", STEPS);
  }

  private Process start(List<String> args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("org.lanewise.cli.Main");
    command.addAll(args);
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private static void awaitFile(Path file, Process process) throws InterruptedException {
    while (!Files.exists(file) && process.isAlive()) {
      Thread.sleep(5);
    }
  }

  @Test
  void killedAndResumedUntilDoneGivesTheBytesOfAnUninterruptedRun() throws Exception {
    Path text = Cli.text(folder);
    Path whole = folder.resolve("whole");
    assertEquals(0, Cli.run(options(text, whole)).status());
    Path out = folder.resolve("killed");
    Path checkpoint = Path.of(out + ".checkpoint");
    SplittableRandom random = new SplittableRandom(System.nanoTime());
    int kills = 0;
    List<String> args = options(text, out);
    while (true) {
      Process process = start(args);
      awaitFile(checkpoint, process);
      // The last run is left alone.
      if (kills == 4 || process.waitFor(random.nextInt(60, 700), TimeUnit.MILLISECONDS)) {
        assertEquals(0, process.waitFor(), Files.readString(folder.resolve("err")));
        break;
      }
      process.destroyForcibly().waitFor();
      kills++;
      args =
          new ArrayList<>(
              List.of(
                  "train",
                  "text",
                  text.toString(),
                  "--out",
                  out.toString(),
                  "--resume",
                  checkpoint.toString(),
                  "--checkpoint-every",
                  "1"));
    }
    assertArrayEquals(
        Files.readAllBytes(whole), Files.readAllBytes(out), "killed " + kills + " times");
  }

  @Test
  void politeKillLeavesACheckpointAndSaysHowToGoOn() throws Exception {
    assumeFalse(System.getProperty("os.name").startsWith("Windows"), "Windows knows no SIGTERM");
    Path text = Cli.text(folder);
    Path out = folder.resolve("model");
    Path checkpoint = Path.of(out + ".checkpoint");
    List<String> args = Cli.training(text, out, "--steps", "100000000");
    Process process = start(args);
    awaitFile(checkpoint, process);
    process.destroy();
    // 128 and the number of SIGTERM, as the virtual machine has it.
    assertEquals(143, process.waitFor());
    String err = Files.readString(folder.resolve("err"));
    String last = err.lines().reduce((a, b) -> b).orElse("");
    assertTrue(last.matches("lanewise: stopped after step \\d+; go on with --resume .*"), err);
    assertTrue(last.endsWith(checkpoint.toString()), err);
    long step = Long.parseLong(last.replaceAll("\\D*(\\d+);.*", "$1"));
    Cli resumed =
        Cli.run(
            "train",
            "text",
            text.toString(),
            "--out",
            out.toString(),
            "--resume",
            checkpoint.toString(),
            "--steps",
            Long.toString(step + 1),
            "--json");
    assertEquals(0, resumed.status(), resumed.err());
    assertTrue(resumed.out().startsWith("{\"step\": " + (step + 1) + ","), resumed.out());
  }
}
