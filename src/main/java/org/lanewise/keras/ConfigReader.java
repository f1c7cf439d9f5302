package org.lanewise.keras;

import static org.lanewise.format.FormatException.shown;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lanewise.format.FormatException;
import org.lanewise.format.Json;

/** Reads {@code config.json}: a Sequential model, or a Functional one whose layers are a chain. */
final class ConfigReader {
  /** What a layer may do to its values, under the names of Keras. */
  static final Set<String> ACTIVATIONS =
      Set.of(
          "linear",
          "tanh",
          "sigmoid",
          "relu",
          "hard_sigmoid",
          "softsign",
          "softplus",
          "elu",
          "leaky_relu",
          "softmax",
          "log_softmax");

  private final String file;

  /** A configuration says it once, and Keras counts its layers by it. */
  private record Node(String name, String from, KerasLayer layer) {}

  private ConfigReader(String file) {
    this.file = file;
  }

  static Architecture read(String file, byte[] config) throws FormatException {
    Object json = Json.read(file, "config.json", config);
    Architecture architecture = new ConfigReader(file).model(json);
    architecture.check(file);
    return architecture;
  }

  private Architecture model(Object json) throws FormatException {
    Attributes model = Attributes.of(file, "config.json", json);
    String kind = model.text("class_name");
    requireOfKeras(model, kind);
    Attributes config = model.object("config");
    model.ignore("build_config", "compile_config");
    model.finish();
    String name = config.text("name");
    requireFloat32(config);
    config.ignore("trainable");
    Architecture architecture =
        switch (kind) {
          case "Sequential" -> sequential(name, config);
          case "Functional" -> functional(name, config);
          default -> throw model.wrong("class_name", kind, "Sequential or Functional");
        };
    config.finish();
    return architecture;
  }

  /** A class that somebody else registered may have any name. */
  private static void requireOfKeras(Attributes object, String className) throws FormatException {
    Object module = object.take("module");
    if (module != null && !(module instanceof String text && (text + ".").startsWith("keras."))) {
      throw object.wrong("module", module, "one of keras");
    }
    object.only("registered_name", className);
  }

  private static void requireFloat32(Attributes config) throws FormatException {
    Object dtype = config.take("dtype");
    Object name = dtype;
    if (dtype instanceof Map<?, ?> policy) {
      name = policy.get("config") instanceof Map<?, ?> inner ? inner.get("name") : null;
      if (!"DTypePolicy".equals(policy.get("class_name"))) {
        throw config.wrong("dtype", dtype, "float32");
      }
    }
    if (dtype != null && !"float32".equals(name)) {
      throw config.wrong("dtype", name, "float32");
    }
  }

  private Architecture sequential(String name, Attributes config) throws FormatException {
    List<KerasLayer> layers = new ArrayList<>();
    InputShape input = null;
    Object built = config.take("build_input_shape");
    for (Object json : config.list("layers")) {
      Attributes wrapper = Attributes.of(file, "layers", json);
      Object layer = layer(wrapper);
      wrapper.finish();
      if (layer instanceof InputShape shape) {
        if (input != null || !layers.isEmpty()) {
          throw new FormatException(
              file,
              "InputLayer " + shown(shape.name) + ": found behind others, expected one, first");
        }
        input = shape;
      } else {
        layers.add((KerasLayer) layer);
      }
    }
    if (input == null) {
      input = inputShape(config, "build_input_shape", built, "input_layer");
    }
    return architecture(name, input, layers);
  }

  private Architecture functional(String name, Attributes config) throws FormatException {
    String first = end(config, "input_layers");
    String last = end(config, "output_layers");
    InputShape input = null;
    List<Node> nodes = new ArrayList<>();
    for (Object json : config.list("layers")) {
      Attributes wrapper = Attributes.of(file, "layers", json);
      String own = wrapper.text("name");
      List<?> inbound = wrapper.list("inbound_nodes");
      Object layer = layer(wrapper);
      wrapper.finish();
      if (layer instanceof InputShape shape) {
        if (input != null || !own.equals(first) || !inbound.isEmpty()) {
          throw new FormatException(
              file,
              "InputLayer " + shown(own) + ": expected it to be the only input, " + shown(first));
        }
        input = shape;
      } else {
        nodes.add(new Node(own, inbound(own, inbound), (KerasLayer) layer));
      }
    }
    if (input == null) {
      throw new FormatException(file, "layers: no InputLayer " + shown(first));
    }
    return architecture(name, input, chain(first, last, nodes));
  }

