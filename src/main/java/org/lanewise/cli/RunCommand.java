package org.lanewise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.lanewise.format.FormatException;
import org.lanewise.format.LoadOptions;
import org.lanewise.format.ModelFile;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;
import org.lanewise.format.TensorFile;
import org.lanewise.graph.Graph;
import org.lanewise.graph.GraphNetwork;
import org.lanewise.graph.Port;
import org.lanewise.keras.KerasFile;
import org.lanewise.onnx.OnnxFile;
import org.lanewise.stream.ModelFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lanewise run}: a model on stored tensors. */
@Command(
    name = "run",
    description = {
      "Runs a model of any format on stored tensors.",
      "It reads `input` [time, batch, features], or integer tokens [time, batch]; a joined input"
          + " reads input.NAME for each of its parts. Optional are `h0` and `c0` [layers *"
          + " directions, batch, size], the states to begin from, and `lengths` [batch], integers"
          + " from 1 to time.",
      "It writes `output`, `hn` and, for an LSTM, `cn`. `output` is that of the linear layer,"
          + " through the activation behind it if the model has one, or, for a model without such a"
          + " layer, the hidden states of the top layer, [forward, backward] side by"
          + " side, as PyTorch's module gives them: [time, batch, size], or [batch, size] when the"
          + " head gives one result for each sequence. Beyond the length of a sequence it is 0.",
      "A model of ONNX or Keras may also be given its own input names; its own output names are written"
          + " then, and tensors keep the layout of the model, as does an `input` that is an ONNX"
          + " graph's own, without --layout and `lengths`. One that is more than recurrent"
          + " layers and a linear output gives `output` alone."
    },
    sortOptions = false)
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--model", paramLabel = "MODEL", required = true, description = "The model.")
  private Path model;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      required = true,
      description = "Tensors to read, safetensors.")
  private Path input;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      required = true,
      description = "Where the results go, safetensors.")
  private Path output;

  @Option(
      names = "--layout",
      paramLabel = "LAYOUT",
      defaultValue = "time-first",
      description =
          "Of input and output: time-first [time, batch, …] or batch-first [batch, time, …]"
              + " (default: ${DEFAULT-VALUE}). States are [layers * directions, batch, …] in both.")
  private String layout;

  @Mixin private ModelOptions options;

  @Override
  public Integer call() throws IOException {
    if (!layout.equals("time-first") && !layout.equals("batch-first")) {
      throw new ParameterException(
          spec.commandLine(),
          "--layout: found \"" + layout + "\", expected time-first or batch-first");
    }
    boolean batchFirst = layout.equals("batch-first");
    LoadOptions load = options.load();
    Collection<Tensor> results;
    if (ModelFormat.of(model) == ModelFormat.SAFETENSORS) {
      ModelFile network = options.read(model);
      results = new NetworkRun(network, input, tensors(), batchFirst).run();
    } else if (ModelFormat.of(model) == ModelFormat.ONNX) {
      results = onnx(load, batchFirst);
    } else {
      results = keras(load, batchFirst);
    }
    Safetensors.write(output, Map.of(), results);
    return 0;
  }

  private Collection<Tensor> onnx(LoadOptions load, boolean batchFirst) throws IOException {
    if (!load.equals(LoadOptions.NONE)) {
      options.read(model); // Refuses them.
    }
    Graph graph = OnnxFile.read(model);
    TensorFile tensors = tensors();
    // What `input` means beside a layout or `lengths`, which no graph has, is ours, also where the
    // graph has this name for its own.
    Set<String> names = tensors.tensors().keySet();
    if ((batchFirst && names.contains(NetworkRun.INPUT))
        || graph.inputs().stream().noneMatch(port -> names.contains(port.name()))
        || (names.stream().allMatch(NetworkRun::isName) && !areInputs(names, graph))) {
      Optional<ModelFile> network = network(graph);
      if (network.isPresent()) {
        return new NetworkRun(network.get(), input, tensors, batchFirst).run();
      }
    }
    if (batchFirst) {
      throw new ParameterException(
          spec.commandLine(),
          "--layout: found batch-first, expected time-first for tensors that keep the layout of"
              + " the graph");
    }
    return new GraphRun(graph, input, tensors).run(false);
  }

  private static boolean areInputs(Set<String> names, Graph graph) {
    return graph.inputs().stream().map(Port::name).collect(Collectors.toSet()).containsAll(names);
  }

  private Optional<ModelFile> network(Graph graph) {
    try {
      GraphNetwork.Found found = GraphNetwork.find(model.toString(), graph);
      return Optional.of(
          new ModelFile(found.parameters(), ModelFormat.activation(found.activation())));
    } catch (FormatException e) {
      return Optional.empty();
    }
  }

  private Collection<Tensor> keras(LoadOptions load, boolean batchFirst) throws IOException {
    KerasFile file = KerasFile.read(model, load);
    Optional<org.lanewise.network.Parameters> network = file.network();
    TensorFile tensors = tensors();
    boolean ours = tensors.tensors().keySet().stream().anyMatch(NetworkRun::isName);
    if (ours && network.isPresent()) {
      ModelFile known =
          new ModelFile(network.get(), ModelFormat.activation(file.outputActivation()));
      return new NetworkRun(known, input, tensors, batchFirst).run();
    }
    return new GraphRun(file.graph(), input, tensors).run(!batchFirst);
  }

  private TensorFile tensors() throws IOException {
    return Safetensors.read(input);
  }
}
