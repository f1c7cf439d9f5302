package org.lanewise.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.Packed;

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
   * Inputs of the first layer {@code [time][batch][inputSize]}; empty when it reads one token and
   * nothing else. The caller fills the columns of vectors; those of embeddings are filled from the
   * tokens.
   */
  public final float[] x;

  /** Row stride of {@link #x} and {@link #dx}. */
  public final int xStride;

  /** Gradients of {@link #x}; empty for inference. */
  public final float[] dx;

  /**
   * Outputs of the linear layer, then their gradients: {@code [time][batch][outputSize]}, or {@code
   * [batch][outputSize]} when the head gives one result per sequence.
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
  private final Tape[][] tapes;
  private final Joint[] joints;
  private final Pooling pooling;
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
    this.spec = network.spec();
    Shapes.positive("time steps", timeSteps);
    Shapes.positive("batch", batch);
    this.timeSteps = timeSteps;
    this.batch = batch;
    this.timeline = new Timeline(timeSteps, batch);
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
    this.dx = new float[training ? x.length : 0];
    this.yStride = spec.outputSize() == 0 ? 0 : Packed.stride(spec.outputSize());
    this.y = new float[Math.multiplyExact(spec.head().everyStep() ? rows : batch, yStride)];
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
            new Tape(network.layer(layer, direction).cell(), timeSteps, batch, training);
      }
      joints[layer] = new Joint(spec, layer, tapes[layer], timeSteps, training);
    }
    int top = spec.layers() - 1;
    this.pooling =
        spec.head().everyStep() ? null : new Pooling(spec, tapes[top], joints[top], training);
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
      carry(tape.h, tape.stride);
      if (tape.c.length > 0) {
        carry(tape.c, tape.cellStride);
      }
    }
  }

  private void carry(float[] states, int stride) {
    int slot = batch * stride;
    if (timeline.even()) {
      System.arraycopy(states, timeline.steps() * slot, states, 0, slot);
      return;
    }
    for (int row = 0; row < batch; row++) {
      int last = timeline.length(row) * slot + row * stride;
      System.arraycopy(states, last, states, row * stride, stride);
    }
  }

  /** Sets the state before the first step of each sequence to zero. */
  public void clearState() {
    atStart = false;
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int direction = 0; direction < tapes[layer].length; direction++) {
        Tape tape = tapes[layer][direction];
        clearFirst(tape.h, tape.stride, direction);
        if (tape.c.length > 0) {
          clearFirst(tape.c, tape.cellStride, direction);
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
        clearFirst(tape.dh, tape.stride, direction);
        Arrays.fill(tape.dc, 0f);
      }
    }
  }

  private void clearFirst(float[] slots, int stride, int direction) {
    for (int row = 0; row < batch; row++) {
      int at = (firstSlot(direction, row) * batch + row) * stride;
      Arrays.fill(slots, at, at + stride, 0f);
    }
  }
}
