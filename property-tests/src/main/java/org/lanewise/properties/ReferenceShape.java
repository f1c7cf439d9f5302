package org.lanewise.properties;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;

/**
 * The sizes of a {@link ReferenceNetwork}, and the names and shapes of its parameters, as PyTorch
 * has them. With V rows in an embedding of width E, I inputs in all, H hidden units, D directions,
 * W values that a layer hands up (H, or 2 H for two directions side by side), O outputs and G
 * gates:
 *
 * <pre>
 * embedding.weight          [V, E]          of each embedding; embedding.{name}.weight if it has one
 * lstm.weight_ih_l{n}       [G*H, I]        [G*H, W] for n &gt; 0
 * lstm.weight_hh_l{n}       [G*H, H]
 * lstm.bias_ih_l{n}         [G*H]
 * lstm.bias_hh_l{n}         [G*H]           and the same four with _reverse for the second direction
 * initial.h0                [layers*D, H]   with trained states
 * initial.c0                [layers*D, H]   with trained states, where the cell has a c
 * linear.weight             [O, W]          with a linear output layer
 * linear.bias               [O]
 * </pre>
 *
 * @param cell the kind of cell
 * @param prefix what stands before the names of the recurrent layers, such as {@code "lstm."},
 *     {@code "gru."} or {@code "rnn."}; may be empty
 * @param parts what is read at each step, seen one behind the other
 * @param hiddenSize H
 * @param layers number of recurrent layers, at least 1
 * @param direction in which directions they run, and how two are joined
 * @param head which outputs of the top layer count
 * @param trainedState whether the states before the first step are parameters
 * @param outputSize O, rows of the linear output layer; 0 for none
 */
