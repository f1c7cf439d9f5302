package org.lanewise.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.lanewise.cell.CellKind;
import org.lanewise.format.FormatException;
import org.lanewise.format.Tensor;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;

/**
 * The network that a graph is, if it is one: perhaps an embedding, a stack of recurrent layers of
 * one kind and size that begin from zero, perhaps a linear output.
 *
 * <p>The weights are found at their operators. How the values between these are moved about can be
 * written in many ways, so it is not read but tried: the network and the graph run on the same
 * random inputs of several lengths, and the graph is refused unless the results agree.
 */
public final class GraphNetwork {
  /** How far results may differ, relative to the largest, at least 1: rounding alone. */
  private static final float TOLERANCE = 1e-4f;

  /** The output that is looked at; without one of this name, the first. */
  private static final String OUTPUT = "output";

  /** Time steps and batch of the trials. */
  private static final int[][] TRIALS = {{3, 2}, {5, 3}, {1, 1}, {4, 4}};

  /** What all trials may multiply, and how much more for each element of the constants. */
  private static final long TRIED = 1L << 32;

  private static final long TRIED_TIMES = 1 << 12;

  /** How the parts may be put together. */
  private record Candidate(Direction direction, Head head, boolean batchFirst) {}

  private final String file;
  private final Graph graph;
  private final Port input;
  private final Budget budget;
  private final List<Node> layers = new ArrayList<>();
  private Node embedding;
  private Node product;
  private Value bias;
  private String activation;

  private GraphNetwork(String file, Graph graph) throws FormatException {
    this.file = file;
    this.graph = graph;
    this.budget = new Budget(TRIED + TRIED_TIMES * graph.constantElements());
    this.input = graph.inputs().isEmpty() ? null : graph.inputs().get(0);
    int rank = input == null || input.shape() == null ? 0 : input.shape().size();
    if (rank != (input != null && input.integer() ? 2 : 3)) {
      throw problem(
          "first input: found " + input + ", expected numbers of three axes or integers of two");
    }
  }

  /**
   * The network of a graph: from its first input to its output {@code output} or else its first,
   * the further inputs, which are states, zero.
   *
   * @param file what messages call it
   * @param graph the graph
   * @return a new arena
   * @throws FormatException if the graph is no such network, or gives something else than the
   *     network of its parts; names what does not fit
   */
  public static Parameters of(String file, Graph graph) throws FormatException {
    Found found = find(file, graph);
    if (!found.activation().equals(Activations.LINEAR)) {
      throw new FormatException(
          file,
          "not a network of this library: "
              + found.activation()
              + " behind the linear output, expected nothing");
    }
    return found.parameters();
  }

  /**
   * A network, and what its graph applies to the linear output.
   *
   * @param parameters a new arena
   * @param activation Keras's name, such as {@code softmax}; {@code linear} for nothing
   */
  public record Found(Parameters parameters, String activation) {}

  /**
   * The network of a graph, perhaps with an activation behind its linear output.
   *
   * @param file what messages call it
   * @param graph the graph
   * @return the network, which gives the values before the activation
   * @throws FormatException if the graph is no such network, or gives something else than the
   *     network of its parts; names what does not fit
   */
  public static Found find(String file, Graph graph) throws FormatException {
    GraphNetwork reader = new GraphNetwork(file, graph);
    try {
      reader.collect();
      Parameters parameters = reader.read();
      return new Found(
          parameters, reader.activation == null ? Activations.LINEAR : reader.activation);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new FormatException(file, "not a network of this library: " + e.getMessage());
    }
  }

  private void collect() throws FormatException {
    for (Node node : graph.running()) {
      Operator operator = node.operator();
      if (operator instanceof Recurrent) {
        layers.add(node);
      } else if (operator instanceof Products && product == null && !layers.isEmpty()) {
        product = node;
        bias = node.inputs().size() > 2 ? constant(node, 2) : null;
      } else if (operator instanceof Binary && product != null && bias == null) {
        bias = constant(node, 0) == null ? constant(node, 1) : constant(node, 0);
      } else if (operator instanceof Selection && embedding == null && layers.isEmpty()) {
        Value table = constant(node, 0);
        if (table != null && !table.isInteger() && table.rank() == 2) {
          embedding = node;
        }
      } else if (product != null && activation == null && Activations.name(operator) != null) {
        activation = Activations.name(operator);
      } else if (operator instanceof Products
          || operator instanceof Unary
          || operator instanceof Softmax) {
        throw problem(shown(node) + ", expected recurrent layers and at most a linear output");
      }
    }
    if (layers.isEmpty()) {
      throw problem("no recurrent layer whose weights are constants");
    }
  }

