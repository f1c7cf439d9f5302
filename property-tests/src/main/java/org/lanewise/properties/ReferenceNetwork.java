package org.lanewise.properties;

import java.util.Arrays;
import java.util.Map;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;

/**
 * The textbook network in double precision: vectors, one-hot ids and embeddings side by side,
 * recurrent layers one above the other in one direction or two, a head that picks what counts, an
 * optional linear output layer. Slow, and plain enough to be checked by reading.
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
 * <p>With two directions, a layer hands up {@code [h_forward ; h_reverse]} or their sum at every
 * step. States are numbered as PyTorch does: {@code layer * D + direction}.
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
   * @return h and c {@code [layers*D][B][H]}
   */
  public State zeroState(int batch) {
    int cellSize = shape.cell().hasCellState() ? shape.hiddenSize() : 0;
    int states = shape.layers() * shape.directions();
    return new State(
        new double[states][batch][shape.hiddenSize()], new double[states][batch][cellSize]);
  }

  /** The trained states, the same for every sequence, or zero. */
  private State startState(int batch) {
    State state = zeroState(batch);
    if (shape.trainedState()) {
      fill(state.h(), parameters.get(ReferenceShape.INITIAL_H));
      fill(state.c(), parameters.get(ReferenceShape.INITIAL_C));
    }
    return state;
  }

  private static void fill(double[][][] states, double[] trained) {
    for (int n = 0; n < states.length; n++) {
      for (double[] row : states[n]) {
        for (int j = 0; j < row.length; j++) {
          row[j] = trained[n * row.length + j];
        }
      }
    }
  }

  /**
   * Runs over sequences from where they begin: from the trained states, or from zero.
   *
   * @param input what is read
   * @return the run
   * @throws IllegalArgumentException if a shape does not fit or an id is out of range
   */
  public Run forward(ReferenceInput input) {
    return new Run(input, startState(input.lengths().length), true);
  }

  /**
   * Runs over sequences from given states, which are no parameters.
   *
   * @param input what is read
   * @param initial states before the first step of each sequence
   * @return the run
   * @throws IllegalArgumentException if a shape does not fit or an id is out of range
   */
  public Run forward(ReferenceInput input, State initial) {
    return new Run(input, initial, false);
  }

  /**
   * Runs over sequences of vectors, all equally long; for a network that reads nothing else.
   *
   * @param input {@code [T][B][I]}
   * @param initial states before the first step; B is taken from here
   * @return the run
   * @throws IllegalArgumentException if a shape does not fit or the network has an embedding
   */
  public Run forward(double[][][] input, State initial) {
    if (shape.parts().get(0).reading() == ReferenceShape.Reading.EMBEDDING) {
      throw new IllegalArgumentException("input: expected ids, since there is an embedding");
    }
    return forward(
        new ReferenceInput(new int[0][][], input, evenLengths(input.length, initial)), initial);
  }

  /**
   * Runs over sequences of ids, all equally long: rows of the embedding where there is one,
   * otherwise one-hot vectors of width I.
   *
   * @param ids {@code [T][B]}, each from 0 to V - 1, or to I - 1 without embedding
   * @param initial states before the first step; B is taken from here
   * @return the run
   * @throws IllegalArgumentException if a shape does not fit or an id is out of range
   */
  public Run forward(int[][] ids, State initial) {
    if (shape.parts().get(0).reading() == ReferenceShape.Reading.VECTOR) {
      return forward(oneHot(ids), initial);
    }
    double[][][] none = new double[ids.length][initial.h()[0].length][0];
    return forward(
        new ReferenceInput(new int[][][] {ids}, none, evenLengths(ids.length, initial)), initial);
  }

  private static int[] evenLengths(int timeSteps, State initial) {
    int[] lengths = new int[initial.h()[0].length];
    Arrays.fill(lengths, timeSteps);
    return lengths;
  }

  private double[][][] oneHot(int[][] ids) {
    double[][][] vectors = new double[ids.length][][];
    for (int t = 0; t < ids.length; t++) {
      vectors[t] = new double[ids[t].length][shape.inputSize()];
      for (int b = 0; b < ids[t].length; b++) {
        vectors[t][b][checked(ids[t][b], shape.inputSize())] = 1;
      }
    }
    return vectors;
  }

  private static int checked(int id, int count) {
    if (id < 0 || id >= count) {
      throw new IllegalArgumentException(
          "ids: expected each from 0 to %d, found %d".formatted(count - 1, id));
    }
    return id;
  }

  /** What the first layer sees at one step of one sequence: the parts one behind the other. */
  private double[] read(ReferenceInput input, int t, int b) {
    double[] x = new double[shape.inputSize()];
    int at = 0;
    int idsRead = 0;
    int valuesRead = 0;
    for (ReferenceShape.Part part : shape.parts()) {
      switch (part.reading()) {
        case VECTOR -> {
          System.arraycopy(input.vectors()[t][b], valuesRead, x, at, part.size());
          valuesRead += part.size();
        }
        case ONE_HOT -> x[at + checked(input.ids()[idsRead++][t][b], part.vocabulary())] = 1;
        case EMBEDDING -> {
          int id = checked(input.ids()[idsRead++][t][b], part.vocabulary());
          System.arraycopy(parameters.get(part.table()), id * part.size(), x, at, part.size());
        }
      }
      at += part.size();
    }
    return x;
  }

  /** The way back of {@link #read}: a row of a table was copied, so its gradient is added to. */
  private void readBackward(
      ReferenceInput input, int t, int b, double[] dx, Map<String, double[]> gradients) {
    int at = 0;
    int idsRead = 0;
    for (ReferenceShape.Part part : shape.parts()) {
      if (part.reading() == ReferenceShape.Reading.EMBEDDING) {
        double[] table = gradients.get(part.table());
        int id = input.ids()[idsRead][t][b];
        for (int k = 0; k < part.size(); k++) {
          table[id * part.size() + k] += dx[at + k];
        }
      }
      idsRead += part.reading() == ReferenceShape.Reading.VECTOR ? 0 : 1;
      at += part.size();
    }
  }

  private ReferenceCell.Weights weights(int layer, int d, Map<String, double[]> values) {
    return new ReferenceCell.Weights(
        new ReferenceAffine(
            values.get(shape.weightIh(layer, d)), values.get(shape.biasIh(layer, d))),
        new ReferenceAffine(
            values.get(shape.weightHh(layer, d)), values.get(shape.biasHh(layer, d))));
  }

  private static ReferenceAffine linear(Map<String, double[]> values) {
    return new ReferenceAffine(
        values.get(ReferenceShape.LINEAR_WEIGHT), values.get(ReferenceShape.LINEAR_BIAS));
  }

  /**
   * States between two steps.
   *
   * @param h hidden states {@code [layers*D][B][H]}
   * @param c cell states {@code [layers*D][B][H]}, or {@code [layers*D][B][0]} where the cell has
   *     none
   */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  public record State(double[][][] h, double[][][] c) {}

  /**
   * Gradients of a loss.
   *
   * @param parameters dL/dparameter, with the names and shapes of the parameters
   * @param input dL/dx {@code [T][B][I]}, where x is what enters the first layer: the vectors
   *     given, the one-hot vectors, or the rows of the embedding
   * @param h0 dL/dh0 {@code [layers*D][B][H]}
   * @param c0 dL/dc0 {@code [layers*D][B][H]}, or {@code [layers*D][B][0]}
   */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  public record Gradients(
      Map<String, double[]> parameters, double[][][] input, double[][][] h0, double[][][] c0) {}

  /** One pass over a batch of sequences, and the way back through it. */
  public final class Run {
    private final ReferenceInput input;
    private final boolean fromStart;
    private final ReferenceLayer.Run[][] runs;
    private final double[][][] top;
    private final double[][][] picked;
    private final double[][][] output;
    private final State finalState;

    private Run(ReferenceInput input, State initial, boolean fromStart) {
      checkShapes(input, initial);
      this.input = input;
      this.fromStart = fromStart;
      int batch = input.lengths().length;
      double[][][] x = new double[input.timeSteps()][batch][shape.inputSize()];
      for (int b = 0; b < batch; b++) {
        for (int t = 0; t < input.lengths()[b]; t++) {
          x[t][b] = read(input, t, b);
        }
      }
      runs = new ReferenceLayer.Run[shape.layers()][shape.directions()];
      finalState = zeroState(batch);
      for (int n = 0; n < runs.length; n++) {
        for (int d = 0; d < runs[n].length; d++) {
          int state = n * shape.directions() + d;
          runs[n][d] =
              new ReferenceLayer(shape.cell(), weights(n, d, parameters), d == 1)
                  .forward(x, input.lengths(), initial.h()[state], initial.c()[state]);
          finalState.h()[state] = runs[n][d].hn;
          finalState.c()[state] = runs[n][d].cn;
        }
        x = joinDirections(runs[n]);
      }
      top = x;
      picked = pick();
      output = shape.outputSize() > 0 ? apply(linear(parameters), picked) : picked;
    }

    /** What a layer hands up at every step. */
    private double[][][] joinDirections(ReferenceLayer.Run[] directions) {
      double[][][] joined = new double[input.timeSteps()][input.lengths().length][];
      for (int t = 0; t < joined.length; t++) {
        for (int b = 0; b < joined[t].length; b++) {
          joined[t][b] =
              directions.length == 1
                  ? directions[0].output[t][b]
                  : join(directions[0].output[t][b], directions[1].output[t][b]);
        }
      }
      return joined;
    }

    private double[] join(double[] forward, double[] reverse) {
      int hidden = forward.length;
      double[] joined = Arrays.copyOf(forward, shape.width());
      for (int j = 0; j < hidden; j++) {
        joined[reverseAt() + j] += reverse[j];
      }
      return joined;
    }

    /** Where the reverse direction's values begin: behind the forward ones, or on top of them. */
    private int reverseAt() {
      return shape.direction() == Direction.BIDIRECTIONAL ? shape.hiddenSize() : 0;
    }

    /** The part of a joined vector that belongs to a direction. */
    private double[] part(double[] joined, int d) {
      int from = d == 0 ? 0 : reverseAt();
      return Arrays.copyOfRange(joined, from, from + shape.hiddenSize());
    }

    private double[][][] pick() {
      if (shape.head() == Head.STEPS) {
        return top;
      }
      double[][][] one = new double[1][input.lengths().length][];
      ReferenceLayer.Run[] last = runs[runs.length - 1];
      for (int b = 0; b < one[0].length; b++) {
        if (shape.head() == Head.LAST) {
          one[0][b] = last.length == 1 ? last[0].hn[b] : join(last[0].hn[b], last[1].hn[b]);
        } else {
          one[0][b] = ReferenceHead.pick(shape.head(), sequence(b));
        }
      }
      return one;
    }

    /** The outputs of the top layer over one sequence, {@code [length][W]}. */
    private double[][] sequence(int b) {
      double[][] outputs = new double[input.lengths()[b]][];
      for (int t = 0; t < outputs.length; t++) {
        outputs[t] = top[t][b];
      }
      return outputs;
    }

    /**
     * What the network gives: {@code [T][B][O]}, or {@code [1][B][O]} where the head gives one
     * result per sequence; W in place of O without an output layer. Behind the end of a sequence
     * there are no results, and a loss must not count what stands there.
     *
     * @return the results
     */
    public double[][][] output() {
      return output;
    }

    /**
     * hn and cn: the states after the step that each direction walks last, with which a next run
     * forward may go on.
     *
     * @return h and c {@code [layers*D][B][H]}
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
      double[][][] dPicked =
          shape.outputSize() > 0
              ? applyBackward(linear(parameters), picked, loss.dOutput(), linear(gradients))
              : loss.dOutput();
      int batch = input.lengths().length;
      double[][][] dhn = loss.dHn();
      double[][][] dy = dPicked;
      if (shape.head() == Head.LAST) {
        dhn = addToLast(loss.dHn(), dPicked[0]);
        dy = new double[input.timeSteps()][batch][shape.width()];
      } else if (shape.head() != Head.STEPS) {
        dy = new double[input.timeSteps()][batch][shape.width()];
        for (int b = 0; b < batch; b++) {
          double[][] spread = ReferenceHead.spread(shape.head(), sequence(b), dPicked[0][b]);
          for (int t = 0; t < spread.length; t++) {
            dy[t][b] = spread[t];
          }
        }
      }
      State d0 = zeroState(batch);
      for (int n = runs.length - 1; n >= 0; n--) {
        double[][][] dx = null;
        for (int d = 0; d < runs[n].length; d++) {
          int state = n * shape.directions() + d;
          ReferenceLayer.Back back =
              runs[n][d].backward(
                  parts(dy, d), dhn[state], loss.dCn()[state], weights(n, d, gradients));
          d0.h()[state] = back.dh0;
          d0.c()[state] = back.dc0;
          dx = d == 0 ? back.dx : sum(dx, back.dx);
        }
        dy = dx;
      }
      for (int b = 0; b < batch; b++) {
        for (int t = 0; t < input.lengths()[b]; t++) {
          readBackward(input, t, b, dy[t][b], gradients);
        }
      }
      if (shape.trainedState() && fromStart) {
        sumOverBatch(d0.h(), gradients.get(ReferenceShape.INITIAL_H));
        sumOverBatch(d0.c(), gradients.get(ReferenceShape.INITIAL_C));
      }
      return new Gradients(gradients, dy, d0.h(), d0.c());
    }

    /** The gradients of the final states, and those of what the head LAST read of them. */
    private double[][][] addToLast(double[][][] dHn, double[][] dPicked) {
      double[][][] total = dHn.clone();
      for (int d = 0; d < shape.directions(); d++) {
        int state = (shape.layers() - 1) * shape.directions() + d;
        double[][] direction = parts(new double[][][] {dPicked}, d)[0];
        total[state] = sum(new double[][][] {dHn[state]}, new double[][][] {direction})[0];
      }
      return total;
    }

    private double[][][] parts(double[][][] dy, int d) {
      double[][][] parts = new double[dy.length][][];
      for (int t = 0; t < dy.length; t++) {
        parts[t] = new double[dy[t].length][];
        for (int b = 0; b < dy[t].length; b++) {
          parts[t][b] = part(dy[t][b], d);
        }
      }
      return parts;
    }
  }

  /** The trained states are copied to every sequence, so their gradients are summed. */
  private static void sumOverBatch(double[][][] d0, double[] gradient) {
    for (int n = 0; n < d0.length; n++) {
      for (double[] row : d0[n]) {
        for (int j = 0; j < row.length; j++) {
          gradient[n * row.length + j] += row[j];
        }
      }
    }
  }

  private static double[][][] sum(double[][][] a, double[][][] b) {
    double[][][] sum = new double[a.length][][];
    for (int t = 0; t < a.length; t++) {
      sum[t] = new double[a[t].length][];
      for (int row = 0; row < a[t].length; row++) {
        sum[t][row] = a[t][row].clone();
        for (int j = 0; j < sum[t][row].length; j++) {
          sum[t][row][j] += b[t][row][j];
        }
      }
    }
    return sum;
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

  private void checkShapes(ReferenceInput input, State initial) {
    int states = shape.layers() * shape.directions();
    expect("h0: layers", states, initial.h().length);
    expect("c0: layers", states, initial.c().length);
    int batch = initial.h()[0].length;
    int cellSize = shape.cell().hasCellState() ? shape.hiddenSize() : 0;
    for (int n = 0; n < states; n++) {
      expectMatrix("h0[" + n + "]", batch, shape.hiddenSize(), initial.h()[n]);
      expectMatrix("c0[" + n + "]", batch, cellSize, initial.c()[n]);
    }
    int values = 0;
    int readers = 0;
    for (ReferenceShape.Part part : shape.parts()) {
      boolean vector = part.reading() == ReferenceShape.Reading.VECTOR;
      values += vector ? part.size() : 0;
      readers += vector ? 0 : 1;
    }
    expect("lengths: batch", batch, input.lengths().length);
    expect("ids: inputs", readers, input.ids().length);
    for (int t = 0; t < input.timeSteps(); t++) {
      expectMatrix("input[" + t + "]", batch, values, input.vectors()[t]);
    }
    for (int b = 0; b < batch; b++) {
      if (input.lengths()[b] < 1 || input.lengths()[b] > input.timeSteps()) {
        throw new IllegalArgumentException(
            "lengths[%d]: expected 1 to %d, found %d"
                .formatted(b, input.timeSteps(), input.lengths()[b]));
      }
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
