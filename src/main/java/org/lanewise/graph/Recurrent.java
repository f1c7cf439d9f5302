package org.lanewise.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.lanewise.cell.CellKind;

/**
 * A recurrent layer over time in one or two directions, with all that ONNX's LSTM, GRU and RNN can
 * say.
 *
 * <p>Inputs: X {@code [time, batch, input]}; W {@code [directions, gates * hidden, input]}; R
 * {@code [directions, gates * hidden, hidden]}; optional B {@code [directions, 2 * gates *
 * hidden]}, that of W before that of R; optional lengths {@code [batch]}; optional initial h {@code
 * [directions, batch, hidden]}; for an LSTM, optional initial c of that shape and optional
 * peepholes P {@code [directions, 3 * hidden]}. Gates lie in the order i o f c, z r h; peepholes in
 * the order i o f.
 *
 * <p>Outputs: Y {@code [time, directions, batch, hidden]}, zero behind the end of a sequence; the
 * last h and, for an LSTM, the last c, {@code [directions, batch, hidden]}. A direction in reverse
 * starts at the last step of each sequence and ends at its first. A sequence of length 0 ends in
 * zeros, whatever its initial state, as in ONNX Runtime.
 *
 * <pre>
 * LSTM  i = f(W_i x + R_i h' + P_i ∘ c' + b_i)    o = f(W_o x + R_o h' + P_o ∘ c + b_o)
 *       f = f(W_f x + R_f h' + P_f ∘ c' + b_f), or 1 - i with inputForget
 *       c = f ∘ c' + i ∘ g(W_c x + R_c h' + b_c)  h = o ∘ h(c)
 * GRU   z = f(W_z x + R_z h' + b_z)               r = f(W_r x + R_r h' + b_r)
 *       n = g(W_h x + R_h (r ∘ h') + b_h), or g(W_h x + r ∘ (R_h h' + bR_h) + bW_h) with
 *       linearBeforeReset                         h = (1 - z) ∘ n + z ∘ h'
 * RNN   h = f(W x + R h' + b)
 * </pre>
 *
 * @param kind the recurrence
 * @param direction which ways it runs
 * @param hiddenSize units of one direction
 * @param activations f g h of an LSTM, f g of a GRU, f of an RNN, for the first direction and then
 *     for the second
 * @param clip bound of what goes into the activations of gates and of g; infinite for none. The
 *     cell state is not clipped, as it is not in ONNX Runtime
 * @param inputForget whether the forget gate of an LSTM is {@code 1 - i}
 * @param linearBeforeReset whether a GRU's reset gate scales the recurrent product, as in PyTorch,
 *     and not the state before it
 * @param batchFirst whether X is {@code [batch, time, input]}, Y {@code [batch, time, directions,
 *     hidden]} and states are {@code [batch, directions, hidden]}
 */
