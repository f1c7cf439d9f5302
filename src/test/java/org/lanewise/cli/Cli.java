package org.lanewise.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.lanewise.Fixtures;

/** Runs the command line inside this virtual machine. */
record Cli(int status, String out, String err) {
  /** Runs a command, with standard output and error caught. */
  static Cli run(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream caughtOut = new ByteArrayOutputStream();
    ByteArrayOutputStream caughtErr = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(caughtOut, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(caughtErr, true, StandardCharsets.UTF_8));
      int status = Main.run(args);
      System.out.flush();
      System.err.flush();
      return new Cli(
          status,
          caughtOut.toString(StandardCharsets.UTF_8),
          caughtErr.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** The arguments of a small training run, in a list to be added to. */
  static List<String> training(Path text, Path out, String... more) {
    List<String> args =
        new java.util.ArrayList<>(
            List.of(
                "train",
                "text",
                text.toString(),
                "--out",
                out.toString(),
                "--hidden",
                "12",
                "--batch",
                "5",
                "--window",
                "8",
                "--eval-every",
                "20",
                "--rate",
                "0.01"));
    args.addAll(List.of(more));
    return args;
  }

  static Cli run(List<String> args) {
    return run(args.toArray(String[]::new));
  }

  /** Writes a text of words. */
  static Path text(Path folder) throws IOException {
    return Files.writeString(folder.resolve("text.txt"), Fixtures.text(2000, 8));
  }
}
