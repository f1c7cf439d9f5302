package org.lanewise.cli;

import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of every trainer on separate sequences. */
final class SequenceOptions {
  @Option(
      names = "--direction",
      paramLabel = "NAME",
      defaultValue = "forward",
      description = "forward, bidirectional or bidirectional-sum (default: ${DEFAULT-VALUE}).")
  String direction;

  @Option(
      names = "--trained-state",
      description = "Train the states before the first step, instead of zero.")
  boolean trainedState;

  @Option(
      names = "--valid",
      paramLabel = "FILE",
      description = "Evaluate on this file, instead of a share of the training file.")
  Path valid;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "Evaluate the model that was kept on this file, at the end.")
  Path test;

  /** Rows are of a series alone. */
  static void checkRows(CommandSpec spec, SequenceTask task, String rows) {
    if (!rows.isEmpty() && !(task instanceof SeriesTask)) {
      throw new ParameterException(
          spec.commandLine(), "--rows: this model is not one of train series");
    }
    if (!rows.isEmpty() && !rows.matches("\\d{1,9}:\\d{1,9}")) {
      throw new ParameterException(
          spec.commandLine(), "--rows: found \"" + rows + "\", expected FROM:TO");
    }
  }
}
