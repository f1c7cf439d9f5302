package org.lanewise.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The trainers. */
@Command(
    name = "train",
    description = "Trains a network.",
    subcommands = {
      TrainTextCommand.class,
      TrainTagsCommand.class,
      TrainClassifyCommand.class,
      TrainSeriesCommand.class,
    })
final class TrainCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "what to train is missing: text, tags, classify or series");
  }
}
