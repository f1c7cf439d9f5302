package org.lanewise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.lanewise.format.ModelFile;
import org.lanewise.graph.Activations;
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
          "Leave out an activation behind the linear output, such as softmax; without this .onnx and"
              + " .keras apply it, and safetensors name it in the metadata.")
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
    String activation = ModelFormat.activation(model);
    Map<String, String> metadata = new TreeMap<>(model.metadata());
    if (logits) {
      metadata.remove(ModelFormat.ACTIVATION);
    }
    ModelFormat format = ModelFormat.of(to);
    format.write(to, new ModelFile(model.parameters(), metadata));
    metadata.remove(ModelFormat.ACTIVATION);
    boolean keeps = format == ModelFormat.SAFETENSORS;
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %s, %d parameters%s%s%s%n",
            to,
            model.parameters().spec().cell().text(),
            model.parameters().size(),
            activation.equals(Activations.LINEAR) ? "" : told(activation, format),
            format == ModelFormat.KERAS_WEIGHTS
                ? "; weights alone, for load_weights of a Keras model of these layers"
                : "",
            keeps || metadata.isEmpty()
                ? ""
                : "; left out the metadata " + String.join(", ", metadata.keySet()));
    return 0;
  }

  /** What has become of the activation. */
  private String told(String activation, ModelFormat format) {
    if (logits || format == ModelFormat.KERAS_WEIGHTS) {
      return "; left out " + activation + " behind the linear output";
    }
    return "; "
        + activation
        + " behind the linear output"
        + (format == ModelFormat.SAFETENSORS ? ", named in the metadata" : "");
  }
}
