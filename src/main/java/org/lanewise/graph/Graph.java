package org.lanewise.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lanewise.cell.CellKind;
import org.lanewise.format.Tensor;

/**
 * An inference graph: named inputs, constants, operators in the order in which they run, and named
 * outputs.
 *
 * <pre>{@code
 * Graph graph =
 *     new Graph(
 *         List.of(new Port("x", false, List.of("batch", "2"))),
 *         List.of(Tensor.of("w", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)),
 *         List.of(
 *             new Node("dense", Products.matMul(), List.of("x", "w"), List.of("z")),
 *             new Node("tanh", new Unary(Nonlinearity.TANH), List.of("z"), List.of("y"))),
 *         List.of(new Port("y", false, List.of("batch", "3"))));
 * Map<String, Tensor> out = graph.run(Map.of("x", Tensor.of("x", new float[] {1, 2}, 1, 2)));
 * }</pre>
 *
 * <p>What depends on constants alone is computed once, when the graph is made, as far as their
 * number justifies it, and else in every run. A {@link Recurrent} whose weights are constants and
 * which one of the library's cells computes runs on that cell; any other in its textbook form. A
 * product with a constant matrix and the sum with a bias behind it are one chain of fused
 * multiply-adds that starts at the bias, so a network written as a graph gives the network's bits.
 *
 * <p>Immutable: one graph serves any number of threads. A run takes at most half of the heap for
 * its values, and no single value more than an eighth of it, and is refused beyond that.
 */
public final class Graph {
  /** Elements of constants that may be made from constants of this many, and how often as many. */
  private static final long FOLDED = 1 << 20;

  private static final long FOLDED_TIMES = 8;

  /** What may be computed from constants, and how much more for each of their elements. */
  private static final long FOLDING = 1 << 26;

  private static final long FOLDING_TIMES = 16;

  /** The inputs of a recurrent node that are weights or states: W, R, B, h, c and P. */
  private static final List<Integer> WEIGHTS = List.of(1, 2, 3, 5, 6, 7);

  private final List<Port> inputs;
  private final List<Port> outputs;
  private final List<Node> nodes;
  private final Map<String, Value> constants;
  private final List<Node> running;
  private final List<Step> steps;

  /** A node that runs, its recurrent weights packed if they can be. */
  private record Step(Node node, List<Recurrence> packed, List<String> last) {}

  /**
   * A graph of parts.
   *
   * @param inputs what {@link #run} must be given
   * @param constants values known beforehand, of any element type that {@link Tensor#floats} or
   *     {@link Tensor#longs} reads; their names are those that nodes read
   * @param nodes operators, each after those whose outputs it reads
   * @param outputs what {@link #run} gives
   * @throws IllegalArgumentException if two values have one name, a node or an output reads one
   *     that nothing before it gives, a node has too few or too many inputs or outputs, constants
   *     do not fit their operators, a constant is NaN, or one is infinite that is a weight: of a
   *     recurrent layer, of a product, or in a table that is gathered from
   */
  public Graph(List<Port> inputs, List<Tensor> constants, List<Node> nodes, List<Port> outputs) {
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.nodes = List.copyOf(nodes);
    this.constants = new HashMap<>();
    Map<String, String> givenBy = new HashMap<>();
    for (Port input : inputs) {
      define(givenBy, input.name(), "an input");
    }
    long given = 0;
    for (Tensor constant : constants) {
      define(givenBy, constant.name(), "a constant");
      Value value = Value.of(constant);
      requireFinite(constant.name(), value, false);
      this.constants.put(constant.name(), value);
      given += constant.elements();
    }
    long room = FOLDED + FOLDED_TIMES * given;
    Budget budget = new Budget(FOLDING + FOLDING_TIMES * given);
    List<Node> left = new ArrayList<>();
    for (Node node : nodes) {
      check(node, givenBy);
      long made = fold(node, room, budget);
      room -= Math.max(0, made);
      if (made < 0) {
        left.add(node);
      }
    }
    for (Port output : outputs) {
      if (!givenBy.containsKey(output.name())) {
        throw new IllegalArgumentException(
            "output " + shown(output.name()) + ": nothing gives a value of this name");
      }
    }
    left.forEach(this::requireFiniteWeights);
    this.running = List.copyOf(left);
    this.steps = steps(withBias(left));
  }

