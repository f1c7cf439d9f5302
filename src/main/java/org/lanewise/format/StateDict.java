package org.lanewise.format;

import static org.lanewise.format.FormatException.shown;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Direction;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;

/**
 * A state dict of PyTorch: the architecture follows from names and shapes. One {@code nn.LSTM},
 * {@code nn.GRU} or {@code nn.RNN}, whatever attribute it is, perhaps with an {@code nn.Embedding}
 * below and an {@code nn.Linear} above.
 *
 * <pre>
 * weight_hh_l0 [G * H, S]     S = H, or with weight_hr_l0 [S, H] a projection onto S values
 * G                           4 LSTM, 3 GRU, 1 plain RNN
 * weight_ih_l0 [G * H, I]     I input size
 * M.weight [O, S * D]         linear output of O values, behind D directions; M.bias [O]
 * M.weight [V, I]             embedding of V tokens; no bias
 * </pre>
 *
 * <p>Biases that a module was made without are zero here, and zeros when the model is saved.
 */
final class StateDict {
  private static final Pattern RECURRENT =
      Pattern.compile(
          "(|.*\\.)((?:weight|bias)_(?:ih|hh|hr))_l(0|[1-9][0-9]{0,5})(|_reverse)", Pattern.DOTALL);

  /** How many names a message lists. */
  private static final int NAMES_SHOWN = 12;

  private final Path path;
  private final LoadOptions options;

  /** All tensors under the prefix, by their full names. */
  private final Map<String, Tensor> tensors = new TreeMap<>();

  /** Where each parameter of the network is found: parameter name to tensor. */
  private final Map<String, Tensor> sources = new HashMap<>();

  private StateDict(Path path, TensorFile file, LoadOptions options) {
    this.path = path;
    this.options = options;
    file.tensors()
        .forEach(
            (name, tensor) -> {
              if (name.startsWith(options.prefix())) {
                tensors.put(name, tensor);
              }
            });
  }

  /**
   * The network of a state dict.
   *
   * @param path the file, for messages
   * @param file its content
   * @param options what the file does not say
   * @return an arena with its weights
   * @throws FormatException if names and shapes leave a doubt, a tensor is missing or left over, or
   *     a weight is no finite number
   */
  static Parameters read(Path path, TensorFile file, LoadOptions options) throws FormatException {
    return new StateDict(path, file, options).read();
  }

  private Parameters read() throws FormatException {
    String module = recurrentModule();
    NetworkSpec spec = recurrent(module);
    spec = surroundings(spec);
    List<Parameter> layout;
    try {
      layout = Parameters.layout(spec);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw problem(e.getMessage());
    }
    for (Parameter p : layout) {
      requireShape(p);
    }
    Set<String> left = new TreeSet<>(tensors.keySet());
    sources.values().forEach(tensor -> left.remove(tensor.name()));
    if (!left.isEmpty()) {
      throw problem("tensors without a place in the network: " + names(left));
    }
    Parameters parameters = new Parameters(spec);
    for (Parameter p : layout) {
      Tensor tensor = sources.get(p.name());
      if (tensor != null) {
        float[] values = tensor.roundedFloats();
        ModelFile.requireFinite(path, shown(tensor.name()), values);
        System.arraycopy(values, 0, parameters.values(), p.offset(), values.length);
      }
    }
    return parameters;
  }

  /** The name of the one recurrent module, with its dot. */
  private String recurrentModule() throws FormatException {
    Set<String> modules = new TreeSet<>();
    for (String name : tensors.keySet()) {
      Matcher matcher = RECURRENT.matcher(name);
      if (matcher.matches()) {
        modules.add(matcher.group(1));
      }
    }
    if (modules.isEmpty()) {
      String under = options.prefix().isEmpty() ? "" : " under " + shown(options.prefix());
      throw problem(
          "no architecture in the metadata and no recurrent layer"
              + under
              + ": expected PyTorch's names such as "
              + shown(options.prefix())
              + "weight_ih_l0, found "
              + (tensors.isEmpty() ? "no tensor" : names(tensors.keySet())));
    }
    if (modules.size() > 1) {
      throw problem(
          "recurrent layers in "
              + modules.size()
              + " modules: "
              + names(modules)
              + "; expected one, or the prefix of one");
    }
    return modules.iterator().next();
  }