  private Value constant(Node node, int index) {
    return index < node.inputs().size() ? graph.constant(node.inputs().get(index)) : null;
  }

  private Parameters read() throws FormatException {
    Recurrent first = (Recurrent) layers.get(0).operator();
    CellKind cell = null;
    for (Node node : layers) {
      Recurrent layer = (Recurrent) node.operator();
      for (int index = 0; index < layer.direction().count(); index++) {
        CellKind own = layer.cell(index, constant(node, 7) != null);
        boolean same = cell == null || cell == own;
        if (own == null
            || !same
            || layer.hiddenSize() != first.hiddenSize()
            || layer.direction() != first.direction()
            || layer.direction() == Recurrent.Direction.REVERSE) {
          throw problem(
              shown(node) + ", expected layers of one kind and size, forward or bidirectional");
        }
        cell = own;
      }
      if (constant(node, 1) == null || constant(node, 2) == null) {
        throw problem(shown(node) + ": weights are computed, expected constants");
      }
    }
    Input read;
    int size = constant(layers.get(0), 1).shape[2];
    if (embedding != null) {
      int[] table = constant(embedding, 0).shape;
      read = new Input.Embedding(table[0], table[1]);
    } else {
      read = input.integer() ? new Input.OneHot(size) : new Input.Features(size);
    }
    int outputs = product == null ? 0 : linear().shape[0];
    for (Candidate candidate : candidates(first.direction().count())) {
      NetworkSpec spec =
          new NetworkSpec(
              read,
              cell,
              first.hiddenSize(),
              0,
              layers.size(),
              candidate.direction(),
              candidate.head(),
              0,
              false,
              outputs);
      if (spec.inputSize(0) == size && fits(spec)) {
        Parameters parameters = parameters(spec);
        if (agrees(parameters, candidate.batchFirst())) {
          return parameters;
        }
      }
    }
    if (budget.exceeded()) {
      throw problem("more to compute than can be tried out");
    }
    throw problem(
        "the graph gives something else than its recurrent layers"
            + (product == null ? "" : " and linear output")
            + " as a network of this library would");
  }

  private static List<Candidate> candidates(int directions) {
    List<Candidate> all = new ArrayList<>();
    for (Direction direction : Direction.values()) {
      for (Head head : Head.values()) {
        if (direction.count() == directions) {
          all.add(new Candidate(direction, head, false));
          all.add(new Candidate(direction, head, true));
        }
      }
    }
    return all;
  }

  /** Whether the weights have the shapes of an architecture. */
  private boolean fits(NetworkSpec spec) throws FormatException {
    for (int i = 1; i < layers.size(); i++) {
      if (constant(layers.get(i), 1).shape[2] != spec.inputSize(i)) {
        return false;
      }
    }
    return product == null || linear().shape[1] == spec.width();
  }

  /** The weights of the linear output {@code [outputs, width]}. */
  private Value linear() throws FormatException {
    Products operator = (Products) product.operator();
    Value matrix = constant(product, 1);
    boolean plain = operator.alpha() == 1 && operator.beta() == 1 && !operator.transA();
    if (matrix == null || matrix.rank() != 2 || !plain) {
      throw problem(shown(product) + ", expected a product with a constant matrix");
    }
    return operator.transB()
        ? matrix
        : new Reshaping(Reshaping.Kind.TRANSPOSE, false, 1, 0).run(matrix)[0];
  }

  private Parameters parameters(NetworkSpec spec) throws FormatException {
    Parameters parameters = new Parameters(spec);
    List<Parameter> slices = parameters.slices();
    float[] values = parameters.values();
    int next = 0;
    if (embedding != null) {
      copy(constant(embedding, 0), values, slices.get(next++));
    }
    int own = spec.cell() == CellKind.LSTM_PEEPHOLE ? 5 : 4;
    for (Node node : layers) {
      Recurrent layer = (Recurrent) node.operator();
      Value[] inputs = new Value[8];
      for (int i : new int[] {1, 2, 3, 7}) {
        inputs[i] = constant(node, i);
      }
      layer.requireWeights(inputs);
      for (int index = 0; index < layer.direction().count(); index++) {
        int[] offsets = new int[own];
        for (int i = 0; i < own; i++) {
          offsets[i] = slices.get(next++).offset();
        }
        layer.copyWeights(inputs, index, values, offsets);
      }
    }
    if (product != null) {
      copy(linear(), values, slices.get(next++));
      if (bias != null) {
        copy(bias, values, slices.get(next));
      }
    }
    return parameters;
  }

