package org.lanewise.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.Fixtures;
import org.lanewise.format.FormatException;
import org.lanewise.format.Tensor;
import org.lanewise.graph.Recurrent.Direction;
import org.lanewise.graph.Recurrent.Kind;

/** What a graph refuses, and that the two ways to compute a recurrent layer agree. */
class GraphTest {
  private static final int TIME = 66;
  private static final int BATCH = 69;
  private static final int INPUTS = 3;
  private static final int UNITS = 5;

  private static Port port(String name, String... shape) {
    return new Port(name, false, List.of(shape));
  }

  private static Node node(String name, Operator operator, List<String> in, String... out) {
    return new Node(name, operator, in, List.of(out));
  }

  private static Tensor tensor(String name, long seed, int... shape) {
    return Tensor.of(name, Fixtures.floats(Shapes.product(shape, 0, shape.length), seed), shape);
  }

  @Test
  void aDenseLayerIsAProductASumAndAFunction() throws IOException {
    Graph graph =
        new Graph(
            List.of(port("x", "batch", "2")),
            List.of(
                Tensor.of("w", new float[] {1, 2, 3, 4, 5, 6}, 2, 3),
                Tensor.of("b", new float[] {1, 0, -100}, 3)),
            List.of(
                node("product", Products.matMul(), List.of("x", "w"), "z"),
                node("sum", new Binary(Binary.Kind.ADD), List.of("z", "b"), "s"),
                node("relu", new Unary(Nonlinearity.RELU), List.of("s"), "y")),
            List.of(port("y", "batch", "3")));
    Map<String, Tensor> out = graph.run(Map.of("x", Tensor.of("x", new float[] {1, 2}, 1, 2)));
    assertArrayEquals(new float[] {10, 12, 0}, out.get("y").floats());
    assertArrayEquals(new int[] {1, 3}, out.get("y").shape());
  }

  /** Weights that are inputs cannot be packed, so the same layer runs in its textbook form. */
  @ParameterizedTest
  @CsvSource({
    "LSTM, FORWARD, false",
    "LSTM, BIDIRECTIONAL, true",
    "LSTM, REVERSE, false",
    "GRU, FORWARD, true",
    "GRU, BIDIRECTIONAL, false",
    "RNN, REVERSE, true",
    "RNN, BIDIRECTIONAL, false"
  })
  void packedEqualsTextbook(Kind kind, Direction direction, boolean batchFirst) throws IOException {
    Recurrent usual = new Recurrent(kind, direction, UNITS);
    Recurrent layer =
        new Recurrent(
            kind, direction, UNITS, usual.activations(), usual.clip(), false, true, batchFirst);
    int directions = direction.count();
    int rows = kind.gates() * UNITS;
    Map<String, Tensor> weights = new LinkedHashMap<>();
    put(weights, tensor("w", 1, directions, rows, INPUTS));
    put(weights, tensor("r", 2, directions, rows, UNITS));
    put(weights, tensor("b", 3, directions, 2 * rows));
    Map<String, Tensor> given = new LinkedHashMap<>();
    int[] states =
        batchFirst ? new int[] {BATCH, directions, UNITS} : new int[] {directions, BATCH, UNITS};
    put(
        given,
        batchFirst ? tensor("x", 4, BATCH, TIME, INPUTS) : tensor("x", 4, TIME, BATCH, INPUTS));
    put(given, tensor("h0", 5, states));
    List<String> in = new ArrayList<>(List.of("x", "w", "r", "b", "lengths", "h0"));
    List<String> out = new ArrayList<>(List.of("y", "hn"));
    if (kind.hasCellState()) {
      put(given, tensor("c0", 6, states));
      put(weights, tensor("p", 7, directions, 3 * UNITS));
      in.addAll(List.of("c0", "p"));
      out.add("cn");
    }
    // More equal ones than run side by side, longer than a window, and some others among them.
    long[] lengths = new long[BATCH];
    Arrays.fill(lengths, TIME);
    lengths[3] = 0;
    lengths[9] = 7;
    Port index = new Port("lengths", true, List.of(""));
    put(given, Tensor.of("lengths", lengths, BATCH));
    List<Port> ports = new ArrayList<>(List.of(index));
    given.keySet().stream()
        .filter(name -> !name.equals("lengths"))
        .forEach(name -> ports.add(port(name, "", "", "")));
    List<Port> outputs = out.stream().map(name -> new Port(name, false, null)).toList();
    List<Node> nodes = List.of(new Node("layer", layer, in, out));
    Graph packed = new Graph(ports, List.copyOf(weights.values()), nodes, outputs);
    Map<String, Tensor> fast = packed.run(given);
    weights.forEach((name, value) -> ports.add(new Port(name, false, null)));
    given.putAll(weights);
    Map<String, Tensor> plain = new Graph(ports, List.of(), nodes, outputs).run(given);
    for (String name : out) {
      assertArrayEquals(plain.get(name).shape(), fast.get(name).shape());
      float[] expected = plain.get(name).floats();
      float[] found = fast.get(name).floats();
      // The sums begin in another order, and 66 steps of a lively network make more of it.
      float largest = 1;
      for (float value : expected) {
        largest = Math.max(largest, Math.abs(value));
      }
      assertArrayEquals(expected, found, 2e-5f * largest, name);
    }
  }