  /** Infinity is a number to compare with or to mask with, but never a weight. */
  private void requireFiniteWeights(Node node) {
    List<Integer> weights = List.of();
    if (node.operator() instanceof Recurrent) {
      weights = WEIGHTS;
    } else if (node.operator() instanceof Products) {
      weights = List.of(0, 1, 2);
    } else if (node.operator() instanceof Selection pick && pick.kind() == Selection.Kind.GATHER) {
      weights = List.of(0);
    }
    for (int i : weights) {
      String name = i < node.inputs().size() ? node.inputs().get(i) : "";
      if (constants.containsKey(name)) {
        String origin = constants.get(name).notFinite(true) < 0 ? name : origin(name);
        try {
          requireFinite(origin, constants.get(origin), true);
        } catch (IllegalArgumentException e) {
          throw problem(node, e.getMessage());
        }
      }
    }
  }

  /** The constant that an infinite one was computed from, as far as it is infinite itself. */
  private String origin(String name) {
    for (Node node : nodes) {
      for (String input : node.outputs().contains(name) ? node.inputs() : List.<String>of()) {
        if (constants.containsKey(input) && constants.get(input).notFinite(true) >= 0) {
          return origin(input);
        }
      }
    }
    return name;
  }

  private static void requireFinite(String name, Value value, boolean orInfinite) {
    int at = value.notFinite(orInfinite);
    if (at >= 0) {
      throw new IllegalArgumentException(
          "tensor "
              + shown(name)
              + ": element "
              + at
              + " is "
              + value.floats[at]
              + ", expected a finite number");
    }
  }

  /** A product and the sum with a bias that alone reads it, as one node. */
  private List<Node> withBias(List<Node> left) {
    Map<String, Integer> readers = new HashMap<>();
    left.forEach(node -> node.inputs().forEach(name -> readers.merge(name, 1, Integer::sum)));
    outputs.forEach(output -> readers.merge(output.name(), 1, Integer::sum));
    Map<String, Node> products = new HashMap<>();
    List<Node> joined = new ArrayList<>();
    for (Node node : left) {
      Node product = null;
      String bias = "";
      for (int i = 0; i < 2 && node.operator().equals(new Binary(Binary.Kind.ADD)); i++) {
        Node read = products.get(node.inputs().get(i));
        String other = node.inputs().get(1 - i);
        if (read != null
            && Biased.fits(constants.get(read.inputs().get(1)), constants.get(other))) {
          product = read;
          bias = other;
        }
      }
      if (product == null) {
        joined.add(node);
      } else {
        joined.remove(product);
        List<String> inputs = List.of(product.inputs().get(0), product.inputs().get(1), bias);
        joined.add(new Node(node.name(), new Biased(), inputs, node.outputs()));
      }
      String output = node.outputs().get(0);
      if (node.operator().equals(Products.matMul()) && readers.getOrDefault(output, 0) == 1) {
        products.put(output, node);
      }
    }
    return joined;
  }

  private static void define(Map<String, String> givenBy, String name, String by) {
    String other = givenBy.put(name, by);
    if (other != null) {
      throw new IllegalArgumentException(
          "value " + shown(name) + ": given by " + other + " and by " + by + ", expected one");
    }
  }

  private static void check(Node node, Map<String, String> givenBy) {
    Operator operator = node.operator();
    for (int i = 0; i < node.inputs().size(); i++) {
      String name = node.inputs().get(i);
      if (name.isEmpty() ? i < operator.leastInputs() : !givenBy.containsKey(name)) {
        throw problem(
            node,
            name.isEmpty()
                ? "input " + i + " is absent"
                : "input " + shown(name) + ": nothing before it gives a value of this name");
      }
    }
    if (node.inputs().size() < operator.leastInputs()
        || node.inputs().size() > operator.mostInputs()) {
      throw problem(
          node,
          node.inputs().size()
              + " inputs, expected "
              + operator.leastInputs()
              + " to "
              + operator.mostInputs());
    }
    if (node.outputs().isEmpty() || node.outputs().size() > operator.outputs()) {
      throw problem(node, node.outputs().size() + " outputs, expected 1 to " + operator.outputs());
    }
    for (String output : node.outputs()) {
      if (!output.isEmpty()) {
        define(givenBy, output, "node " + shown(node.name()));
      }
    }
  }

