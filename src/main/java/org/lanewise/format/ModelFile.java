package org.lanewise.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;

/**
 * A model as safetensors: the parameters under PyTorch's names and in its shapes, so that {@code
 * load_state_dict} takes them, and the architecture in the file's metadata, under keys that begin
 * with {@value #PREFIX}. Other metadata, such as a vocabulary, travels along.
 *
 * @param parameters the arena
 * @param metadata what else the file says, without the architecture
 */
public record ModelFile(Parameters parameters, Map<String, String> metadata) {
  /** What the metadata keys of this library begin with. */
  public static final String PREFIX = "lanewise.";

  /** Keeps a copy of the metadata. */
  public ModelFile {
    metadata = Map.copyOf(metadata);
  }

  /**
   * Writes the model beside the target, syncs it and renames it, so that a good file is never
   * damaged.
   *
   * @param target where to
   * @throws IOException if that fails; the target is then as it was
   */
  public void save(Path target) throws IOException {
    Map<String, String> all = new TreeMap<>(metadata);
    all.put("format", "pt");
    all.putAll(architecture(parameters.spec()));
    Safetensors.write(target, all, tensors(parameters));
  }

  /**
   * Reads a model of this library, or a state dict of PyTorch whose architecture follows from names
   * and shapes. Every tensor of the file is used, every parameter is found in its shape, and every
   * weight is a finite number, or the file is refused.
   *
   * @param path what {@link #save} wrote, or a state dict
   * @return the model
   * @throws FormatException if the file breaks the format or is no such model
   * @throws IOException if it cannot be read
   */
  public static ModelFile load(Path path) throws IOException {
    return load(path, LoadOptions.NONE);
  }

  /**
   * Reads a model, as above. A state dict has one {@code nn.LSTM}, {@code nn.GRU} or {@code
   * nn.RNN}, with any number of layers, in one direction or both, perhaps with a projection; if
   * there are an {@code nn.Embedding} below and an {@code nn.Linear} above it, they belong to the
   * network. What the modules are called does not matter. A module made without bias has biases of
   * zero here, and a model saved from it holds those zeros. Weights of {@link Dtype#F64} are
   * rounded to float.
   *
   * @param path what {@link #save} wrote, or a state dict
   * @param options what a state dict does not say
   * @return the model
   * @throws FormatException if the file breaks the format, is no such model, leaves a doubt that
   *     the options do not settle, or states its own architecture and there are options
   * @throws IOException if it cannot be read
   */
  public static ModelFile load(Path path, LoadOptions options) throws IOException {
    TensorFile file = Safetensors.read(path);
    if (file.metadata().keySet().stream().noneMatch(key -> key.startsWith(PREFIX))) {
      Map<String, String> rest = new LinkedHashMap<>(file.metadata());
      rest.remove("format");
      return new ModelFile(StateDict.read(path, file, options), rest);
    }
    if (!options.equals(LoadOptions.NONE)) {
      throw new FormatException(
          path.toString(), "the file states its architecture; found options that would change it");
    }
    NetworkSpec spec = spec(path, file);
    Map<String, String> rest = new LinkedHashMap<>(file.metadata());
    rest.remove("format");
    rest.keySet().removeAll(architecture(spec).keySet());
    Set<String> names = new HashSet<>();
    layout(path, spec).forEach(p -> names.add(p.name()));
    for (String name : file.tensors().keySet()) {
      if (!names.contains(name)) {
        throw new FormatException(
            path.toString(),
            FormatException.shown(name) + ": not a parameter of the architecture in the metadata");
      }
    }
    Parameters parameters = new Parameters(spec);
    fill(path, file, parameters);
    return new ModelFile(parameters, rest);
  }

  /**
   * The architecture that a file's metadata states. The file has a tensor for each of its
   * parameters, in its shape, so that an arena of this architecture is as large as the file.
   *
   * @param path the file, for messages
   * @param file its content
   * @return the architecture
   * @throws FormatException if there is none, it is not understood, or a parameter is missing or
   *     has another shape
   */
  public static NetworkSpec spec(Path path, TensorFile file) throws FormatException {
    Map<String, String> text = new LinkedHashMap<>();
    file.metadata()
        .forEach(
            (key, value) -> {
              if (key.startsWith(PREFIX)) {
                text.put(key.substring(PREFIX.length()), value);
              }
            });
    if (text.isEmpty()) {
      throw new FormatException(
          path.toString(), "no architecture in the metadata; expected keys like lanewise.cell");
    }
    NetworkSpec spec;
    try {
      spec = NetworkSpec.fromMetadata(text);
    } catch (IllegalArgumentException e) {
      throw new FormatException(path.toString(), e.getMessage());
    }
    if (spec.layers() > file.tensors().size()) {
      throw new FormatException(
          path.toString(),
          "metadata: found "
              + spec.layers()
              + " layers, expected at most as many as tensors, "
              + file.tensors().size());
    }
    for (Parameter p : layout(path, spec)) {
      file.require(p.name(), shape(p));
    }
    return spec;
  }

  /** Names and shapes alone, so that a lying size meets the file's own tensors before an array. */
  private static List<Parameter> layout(Path path, NetworkSpec spec) throws FormatException {
    try {
      return Parameters.layout(spec);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new FormatException(path.toString(), e.getMessage());
    }
  }

  private static int[] shape(Parameter p) {
    return p.shape().stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * Fills an arena from the tensors of a file; leaves it as it was when this throws.
   *
   * @param path the file, for messages
   * @param file its content
   * @param parameters receives the values
   * @throws FormatException if a parameter is missing, has another shape or holds NaN or infinity
   */
  public static void fill(Path path, TensorFile file, Parameters parameters)
      throws FormatException {
    for (Parameter p : parameters.slices()) {
      file.require(p.name(), shape(p)).requireFinite();
    }
    for (Parameter p : parameters.slices()) {
      file.tensor(p.name()).copyTo(parameters.values(), p.offset());
    }
  }

  /**
   * Refuses NaN and infinity.
   *
   * @param path the file, for messages
   * @param name the tensor, for messages
   * @param values its elements
   * @throws FormatException if one of them is not a finite number; names it
   */
  public static void requireFinite(Path path, String name, float[] values) throws FormatException {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new FormatException(
            path.toString(),
            name + ": element " + i + " is " + values[i] + ", expected a finite number");
      }
    }
  }

  /**
   * The architecture as metadata of a file.
   *
   * @param spec the architecture
   * @return keys with the prefix, and values
   */
  public static Map<String, String> architecture(NetworkSpec spec) {
    Map<String, String> text = new LinkedHashMap<>();
    spec.toMetadata().forEach((key, value) -> text.put(PREFIX + key, value));
    return text;
  }

  /**
   * The parameters as tensors.
   *
   * @param parameters the arena
   * @return copies under PyTorch's names
   */
  public static List<Tensor> tensors(Parameters parameters) {
    List<Tensor> tensors = new ArrayList<>();
    for (Parameter p : parameters.slices()) {
      float[] values = new float[p.size()];
      System.arraycopy(parameters.values(), p.offset(), values, 0, values.length);
      tensors.add(Tensor.of(p.name(), values, shape(p)));
    }
    return tensors;
  }
}