public record ReferenceShape(
    ReferenceCell cell,
    String prefix,
    List<Part> parts,
    int hiddenSize,
    int layers,
    Direction direction,
    Head head,
    boolean trainedState,
    int outputSize) {

  static final String EMBEDDING = "embedding.weight";
  static final String INITIAL_H = "initial.h0";
  static final String INITIAL_C = "initial.c0";
  static final String LINEAR_WEIGHT = "linear.weight";
  static final String LINEAR_BIAS = "linear.bias";

  /** Checks the sizes. */
  public ReferenceShape {
    Objects.requireNonNull(cell, "cell");
    Objects.requireNonNull(prefix, "prefix");
    Objects.requireNonNull(direction, "direction");
    Objects.requireNonNull(head, "head");
    parts = List.copyOf(parts);
    atLeast(1, parts.size(), "parts");
    atLeast(1, hiddenSize, "hiddenSize");
    atLeast(1, layers, "layers");
    atLeast(0, outputSize, "outputSize");
  }

  /** How a part of the input is read. */
  public enum Reading {
    /** A vector. */
    VECTOR,
    /** An id, seen as a vector of zeros and a one. */
    ONE_HOT,
    /** An id, seen as a row of a table. */
    EMBEDDING
  }

  /**
   * A part of what is read at each step.
   *
   * @param name a word, or empty when there is one part
   * @param reading how it is read
   * @param vocabulary V, number of ids; 0 for a vector
   * @param size E, values that the first layer sees
   */
  public record Part(String name, Reading reading, int vocabulary, int size) {
    /** Checks the sizes. */
    public Part {
      atLeast(1, size, "inputSize");
      atLeast(reading == Reading.VECTOR ? 0 : 1, vocabulary, "vocabulary");
    }

    /** The name of the table of an embedding. */
    String table() {
      return name.isEmpty() ? EMBEDDING : "embedding." + name + ".weight";
    }
  }

  /**
   * A network that runs forward and gives a result at each step.
   *
   * @param cell the kind of cell
   * @param prefix what stands before the names of the recurrent layers; may be empty
   * @param inputSize I, features that enter the first layer; with an embedding, the width of its
   *     rows
   * @param hiddenSize H
   * @param layers number of recurrent layers, at least 1
   * @param vocabulary V, rows of the embedding; 0 for none
   * @param outputSize O, rows of the linear output layer; 0 for none
   */
  public ReferenceShape(
      ReferenceCell cell,
      String prefix,
      int inputSize,
      int hiddenSize,
      int layers,
      int vocabulary,
      int outputSize) {
    this(
        cell,
        prefix,
        List.of(
            new Part(
                "", vocabulary > 0 ? Reading.EMBEDDING : Reading.VECTOR, vocabulary, inputSize)),
        hiddenSize,
        layers,
        Direction.FORWARD,
        Head.STEPS,
        false,
        outputSize);
  }

  /**
   * Recurrent layers only: no embedding, no output layer, no prefix, as in a {@code torch.nn.LSTM}
   * of its own.
   *
   * @param cell the kind of cell
   * @param inputSize I
   * @param hiddenSize H
   * @param layers number of layers
   */
  public ReferenceShape(ReferenceCell cell, int inputSize, int hiddenSize, int layers) {
    this(cell, "", inputSize, hiddenSize, layers, 0, 0);
  }

  /**
   * The shape of an architecture of the library; dropout is left out.
   *
   * @param spec the architecture
   * @return the shape, with the names of the library's parameters
   * @throws IllegalArgumentException for peepholes or a projection, which the whole network lacks
   */
  public static ReferenceShape of(NetworkSpec spec) {
    if (spec.projectionSize() > 0) {
      throw new IllegalArgumentException(
          "projection: found "
              + spec.projectionSize()
              + ", expected none; see ReferenceProjectedLstm");
    }
    return new ReferenceShape(
        switch (spec.cell()) {
          case LSTM -> new ReferenceLstm();
          case GRU -> new ReferenceGru();
          case RNN_TANH -> new ReferenceRnn(ReferenceRnn.Function.TANH);
          case RNN_RELU -> new ReferenceRnn(ReferenceRnn.Function.RELU);
          case LSTM_PEEPHOLE ->
              throw new IllegalArgumentException(
                  "peepholes: found in the cell, expected none; see ReferencePeepholeLstm");
        },
        spec.cell().module() + ".",
        spec.input().parts().stream().map(ReferenceShape::part).toList(),
        spec.hiddenSize(),
        spec.layers(),
        spec.direction(),
        spec.head(),
        spec.trainedState(),
        spec.outputSize());
  }

  private static Part part(Input.Part part) {
    Reading reading =
        part.input() instanceof Input.Embedding
            ? Reading.EMBEDDING
            : part.input() instanceof Input.OneHot ? Reading.ONE_HOT : Reading.VECTOR;
    return new Part(part.name(), reading, part.input().tokens(), part.input().size());
  }

  /**
   * Values that the first layer sees.
   *
   * @return I
   */
  public int inputSize() {
    return parts.stream().mapToInt(Part::size).sum();
  }

  /**
   * Directions of a layer.
   *
   * @return D
   */
  public int directions() {
    return direction == Direction.FORWARD ? 1 : 2;
  }

  /**
   * Values that a layer hands up at each step.
   *
   * @return W
   */
  public int width() {
    return direction == Direction.BIDIRECTIONAL ? 2 * hiddenSize : hiddenSize;
  }

  /**
   * Reads the sizes of a network that runs forward from the parameters: layers from the names,
   * widths from the lengths.
   *
   * @param cell the kind of cell
   * @param prefix what stands before the names of the recurrent layers; may be empty
   * @param parameters all parameters, row-major
   * @return the shape, which {@link #check} has found to fit
   * @throws IllegalArgumentException if a parameter is missing, unknown or of another length
   */
  public static ReferenceShape of(
      ReferenceCell cell, String prefix, Map<String, double[]> parameters) {
    int layers = 0;
    while (parameters.containsKey(prefix + "weight_ih_l" + layers)) {
      layers++;
    }
    int rows = length(parameters, prefix + "bias_hh_l0");
    int inputSize = length(parameters, prefix + "weight_ih_l0") / Math.max(1, rows);
    int vocabulary =
        parameters.containsKey(EMBEDDING)
            ? length(parameters, EMBEDDING) / Math.max(1, inputSize)
            : 0;
    int outputSize = parameters.containsKey(LINEAR_WEIGHT) ? length(parameters, LINEAR_BIAS) : 0;
    ReferenceShape shape =
        new ReferenceShape(
            cell, prefix, inputSize, rows / cell.gates(), layers, vocabulary, outputSize);
    shape.check(parameters);
    return shape;
  }

  /**
   * Names and shapes of all parameters, in PyTorch's order.
   *
   * @return a new map, from name to shape
   */
  public Map<String, int[]> parameterShapes() {
    int rows = cell.gates() * hiddenSize;
    Map<String, int[]> shapes = new LinkedHashMap<>();
    for (Part part : parts) {
      if (part.reading() == Reading.EMBEDDING) {
        shapes.put(part.table(), new int[] {part.vocabulary(), part.size()});
      }
    }
    for (int n = 0; n < layers; n++) {
      for (int d = 0; d < directions(); d++) {
        shapes.put(weightIh(n, d), new int[] {rows, n == 0 ? inputSize() : width()});
        shapes.put(weightHh(n, d), new int[] {rows, hiddenSize});
        shapes.put(biasIh(n, d), new int[] {rows});
        shapes.put(biasHh(n, d), new int[] {rows});
      }
    }
    if (trainedState) {
      shapes.put(INITIAL_H, new int[] {layers * directions(), hiddenSize});
      if (cell.hasCellState()) {
        shapes.put(INITIAL_C, new int[] {layers * directions(), hiddenSize});
      }
    }
    if (outputSize > 0) {
      shapes.put(LINEAR_WEIGHT, new int[] {outputSize, width()});
      shapes.put(LINEAR_BIAS, new int[] {outputSize});
    }
    return shapes;
  }

  /**
   * Holds parameters against this shape.
   *
   * @param parameters from name to values, row-major
   * @throws IllegalArgumentException naming the parameter that is missing, unknown or of another
   *     length
   */
  public void check(Map<String, double[]> parameters) {
    Map<String, int[]> shapes = parameterShapes();
    shapes.forEach(
        (name, shape) -> {
          int found = length(parameters, name);
          if (found != elements(shape)) {
            throw new IllegalArgumentException(
                "%s: expected shape %s, %d elements, found %d"
                    .formatted(name, Arrays.toString(shape), elements(shape), found));
          }
        });
    for (String name : parameters.keySet()) {
      if (!shapes.containsKey(name)) {
        throw new IllegalArgumentException(
            "%s: not a parameter of this network, which has %s".formatted(name, shapes.keySet()));
      }
    }
  }

  /**
   * Parameters that are all zero, which is also where gradients are summed.
   *
   * @return new arrays, in the order of {@link #parameterShapes}
   */
  public Map<String, double[]> zeros() {
    Map<String, double[]> zeros = new LinkedHashMap<>();
    parameterShapes().forEach((name, shape) -> zeros.put(name, new double[elements(shape)]));
    return zeros;
  }

  /**
   * Random parameters, each element uniform in {@code [-bound, bound)}.
   *
   * @param random where the numbers come from
   * @param bound the largest magnitude; {@code 1/sqrt(hiddenSize)} is PyTorch's for recurrent
   *     layers
   * @return new arrays, in the order of {@link #parameterShapes}
   */
  public Map<String, double[]> random(RandomGenerator random, double bound) {
    Map<String, double[]> parameters = zeros();
    for (double[] values : parameters.values()) {
      Arrays.setAll(values, j -> bound * (2 * random.nextDouble() - 1));
    }
    return parameters;
  }

  String weightIh(int layer, int d) {
    return prefix + "weight_ih_l" + layer + (d == 1 ? "_reverse" : "");
  }

  String weightHh(int layer, int d) {
    return prefix + "weight_hh_l" + layer + (d == 1 ? "_reverse" : "");
  }

  String biasIh(int layer, int d) {
    return prefix + "bias_ih_l" + layer + (d == 1 ? "_reverse" : "");
  }

  String biasHh(int layer, int d) {
    return prefix + "bias_hh_l" + layer + (d == 1 ? "_reverse" : "");
  }

  private static int elements(int[] shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  private static int length(Map<String, double[]> parameters, String name) {
    double[] values = parameters.get(name);
    if (values == null) {
      throw new IllegalArgumentException(
          "%s: missing among %s".formatted(name, parameters.keySet()));
    }
    return values.length;
  }

  private static void atLeast(int least, int found, String name) {
    if (found < least) {
      throw new IllegalArgumentException(
          "%s: expected at least %d, found %d".formatted(name, least, found));
    }
  }
}
