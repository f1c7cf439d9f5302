package org.lanewise.properties;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * The sizes of a {@link ReferenceNetwork}, and the names and shapes of its parameters, as PyTorch
 * has them. With V rows in the embedding, I inputs, H hidden units, O outputs and G gates:
 *
 * <pre>
 * embedding.weight          [V, I]          with an embedding
 * lstm.weight_ih_l{n}       [G*H, I]        [G*H, H] for n > 0
 * lstm.weight_hh_l{n}       [G*H, H]
 * lstm.bias_ih_l{n}         [G*H]
 * lstm.bias_hh_l{n}         [G*H]
 * linear.weight             [O, H]          with a linear output layer
 * linear.bias               [O]
 * </pre>
 *
 * @param cell the kind of cell
 * @param prefix what stands before the names of the recurrent layers, such as {@code "lstm."},
 *     {@code "gru."} or {@code "rnn."}; may be empty
 * @param inputSize I, features that enter the first layer; with an embedding, the width of its rows
 * @param hiddenSize H
 * @param layers number of recurrent layers, at least 1
 * @param vocabulary V, rows of the embedding; 0 for none
 * @param outputSize O, rows of the linear output layer; 0 for none
 */
public record ReferenceShape(
    ReferenceCell cell,
    String prefix,
    int inputSize,
    int hiddenSize,
    int layers,
    int vocabulary,
    int outputSize) {

  static final String EMBEDDING = "embedding.weight";
  static final String LINEAR_WEIGHT = "linear.weight";
  static final String LINEAR_BIAS = "linear.bias";

  /** Checks the sizes. */
  public ReferenceShape {
    Objects.requireNonNull(cell, "cell");
    Objects.requireNonNull(prefix, "prefix");
    atLeast(1, inputSize, "inputSize");
    atLeast(1, hiddenSize, "hiddenSize");
    atLeast(1, layers, "layers");
    atLeast(0, vocabulary, "vocabulary");
    atLeast(0, outputSize, "outputSize");
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
   * Reads the sizes from the parameters: layers from the names, widths from the lengths.
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
    if (vocabulary > 0) {
      shapes.put(EMBEDDING, new int[] {vocabulary, inputSize});
    }
    for (int n = 0; n < layers; n++) {
      shapes.put(weightIh(n), new int[] {rows, n == 0 ? inputSize : hiddenSize});
      shapes.put(weightHh(n), new int[] {rows, hiddenSize});
      shapes.put(biasIh(n), new int[] {rows});
      shapes.put(biasHh(n), new int[] {rows});
    }
    if (outputSize > 0) {
      shapes.put(LINEAR_WEIGHT, new int[] {outputSize, hiddenSize});
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

  String weightIh(int layer) {
    return prefix + "weight_ih_l" + layer;
  }

  String weightHh(int layer) {
    return prefix + "weight_hh_l" + layer;
  }

  String biasIh(int layer) {
    return prefix + "bias_ih_l" + layer;
  }

  String biasHh(int layer) {
    return prefix + "bias_hh_l" + layer;
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
