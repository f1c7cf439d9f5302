package org.lanewise.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lanewise.cell.Cell;
import org.lanewise.cell.Halves;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.Packed;
import org.lanewise.kernel.PlainKernels;

/**
 * All buffers for a window of time of a batch, sized once: inputs, the tapes of each layer, outputs
 * and, for training, gradients. The caller fills the inputs, the lengths and the states before the
 * window.
 *
 * <p>Confined to the threads that run one window.
 */
public final class Workspace {
  /** Room for steps. */
  public final int timeSteps;

  /** Sequences side by side. */
  public final int batch;

  /** Token ids {@code [time][batch]} of the first input that reads tokens; empty if none does. */
  public final int[] tokens;

  /**
   * Inputs of the first layer {@code [time][batch][inputSize]}, a row at {@link #xAt}; empty when
   * it reads one token and nothing else. The caller fills the columns of vectors; those of
   * embeddings are filled from the tokens.
   */
  public final float[] x;

  /** Row stride of {@link #x} and {@link #dx}. */
  public final int xStride;

  /**
   * Gradients of {@link #x}; empty unless they were asked for, or an embedding is one of several
   * parts of the input and learns from its columns.
   */
  public final float[] dx;

  /**
   * Outputs of the linear layer, then their gradients: {@code [time][batch][outputSize]}, or {@code
   * [batch][outputSize]} when the head gives one result per sequence, a row at {@link #yAt}. Of a
   * few steps at a time when gates are not kept.
   */
  public final float[] y;

  /** Row stride of {@link #y}. */
  public final int yStride;

  private final List<int[]> tokenInputs;
  private final DistinctTokens[] distinct;
  private final TokenProjection projection;
  private final Ranges ranges;
  private final NetworkSpec spec;
  private final Timeline timeline;
  private final Halves halves;
  private final Tape[][] tapes;
  private final Joint[] joints;
  private final Pooling pooling;
  private final Segments segments;
  private final int ySteps;
  private long dropoutSeed;
  private boolean atStart;

  /**
   * Buffers for a network.
   *
   * @param network the network
   * @param timeSteps room for steps
   * @param batch sequences side by side
   * @param training whether gradients are kept and values dropped
   */
  public Workspace(Network network, int timeSteps, int batch, boolean training) {
    this(network, timeSteps, batch, training, 0);
  }

  /**
   * Buffers for a network that, to take less memory, do not keep the gates of a window but of a
   * segment of it; they are computed anew, which takes about twice the time and gives the same
   * bits.
   *
   * @param network the network
   * @param timeSteps room for steps
   * @param batch sequences side by side
   * @param training whether gradients are kept and values dropped
   * @param segment steps whose gates are kept at a time, in training; 0 to keep them all
   */
  public Workspace(Network network, int timeSteps, int batch, boolean training, int segment) {
    this(network, timeSteps, batch, training, segment, false);
  }