  private static void put(Map<String, Tensor> all, Tensor tensor) {
    all.put(tensor.name(), tensor);
  }

  @Test
  void whatDependsOnConstantsAloneIsComputedOnce() throws IOException {
    Graph graph =
        new Graph(
            List.of(),
            List.of(Tensor.of("a", new float[] {1, 2}, 2)),
            List.of(node("add", new Binary(Binary.Kind.ADD), List.of("a", "a"), "y")),
            List.of(port("y", "2")));
    assertEquals(List.of(), graph.running());
    assertArrayEquals(new float[] {2, 4}, graph.run(Map.of()).get("y").floats());
  }

  /** The product alone, or with something else between, is its own chain; a bias starts it. */
  @Test
  void aProductWithABiasIsOneChainThatStartsThere() throws IOException {
    float[] x = {3, 1 + 0x1p-23f};
    float[] w = {1, -0.3f, 0.7f, 5};
    float[] b = {-0.1f, 1e8f};
    Operator add = new Binary(Binary.Kind.ADD);
    Products gemm = new Products(true, 1, 1, false, false);
    Graph graph =
        new Graph(
            List.of(port("x", "1", "2")),
            List.of(Tensor.of("w", w, 2, 2), Tensor.of("b", b, 2)),
            List.of(
                node("p", Products.matMul(), List.of("x", "w"), "p"),
                node("y", add, List.of("b", "p"), "y"),
                node("q", Products.matMul(), List.of("x", "w"), "q"),
                node("z", add, List.of("q", "b"), "z"),
                node("g", gemm, List.of("x", "w", "b"), "g")),
            List.of(port("y"), port("z"), port("g"), port("q")));
    Map<String, Tensor> out = graph.run(Map.of("x", Tensor.of("x", x, 1, 2)));
    float[] chain = new float[2];
    float[] product = new float[2];
    float[] sum = new float[2];
    for (int i = 0; i < 2; i++) {
      chain[i] = Math.fma(x[1], w[2 + i], Math.fma(x[0], w[i], b[i]));
      product[i] = Math.fma(x[1], w[2 + i], Math.fma(x[0], w[i], 0));
      sum[i] = product[i] + b[i];
    }
    Fixtures.assertSameBits(chain, out.get("y").floats(), "y");
    Fixtures.assertSameBits(chain, out.get("g").floats(), "g");
    Fixtures.assertSameBits(product, out.get("q").floats(), "q, which is an output too");
    Fixtures.assertSameBits(sum, out.get("z").floats(), "z, whose product is an output too");
  }

