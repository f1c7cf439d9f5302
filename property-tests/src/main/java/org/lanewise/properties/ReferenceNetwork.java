package org.lanewise.properties;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The textbook network in double precision: an optional embedding, recurrent layers one above the
 * other, an optional linear output layer. Slow, and plain enough to be checked by reading.
 *
 * <pre>{@code
 * Map<String, double[]> parameters = ...;           // PyTorch's names, row-major
 * ReferenceNetwork network = ReferenceNetwork.lstm(parameters);
 * ReferenceNetwork.Run run = network.forward(ids, network.zeroState(batch));
 * ReferenceLoss loss = ReferenceLoss.crossEntropy(run, targets);
 * ReferenceNetwork.Gradients gradients = run.backward(loss);
 * gradients.parameters().get("lstm.weight_hh_l0");  // [4*H, H], row-major
 * }</pre>
 *
 * <p>The parameters are not copied: a change in their arrays, by an optimizer or a gradient check,
 * is seen by the next {@link #forward(int[][], State)}. A run must go back before they change.
 * Names and shapes stand in {@link ReferenceShape}. Not for use by several threads while parameters
 * change.
 */
public final class ReferenceNetwork {
  private final ReferenceShape shape;
  private final Map<String, double[]> parameters;

  /**
   * A network over parameters.
   *
   * @param shape sizes and kind
   * @param parameters from name to values, row-major; kept, not copied
   * @throws IllegalArgumentException if they do not fit the shape
   */
  public ReferenceNetwork(ReferenceShape shape, Map<String, double[]> parameters) {
    shape.check(parameters);
    this.shape = shape;
    this.parameters = parameters;
  }

  /**
   * An LSTM network with the prefix {@code "lstm."} and the sizes that its parameters have.
   *
   * @param parameters from name to values, row-major; kept, not copied
   * @return the network
   * @throws IllegalArgumentException if a parameter is missing, unknown or of another length
   */
  public static ReferenceNetwork lstm(Map<String, double[]> parameters) {
    return new ReferenceNetwork(
        ReferenceShape.of(new ReferenceLstm(), "lstm.", parameters), parameters);
  }

  /**
   * A GRU network with the prefix {@code "gru."} and the sizes that its parameters have.
   *
   * @param parameters from name to values, row-major; kept, not copied
   * @return the network
   * @throws IllegalArgumentException if a parameter is missing, unknown or of another length
   */
  public static ReferenceNetwork gru(Map<String, double[]> parameters) {
    return new ReferenceNetwork(
        ReferenceShape.of(new ReferenceGru(), "gru.", parameters), parameters);
  }

  /**
   * A vanilla RNN with the prefix {@code "rnn."} and the sizes that its parameters have.
   *
   * @param function its activation
   * @param parameters from name to values, row-major; kept, not copied
   * @return the network
   * @throws IllegalArgumentException if a parameter is missing, unknown or of another length
   */
  public static ReferenceNetwork rnn(
      ReferenceRnn.Function function, Map<String, double[]> parameters) {
    return new ReferenceNetwork(
        ReferenceShape.of(new ReferenceRnn(function), "rnn.", parameters), parameters);
  }

  /**
   * The sizes.
   *
   * @return the shape
   */
  public ReferenceShape shape() {
    return shape;
  }

  /**
   * The parameters themselves.
   *
   * @return the map given at construction
   */
  public Map<String, double[]> parameters() {
    return parameters;
  }

  /**
   * States of zeros.
   *
   * @param batch B, number of sequences
   * @return h and c {@code [layers][B][H]}
   */
  public State zeroState(int batch) {
    int cellSize = shape.cell().hasCellState() ? shape.hiddenSize() : 0;
    return new State(
        new double[shape.layers()][batch][shape.hiddenSize()],
        new double[shape.layers()][batch][cellSize]);
  }

  /**
   * Runs over sequences of vectors; for a network without embedding.
   *
   * @param input {@code [T][B][I]}
   * @param initial states before the first step; B is taken from here
   * @return the run
   * @throws IllegalArgumentException if a shape does not fit or the network has an embedding
   */
  public Run forward(double[][][] input, State initial) {
    if (shape.vocabulary() > 0) {
      throw new IllegalArgumentException("input: expected ids, since there is an embedding");
    }
    return new Run(null, input, initial);
  }

  /**
   * Runs over sequences of ids: rows of the embedding where there is one, otherwise one-hot vectors
   * of width I.
   *
   * @param ids {@code [T][B]}, each from 0 to V - 1, or to I - 1 without embedding
   * @param initial states before the first step; B is taken from here
   * @return the run
   * @throws IllegalArgumentException if a shape does not fit or an id is out of range
   */
  public Run forward(int[][] ids, State initial) {
    double[][][] input = new double[ids.length][][];
    for (int t = 0; t < ids.length; t++) {
      input[t] = new double[ids[t].length][];
      for (int b = 0; b < ids[t].length; b++) {
        input[t][b] = vector(ids[t][b]);
      }
    }
    return new Run(ids, input, initial);
  }

  private double[] vector(int id) {
    int n = shape.inputSize();
    int count = shape.vocabulary() > 0 ? shape.vocabulary() : n;
    if (id < 0 || id >= count) {
      throw new IllegalArgumentException(
          "ids: expected each from 0 to %d, found %d".formatted(count - 1, id));
    }
    double[] x = new double[n];
    if (shape.vocabulary() > 0) {
      System.arraycopy(parameters.get(ReferenceShape.EMBEDDING), id * n, x, 0, n);
    } else {
      x[id] = 1;
    }
    return x;
  }

  private ReferenceCell.Weights weights(int layer, Map<String, double[]> values) {
    return new ReferenceCell.Weights(
        new ReferenceAffine(values.get(shape.weightIh(layer)), values.get(shape.biasIh(layer))),
        new ReferenceAffine(values.get(shape.weightHh(layer)), values.get(shape.biasHh(layer))));
  }

  private static ReferenceAffine linear(Map<String, double[]> values) {
    return new ReferenceAffine(
        values.get(ReferenceShape.LINEAR_WEIGHT), values.get(ReferenceShape.LINEAR_BIAS));
  }

  /**
   * States between two steps.
   *
   * @param h hidden states {@code [layers][B][H]}
   * @param c cell states {@code [layers][B][H]}, or {@code [layers][B][0]} where the cell has none
   */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  public record State(double[][][] h, double[][][] c) {}

  /**
   * Gradients of a loss.
   *
   * @param parameters dL/dparameter, with the names and shapes of the parameters
   * @param input dL/dx {@code [T][B][I]}, where x is what enters the first layer: the vectors
   *     given, the one-hot vectors, or the rows of the embedding
   * @param h0 dL/dh0 {@code [layers][B][H]}
   * @param c0 dL/dc0 {@code [layers][B][H]}, or {@code [layers][B][0]}
   */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  public record Gradients(
      Map<String, double[]> parameters, double[][][] input, double[][][] h0, double[][][] c0) {}

  /** One pass over a batch of sequences, and the way back through it. */
  public final class Run {
    private final int[][] ids;
    private final List<ReferenceLayer.Run> layers = new ArrayList<>();
    private final double[][][] hidden;
    private final double[][][] output;
    private final State finalState;

    private Run(int[][] ids, double[][][] input, State initial) {
      checkShapes(input, initial);
      this.ids = ids;
      int count = shape.layers();
      double[][][] hn = new double[count][][];
      double[][][] cn = new double[count][][];
      double[][][] x = input;
      for (int n = 0; n < count; n++) {
        ReferenceLayer layer = new ReferenceLayer(shape.cell(), weights(n, parameters));
        ReferenceLayer.Run run = layer.forward(x, initial.h()[n], initial.c()[n]);
        layers.add(run);
        hn[n] = run.hn;
        cn[n] = run.cn;
        x = run.output;
      }
      hidden = x;
      finalState = new State(hn, cn);
      output = shape.outputSize() > 0 ? apply(linear(parameters), hidden) : hidden;
    }

    /**
     * What the network gives.
     *
     * @return {@code [T][B][O]}, or {@code [T][B][H]} without an output layer
     */
    public double[][][] output() {
      return output;
    }

    /**
     * hn and cn: the states after the last step, with which a next run may go on.
     *
     * @return h and c {@code [layers][B][H]}
     */
    public State finalState() {
      return finalState;
    }

    /**
     * Back-propagation through time, from the last step to the first and from the top layer down.
     *
     * @param loss where it starts
     * @return gradients of everything that the run was given
     */
    public Gradients backward(ReferenceLoss loss) {
      Map<String, double[]> gradients = shape.zeros();
      double[][][] dx =
          shape.outputSize() > 0
              ? applyBackward(linear(parameters), hidden, loss.dOutput(), linear(gradients))
              : loss.dOutput();
      int count = shape.layers();
      double[][][] dh0 = new double[count][][];
      double[][][] dc0 = new double[count][][];
      for (int n = count - 1; n >= 0; n--) {
        ReferenceLayer.Back back =
            layers.get(n).backward(dx, loss.dHn()[n], loss.dCn()[n], weights(n, gradients));
        dh0[n] = back.dh0;
        dc0[n] = back.dc0;
        dx = back.dx;
      }
      if (shape.vocabulary() > 0) {
        addToRows(gradients.get(ReferenceShape.EMBEDDING), dx);
      }
      return new Gradients(gradients, dx, dh0, dc0);
    }

    /** The embedding: x = row id of E, so dE[id] += dx. */
    private void addToRows(double[] gradient, double[][][] dx) {
      int n = shape.inputSize();
      for (int t = 0; t < dx.length; t++) {
        for (int b = 0; b < dx[t].length; b++) {
          for (int k = 0; k < n; k++) {
            gradient[ids[t][b] * n + k] += dx[t][b][k];
          }
        }
      }
    }
  }

  /** y = W x + b at every position. */
  private static double[][][] apply(ReferenceAffine affine, double[][][] x) {
    double[][][] y = new double[x.length][][];
    for (int t = 0; t < x.length; t++) {
      y[t] = new double[x[t].length][];
      for (int b = 0; b < x[t].length; b++) {
        y[t][b] = affine.apply(x[t][b]);
      }
    }
    return y;
  }

  /** dW += dy xᵀ, db += dy, dx = Wᵀ dy at every position. */
  private static double[][][] applyBackward(
      ReferenceAffine affine, double[][][] x, double[][][] dy, ReferenceAffine gradient) {
    double[][][] dx = new double[x.length][][];
    for (int t = 0; t < x.length; t++) {
      dx[t] = new double[x[t].length][];
      for (int b = 0; b < x[t].length; b++) {
        gradient.accumulate(dy[t][b], x[t][b]);
        dx[t][b] = affine.transposed(dy[t][b]);
      }
    }
    return dx;
  }

  private void checkShapes(double[][][] input, State initial) {
    expect("h0: layers", shape.layers(), initial.h().length);
    expect("c0: layers", shape.layers(), initial.c().length);
    int batch = initial.h()[0].length;
    int cellSize = shape.cell().hasCellState() ? shape.hiddenSize() : 0;
    for (int n = 0; n < shape.layers(); n++) {
      expectMatrix("h0[" + n + "]", batch, shape.hiddenSize(), initial.h()[n]);
      expectMatrix("c0[" + n + "]", batch, cellSize, initial.c()[n]);
    }
    for (int t = 0; t < input.length; t++) {
      expectMatrix("input[" + t + "]", batch, shape.inputSize(), input[t]);
    }
  }

  private static void expectMatrix(String name, int batch, int features, double[][] found) {
    expect(name + ": batch", batch, found.length);
    for (double[] row : found) {
      expect(name + ": features", features, row.length);
    }
  }

  private static void expect(String name, int expected, int found) {
    if (found != expected) {
      throw new IllegalArgumentException(
          "%s: expected %d, found %d".formatted(name, expected, found));
    }
  }
}
