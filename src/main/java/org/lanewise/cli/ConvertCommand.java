package org.lanewise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.lanewise.format.FormatException;
import org.lanewise.format.ModelFile;
import org.lanewise.network.NetworkSpec;
import org.lanewise.stream.ModelFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lanewise convert}: a model in another format. */
@Command(
    name = "convert",
    description = {
      "Writes a model in another format, told by the ending of its name: .onnx, .keras,"
          + " .weights.h5 or .safetensors.",
      "Safetensors are read as models of lanewise or as state dicts of PyTorch, and written so that"
          + " PyTorch's load_state_dict takes them."
    },
    sortOptions = false)
final class ConvertCommand implements Callable<Integer> {
  private static final List<String> ENDINGS =
      List.of(".safetensors", ".onnx", ".keras", ".weights.h5");

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FROM", description = "The model to read.")
  private Path from;

  @Parameters(index = "1", paramLabel = "TO", description = "The model to write.")
  private Path to;

  @Mixin private ModelOptions options;

  @Option(
      names = "--logits",
      description =
          "Leave out the activation behind the linear output, such as softmax, which a model with a"
              + " linear output does not hold.")
  private boolean logits;

  @Override
  public Integer call() throws IOException {
    String name = to.toString().toLowerCase(Locale.ROOT);
    if (ENDINGS.stream().noneMatch(name::endsWith)) {
      throw new ParameterException(
          spec.commandLine(),
          "TO: found " + to + ", expected a name that ends in " + String.join(", ", ENDINGS));
    }
    ModelFile model = options.read(from);
    String activation = model.metadata().get(ModelFormat.ACTIVATION);
    if (activation != null && !logits && ModelFormat.of(from) != ModelFormat.SAFETENSORS) {
      throw new FormatException(
          from.toString(),
          activation + " behind the linear output, expected nothing; --logits leaves it out");
    }
    ModelFormat format = ModelFormat.of(to);
    format.write(to, model);
    Set<String> lost = new TreeSet<>(model.metadata().keySet());
    NetworkSpec network = model.parameters().spec();
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %s, %d parameters%s%n",
            to,
            network.cell().text(),
            model.parameters().size(),
            format == ModelFormat.SAFETENSORS || lost.isEmpty()
                ? ""
                : "; left out the metadata " + String.join(", ", lost));
    return 0;
  }
}
