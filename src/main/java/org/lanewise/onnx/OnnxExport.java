package org.lanewise.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lanewise.cell.CellKind;
import org.lanewise.format.AtomicFile;
import org.lanewise.format.Tensor;
import org.lanewise.graph.Activations;
import org.lanewise.graph.Operator;
import org.lanewise.graph.Recurrent;
import org.lanewise.graph.Softmax;
import org.lanewise.graph.Unary;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;

/**
 * Writes networks in the ONNX format: operator set 17, which ONNX Runtime runs from version 1.12
 * on.
 *
 * <p>Inputs: {@code input} {@code [time, batch, features]}, or token ids {@code [time, batch]} of
 * INT64; of a joined input, {@code input_NAME} for each part. {@code h0} and, with a cell state,
 * {@code c0} {@code [layers * directions, batch, hidden]}: the states before the first step, unless
 * they are trained, which makes them constants. Outputs: {@code output} {@code [time, batch, result
 * size]}, or {@code [batch, result size]} when the head gives one result per sequence; {@code hn}
 * and {@code cn}, the states after the last step, of the shape of {@code h0}. So one step of many
 * sequences is a run with one time step that is given the states of the run before.
 *
 * <p>A projected LSTM, which ONNX's LSTM cannot express, is refused.
 */
public final class OnnxExport {
  private static final int OPSET = 17;
  private static final int IR = 8;

  private final Parameters parameters;
  private final NetworkSpec spec;
  private final boolean states;
  private final String activation;
  private final ProtoWriter graph = new ProtoWriter();
  private final List<String> made = new ArrayList<>();

  private OnnxExport(Parameters parameters, boolean states, String activation) {
    this.activation = activation;
    this.parameters = parameters;
    this.spec = parameters.spec();
    this.states = states;
  }

  /**
   * Writes a network that is given its states and gives them back. The file appears whole or not at
   * all.
   *
   * @param target the file, new or to be replaced
   * @param parameters the network and its weights
   * @throws IllegalArgumentException if ONNX cannot express the network
   * @throws IllegalStateException if the protobuf library is not there
   * @throws IOException if the file cannot be written; what was there before is untouched
   */
  public static void write(Path target, Parameters parameters) throws IOException {
    write(target, parameters, true);
  }

  /**
   * Writes a network. The file appears whole or not at all.
   *
   * @param target the file, new or to be replaced
   * @param parameters the network and its weights
   * @param states whether {@code h0}, {@code c0}, {@code hn} and {@code cn} are inputs and outputs;
   *     without them the states before the first step are zero, or the trained ones
   * @throws IllegalArgumentException if ONNX cannot express the network
   * @throws IllegalStateException if the protobuf library is not there
   * @throws IOException if the file cannot be written; what was there before is untouched
   */
  public static void write(Path target, Parameters parameters, boolean states) throws IOException {
    write(target, parameters, states, Activations.LINEAR);
  }

  /**
   * Writes a network with an activation behind its linear output. The file appears whole or not at
   * all.
   *
   * @param target the file, new or to be replaced
   * @param parameters the network and its weights
   * @param states whether {@code h0}, {@code c0}, {@code hn} and {@code cn} are inputs and outputs
   * @param activation Keras's name, such as {@code softmax}; {@code linear} for none
   * @throws IllegalArgumentException if ONNX cannot express the network, or there is no such
   *     activation, or no linear output to apply it to
   * @throws IllegalStateException if the protobuf library is not there
   * @throws IOException if the file cannot be written; what was there before is untouched
   */
  public static void write(Path target, Parameters parameters, boolean states, String activation)
      throws IOException {
    byte[] bytes = bytes(parameters, states, activation);
    AtomicFile.write(
        target,
        channel -> {
          ByteBuffer left = ByteBuffer.wrap(bytes);
          while (left.hasRemaining()) {
            channel.write(left);
          }
        });
  }

  /**
   * The content of such a file.
   *
   * @param parameters the network and its weights
   * @param states whether {@code h0}, {@code c0}, {@code hn} and {@code cn} are inputs and outputs
   * @return an ONNX model
   * @throws IllegalArgumentException if ONNX cannot express the network
   * @throws IllegalStateException if the protobuf library is not there
   */
  public static byte[] bytes(Parameters parameters, boolean states) {
    return bytes(parameters, states, Activations.LINEAR);
  }

