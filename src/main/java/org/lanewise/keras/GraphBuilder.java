package org.lanewise.keras;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.lanewise.format.Tensor;
import org.lanewise.graph.Activations;
import org.lanewise.graph.Binary;
import org.lanewise.graph.Filling;
import org.lanewise.graph.Graph;
import org.lanewise.graph.Node;
import org.lanewise.graph.Nonlinearity;
import org.lanewise.graph.Operator;
import org.lanewise.graph.Port;
import org.lanewise.graph.Products;
import org.lanewise.graph.Recurrent;
import org.lanewise.graph.Reduction;
import org.lanewise.graph.Reshaping;
import org.lanewise.graph.Selection;
import org.lanewise.graph.Unary;

/** Turns a chain of layers into a graph that gives what Keras gives, whatever the layers are. */
final class GraphBuilder {
  /** Axes of {@code [batch, time, features]}. */
  private static final int TIME = 1;

  /** For each gate of an LSTM in the graph, its place in Keras. */
  private static final int[] LSTM_GATES = {0, 3, 1, 2};

  private final Map<String, Weight> weights;
  private final List<Tensor> constants = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();

  /** The value that the next layer reads. */
  private String value;

  private boolean everyStep = true;

  private GraphBuilder(Map<String, Weight> weights) {
    this.weights = weights;
  }

  /**
   * Builds a graph.
   *
   * @param architecture the layers
   * @param weights their variables, all of them
   * @throws IllegalArgumentException if names of the layers stand for two things
   */
  static Graph graph(Architecture architecture, Map<String, Weight> weights) {
    GraphBuilder builder = new GraphBuilder(weights);
    return builder.build(architecture);
  }

  private Graph build(Architecture architecture) {
    value = architecture.input();
    String output = architecture.name();
    int width = architecture.features();
    for (Architecture.Placed placed : architecture.placed()) {
      layer(placed);
      output = placed.layer().name();
      width = placed.layer().width(placed.inputWidth());
    }
    nodes.add(
        new Node("output", new Filling(Filling.Kind.IDENTITY), List.of(value), List.of(output)));
    List<String> in = new ArrayList<>(List.of("batch", steps(architecture)));
    boolean token = architecture.features() == 0;
    if (!token) {
      in.add(Integer.toString(architecture.features()));
    }
    List<String> out = new ArrayList<>(in.subList(0, everyStep ? 2 : 1));
    out.add(Integer.toString(width));
    return new Graph(
        List.of(new Port(architecture.input(), token, in)),
        constants,
        nodes,
        List.of(new Port(output, false, out)));
  }

  private static String steps(Architecture architecture) {
    return architecture.steps() == 0 ? "time" : Integer.toString(architecture.steps());
  }

  private void layer(Architecture.Placed placed) {
    KerasLayer layer = placed.layer();
    String path = placed.path();
    if (layer instanceof KerasLayer.Embedding) {
      Operator rows = new Selection(Selection.Kind.GATHER, 0);
      value = node(path, "rows", rows, constant(path + "/vars/0"), value);
    }
    if (layer instanceof KerasLayer.Recurrent recurrent) {
      everyStep = recurrent.sequences();
      value = recurrent(recurrent, path, value, everyStep && recurrent.backwards());
    }
    if (layer instanceof KerasLayer.Bidirectional both) {
      everyStep = both.forward().sequences();
      bidirectional(both, path);
    }
    if (layer instanceof KerasLayer.Dense dense) {
      dense(dense, path);
    }
    if (layer instanceof KerasLayer.Activation own) {
      activation(own.activation(), path);
    }
    if (layer instanceof KerasLayer.Pooling pooling) {
      everyStep = false;
      Reduction.Kind kind = pooling.mean() ? Reduction.Kind.MEAN : Reduction.Kind.MAX;
      value = node(path, "pooled", new Reduction(kind, false, false), value, axis(path, TIME));
    }
  }

  private void bidirectional(KerasLayer.Bidirectional both, String path) {
    // The steps of the second stand in the order of time before they are merged.
    String forward = recurrent(both.forward(), path + "/forward_layer", value, false);
    String backward = recurrent(both.backward(), path + "/backward_layer", value, false);
    value =
        node(
            path,
            "merged",
            switch (both.merge()) {
              case "concat" -> new Selection(Selection.Kind.CONCAT, -1);
              case "mul" -> new Binary(Binary.Kind.MUL);
              default -> new Binary(Binary.Kind.ADD);
            },
            forward,
            backward);
    if (both.merge().equals("ave")) {
      String two = path + "/two";
      constants.add(Tensor.of(two, new float[] {2}));
      value = node(path, "mean", new Binary(Binary.Kind.DIV), value, two);
    }
  }