  /** The layers from the input to the output, each reading the one before it and no other. */
  private List<KerasLayer> chain(String first, String last, List<Node> nodes)
      throws FormatException {
    List<Node> left = new ArrayList<>(nodes);
    List<KerasLayer> chain = new ArrayList<>();
    String at = first;
    while (!left.isEmpty()) {
      String from = at;
      List<Node> next = left.stream().filter(node -> node.from.equals(from)).toList();
      if (next.size() != 1) {
        throw new FormatException(
            file,
            "layer "
                + shown(from)
                + ": found "
                + next.size()
                + " layers that read it, expected one: the layers must be a chain");
      }
      at = next.get(0).name;
      chain.add(next.get(0).layer);
      left.remove(next.get(0));
    }
    if (!at.equals(last)) {
      throw new FormatException(
          file, "output_layers: found " + shown(last) + ", expected the last layer, " + shown(at));
    }
    return chain;
  }

  /** The layer of {@code ["name", 0, 0]}, or of a list of one such. */
  private String end(Attributes config, String key) throws FormatException {
    List<?> value = config.list(key);
    if (value.size() == 1 && value.get(0) instanceof List<?> inner) {
      value = inner;
    }
    if (value.size() == 3 && value.get(0) instanceof String name && isZero(value)) {
      return name;
    }
    throw config.wrong(key, value, "one layer");
  }

  private static boolean isZero(List<?> history) {
    return history.get(1).equals(0L) && history.get(2).equals(0L);
  }

  /** The one layer whose output a layer reads. */
  private String inbound(String name, List<?> nodes) throws FormatException {
    String where = "layer " + shown(name) + ": inbound_nodes";
    if (nodes.size() != 1) {
      throw new FormatException(
          file, where + ": found " + nodes.size() + ", expected 1: a layer is used once");
    }
    Attributes node = Attributes.of(file, where, nodes.get(0));
    List<?> arguments = node.list("args");
    Attributes options = node.object("kwargs");
    options.only("training", false);
    options.finish();
    node.finish();
    if (arguments.size() != 1) {
      throw node.wrong("args", arguments, "the output of one layer");
    }
    Attributes tensor = Attributes.of(file, where, arguments.get(0));
    tensor.only("class_name", "__keras_tensor__");
    Attributes config = tensor.object("config");
    List<?> history = config.list("keras_history");
    if (history.size() == 3 && history.get(0) instanceof String from && isZero(history)) {
      return from;
    }
    throw config.wrong("keras_history", history, "the first output of a layer");
  }

  private Architecture architecture(String name, InputShape input, List<KerasLayer> layers)
      throws FormatException {
    if (layers.isEmpty()) {
      throw new FormatException(file, "layers: found none, expected at least one");
    }
    return new Architecture(name, input.name, input.steps, input.features, layers);
  }

  /** What a model reads: {@code [batch, steps, features]}, or {@code [batch, steps]} of tokens. */
  private record InputShape(String name, int steps, int features) {}

  private InputShape inputShape(Attributes config, String key, Object value, String name)
      throws FormatException {
    if (value instanceof List<?> shape && (shape.size() == 2 || shape.size() == 3)) {
      int steps = dimension(shape.get(1));
      int features = shape.size() == 2 ? 0 : dimension(shape.get(2));
      if (steps >= 0 && (shape.size() == 2 || features > 0)) {
        return new InputShape(name, steps, features);
      }
    }
    throw config.wrong(key, value, "[batch, steps, features], or [batch, steps] of tokens");
  }

  /** A dimension, 0 for one that is free, -1 for none at all. */
  private static int dimension(Object value) {
    if (value == null) {
      return 0;
    }
    return Attributes.isSize(value) ? ((Long) value).intValue() : -1;
  }

  /** An {@link InputShape} or a {@link KerasLayer}. */
  private Object layer(Attributes wrapper) throws FormatException {
    String className = wrapper.text("class_name");
    requireOfKeras(wrapper, className);
    Attributes config = wrapper.object("config");
    wrapper.ignore("build_config", "name");
    String name = config.text("name");
    config = config.at(shown(className) + " " + shown(name));
    config.ignore("trainable");
    Object layer = layer(className, name, config);
    config.finish();
    return layer;
  }

  private Object layer(String className, String name, Attributes config) throws FormatException {
    if (className.equals("InputLayer")) {
      return input(name, config);
    }
    requireFloat32(config);
    return switch (className) {
      case "Embedding" -> embedding(name, config);
      case "SimpleRNN" -> recurrent(KerasLayer.Kind.SIMPLE_RNN, name, config);
      case "LSTM" -> recurrent(KerasLayer.Kind.LSTM, name, config);
      case "GRU" -> recurrent(KerasLayer.Kind.GRU, name, config);
      case "Bidirectional" -> bidirectional(name, config);
      case "Dense" -> dense(name, config);
      case "Activation" -> new KerasLayer.Activation(name, activation(config, "activation"));
      case "GlobalAveragePooling1D", "GlobalMaxPooling1D" -> pooling(className, name, config);
      case "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout" -> {
        config.ignore("rate", "seed", "noise_shape", "stddev");
        yield new KerasLayer.Identity(name, className);
      }
      default ->
          throw new FormatException(
              file,
              "layer "
                  + shown(name)
                  + ": found class "
                  + shown(className)
                  + ", expected InputLayer, Embedding, SimpleRNN, LSTM, GRU, Bidirectional, Dense,"
                  + " Activation, GlobalAveragePooling1D, GlobalMaxPooling1D or Dropout");
    };
  }