  private static byte[] bytes(Parameters parameters, boolean states, String activation) {
    Activations.require(activation, parameters.spec());
    if (parameters.spec().projectionSize() > 0) {
      throw new IllegalArgumentException(
          "projection size: found "
              + parameters.spec().projectionSize()
              + ", expected 0: ONNX's LSTM has no projection");
    }
    try {
      return new OnnxExport(parameters, states, activation).model();
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "ONNX needs the library com.google.protobuf:protobuf-java on the class path", e);
    }
  }

  private byte[] model() {
    String x = input();
    List<String> h = new ArrayList<>();
    List<String> c = new ArrayList<>();
    boolean given = states && !spec.trainedState();
    int directions = spec.direction().count();
    boolean cells = spec.cell().hasCellState();
    if (given) {
      port(Proto.GRAPH_INPUT, "h0", Proto.FLOAT, stateShape());
      if (cells) {
        port(Proto.GRAPH_INPUT, "c0", Proto.FLOAT, stateShape());
      }
    }
    for (int layer = 0; layer < spec.layers(); layer++) {
      x = layer(layer, x, h, c, given);
    }
    head(x, h.get(h.size() - 1));
    if (states) {
      int rows = spec.layers() * directions;
      stateOutput("hn", h, rows);
      if (cells) {
        stateOutput("cn", c, rows);
      }
    }
    ProtoWriter model = new ProtoWriter();
    model.integer(Proto.IR_VERSION, IR);
    model.text(Proto.PRODUCER_NAME, "lanewise");
    graph.text(Proto.GRAPH_NAME, "network");
    model.message(Proto.GRAPH, graph);
    model.message(Proto.OPSET_IMPORT, new ProtoWriter().integer(Proto.OPSET_VERSION, OPSET));
    return model.bytes();
  }

  private String[] stateShape() {
    return new String[] {
      Integer.toString(spec.layers() * spec.direction().count()),
      "batch",
      Integer.toString(spec.hiddenSize())
    };
  }

  /** The input as the first layer sees it, {@code [time, batch, size]}. */
  private String input() {
    List<String> parts = new ArrayList<>();
    for (Input.Part part : spec.input().parts()) {
      String name = part.name().isEmpty() ? "input" : "input_" + part.name();
      Input input = part.input();
      if (!input.isToken()) {
        port(Proto.GRAPH_INPUT, name, Proto.FLOAT, "time", "batch", Integer.toString(input.size()));
        parts.add(name);
        continue;
      }
      port(Proto.GRAPH_INPUT, name, Proto.INT64, "time", "batch");
      String table = "embedding" + (part.name().isEmpty() ? "" : "." + part.name()) + ".weight";
      if (input instanceof Input.OneHot) {
        table = "one_hot";
        float[] rows = new float[Math.multiplyExact(input.size(), input.size())];
        for (int i = 0; i < input.size(); i++) {
          rows[i * (input.size() + 1)] = 1;
        }
        constant(table, rows, input.size(), input.size());
      } else {
        Parameter p = parameters.slice(table);
        constant(table, values(p), input.tokens(), input.size());
      }
      node("Gather", List.of(table, name), List.of(name + "_rows"));
      parts.add(name + "_rows");
    }
    if (parts.size() == 1) {
      return parts.get(0);
    }
    node("Concat", parts, List.of("joined_input"), integer("axis", 2));
    return "joined_input";
  }

  /** One layer; its output is {@code [time, batch, width]}. */
  private String layer(int layer, String x, List<String> h, List<String> c, boolean given) {
    String own = "_l" + layer;
    int directions = spec.direction().count();
    int units = spec.hiddenSize();
    Recurrent.Kind kind = kind(spec.cell());
    boolean cells = spec.cell().hasCellState();
    weights(layer, kind);
    List<String> inputs = new ArrayList<>(List.of(x, "W" + own, "R" + own, "B" + own, ""));
    inputs.add(state("h0", layer, x, given));
    if (cells) {
      inputs.add(state("c0", layer, x, given));
    }
    if (spec.cell() == CellKind.LSTM_PEEPHOLE) {
      inputs.add("P" + own);
    }
    while (inputs.get(inputs.size() - 1).isEmpty()) {
      inputs.remove(inputs.size() - 1);
    }
    List<String> outputs = new ArrayList<>(List.of("Y" + own, "hn" + own));
    h.add("hn" + own);
    if (cells) {
      outputs.add("cn" + own);
      c.add("cn" + own);
    }
    List<ProtoWriter> attributes = new ArrayList<>();
    attributes.add(integer("hidden_size", units));
    attributes.add(text("direction", directions == 1 ? "forward" : "bidirectional"));
    if (kind == Recurrent.Kind.GRU) {
      attributes.add(integer("linear_before_reset", 1));
    }
    if (kind == Recurrent.Kind.RNN) {
      String f = spec.cell() == CellKind.RNN_RELU ? "Relu" : "Tanh";
      attributes.add(texts("activations", directions == 1 ? List.of(f) : List.of(f, f)));
    }
    node(kind.name(), inputs, outputs, attributes.toArray(ProtoWriter[]::new));
    // Y is [time, directions, batch, hidden].
    String y = "y" + own;
    if (spec.direction() == Direction.BIDIRECTIONAL) {
      node("Transpose", List.of("Y" + own), List.of("T" + own), integers("perm", 0, 2, 1, 3));
      constant("joined", 0, 0, spec.width());
      node("Reshape", List.of("T" + own, "joined"), List.of(y));
    } else {
      String operator = directions == 1 ? "Squeeze" : "ReduceSum";
      constant("one", 1);
      ProtoWriter[] keep =
          directions == 1 ? new ProtoWriter[0] : new ProtoWriter[] {integer("keepdims", 0)};
      node(operator, List.of("Y" + own, "one"), List.of(y), keep);
    }
    return y;
  }

  private static Recurrent.Kind kind(CellKind cell) {
    return switch (cell) {
      case LSTM, LSTM_PEEPHOLE -> Recurrent.Kind.LSTM;
      case GRU -> Recurrent.Kind.GRU;
      case RNN_TANH, RNN_RELU -> Recurrent.Kind.RNN;
    };
  }

  /** The states of a layer before the first step; empty when they are zero. */
  private String state(String name, int layer, String x, boolean given) {
    int directions = spec.direction().count();
    String own = name + "_l" + layer;
    if (given) {
      if (spec.layers() == 1) {
        return name;
      }
      constant(own + "_from", layer * directions);
      constant(own + "_to", (layer + 1) * directions);
      constant("zero", 0);
      node("Slice", List.of(name, own + "_from", own + "_to", "zero"), List.of(own));
      return own;
    }
    if (!spec.trainedState()) {
      return "";
    }
    // The trained states, as often as there are sequences: [directions, batch, hidden].
    int units = spec.hiddenSize();
    float[] all = values(parameters.slice("initial." + name));
    int size = directions * units;
    constant(
        own + "_trained",
        Arrays.copyOfRange(all, layer * size, (layer + 1) * size),
        directions,
        1,
        units);
    if (!made.contains("/states_shape")) {
      constant("zero", 0);
      constant("one", 1);
      constant("two", 2);
      node("Shape", List.of(x), List.of("/input_shape"));
      node("Slice", List.of("/input_shape", "one", "two", "zero"), List.of("/batch_size"));
      node(
          "Concat",
          List.of("one", "/batch_size", "one"),
          List.of("/states_shape"),
          integer("axis", 0));
      made.add("/states_shape");
    }
    node("Expand", List.of(own + "_trained", "/states_shape"), List.of(own));
    return own;
  }

  private void weights(int layer, Recurrent.Kind kind) {
    int directions = spec.direction().count();
    int units = spec.hiddenSize();
    int gates = kind.gates();
    int in = spec.inputSize(layer);
    float[] w = new float[directions * gates * units * in];
    float[] r = new float[directions * gates * units * units];
    float[] b = new float[directions * 2 * gates * units];
    float[] p = new float[directions * 3 * units];
    int[] peepholeOrder = {0, 2, 1};
    for (int d = 0; d < directions; d++) {
      String end = "_l" + layer + (d == 1 ? "_reverse" : "");
      for (int gate = 0; gate < gates; gate++) {
        int block = kind.order().get(gate);
        int row = d * gates + block;
        copy("weight_ih" + end, gate, units * in, w, row * units * in);
        copy("weight_hh" + end, gate, units * units, r, row * units * units);
        copy("bias_ih" + end, gate, units, b, (2 * d * gates + block) * units);
        copy("bias_hh" + end, gate, units, b, ((2 * d + 1) * gates + block) * units);
      }
      for (int part = 0; part < 3 && spec.cell() == CellKind.LSTM_PEEPHOLE; part++) {
        copy("peephole" + end, part, units, p, (d * 3 + peepholeOrder[part]) * units);
      }
    }
    String own = "_l" + layer;
    constant("W" + own, w, directions, gates * units, in);
    constant("R" + own, r, directions, gates * units, units);
    constant("B" + own, b, directions, 2 * gates * units);
    if (spec.cell() == CellKind.LSTM_PEEPHOLE) {
      constant("P" + own, p, directions, 3 * units);
    }
  }

  private void copy(String name, int block, int size, float[] to, int at) {
    Parameter p = parameters.slice(spec.cell().module() + "." + name);
    System.arraycopy(parameters.values(), p.offset() + block * size, to, at, size);
  }

  private float[] values(Parameter p) {
    return Arrays.copyOfRange(parameters.values(), p.offset(), p.offset() + p.size());
  }

  private void stateOutput(String name, List<String> layers, int rows) {
    port(
        Proto.GRAPH_OUTPUT,
        name,
        Proto.FLOAT,
        Integer.toString(rows),
        "batch",
        Integer.toString(spec.hiddenSize()));
    if (layers.size() == 1) {
      node("Identity", layers, List.of(name));
    } else {
      node("Concat", layers, List.of(name), integer("axis", 0));
    }
  }

  /** What the head picks, through the linear output. */
  private void head(String y, String topState) {
    String picked = spec.head().everyStep() ? y : "picked";
    if (spec.head() == Head.LAST) {
      // The last states [directions, batch, hidden].
      if (spec.direction() == Direction.BIDIRECTIONAL) {
        constant("joined_states", 0, spec.width());
        node("Transpose", List.of(topState), List.of("states"), integers("perm", 1, 0, 2));
        node("Reshape", List.of("states", "joined_states"), List.of(picked));
      } else {
        constant("zero", 0);
        node("ReduceSum", List.of(topState, "zero"), List.of(picked), integer("keepdims", 0));
      }
    } else if (!spec.head().everyStep()) {
      node(
          spec.head() == Head.MEAN ? "ReduceMean" : "ReduceMax",
          List.of(y),
          List.of(picked),
          integers("axes", 0),
          integer("keepdims", 0));
    }
    String size = Integer.toString(spec.resultSize());
    if (spec.head().everyStep()) {
      port(Proto.GRAPH_OUTPUT, "output", Proto.FLOAT, "time", "batch", size);
    } else {
      port(Proto.GRAPH_OUTPUT, "output", Proto.FLOAT, "batch", size);
    }
    if (spec.outputSize() == 0) {
      node("Identity", List.of(picked), List.of("output"));
      return;
    }
    int width = spec.width();
    float[] rows = values(parameters.slice("linear.weight"));
    float[] columns = new float[rows.length];
    for (int i = 0; i < spec.outputSize(); i++) {
      for (int k = 0; k < width; k++) {
        columns[k * spec.outputSize() + i] = rows[i * width + k];
      }
    }
    constant("linear.weight", columns, width, spec.outputSize());
    constant("linear.bias", values(parameters.slice("linear.bias")), spec.outputSize());
    node("MatMul", List.of(picked, "linear.weight"), List.of("product"));
    boolean linear = activation.equals(Activations.LINEAR);
    node("Add", List.of("product", "linear.bias"), List.of(linear ? "output" : "linear"));
    if (!linear) {
      activation();
    }
  }

  private void activation() {
    Operator operator = Activations.of(activation);
    List<ProtoWriter> attributes = new ArrayList<>();
    if (operator instanceof Unary unary && unary.function().parameters() > 0) {
      attributes.add(number("alpha", unary.alpha()));
      if (unary.function().parameters() > 1) {
        attributes.add(number("beta", unary.beta()));
      }
    } else if (operator instanceof Softmax) {
      attributes.add(integer("axis", -1));
    }
    // ONNX's names are Keras's, written as one word: LogSoftmax for log_softmax.
    StringBuilder name = new StringBuilder();
    for (String word : activation.split("_", -1)) {
      name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    node(
        name.toString(),
        List.of("linear"),
        List.of("output"),
        attributes.toArray(ProtoWriter[]::new));
  }

  private void constant(String name, int... values) {
    if (made.contains(name)) {
      return;
    }
    made.add(name);
    long[] longs = Arrays.stream(values).asLongStream().toArray();
    tensor(Tensor.of(name, longs, longs.length), Proto.INT64);
  }

  private void constant(String name, float[] values, int... shape) {
    tensor(Tensor.of(name, values, shape), Proto.FLOAT);
  }

  private void tensor(Tensor tensor, int type) {
    ProtoWriter message = new ProtoWriter();
    for (int dimension : tensor.shape()) {
      message.integer(Proto.TENSOR_DIMS, dimension);
    }
    message.integer(Proto.TENSOR_DATA_TYPE, type);
    message.text(Proto.TENSOR_NAME, tensor.name());
    message.bytes(Proto.TENSOR_RAW, tensor.bytes());
    graph.message(Proto.GRAPH_INITIALIZER, message);
  }

  private void port(int field, String name, int type, String... shape) {
    ProtoWriter dimensions = new ProtoWriter();
    for (String dimension : shape) {
      ProtoWriter one = new ProtoWriter();
      if (Character.isDigit(dimension.charAt(0))) {
        one.integer(Proto.DIM_VALUE, Long.parseLong(dimension));
      } else {
        one.text(Proto.DIM_PARAM, dimension);
      }
      dimensions.message(Proto.SHAPE_DIM, one);
    }
    ProtoWriter tensor =
        new ProtoWriter()
            .integer(Proto.TENSOR_TYPE_ELEMENT, type)
            .message(Proto.TENSOR_TYPE_SHAPE, dimensions);
    graph.message(
        field,
        new ProtoWriter()
            .text(Proto.VALUE_NAME, name)
            .message(Proto.VALUE_TYPE, new ProtoWriter().message(Proto.TYPE_TENSOR_TYPE, tensor)));
  }

  private void node(
      String operator, List<String> inputs, List<String> outputs, ProtoWriter... attributes) {
    ProtoWriter node = new ProtoWriter();
    inputs.forEach(name -> node.text(Proto.NODE_INPUT, name));
    outputs.forEach(name -> node.text(Proto.NODE_OUTPUT, name));
    node.text(Proto.NODE_NAME, operator + "_" + outputs.get(0));
    node.text(Proto.NODE_OP_TYPE, operator);
    for (ProtoWriter attribute : attributes) {
      node.message(Proto.NODE_ATTRIBUTE, attribute);
    }
    graph.message(Proto.GRAPH_NODE, node);
  }

  private static ProtoWriter attribute(String name, int type) {
    return new ProtoWriter().text(Proto.ATTRIBUTE_NAME, name).integer(Proto.ATTRIBUTE_TYPE, type);
  }

  private static ProtoWriter integer(String name, long value) {
    return attribute(name, Proto.TYPE_INT).integer(Proto.ATTRIBUTE_I, value);
  }

  private static ProtoWriter number(String name, float value) {
    return attribute(name, Proto.TYPE_FLOAT).number(Proto.ATTRIBUTE_F, value);
  }

  private static ProtoWriter integers(String name, long... values) {
    ProtoWriter attribute = attribute(name, Proto.TYPE_INTS);
    Arrays.stream(values).forEach(value -> attribute.integer(Proto.ATTRIBUTE_INTS, value));
    return attribute;
  }

  private static ProtoWriter text(String name, String value) {
    return attribute(name, Proto.TYPE_STRING).text(Proto.ATTRIBUTE_S, value);
  }

  private static ProtoWriter texts(String name, List<String> values) {
    ProtoWriter attribute = attribute(name, Proto.TYPE_STRINGS);
    values.forEach(value -> attribute.text(Proto.ATTRIBUTE_STRINGS, value));
    return attribute;
  }
}