  private String recurrent(
      KerasLayer.Recurrent layer, String path, String input, boolean lastFirst) {
    int rows = layer.kind().gates * layer.units();
    List<String> inputs = new ArrayList<>(List.of(input));
    for (int i = 0; i < 2; i++) {
      Weight kernel = weights.get(path + "/cell/vars/" + i).transposed();
      inputs.add(path + "/cell/vars/" + i);
      constants.add(
          Tensor.of(
              path + "/cell/vars/" + i, gates(layer, kernel.values()), 1, rows, kernel.shape()[1]));
    }
    Weight bias = weights.get(path + "/cell/vars/2");
    if (bias != null) {
      inputs.add(path + "/cell/vars/2");
      float[] own = gates(layer, bias.values());
      // One bias is that of the input, the two of a GRU stand in this order already.
      float[] both = Arrays.copyOf(own, 2 * rows);
      constants.add(Tensor.of(path + "/cell/vars/2", both, 1, 2 * rows));
    }
    Recurrent operator =
        new Recurrent(
            switch (layer.kind()) {
              case LSTM -> Recurrent.Kind.LSTM;
              case GRU -> Recurrent.Kind.GRU;
              case SIMPLE_RNN -> Recurrent.Kind.RNN;
            },
            layer.backwards() ? Recurrent.Direction.REVERSE : Recurrent.Direction.FORWARD,
            layer.units(),
            functions(layer),
            Float.POSITIVE_INFINITY,
            false,
            layer.resetAfter(),
            true);
    String steps = path + "/steps";
    String last = path + "/last";
    nodes.add(new Node(path, operator, inputs, List.of(steps, last)));
    Operator squeeze = new Reshaping(Reshaping.Kind.SQUEEZE);
    if (!layer.sequences()) {
      return node(path, "output", squeeze, last, axis(path, 1));
    }
    String output = node(path, "output", squeeze, steps, axis(path, 2));
    if (!lastFirst) {
      return output;
    }
    String[] numbers = {path + "/from", path + "/to", path + "/time", path + "/by"};
    long[] values = {-1, Long.MIN_VALUE, TIME, -1};
    for (int i = 0; i < numbers.length; i++) {
      constants.add(Tensor.of(numbers[i], new long[] {values[i]}, 1));
    }
    Operator slice = new Selection(Selection.Kind.SLICE, 0);
    return node(path, "reversed", slice, output, numbers[0], numbers[1], numbers[2], numbers[3]);
  }

  /** Row blocks in the order of the graph: those of an LSTM, i f c o, as i o f c. */
  private static float[] gates(KerasLayer.Recurrent layer, float[] rows) {
    if (layer.kind() != KerasLayer.Kind.LSTM) {
      return rows;
    }
    float[] to = new float[rows.length];
    int block = rows.length / LSTM_GATES.length;
    for (int gate = 0; gate < LSTM_GATES.length; gate++) {
      System.arraycopy(rows, LSTM_GATES[gate] * block, to, gate * block, block);
    }
    return to;
  }

  private static List<Recurrent.Function> functions(KerasLayer.Recurrent layer) {
    Recurrent.Function main = function(layer.activation());
    return switch (layer.kind()) {
      case SIMPLE_RNN -> List.of(main);
      case GRU -> List.of(function(layer.recurrentActivation()), main);
      case LSTM -> List.of(function(layer.recurrentActivation()), main, main);
    };
  }

  /** A function of single values; Keras's constants where they are not those of the graph. */
  private static Recurrent.Function function(String activation) {
    if (activation.equals(Activations.LINEAR)) {
      return new Recurrent.Function(Nonlinearity.AFFINE, 1, 0);
    }
    Unary own = (Unary) Activations.of(activation);
    return new Recurrent.Function(own.function(), own.alpha(), own.beta());
  }

  private void dense(KerasLayer.Dense dense, String path) {
    value = node(path, "product", Products.matMul(), value, constant(path + "/vars/0"));
    if (dense.bias()) {
      Operator add = new Binary(Binary.Kind.ADD);
      value = node(path, "sum", add, value, constant(path + "/vars/1"));
    }
    activation(dense.activation(), path);
  }

  private void activation(String name, String path) {
    if (!name.equals(Activations.LINEAR)) {
      value = node(path, name, Activations.of(name), value);
    }
  }

  private String node(String path, String what, Operator operator, String... inputs) {
    String output = path + "/" + what;
    nodes.add(new Node(output, operator, List.of(inputs), List.of(output)));
    return output;
  }

  private String constant(String path) {
    Weight weight = weights.get(path);
    constants.add(Tensor.of(path, weight.values(), weight.shape()));
    return path;
  }

  private String axis(String path, int axis) {
    String name = path + "/axis";
    constants.add(Tensor.of(name, new long[] {axis}, 1));
    return name;
  }
}