  @Test
  void weightsThatAreNotFiniteAreRefusedByName() {
    float inf = Float.NEGATIVE_INFINITY;
    Operator twice = new Binary(Binary.Kind.ADD);
    Operator gather = new Selection(Selection.Kind.GATHER, 0);
    String refused = ": element 1 is -Infinity, expected a finite number";
    assertTrue(weight(inf, Products.matMul(), "x", "w").endsWith("tensor w" + refused));
    assertTrue(weight(inf, Products.matMul(), "x", "folded").endsWith("tensor w" + refused));
    assertTrue(weight(inf, gather, "w", "i").endsWith("tensor w" + refused));
    Operator cell = new Recurrent(Recurrent.Kind.RNN, Recurrent.Direction.FORWARD, 1);
    assertTrue(weight(inf, cell, "x", "w", "w").endsWith("tensor w" + refused));
    // A mask.
    assertEquals("", weight(inf, twice, "x", "w"));
    assertEquals("", weight(1, Products.matMul(), "x", "w"));
    assertEquals(
        "tensor w: element 1 is NaN, expected a finite number", weight(Float.NaN, twice, "x", "w"));
  }

  /** What a graph with a node says to a constant `w` that holds a number. */
  private static String weight(float number, Operator operator, String... inputs) {
    List<Node> nodes =
        List.of(
            node("both", new Binary(Binary.Kind.ADD), List.of("w", "w"), "folded"),
            node("node", operator, List.of(inputs), "y"));
    try {
      new Graph(
          List.of(port("x", "1", "1", "2"), new Port("i", true, List.of("1"))),
          List.of(Tensor.of("w", new float[] {1, number, 3, 4}, 1, 2, 2)),
          nodes,
          List.of(port("y")));
      return "";
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  @Test
  void valuesOfOneNameAreRefused() {
    String message =
        refusal(List.of(node("n", new Unary(Nonlinearity.TANH), List.of("x"), "x")), "x");
    assertEquals("value x: given by an input and by node n, expected one", message);
  }

  @Test
  void cyclesAndDanglingNamesAreRefused() {
    List<Node> cycle =
        List.of(
            node("a", new Unary(Nonlinearity.TANH), List.of("z"), "y"),
            node("b", new Unary(Nonlinearity.TANH), List.of("y"), "z"));
    assertTrue(
        refusal(cycle, "z").endsWith("input z: nothing before it gives a value of this name"));
    assertEquals(
        "output nowhere: nothing gives a value of this name", refusal(List.of(), "nowhere"));
  }

  @Test
  void wrongNumbersOfInputsAndOutputsAreRefused() {
    Unary tanh = new Unary(Nonlinearity.TANH);
    assertTrue(refusal(List.of(node("n", tanh, List.of(), "y")), "y").contains("0 inputs"));
    assertTrue(refusal(List.of(node("n", tanh, List.of("x", "x"), "y")), "y").contains("2 inputs"));
    assertTrue(
        refusal(List.of(node("n", tanh, List.of("x"), "y", "z")), "y").contains("2 outputs"));
    assertTrue(refusal(List.of(node("n", tanh, List.of(""), "y")), "y").contains("absent"));
  }

  private static String refusal(List<Node> nodes, String output) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> new Graph(List.of(port("x", "2")), List.of(), nodes, List.of(port(output))))
        .getMessage();
  }

  @Test
  void inputsThatDoNotFitAreNamed() {
    Graph graph =
        new Graph(
            List.of(port("a", "n", "2"), port("b", "n")), List.of(), List.of(), List.of(port("a")));
    Tensor a = Tensor.of("a", new float[4], 2, 2);
    Tensor b = Tensor.of("b", new float[2], 2);
    assertEquals(1, graph.run(Map.of("a", a, "b", b)).size());
    assertTrue(refusal(graph, Map.of("a", a)).startsWith("input b: missing"));
    assertTrue(refusal(graph, Map.of("a", a, "b", b, "c", b)).startsWith("input c: not one"));
    Tensor three = Tensor.of("b", new float[3], 3);
    assertTrue(refusal(graph, Map.of("a", a, "b", three)).contains("found numbers [3]"));
    Tensor integers = Tensor.of("b", new long[2], 2);
    assertTrue(refusal(graph, Map.of("a", a, "b", integers)).contains("found integers [2]"));
  }