  private Workspace(
      Network network,
      int timeSteps,
      int batch,
      boolean training,
      int segment,
      boolean inputGradients) {
    this.spec = network.spec();
    Shapes.positive("time steps", timeSteps);
    Shapes.positive("batch", batch);
    this.timeSteps = timeSteps;
    this.batch = batch;
    this.halves = training ? Halves.of(batch) : Halves.whole(batch);
    this.timeline = new Timeline(timeSteps, halves);
    int rows = Math.multiplyExact(timeSteps, batch);
    List<int[]> ids = new ArrayList<>();
    for (Input.Part part : spec.input().parts()) {
      if (part.input().isToken()) {
        ids.add(new int[rows]);
      }
    }
    this.tokenInputs = List.copyOf(ids);
    this.tokens = ids.isEmpty() ? new int[0] : ids.get(0);
    this.xStride = spec.input().isToken() ? 0 : Packed.stride(spec.input().size());
    this.x = new float[Math.multiplyExact(rows, xStride)];
    boolean backToInputs = training && (inputGradients || embedsPart(spec));
    this.dx = new float[backToInputs ? x.length : 0];
    this.yStride = spec.outputSize() == 0 ? 0 : Packed.stride(spec.outputSize());
    this.ySteps = ySteps(spec, timeSteps, batch, segment);
    this.y = new float[Math.multiplyExact(Math.multiplyExact(ySteps, batch), yStride)];
    this.projection =
        spec.input() instanceof Input.Embedding ? projection(network, training) : null;
    this.distinct = new DistinctTokens[network.embeddings().size()];
    int most = 1;
    for (int i = 0; i < distinct.length && (training || projection != null); i++) {
      int vocabulary = network.embeddings().get(i).tokens();
      distinct[i] = new DistinctTokens(vocabulary, timeSteps, batch);
      most += distinct[i].ids.length;
    }
    this.ranges = training ? new Ranges(network.parameters(), most) : null;
    this.tapes = new Tape[spec.layers()][spec.direction().count()];
    this.joints = new Joint[spec.layers()];
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int direction = 0; direction < tapes[layer].length; direction++) {
        tapes[layer][direction] =
            new Tape(
                network.layer(layer, direction).cell(), timeSteps, batch, training, segment == 0);
      }
      joints[layer] = new Joint(spec, layer, tapes[layer], timeSteps, training);
    }
    Cell cell = network.layer(0, 0).cell();
    this.segments =
        segment == 0 ? null : new Segments(spec, cell, timeline, timeSteps, batch, segment);
    int top = spec.layers() - 1;
    this.pooling =
        spec.head().everyStep() ? null : new Pooling(spec, tapes[top], joints[top], training);
  }

  /**
   * Buffers for training that keep the gradients of the inputs too, in {@link #dx}: PyTorch's
   * {@code x.requires_grad}. They are a sixth of the products of a layer, which training saves.
   *
   * @param network the network; when its input is one token, there is no gradient to keep
   * @param timeSteps room for steps
   * @param batch sequences side by side
   * @param segment steps whose gates are kept at a time; 0 to keep them all
   * @return the buffers
   */
  public static Workspace withInputGradients(
      Network network, int timeSteps, int batch, int segment) {
    return new Workspace(network, timeSteps, batch, true, segment, true);
  }

  /** Whether an embedding is one of several parts of the input. */
  private static boolean embedsPart(NetworkSpec spec) {
    boolean embeds = false;
    for (Input.Part part : spec.input().parts()) {
      embeds |= part.input() instanceof Input.Embedding;
    }
    return embeds && !spec.input().isToken();
  }

  /**
   * The bytes that the arrays of a workspace take, to be known before there is one, without
   * gradients of the inputs that somebody asks for.
   *
   * @param spec the architecture
   * @param timeSteps room for steps
   * @param batch sequences side by side
   * @param training whether gradients are kept and values dropped
   * @param segment steps whose gates are kept at a time; 0 to keep them all
   * @return bytes, without the few that each array takes for itself
   */
  public static long bytes(
      NetworkSpec spec, int timeSteps, int batch, boolean training, int segment) {
    Cell cell = spec.newCell(new PlainKernels());
    int directions = spec.direction().count();
    long rows = (long) timeSteps * batch;
    long bytes = Timeline.bytes(timeSteps, batch);
    long most = 1;
    boolean whole = spec.input() instanceof Input.Embedding;
    for (Input.Part part : spec.input().parts()) {
      bytes += part.input().isToken() ? Integer.BYTES * rows : 0;
      if (part.input() instanceof Input.Embedding embedding && (training || whole)) {
        bytes += DistinctTokens.bytes(embedding.tokens(), timeSteps, batch);
        most += DistinctTokens.most(embedding.tokens(), timeSteps, batch);
      }
    }
    bytes += training ? 2 * Integer.BYTES * most : 0;
    if (whole) {
      bytes +=
          TokenProjection.bytes(
              most - 1, spec.input().size(), cell.columns(), directions, training);
    }
    if (!spec.input().isToken()) {
      int arrays = training && embedsPart(spec) ? 2 : 1;
      bytes += Float.BYTES * rows * Packed.stride(spec.input().size()) * arrays;
    }
    if (spec.outputSize() > 0) {
      long results = (long) ySteps(spec, timeSteps, batch, segment) * batch;
      bytes += Float.BYTES * results * Packed.stride(spec.outputSize());
    }
    long tapes = (long) spec.layers() * directions;
    bytes += Float.BYTES * tapes * Tape.floats(cell, timeSteps, batch, training, segment == 0);
    for (int layer = 0; layer < spec.layers(); layer++) {
      bytes += Joint.bytes(spec, layer, timeSteps, batch, training);
    }
    bytes += spec.head().everyStep() ? 0 : Pooling.bytes(spec, batch, training);
    return bytes + (segment == 0 ? 0 : Segments.bytes(spec, cell, timeSteps, batch, segment));
  }

  /**
   * The bytes that its arrays take.
   *
   * @return as {@link #bytes(NetworkSpec, int, int, boolean, int)} tells before, and gradients of
   *     the inputs that were asked for
   */
  public long bytes() {
    boolean asked = dx.length > 0 && !embedsPart(spec);
    long bytes = bytes(spec, timeSteps, batch, ranges != null, segment());
    return bytes + (asked ? (long) Float.BYTES * dx.length : 0);
  }

  /**
   * How a window is trained on within a budget: the most steps whose gates can be kept at a time.
   *
   * @param spec the architecture
   * @param timeSteps room for steps
   * @param batch sequences side by side
   * @param budget bytes that {@link #bytes} may be
   * @return 0 when all gates can be kept
   * @throws IllegalArgumentException if the budget is too small for any way; says what is needed
   */
  public static int segment(NetworkSpec spec, int timeSteps, int batch, long budget) {
    if (bytes(spec, timeSteps, batch, true, 0) <= budget) {
      return 0;
    }
    long least = Long.MAX_VALUE;
    for (int segment = timeSteps; segment > 1; ) {
      segment = (segment + 1) / 2;
      long bytes = bytes(spec, timeSteps, batch, true, segment);
      if (bytes <= budget) {
        return segment;
      }
      least = Math.min(least, bytes);
    }
    throw new IllegalArgumentException(
        String.format(
            "memory: the buffers of training take %,d bytes%s; found a budget of %,d",
            bytes(spec, timeSteps, batch, true, 0),
            timeSteps == 1 ? "" : String.format(", and %,d when gates are computed anew", least),
            budget));
  }

  /** Steps of results that there is room for: one when the head picks. */
  private static int ySteps(NetworkSpec spec, int timeSteps, int batch, int segment) {
    if (!spec.head().everyStep()) {
      return 1;
    }
    int least = (OutputPass.LEAST_ROWS + batch - 1) / batch;
    return segment == 0 ? timeSteps : Math.min(timeSteps, least);
  }

  private TokenProjection projection(Network network, boolean training) {
    return new TokenProjection(
        DistinctTokens.most(spec.input().tokens(), timeSteps, batch),
        spec.input().size(),
        network.layer(0, 0).cell().columns(),
        spec.direction().count(),
        training);
  }

  /**
   * The architecture the buffers are made for.
   *
   * @return the spec
   */
  public NetworkSpec spec() {
    return spec;
  }

  /**
   * The steps whose gates are kept at a time.
   *
   * @return 0 when all are kept
   */
  public int segment() {
    return segments == null ? 0 : segments.steps;
  }

  /**
   * Token ids {@code [time][batch]} of an input that reads tokens, filled by the caller.
   *
   * @param input number of the input among those that read tokens
   * @return the array itself
   */
  public int[] tokens(int input) {
    return tokenInputs.get(input);
  }

  /**
   * How long each sequence is; the caller sets it.
   *
   * @return at first, every row as long as there is room
   */
  public Timeline timeline() {
    return timeline;
  }

  /**
   * The tape of a layer that runs forward.
   *
   * @param layer index of the layer
   * @return its activations
   */
  public Tape tape(int layer) {
    return tapes[layer][0];
  }

  /**
   * The tape of a layer.
   *
   * @param layer index of the layer
   * @param direction 0 forward, 1 reverse
   * @return its activations
   */
  public Tape tape(int layer, int direction) {
    return tapes[layer][direction];
  }

  /** The distinct tokens of an embedding, or null for inference when it is one of several parts. */
  DistinctTokens distinct(int embedding) {
    return distinct[embedding];
  }

  /** What is computed once for each token; null unless an embedding is all the input. */
  TokenProjection projection() {
    return projection;
  }

  /** Where gradients may be other than zero; null for inference. */
  Ranges ranges() {
    return ranges;
  }

  /** The segments of the window; null when all gates are kept. */
  Segments segments() {
    return segments;
  }

  int ySteps() {
    return ySteps;
  }

  /**
   * Where a result starts in {@link #y} while its step is among those that are there.
   *
   * @param time index of the step; 0 when the head picks
   * @param row row of the batch
   * @return an index into y
   */
  public int yAt(int time, int row) {
    return halves.index(ySteps, time % ySteps, row) * yStride;
  }

  /**
   * Where the input of a step starts in {@link #x}, and its gradient in {@link #dx}.
   *
   * @param time index of the step
   * @param row row of the batch
   * @return an index into x
   */
  public int xAt(int time, int row) {
    return halves.index(timeSteps, time, row) * xStride;
  }

  /**
   * How the rows of the batch lie over time.
   *
   * @return two halves for training, if the batch is large enough
   */
  public Halves halves() {
    return halves;
  }

  /**
   * The first row of a part when threads share the batch; those that are two, or twice as many,
   * share its halves.
   *
   * @param part index of the part, or the number of parts for the end of the last one
   * @param parts number of parts
   * @return a row of the batch
   */
  public int row(int part, int parts) {
    if (halves.count() == 1 || parts % 2 == 1) {
      return Network.share(batch, part, parts);
    }
    int each = parts / 2;
    return row(part / each, part % each, each);
  }

  /**
   * The first row of a part when threads share a half of the batch.
   *
   * @param half index of the half
   * @param part index of the part, or the number of parts for the end of the last one
   * @param parts number of parts
   * @return a row of the half, or one past its last
   */
  public int row(int half, int part, int parts) {
    int begin = halves.begin(half);
    return begin + Network.share(halves.begin(half + 1) - begin, part, parts);
  }

  Joint joint(int layer) {
    return joints[layer];
  }

  Pooling pooling() {
    return pooling;
  }

  /**
   * Sets the random numbers of dropout for a training step.
   *
   * @param seed of the run
   * @param step number of the step
   */
  public void setDropout(long seed, long step) {
    dropoutSeed = Dropout.seed(seed, step);
  }

  long dropoutSeed() {
    return dropoutSeed;
  }

  /** Whether the states before the window are those where sequences begin. */
  boolean atStart() {
    return atStart;
  }

  void setAtStart() {
    atStart = true;
  }

  /** The slot before the first step is 0, or the length of the sequence in reverse. */
  int firstSlot(int direction, int row) {
    return direction == 0 ? 0 : timeline.length(row);
  }

  /**
   * Sets the states before the first step of each sequence.
   *
   * @param h0 hidden states {@code [layers * directions][batch][stateSize]}; null to leave them
   * @param c0 cell states {@code [layers * directions][batch][hiddenSize]}; null to leave them
   * @throws IllegalArgumentException if a length is wrong, or there are cell states for a cell that
   *     has none
   */
  public void setStates(float[] h0, float[] c0) {
    checkStates("h0", "c0", h0, c0);
    atStart = false;
    moveStates(h0, c0, true);
  }

  /**
   * Copies the states after the last step of each sequence; for the reverse direction, that is
   * after its step 0.
   *
   * @param hn receives the hidden states {@code [layers * directions][batch][stateSize]}; may be
   *     null
   * @param cn receives the cell states {@code [layers * directions][batch][hiddenSize]}; may be
   *     null
   * @throws IllegalArgumentException if a length is wrong, or cell states are asked of a cell that
   *     has none
   */
  public void lastStates(float[] hn, float[] cn) {
    checkStates("hn", "cn", hn, cn);
    moveStates(hn, cn, false);
  }

  /** Between arrays and the first slots, inward, or the last slots, outward. */
  private void moveStates(float[] h, float[] c, boolean in) {
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int direction = 0; direction < tapes[layer].length; direction++) {
        Tape tape = tapes[layer][direction];
        int k = layer * tapes[layer].length + direction;
        for (int row = 0; row < batch; row++) {
          int slot = firstSlot(in ? direction : 1 - direction, row);
          move(h, k * batch + row, tape.h, tape.at(slot, row), spec.stateSize(), in);
          move(c, k * batch + row, tape.c, tape.cellAt(slot, row), spec.hiddenSize(), in);
        }
      }
    }
  }

  private static void move(float[] rows, int row, float[] tape, int at, int size, boolean in) {
    if (rows == null) {
      return;
    }
    if (in) {
      System.arraycopy(rows, row * size, tape, at, size);
    } else {
      System.arraycopy(tape, at, rows, row * size, size);
    }
  }

  private void checkStates(String hName, String cName, float[] h, float[] c) {
    int states = spec.layers() * spec.direction().count() * batch;
    checkLength(hName, h, (long) states * spec.stateSize());
    checkLength(cName, c, spec.cell().hasCellState() ? (long) states * spec.hiddenSize() : 0);
  }

  private static void checkLength(String name, float[] values, long expected) {
    if (values != null && values.length != expected) {
      throw new IllegalArgumentException(
          name + ": found " + values.length + " values, expected " + expected);
    }
  }

  /**
   * Copies a result: of the linear output or, without one, what the head picks.
   *
   * @param time step of the sequence; ignored when the head gives one result per sequence
   * @param row the sequence
   * @param output receives {@code resultSize} values
   * @param offset where they go in it
   */
  public void result(int time, int row, float[] output, int offset) {
    boolean everyStep = spec.head().everyStep();
    Joint top = joints[spec.layers() - 1];
    float[] from = y;
    int at = yAt(everyStep ? time : 0, row);
    if (spec.outputSize() == 0) {
      from = everyStep ? top.y : pooling.y;
      at = everyStep ? top.at(time, row) : row * pooling.stride;
    }
    System.arraycopy(from, at, output, offset, spec.resultSize());
  }

  /**
   * Carries the state over: that after the last step of each sequence becomes that before its
   * first.
   *
   * @throws IllegalStateException if the network runs in both directions, where nothing is carried
   */
  public void carryState() {
    if (spec.direction() != Direction.FORWARD) {
      throw new IllegalStateException("a bidirectional network has no state to carry on");
    }
    atStart = false;
    for (int layer = 0; layer < spec.layers(); layer++) {
      Tape tape = tapes[layer][0];
      for (int row = 0; row < batch; row++) {
        int last = timeline.length(row);
        System.arraycopy(tape.h, tape.at(last, row), tape.h, tape.at(0, row), tape.stride);
        if (tape.c.length > 0) {
          int from = tape.cellAt(last, row);
          System.arraycopy(tape.c, from, tape.c, tape.cellAt(0, row), tape.cellStride);
        }
      }
    }
  }

  /** Sets the state before the first step of each sequence to zero. */
  public void clearState() {
    atStart = false;
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int direction = 0; direction < tapes[layer].length; direction++) {
        Tape tape = tapes[layer][direction];
        clearFirst(tape, tape.h, direction);
        for (int row = 0; row < batch && tape.c.length > 0; row++) {
          int at = tape.cellAt(firstSlot(direction, row), row);
          Arrays.fill(tape.c, at, at + tape.cellStride, 0f);
        }
      }
    }
  }

  /**
   * Sets the gradients of the last cell states and of the states before the first steps to zero;
   * they are added to.
   */
  public void clearStateGradients() {
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int direction = 0; direction < tapes[layer].length; direction++) {
        Tape tape = tapes[layer][direction];
        clearFirst(tape, tape.dh, direction);
        Arrays.fill(tape.dc, 0f);
      }
    }
  }

  /** Clears the first slot of the hidden states, or of their gradients. */
  private void clearFirst(Tape tape, float[] states, int direction) {
    for (int row = 0; row < batch; row++) {
      int at = tape.at(firstSlot(direction, row), row);
      Arrays.fill(states, at, at + tape.stride, 0f);
    }
  }
}
