package org.lanewise.cli;

import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line: {@code lanewise train text}, {@code eval}, {@code generate}, {@code info}. */
@Command(
    name = "lanewise",
    description = "Recurrent networks on the JVM: train, evaluate and run them.",
    subcommands = {
      TrainCommand.class,
      EvalCommand.class,
      GenerateCommand.class,
      PredictCommand.class,
      RunCommand.class,
      ConvertCommand.class,
      InfoCommand.class,
      LatencyCommand.class,
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    scope = ScopeType.INHERIT,
    sortOptions = false)
public final class Main implements Runnable {
  static final int USAGE = 2;
  static final int FAILURE = 1;

  @Spec private CommandSpec spec;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "On failure, print the stack trace too.")
  private boolean stacktrace;

  Main() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  /**
   * Runs a command and exits with its status: 0, 1 for a failure, 2 for wrong usage.
   *
   * @param args the command and its options; {@code --help} tells
   */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /**
   * Runs a command.
   *
   * @param args the command and its options
   * @return exit status
   */
  static int run(String... args) {
    Main main = new Main();
    CommandLine line = new CommandLine(main);
    line.setParameterExceptionHandler((e, arguments) -> usage(e));
    line.setExecutionExceptionHandler((e, command, result) -> main.failure(e, command));
    try {
      return line.execute(args);
    } catch (OutOfMemoryError e) {
      line.getErr()
          .printf(
              "lanewise: %s: the Java heap of %,d MB is too small; give more with"
                  + " LANEWISE_OPTS=-Xmx16g, or make the network or the batch smaller%n",
              e.getMessage(), Runtime.getRuntime().maxMemory() >> 20);
      return FAILURE;
    }
  }

  private static int usage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    command
        .getErr()
        .println(
            "lanewise: "
                + oneLine(e.getMessage())
                + "; see "
                + command.getCommandSpec().qualifiedName()
                + " --help");
    return USAGE;
  }

  private int failure(Exception e, CommandLine command) {
    PrintWriter err = command.getErr();
    String message = e.getMessage();
    if (e instanceof NoSuchFileException missing) {
      message = missing.getFile() + ": no such file";
    } else if (message == null || e instanceof java.nio.file.FileSystemException) {
      message = e.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
    err.println("lanewise: " + oneLine(message));
    if (stacktrace) {
      e.printStackTrace(err);
    }
    return FAILURE;
  }

  private static String oneLine(String message) {
    return message.replaceAll("\\s*\\R\\s*", " ");
  }

  /** The version of the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"lanewise " + (version == null ? "development" : version)};
    }
  }
}