  /** The recurrent layers alone, with vectors as inputs and no linear output. */
  private NetworkSpec recurrent(String module) throws FormatException {
    int layers = 0;
    Direction direction = Direction.FORWARD;
    Set<String> kinds = new TreeSet<>(List.of("weight_ih", "weight_hh"));
    for (String name : tensors.keySet()) {
      Matcher matcher = RECURRENT.matcher(name);
      if (matcher.matches()) {
        layers = Math.max(layers, Integer.parseInt(matcher.group(3)) + 1);
        kinds.add(matcher.group(2));
        if (!matcher.group(4).isEmpty()) {
          direction = Direction.BIDIRECTIONAL;
        }
      }
    }
    if (kinds.contains("bias_ih") || kinds.contains("bias_hh")) {
      kinds.addAll(List.of("bias_ih", "bias_hh"));
    }
    int[] hh = matrix(required(module + "weight_hh_l0"));
    boolean projects = kinds.contains("weight_hr");
    int[] hr = projects ? matrix(required(module + "weight_hr_l0")) : new int[] {0, hh[1]};
    int hiddenSize = hr[1];
    CellKind cell = cell(module, hh, hiddenSize, projects);
    NetworkSpec spec;
    try {
      spec =
          new NetworkSpec(
              new Input.Features(matrix(required(module + "weight_ih_l0"))[1]),
              cell,
              hiddenSize,
              hr[0],
              layers,
              direction,
              options.head(),
              0,
              false,
              0);
    } catch (IllegalArgumentException e) {
      throw problem(
          shown(module + "weight_hh_l0") + " " + Arrays.toString(hh) + ": " + e.getMessage());
    }
    for (int layer = 0; layer < layers; layer++) {
      for (int d = 0; d < direction.count(); d++) {
        String suffix = "_l" + layer + (d == 1 ? "_reverse" : "");
        for (String kind : kinds) {
          sources.put(cell.module() + "." + kind + suffix, required(module + kind + suffix));
        }
      }
    }
    return spec;
  }

  private CellKind cell(String module, int[] hh, int hiddenSize, boolean projects)
      throws FormatException {
    String weight = shown(module + "weight_hh_l0");
    int gates = hiddenSize > 0 && hh[0] % hiddenSize == 0 ? hh[0] / hiddenSize : 0;
    List<CellKind> kinds =
        switch (gates) {
          case 4 -> List.of(CellKind.LSTM);
          case 3 -> List.of(CellKind.GRU);
          case 1 -> List.of(CellKind.RNN_TANH, CellKind.RNN_RELU);
          default -> List.of();
        };
    if (kinds.isEmpty() || (projects && gates != 4)) {
      throw problem(
          weight
              + ": found shape "
              + Arrays.toString(hh)
              + ", expected "
              + 4L * hiddenSize
              + (projects
                  ? " rows for an LSTM that projects " + hiddenSize + " units"
                  : " rows for an LSTM, "
                      + 3L * hiddenSize
                      + " for a GRU or "
                      + hiddenSize
                      + " for a plain RNN of "
                      + hiddenSize
                      + " units"));
    }
    if (options.cell().isEmpty()) {
      if (kinds.size() > 1) {
        throw problem(
            weight
                + " "
                + Arrays.toString(hh)
                + ": a plain RNN, whose file does not tell tanh from relu; expected the cell to be"
                + " said, rnn_tanh or rnn_relu");
      }
      return kinds.get(0);
    }
    if (!kinds.contains(options.cell().get())) {
      throw problem(
          weight
              + " "
              + Arrays.toString(hh)
              + ": found cell "
              + options.cell().get().text()
              + ", expected "
              + kinds.stream().map(CellKind::text).collect(Collectors.joining(" or ")));
    }
    return options.cell().get();
  }

  /** Adds the embedding and the linear output, as far as there are any. */
  private NetworkSpec surroundings(NetworkSpec spec) throws FormatException {
    List<String> modules = new ArrayList<>();
    for (String name : tensors.keySet()) {
      if (name.equals(owner(name) + "weight") && tensors.get(name).shape().length == 2) {
        modules.add(owner(name));
      }
    }
    requireNamed(modules, options.embedding(), "embedding");
    requireNamed(modules, options.linear(), "linear output");
    List<String> embeddings = new ArrayList<>();
    List<String> linears = new ArrayList<>();
    for (String module : modules) {
      if (mayBeEmbedding(module, spec)) {
        embeddings.add(module);
      }
      if (mayBeLinear(module, spec)) {
        linears.add(module);
      }
      if (!embeddings.contains(module) && !linears.contains(module)) {
        throw problem(misfit(module, spec));
      }
    }
    List<List<String>> ways = ways(modules, embeddings, linears);
    if (ways.isEmpty()) {
      throw problem(
          "candidates for the embedding: "
              + names(embeddings)
              + "; for the linear output: "
              + names(linears)
              + "; expected at most one of each");
    }
    if (ways.size() > 1) {
      throw problem(
          names(modules)
              + ": by the shapes the embedding or the linear output; expected one of them to be"
              + " named as what it is");
    }
    return with(spec, ways.get(0).get(0), ways.get(0).get(1));
  }

  /** Every way to take each module once: as the embedding, then the linear output, or null. */
  private static List<List<String>> ways(
      List<String> modules, List<String> embeddings, List<String> linears) {
    List<List<String>> ways = new ArrayList<>();
    if (modules.isEmpty()) {
      ways.add(Arrays.asList(null, null));
    } else if (modules.size() == 1) {
      embeddings.forEach(one -> ways.add(Arrays.asList(one, null)));
      linears.forEach(one -> ways.add(Arrays.asList(null, one)));
    } else if (modules.size() == 2) {
      for (String embedding : embeddings) {
        for (String linear : linears) {
          if (!embedding.equals(linear)) {
            ways.add(List.of(embedding, linear));
          }
        }
      }
    }
    return ways;
  }