  /** A few bytes of shape must not ask for all memory. */
  @ParameterizedTest
  @ValueSource(longs = {1L << 29, 1L << 40, Long.MAX_VALUE, -1})
  void hugeShapesAreRefused(long dimension) {
    Filling zeros = new Filling(Filling.Kind.CONSTANT_OF_SHAPE, Tensor.of("", new float[1], 1));
    Graph graph =
        new Graph(
            List.of(new Port("shape", true, List.of("3"))),
            List.of(),
            List.of(node("zeros", zeros, List.of("shape"), "y")),
            List.of(port("y")));
    long[] shape = {dimension, 64, 1};
    String message = refusal(graph, Map.of("shape", Tensor.of("shape", shape, 3)));
    assertTrue(message.startsWith("node zeros"), message);
  }

  private static String refusal(Graph graph, Map<String, Tensor> given) {
    return assertThrows(IllegalArgumentException.class, () -> graph.run(given)).getMessage();
  }

  /** Of a few bytes that ask for hours: made at once, and no network. */
  @ParameterizedTest
  @ValueSource(strings = {"sums", "recurrent", "fillings", "tried"})
  void whatCostsMoreThanConstantsJustifyIsNotComputedBeforehand(String kind) {
    List<Tensor> constants = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    constants.add(Tensor.of("size", new long[] {500_000}, 1));
    constants.add(Tensor.of("vast", new long[] {60_000_000}, 1));
    constants.add(Tensor.of("long", new long[] {200_000, 1, 1}, 3));
    constants.add(Tensor.of("w shape", new long[] {1, 1200, 1}, 3));
    constants.add(Tensor.of("r shape", new long[] {1, 1200, 300}, 3));
    Tensor zero = Tensor.of("", new float[1], 1);
    Filling filled = new Filling(Filling.Kind.CONSTANT_OF_SHAPE, zero);
    nodes.add(new Node("a", filled, List.of("size"), List.of("a")));
    nodes.add(new Node("x", filled, List.of("long"), List.of("x")));
    nodes.add(new Node("w", filled, List.of("w shape"), List.of("w")));
    nodes.add(new Node("r", filled, List.of("r shape"), List.of("r")));
    Recurrent lstm = new Recurrent(Kind.LSTM, Direction.FORWARD, 300);
    for (int i = 0; i < 20_000; i++) {
      List<String> gives = List.of("n" + i);
      nodes.add(
          switch (kind) {
            case "sums" ->
                new Node(
                    "n" + i, new Reduction(Reduction.Kind.SUM, false, true), List.of("a"), gives);
            case "recurrent" -> new Node("n" + i, lstm, List.of("x", "w", "r"), gives);
            default -> new Node("n" + i, filled, List.of("vast"), gives);
          });
    }
    constants.add(Tensor.of("w1", Fixtures.floats(8, 1), 1, 8, 1));
    constants.add(Tensor.of("r1", Fixtures.floats(16, 2), 1, 8, 2));
    Recurrent small = new Recurrent(Kind.LSTM, Direction.FORWARD, 2);
    nodes.add(new Node("layer", small, List.of("in", "w1", "r1"), List.of("y")));
    long start = Fixtures.threads().getCurrentThreadCpuTime();
    Graph graph =
        new Graph(
            List.of(new Port("in", false, List.of("time", "batch", "1"))),
            constants,
            nodes,
            List.of(new Port("y", false, null)));
    long made = Fixtures.threads().getCurrentThreadCpuTime() - start;
    assertTrue(made < 5_000_000_000L, made + " ns");
    if (kind.equals("tried")) {
      String refused =
          assertThrows(FormatException.class, () -> GraphNetwork.find("file", graph)).getMessage();
      long tried = Fixtures.threads().getCurrentThreadCpuTime() - start - made;
      assertEquals(
          "file: not a network of this library: more to compute than can be tried out", refused);
      assertTrue(tried < 60_000_000_000L, tried + " ns");
    }
  }
}