  private InputShape input(String name, Attributes config) throws FormatException {
    config.only("sparse", false);
    config.only("ragged", false);
    config.only("optional", false);
    InputShape shape = inputShape(config, "batch_shape", config.take("batch_shape"), name);
    Object dtype = config.take("dtype");
    boolean fits =
        dtype instanceof String type
            && (shape.features == 0 ? type.matches("u?int\\d+|float32") : type.equals("float32"));
    if (!fits) {
      throw config.wrong("dtype", dtype, "float32" + (shape.features == 0 ? " or integers" : ""));
    }
    return shape;
  }

  private static KerasLayer embedding(String name, Attributes config) throws FormatException {
    config.only("mask_zero", false);
    config.ignore("input_length");
    config.ignoreEnding("_initializer", "_regularizer", "_constraint");
    return new KerasLayer.Embedding(name, config.size("input_dim"), config.size("output_dim"));
  }

  private static KerasLayer.Recurrent recurrent(
      KerasLayer.Kind kind, String name, Attributes config) throws FormatException {
    config.only("return_state", false);
    config.only("time_major", false);
    // How the steps are computed, what masks do, of which there are none, and what is for training.
    config.ignore("stateful", "unroll", "implementation", "zero_output_for_mask");
    config.ignore("unit_forget_bias", "dropout", "recurrent_dropout", "seed");
    config.ignoreEnding("_initializer", "_regularizer", "_constraint");
    boolean gated = kind != KerasLayer.Kind.SIMPLE_RNN;
    return new KerasLayer.Recurrent(
        name,
        kind,
        config.size("units"),
        stepActivation(config, "activation"),
        gated ? stepActivation(config, "recurrent_activation") : "",
        config.truth("use_bias"),
        kind == KerasLayer.Kind.GRU && config.truth("reset_after"),
        config.truth("return_sequences"),
        config.truth("go_backwards"));
  }

  private KerasLayer bidirectional(String name, Attributes config) throws FormatException {
    KerasLayer.Recurrent forward = direction(config, "layer");
    KerasLayer.Recurrent backward = direction(config, "backward_layer");
    if (forward.backwards() || !backward.backwards()) {
      throw config.wrong("go_backwards", forward.backwards(), "a backward_layer alone to have it");
    }
    if (forward.sequences() != backward.sequences()) {
      throw config.wrong("return_sequences", "two values", "one for both directions");
    }
    String merge = config.text("merge_mode");
    if (!merge.equals("concat") && forward.units() != backward.units()) {
      throw config.wrong("merge_mode", merge, "concat for different units");
    }
    if (!Set.of("concat", "sum", "mul", "ave").contains(merge)) {
      throw config.wrong("merge_mode", merge, "concat, sum, mul or ave");
    }
    return new KerasLayer.Bidirectional(name, forward, backward, merge);
  }

  private KerasLayer.Recurrent direction(Attributes config, String key) throws FormatException {
    Attributes wrapper = config.object(key);
    Object layer = layer(wrapper);
    wrapper.finish();
    if (layer instanceof KerasLayer.Recurrent recurrent) {
      return recurrent;
    }
    throw config.wrong(key, layer, "SimpleRNN, LSTM or GRU");
  }

  private static KerasLayer dense(String name, Attributes config) throws FormatException {
    config.ignoreEnding("_initializer", "_regularizer", "_constraint");
    return new KerasLayer.Dense(
        name, config.size("units"), activation(config, "activation"), config.truth("use_bias"));
  }

  private static KerasLayer pooling(String className, String name, Attributes config)
      throws FormatException {
    config.only("data_format", "channels_last");
    config.only("keepdims", false);
    return new KerasLayer.Pooling(name, className.equals("GlobalAveragePooling1D"));
  }

  private static String activation(Attributes config, String key) throws FormatException {
    Object value = config.take(key);
    if (value == null) {
      return "linear";
    }
    if (value instanceof String name && ACTIVATIONS.contains(name)) {
      return name;
    }
    throw config.wrong(key, value, "one of " + ACTIVATIONS.stream().sorted().toList());
  }

  /** An activation within a step, which works on each value alone. */
  private static String stepActivation(Attributes config, String key) throws FormatException {
    String name = activation(config, key);
    if (name.endsWith("softmax")) {
      throw config.wrong(key, name, "an activation of single values");
    }
    return name;
  }
}
