package org.lanewise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.lanewise.data.Vocabulary;
import org.lanewise.format.LoadOptions;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lanewise generate}: text from a model, one step at a time. */
@Command(name = "generate", description = "Writes text with a model.", sortOptions = false)
final class GenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "A model of train text.")
  private Path path;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "What the text begins with (default: nothing).")
  private String prompt;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "500",
      description = "Characters to write after the prompt (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0.8",
      description =
          "Below 1 likelier, above 1 wilder; 0 always takes the likeliest"
              + " (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Mixin private PrecisionOption rounding;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the random numbers (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws IOException {
    if (length < 0) {
      throw new ParameterException(
          spec.commandLine(), "--length: found " + length + ", expected at least 0");
    }
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new ParameterException(
          spec.commandLine(),
          "--temperature: found " + temperature + ", expected a finite number, 0 or above");
    }
    Model model = Model.load(path, LoadOptions.NONE, rounding.precision());
    Vocabulary vocabulary = TrainTextCommand.vocabulary(path, model.spec(), model.metadata());
    int[] past = encode(vocabulary);
    write(model.session(), vocabulary, past);
    return 0;
  }

  private int[] encode(Vocabulary vocabulary) {
    try {
      return vocabulary.encode(prompt);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--prompt: " + e.getMessage(), e);
    }
  }

  private void write(Session session, Vocabulary vocabulary, int[] past) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(prompt);
    SplittableRandom random = new SplittableRandom(seed);
    float[] logits = new float[vocabulary.size()];
    // Without a prompt, the first character is as likely as any other.
    for (int id : past) {
      session.step(id, logits);
    }
    for (int i = 0; i < length; i++) {
      int id = Sampling.sample(logits, temperature, random);
      out.print(vocabulary.decode(id));
      out.flush();
      session.step(id, logits);
    }
    out.println();
    out.flush();
  }
}
