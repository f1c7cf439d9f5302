package org.lanewise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.lanewise.data.Vocabulary;
import org.lanewise.format.FormatException;
import org.lanewise.format.LoadOptions;
import org.lanewise.format.ModelFile;
import org.lanewise.graph.Activations;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.stream.ModelFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lanewise info}: what is in a model file, after every check the loader makes. */
@Command(
    name = "info",
    description = {
      "Checks a model file and tells its architecture and parameters.",
      "Of a model of ONNX or Keras that only `lanewise run` takes it tells inputs, outputs and"
          + " operators."
    },
    sortOptions = false)
final class InfoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "A model file.")
  private Path path;

  @Mixin private ModelOptions options;

  @Option(names = "--json", description = "Report in JSON on standard output.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    ModelFile model;
    try {
      model = options.read(path);
    } catch (FormatException e) {
      if (!options.load().equals(LoadOptions.NONE)) {
        throw e;
      }
      GraphInfo graph = new GraphInfo(path, e);
      if (json) {
        spec.commandLine().getOut().println(graph.json());
      } else {
        graph.print(spec.commandLine().getOut());
      }
      return 0;
    }
    NetworkSpec network = model.parameters().spec();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(path, model));
      return 0;
    }
    out.printf(Locale.ROOT, "%s: %,d bytes, every check passed%n", path, Files.size(path));
    network.toMetadata().forEach((key, value) -> out.printf("  %-12s %s%n", key, value));
    for (Parameter p : model.parameters().slices()) {
      out.printf(Locale.ROOT, "  %-24s %-14s %,12d%n", p.name(), p.shape(), p.size());
    }
    out.printf(Locale.ROOT, "  %-39s %,12d%n", "parameters", model.parameters().size());
    String activation = ModelFormat.activation(model);
    if (!activation.equals(Activations.LINEAR)) {
      out.printf("  %-12s %s, behind the linear output%n", "activation", activation);
    }
    String task = model.metadata().get(SequenceTask.TASK);
    if (task != null) {
      SequenceTask.of(path, model); // Checks what the metadata say of it.
      out.printf("  %-12s %s%n", "task", task);
    }
    if (model.metadata().containsKey(TrainTextCommand.VOCABULARY)) {
      Vocabulary vocabulary = TrainTextCommand.vocabulary(path, network, model.metadata());
      out.printf("  vocabulary   %d %ss%n", vocabulary.size(), vocabulary.kind().text());
    }
    return 0;
  }

  private static String json(Path path, ModelFile model) throws IOException {
    String task =
        model.metadata().containsKey(SequenceTask.TASK)
            ? quoted(SequenceTask.of(path, model).metadata().get(SequenceTask.TASK))
            : "null";
    String architecture =
        model.parameters().spec().toMetadata().entrySet().stream()
            .map(entry -> quoted(entry.getKey()) + ": " + quoted(entry.getValue()))
            .collect(Collectors.joining(", ", "{", "}"));
    String parameters =
        model.parameters().slices().stream()
            .map(p -> "{\"name\": " + quoted(p.name()) + ", \"shape\": " + p.shape() + "}")
            .collect(Collectors.joining(", ", "[", "]"));
    return "{\"architecture\": "
        + architecture
        + ", \"task\": "
        + task
        + ", \"parameters\": "
        + parameters
        + ", \"parameter_count\": "
        + model.parameters().size()
        + "}";
  }

  /** Names and values here are plain words without a character that JSON would escape. */
  private static String quoted(String text) {
    return '"' + text + '"';
  }
}