public record Recurrent(
    Kind kind,
    Direction direction,
    int hiddenSize,
    List<Function> activations,
    float clip,
    boolean inputForget,
    boolean linearBeforeReset,
    boolean batchFirst)
    implements Operator {

  /** The recurrences. */
  public enum Kind {
    /** The vanilla recurrent network. */
    RNN(false, new Function[] {Function.TANH}, 0),
    /** The gated recurrent unit. */
    GRU(false, new Function[] {Function.SIGMOID, Function.TANH}, 1, 0, 2),
    /** Long short-term memory. */
    LSTM(true, new Function[] {Function.SIGMOID, Function.TANH, Function.TANH}, 0, 2, 3, 1);

    private final boolean cellState;
    private final List<Function> usual;
    private final List<Integer> order;

    Kind(boolean cellState, Function[] usual, Integer... order) {
      this.cellState = cellState;
      this.usual = List.of(usual);
      this.order = List.of(order);
    }

    /**
     * The number of gates.
     *
     * @return row blocks of W and R
     */
    public int gates() {
      return order.size();
    }

    /**
     * Where the gates lie, in the order of {@link org.lanewise.network.Parameters}, which is
     * PyTorch's.
     *
     * @return for each gate of PyTorch, its block in W and R
     */
    public List<Integer> order() {
      return order;
    }

    /**
     * Whether the state is a pair (h, c).
     *
     * @return true for an LSTM
     */
    public boolean hasCellState() {
      return cellState;
    }

    /**
     * The activations that are meant when none are given.
     *
     * @return those of one direction
     */
    public List<Function> usual() {
      return usual;
    }
  }

  /** Which ways a layer runs. */
  public enum Direction {
    /** From the first step to the last. */
    FORWARD,
    /** From the last step to the first. */
    REVERSE,
    /** Forward, and beside it in reverse. */
    BIDIRECTIONAL;

    /**
     * The number of directions.
     *
     * @return 1 or 2
     */
    public int count() {
      return this == BIDIRECTIONAL ? 2 : 1;
    }

    /**
     * Whether a direction runs in reverse.
     *
     * @param index 0 or 1
     * @return true for the only one of {@link #REVERSE} and the second of {@link #BIDIRECTIONAL}
     */
    public boolean reverse(int index) {
      return this == REVERSE || index == 1;
    }
  }

  /**
   * An activation.
   *
   * @param of the function
   * @param alpha its first parameter
   * @param beta its second parameter
   */
  public record Function(Nonlinearity of, float alpha, float beta) {
    /** The logistic function. */
    public static final Function SIGMOID = new Function(Nonlinearity.SIGMOID);

    /** The hyperbolic tangent. */
    public static final Function TANH = new Function(Nonlinearity.TANH);

    /**
     * A function with its usual parameters.
     *
     * @param of the function
     */
    public Function(Nonlinearity of) {
      this(of, of.alpha(), of.beta());
    }

    float apply(float x) {
      return of.apply(x, alpha, beta);
    }
  }

  /** Peepholes i o f, in the order i f o. */
  private static final int[] PEEPHOLE_ORDER = {0, 2, 1};

  /** Checks the sizes. */
  public Recurrent {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(direction, "direction");
    activations = List.copyOf(activations);
    int expected = kind.usual().size() * direction.count();
    if (activations.size() != expected) {
      throw new IllegalArgumentException(
          "activations: found " + activations.size() + ", expected " + expected);
    }
    if (hiddenSize < 1 || hiddenSize > Integer.MAX_VALUE / 8) {
      throw new IllegalArgumentException(
          "hidden size: found " + hiddenSize + ", expected 1 to " + Integer.MAX_VALUE / 8);
    }
    if (!(clip >= 0)) {
      throw new IllegalArgumentException("clip: found " + clip + ", expected 0 or more");
    }
  }

  /**
   * The usual form: nothing clipped, the usual activations, time first, and for a GRU the reset of
   * PyTorch.
   *
   * @param kind the recurrence
   * @param direction which ways it runs
   * @param hiddenSize units of one direction
   */
  public Recurrent(Kind kind, Direction direction, int hiddenSize) {
    this(
        kind,
        direction,
        hiddenSize,
        direction.count() == 1
            ? kind.usual()
            : Stream.of(kind.usual(), kind.usual()).flatMap(List::stream).toList(),
        Float.POSITIVE_INFINITY,
        false,
        true,
        false);
  }

  /** The activation of a direction: 0 for f, 1 for g, 2 for h. */
  Function activation(int index, int which) {
    return activations.get(index * kind.usual().size() + which);
  }

  /**
   * The cell of this library that computes a direction, if one does.
   *
   * @param index the direction, 0 or 1
   * @param peepholes whether there are peepholes
   * @return the kind of the cell, or null when only the general form computes it
   */
  CellKind cell(int index, boolean peepholes) {
    List<Function> own =
        activations.subList(index * kind.usual().size(), (index + 1) * kind.usual().size());
    if (clip != Float.POSITIVE_INFINITY || inputForget) {
      return null;
    }
    if (kind == Kind.RNN && own.get(0).of() == Nonlinearity.RELU) {
      return CellKind.RNN_RELU;
    }
    for (int i = 0; i < own.size(); i++) {
      if (own.get(i).of() != kind.usual().get(i).of()) {
        return null;
      }
    }
    return switch (kind) {
      case RNN -> CellKind.RNN_TANH;
      case GRU -> linearBeforeReset ? CellKind.GRU : null;
      case LSTM -> peepholes ? CellKind.LSTM_PEEPHOLE : CellKind.LSTM;
    };
  }

  /**
   * Copies the weights of one direction into the layout of {@link org.lanewise.network.Parameters}:
   * the gates in PyTorch's order.
   *
   * @param inputs those of the node
   * @param index the direction
   * @param weights receives weight_ih, weight_hh, bias_ih, bias_hh and, if there are, peepholes
   * @param offsets where each of these starts
   */
  void copyWeights(Value[] inputs, int index, float[] weights, int... offsets) {
    int gates = kind.gates();
    int units = hiddenSize;
    int inputSize = inputs[1].shape[2];
    for (int gate = 0; gate < gates; gate++) {
      int block = kind.order().get(gate);
      int row = (index * gates + block) * units;
      copy(
          inputs[1],
          row * inputSize,
          weights,
          offsets[0] + gate * units * inputSize,
          units * inputSize);
      copy(inputs[2], row * units, weights, offsets[1] + gate * units * units, units * units);
      if (inputs[3] != null) {
        int bias = (2 * index * gates + block) * units;
        copy(inputs[3], bias, weights, offsets[2] + gate * units, units);
        copy(inputs[3], bias + gates * units, weights, offsets[3] + gate * units, units);
      }
    }
    for (int part = 0; part < PEEPHOLE_ORDER.length && offsets.length > 4; part++) {
      int from = (index * PEEPHOLE_ORDER.length + PEEPHOLE_ORDER[part]) * units;
      copy(inputs[7], from, weights, offsets[4] + part * units, units);
    }
  }

  private static void copy(Value from, int at, float[] to, int toAt, int count) {
    System.arraycopy(from.floats, at, to, toAt, count);
  }

  /** The inputs, as many as there may be, absent ones null; all shapes checked. */
  Value[] checked(Value... given) {
    Value[] inputs = Arrays.copyOf(given, 8);
    int directions = direction.count();
    if (inputs[0].rank() != 3) {
      throw new IllegalArgumentException("X " + inputs[0] + ", expected three axes");
    }
    requireWeights(inputs);
    require("X", inputs[0], inputs[0].shape[0], inputs[0].shape[1], inputs[1].shape[2]);
    int batch = inputs[0].shape[batchFirst ? 0 : 1];
    int[] states =
        batchFirst
            ? new int[] {batch, directions, hiddenSize}
            : new int[] {directions, batch, hiddenSize};
    if (inputs[4] != null) {
      inputs[4].integers("sequence_lens");
      if (!Arrays.equals(inputs[4].shape, new int[] {batch})) {
        throw new IllegalArgumentException(
            "sequence_lens " + inputs[4] + ", expected [" + batch + "]");
      }
    }
    require("initial_h", inputs[5], states);
    require("initial_c", inputs[6], states);
    return inputs;
  }

  /** Checks W, R, B and P alone, which may be known before X is. */
  void requireWeights(Value... inputs) {
    int directions = direction.count();
    int rows = Math.multiplyExact(kind.gates(), hiddenSize);
    if (inputs[1].rank() != 3) {
      throw new IllegalArgumentException("W " + inputs[1] + ", expected three axes");
    }
    require("W", inputs[1], directions, rows, inputs[1].shape[2]);
    require("R", inputs[2], directions, rows, hiddenSize);
    require("B", inputs[3], directions, 2 * rows);
    require("P", inputs[7], directions, 3 * hiddenSize);
  }

  private static void require(String what, Value value, int... shape) {
    if (value != null && !Arrays.equals(value.shape, shape)) {
      throw new IllegalArgumentException(
          what + " " + value + ", expected " + Arrays.toString(shape));
    }
    if (value != null) {
      value.numbers(what);
    }
  }

  @Override
  public Value[] run(Value... inputs) {
    Recurrence[] each = new Recurrence[direction.count()];
    Value[] all = checked(inputs);
    for (int index = 0; index < each.length; index++) {
      each[index] = new PlainRecurrence(this, index, all);
    }
    return Sequences.run(this, each, all);
  }

  @Override
  public int leastInputs() {
    return 3;
  }

  @Override
  public int mostInputs() {
    return kind.hasCellState() ? 8 : 6;
  }

  @Override
  public int outputs() {
    return kind.hasCellState() ? 3 : 2;
  }
}