  private boolean mayBeEmbedding(String module, NetworkSpec spec) {
    boolean taken = module.equals(dotted(options.linear())) || tensors.containsKey(module + "bias");
    return !taken && width(module) == spec.inputSize(0) && free(module, options.embedding());
  }

  private boolean mayBeLinear(String module, NetworkSpec spec) {
    boolean taken = module.equals(dotted(options.embedding()));
    return !taken && width(module) == spec.width() && free(module, options.linear());
  }

  /** Whether a role that may have been given to a named module is open to this one. */
  private static boolean free(String module, String named) {
    return named.isEmpty() || module.equals(dotted(named));
  }

  private int width(String module) {
    return tensors.get(module + "weight").shape()[1];
  }

  private void requireNamed(List<String> modules, String name, String role) throws FormatException {
    if (!name.isEmpty() && !modules.contains(dotted(name))) {
      throw problem(
          shown(dotted(name) + "weight")
              + ": no such matrix for the "
              + role
              + "; found "
              + (modules.isEmpty() ? "none" : names(modules)));
    }
  }

  private String misfit(String module, NetworkSpec spec) {
    boolean bias = tensors.containsKey(module + "bias");
    return shown(module + "weight")
        + ": found shape "
        + Arrays.toString(tensors.get(module + "weight").shape())
        + (bias ? " and a bias" : "")
        + ", expected "
        + spec.width()
        + " columns for the linear output"
        + (bias ? "" : ", or " + spec.inputSize(0) + " for an embedding");
  }

  private NetworkSpec with(NetworkSpec spec, String embedding, String linear)
      throws FormatException {
    Input input = spec.input();
    if (options.oneHot()) {
      if (embedding != null) {
        throw problem(
            shown(embedding + "weight") + ": an embedding; expected none for one-hot tokens");
      }
      input = new Input.OneHot(input.size());
    }
    int outputs = 0;
    try {
      if (embedding != null) {
        Tensor table = tensors.get(embedding + "weight");
        input = new Input.Embedding(table.shape()[0], input.size());
        sources.put("embedding.weight", table);
      }
      if (linear != null) {
        outputs = tensors.get(linear + "weight").shape()[0];
        if (outputs == 0) {
          throw new IllegalArgumentException("linear output: found 0 rows, expected at least 1");
        }
        for (String part : List.of("weight", "bias")) {
          if (tensors.containsKey(linear + part)) {
            sources.put("linear." + part, tensors.get(linear + part));
          }
        }
      }
      return new NetworkSpec(
          input,
          spec.cell(),
          spec.hiddenSize(),
          spec.projectionSize(),
          spec.layers(),
          spec.direction(),
          spec.head(),
          0,
          false,
          outputs);
    } catch (IllegalArgumentException e) {
      throw problem(e.getMessage());
    }
  }

  private void requireShape(Parameter p) throws FormatException {
    Tensor tensor = sources.get(p.name());
    int[] shape = p.shape().stream().mapToInt(Integer::intValue).toArray();
    if (tensor != null && !Arrays.equals(shape, tensor.shape())) {
      throw problem(
          shown(tensor.name())
              + ": expected shape "
              + Arrays.toString(shape)
              + ", found "
              + Arrays.toString(tensor.shape()));
    }
  }

  private Tensor required(String name) throws FormatException {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw problem(
          shown(name) + ": missing, expected beside " + names(recurrentNames(owner(name))));
    }
    return tensor;
  }

  private List<String> recurrentNames(String module) {
    return tensors.keySet().stream()
        .filter(name -> owner(name).equals(module) && RECURRENT.matcher(name).matches())
        .toList();
  }

  private int[] matrix(Tensor tensor) throws FormatException {
    int[] shape = tensor.shape();
    if (shape.length != 2) {
      throw problem(
          shown(tensor.name())
              + ": found shape "
              + Arrays.toString(shape)
              + ", expected two dimensions");
    }
    return shape;
  }

  /** A name up to its last dot and with it. */
  private static String owner(String name) {
    return name.substring(0, name.lastIndexOf('.') + 1);
  }

  private static String dotted(String module) {
    return module.isEmpty() || module.endsWith(".") ? module : module + ".";
  }

  private static String names(Collection<String> names) {
    String text =
        names.stream()
            .limit(NAMES_SHOWN)
            .map(FormatException::shown)
            .collect(Collectors.joining(", "));
    int left = names.size() - NAMES_SHOWN;
    return names.isEmpty() ? "none" : text + (left > 0 ? ", … and " + left + " more" : "");
  }

  private FormatException problem(String problem) {
    return new FormatException(path.toString(), problem);
  }
}
