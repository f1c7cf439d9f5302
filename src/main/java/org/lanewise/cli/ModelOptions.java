package org.lanewise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.lanewise.cell.CellKind;
import org.lanewise.format.LoadOptions;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Head;
import org.lanewise.stream.ModelFormat;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a state dict does not say of its network. */
final class ModelOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--prefix",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Of a state dict: take only the tensors under this name, such as encoder.")
  private String prefix;

  @Option(
      names = "--cell",
      paramLabel = "KIND",
      defaultValue = "",
      description =
          "Of a state dict or of Keras's weights alone: rnn_tanh or rnn_relu, which the file does"
              + " not tell; lstm and gru it tells, but for reset_after of a GRU of Keras without"
              + " biases, which gru says.")
  private String cell;

  @Option(
      names = "--head",
      paramLabel = "HEAD",
      defaultValue = "",
      description =
          "Of a state dict or of Keras's weights alone: a result at every step (steps, the"
              + " default), or one for each sequence: last, mean, max. Last is the last state of"
              + " each direction, as in hn.")
  private String head;

  @Option(
      names = "--one-hot",
      description = "Of a state dict: its input vectors are tokens, one-hot.")
  private boolean oneHot;

  @Option(
      names = "--embedding",
      paramLabel = "NAME",
      defaultValue = "",
      description =
          "Of a state dict: the module that is the embedding, where shapes leave it open.")
  private String embedding;

  @Option(
      names = "--linear",
      paramLabel = "NAME",
      defaultValue = "",
      description =
          "Of a state dict: the module that is the linear output, where shapes leave it open.")
  private String linear;

  LoadOptions load() {
    try {
      return new LoadOptions(
          prefix,
          cell.isEmpty()
              ? Optional.empty()
              : Optional.of(CellKind.parse(cell.toLowerCase(Locale.ROOT))),
          head.isEmpty() ? Head.STEPS : Head.parse(head),
          oneHot,
          embedding,
          linear);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  ModelFile read(Path path) throws IOException {
    return ModelFormat.of(path).read(path, load());
  }
}