  private static void copy(Value from, float[] values, Parameter to) {
    if (from.isInteger() || from.size() != to.size()) {
      throw new IllegalArgumentException(to + ": found " + from);
    }
    System.arraycopy(from.floats, 0, values, to.offset(), to.size());
  }

  /** Whether the graph gives what the network gives. */
  private boolean agrees(Parameters parameters, boolean batchFirst) {
    Network network = new Network(KernelProvider.kernels(), parameters, false);
    network.pack(parameters.values());
    SplittableRandom random = new SplittableRandom(1);
    for (int[] trial : TRIALS) {
      int time = fixed(batchFirst ? 1 : 0, trial[0]);
      int batch = fixed(batchFirst ? 0 : 1, trial[1]);
      if (!agrees(network, time, batch, batchFirst, random)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The size of an axis of the input, where the graph fixes it. Exporters may leave it open there
   * and fix it in the result of every step, which the graph then gives for that size alone.
   */
  private int fixed(int axis, int free) {
    String dimension = input.shape().get(axis);
    Port output = graph.outputs().get(0);
    for (Port port : graph.outputs()) {
      output = port.name().equals(OUTPUT) ? port : output;
    }
    if (!dimension.matches("[0-9]+") && output.shape() != null && output.shape().size() == 3) {
      dimension = output.shape().get(axis);
    }
    return dimension.matches("[0-9]{1,3}") ? Integer.parseInt(dimension) : free;
  }

  private boolean agrees(
      Network network, int time, int batch, boolean batchFirst, SplittableRandom random) {
    NetworkSpec spec = network.spec();
    Workspace workspace = new Workspace(network, time, batch, false);
    int size = spec.input().isToken() ? 1 : spec.input().size();
    float[] x = new float[time * batch * size];
    long[] tokens = new long[time * batch];
    for (int t = 0; t < time; t++) {
      for (int row = 0; row < batch; row++) {
        int at = batchFirst ? row * time + t : t * batch + row;
        for (int i = 0; i < size; i++) {
          if (spec.input().isToken()) {
            tokens[at] = random.nextInt(spec.input().tokens());
            workspace.tokens[t * batch + row] = (int) tokens[at];
          } else {
            x[at * size + i] = 2 * random.nextFloat() - 1;
            workspace.x[workspace.xAt(t, row) + i] = x[at * size + i];
          }
        }
      }
    }
    network.beginState(workspace);
    network.forward(workspace, 0, batch);
    int outer = batchFirst ? batch : time;
    int inner = batchFirst ? time : batch;
    Map<String, Tensor> given = new TreeMap<>();
    given.put(
        input.name(),
        spec.input().isToken()
            ? Tensor.of(input.name(), tokens, outer, inner)
            : Tensor.of(input.name(), x, outer, inner, size));
    for (Port port : graph.inputs().subList(1, graph.inputs().size())) {
      int states = spec.layers() * spec.direction().count();
      float[] zeros = new float[states * batch * spec.hiddenSize()];
      given.put(port.name(), Tensor.of(port.name(), zeros, states, batch, spec.hiddenSize()));
    }
    Value found;
    try {
      Map<String, Tensor> results = graph.run(given, budget);
      Tensor first = results.values().iterator().next();
      found = Value.of(results.getOrDefault(OUTPUT, first));
    } catch (IllegalArgumentException | ArithmeticException e) {
      return false; // Made for another layout.
    }
    boolean everyStep = spec.head().everyStep();
    int results = spec.resultSize();
    int[] shape = everyStep ? new int[] {outer, inner, results} : new int[] {batch, results};
    if (!Arrays.equals(shape, found.shape) || found.isInteger()) {
      return false;
    }
    float[] linear = new float[results];
    for (int row = 0; row < batch; row++) {
      for (int t = 0; t < (everyStep ? time : 1); t++) {
        workspace.result(t, row, linear, 0);
        float[] expected = activation == null ? linear : Activations.apply(activation, linear);
        int at = everyStep ? (batchFirst ? row * time + t : t * batch + row) : row;
        for (int i = 0; i < results; i++) {
          float difference = Math.abs(expected[i] - found.floats[at * results + i]);
          if (!(difference <= TOLERANCE * Math.max(1, Math.abs(expected[i])))) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private FormatException problem(String what) {
    return new FormatException(file, "not a network of this library: " + what);
  }

  private static String shown(Node node) {
    String text =
        ("node " + node.name() + " (" + node.operator() + ")").replaceAll("\\p{Cntrl}", "?");
    return text.length() > 160 ? text.substring(0, 160) + "…" : text;
  }
}