  /** Runs a node of constants; the number of elements it made, negative when it is left to run. */
  private long fold(Node node, long room, Budget budget) {
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !constants.containsKey(input)) {
        return -1;
      }
    }
    Value[] read = values(node, constants);
    if (room <= 0 || !budget.take(Budget.work(node.operator(), read))) {
      return -1;
    }
    Value[] made = run(node, read, List.of());
    budget.spend(made);
    long elements = Arrays.stream(made).mapToLong(Value::size).sum();
    if (elements > room) {
      return -1;
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        constants.put(node.outputs().get(i), made[i]);
      }
    }
    return elements;
  }

  private List<Step> steps(List<Node> left) {
    Map<String, Integer> lastUse = new HashMap<>();
    for (int i = 0; i < left.size(); i++) {
      for (String output : left.get(i).outputs()) {
        lastUse.put(output, i);
      }
      for (String input : left.get(i).inputs()) {
        lastUse.put(input, i);
      }
    }
    outputs.forEach(output -> lastUse.remove(output.name()));
    Map<Integer, List<String>> last = new HashMap<>();
    lastUse.forEach((name, step) -> last.computeIfAbsent(step, at -> new ArrayList<>()).add(name));
    List<Step> all = new ArrayList<>();
    for (int i = 0; i < left.size(); i++) {
      Node node = left.get(i);
      all.add(new Step(node, packed(node), last.getOrDefault(i, List.of())));
    }
    return List.copyOf(all);
  }

  private List<Recurrence> packed(Node node) {
    if (!(node.operator() instanceof Recurrent layer)) {
      return List.of();
    }
    Value[] weights = Arrays.copyOf(values(node, constants), 8);
    boolean constant = true;
    for (int i : new int[] {1, 2, 3, 7}) {
      boolean absent = i >= node.inputs().size() || node.inputs().get(i).isEmpty();
      constant &= absent || weights[i] != null;
    }
    if (!constant) {
      return List.of();
    }
    List<Recurrence> packed = new ArrayList<>();
    try {
      layer.requireWeights(weights);
      for (int index = 0; index < layer.direction().count(); index++) {
        CellKind cell = layer.cell(index, weights[7] != null);
        packed.add(
            cell == null || weights[1].shape[2] == 0
                ? new PlainRecurrence(layer, index, weights)
                : new PackedRecurrence(layer, index, cell, weights));
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw problem(node, e.getMessage());
    }
    return List.copyOf(packed);
  }

  private static Value[] values(Node node, Map<String, Value> all) {
    return node.inputs().stream().map(all::get).toArray(Value[]::new);
  }

  private static Value[] run(Node node, Value[] values, List<Recurrence> packed) {
    try {
      if (node.operator() instanceof Recurrent layer && !packed.isEmpty()) {
        Recurrence[] directions = packed.toArray(Recurrence[]::new);
        return Sequences.run(layer, directions, layer.checked(values));
      }
      return node.operator().run(values);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw problem(node, e.getMessage());
    }
  }

  /**
   * What {@link #run} must be given.
   *
   * @return an unmodifiable list
   */
  public List<Port> inputs() {
    return inputs;
  }

  /**
   * What {@link #run} gives.
   *
   * @return an unmodifiable list
   */
  public List<Port> outputs() {
    return outputs;
  }

  /**
   * All operators, also those of constants.
   *
   * @return an unmodifiable list, in the order in which they run
   */
  public List<Node> nodes() {
    return nodes;
  }

  /** A value that is known beforehand, or null. */
  Value constant(String name) {
    return constants.get(name);
  }

  /** Elements of all values that are known beforehand. */
  long constantElements() {
    return constants.values().stream().mapToLong(Value::size).sum();
  }

  /** The operators that are left when those of constants have been computed. */
  List<Node> running() {
    return running;
  }

  /**
   * Runs the graph.
   *
   * @param given a tensor for each input, under the input's name; floating-point numbers up to 32
   *     bits or integers, as the input says
   * @return a tensor for each output, in the order of {@link #outputs}: F32 or I64
   * @throws IllegalArgumentException if an input is missing, is not one of the graph, or does not
   *     fit it; if the shapes in the graph do not fit one another; or if the values would take too
   *     much of the heap. The message names the input or the node
   */
  public Map<String, Tensor> run(Map<String, Tensor> given) {
    return run(given, new Budget(Long.MAX_VALUE));
  }

  /** Runs the graph, and refuses to where that takes more than a budget has left. */
  Map<String, Tensor> run(Map<String, Tensor> given, Budget budget) {
    Map<String, Value> values = new HashMap<>(constants);
    Map<String, Integer> sizes = new HashMap<>();
    for (Port input : inputs) {
      Tensor tensor = given.get(input.name());
      if (tensor == null) {
        throw new IllegalArgumentException(
            "input " + shown(input.name()) + ": missing; found " + given.keySet());
      }
      values.put(input.name(), checked(input, tensor, sizes));
    }
    for (String name : given.keySet()) {
      if (inputs.stream().noneMatch(input -> input.name().equals(name))) {
        throw new IllegalArgumentException(
            "input " + shown(name) + ": not one of the graph, which has " + inputs);
      }
    }
    long most = Runtime.getRuntime().maxMemory() / 2;
    long live = 0;
    for (Step step : steps) {
      Node node = step.node();
      Value[] read = values(node, values);
      if (!budget.take(Budget.work(node.operator(), read))) {
        throw problem(node, "more to compute than a trial may");
      }
      Value[] made = run(node, read, step.packed());
      budget.spend(made);
      for (int i = 0; i < node.outputs().size(); i++) {
        if (!node.outputs().get(i).isEmpty()) {
          values.put(node.outputs().get(i), made[i]);
          live += made[i].bytes();
        }
      }
      if (live > most) {
        throw problem(node, "values of " + live + " bytes, expected at most half of the heap");
      }
      for (String name : step.last()) {
        Value gone = constants.containsKey(name) ? null : values.remove(name);
        live -= gone == null || isInput(name) ? 0 : gone.bytes();
      }
    }
    Map<String, Tensor> results = new LinkedHashMap<>();
    for (Port output : outputs) {
      results.put(output.name(), values.get(output.name()).toTensor(output.name()));
    }
    return results;
  }

  private boolean isInput(String name) {
    return inputs.stream().anyMatch(input -> input.name().equals(name));
  }

  private static Value checked(Port input, Tensor tensor, Map<String, Integer> sizes) {
    Value value = Value.of(tensor);
    boolean fits = value.isInteger() == input.integer();
    if (input.shape() != null) {
      fits &= input.shape().size() == value.rank();
      for (int i = 0; fits && i < value.rank(); i++) {
        String dimension = input.shape().get(i);
        int size = value.shape[i];
        if (dimension.matches("[0-9]+")) {
          fits = dimension.equals(Integer.toString(size));
        } else if (!dimension.isEmpty()) {
          Integer known = sizes.putIfAbsent(dimension, size);
          fits = known == null || known == size;
        }
      }
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "input "
              + shown(input.name())
              + ": found "
              + value
              + ", expected "
              + input
              + (sizes.isEmpty() ? "" : " with " + sizes));
    }
    return value;
  }

  private static IllegalArgumentException problem(Node node, String what) {
    return new IllegalArgumentException(
        "node " + shown(node.name()) + " (" + shown(node.operator()) + "): " + what);
  }

  /** Names in messages are cut: those of a hostile file may be of any length. */
  private static String shown(Object name) {
    String text = name.toString().replaceAll("\\p{Cntrl}", "?");
    return text.length() > 80 ? text.substring(0, 80) + "…" : text;
  }
}
