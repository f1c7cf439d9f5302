package org.lanewise.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.Packed;

/**
 * All buffers for a window of time of a batch, sized once: inputs, the tape of each layer, outputs
 * and, for training, gradients. The caller fills the inputs and the states of slot 0.
 *
 * <p>Confined to the threads that run one window.
 */
public final class Workspace {
  /** Steps of a window. */
  public final int timeSteps;

  /** Sequences side by side. */
  public final int batch;

  /** Token ids {@code [time][batch]}; empty for an input of features. */
  public final int[] tokens;

  /** Inputs of the first layer {@code [time][batch][inputSize]}; empty for one-hot tokens. */
  public final float[] x;

  /** Row stride of {@link #x} and {@link #dx}. */
  public final int xStride;

  /** Gradients of {@link #x}; empty for inference and one-hot tokens. */
  public final float[] dx;

  /** Outputs of the linear layer, then their gradients {@code [time][batch][outputSize]}. */
  public final float[] y;

  /** Row stride of {@link #y}. */
  public final int yStride;

  private final List<Tape> tapes;
  private final NetworkSpec spec;

  /**
   * Buffers for a network.
   *
   * @param network the network
   * @param timeSteps steps of a window
   * @param batch sequences side by side
   * @param training whether gradients are kept
   */
  public Workspace(Network network, int timeSteps, int batch, boolean training) {
    this.spec = network.spec();
    Shapes.positive("time steps", timeSteps);
    Shapes.positive("batch", batch);
    this.timeSteps = timeSteps;
    this.batch = batch;
    int rows = Math.multiplyExact(timeSteps, batch);
    boolean oneHot = spec.input() instanceof Input.OneHot;
    this.tokens = new int[spec.input().isToken() ? rows : 0];
    this.xStride = oneHot ? 0 : Packed.stride(spec.input().size());
    this.x = new float[Math.multiplyExact(rows, xStride)];
    this.dx = new float[training ? x.length : 0];
    this.yStride = spec.outputSize() == 0 ? 0 : Packed.stride(spec.outputSize());
    this.y = new float[Math.multiplyExact(rows, yStride)];
    List<Tape> list = new ArrayList<>();
    for (RecurrentLayer layer : network.layers()) {
      list.add(new Tape(layer.cell(), timeSteps, batch, training));
    }
    this.tapes = List.copyOf(list);
  }

  /**
   * The tape of a layer.
   *
   * @param layer index of the layer
   * @return its activations
   */
  public Tape tape(int layer) {
    return tapes.get(layer);
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
   * Carries the state over: that after the last step becomes that before the first.
   *
   * @param timeSteps steps of the window that has been run
   */
  public void carryState(int timeSteps) {
    for (int layer = 0; layer < tapes.size(); layer++) {
      Tape tape = tapes.get(layer);
      int last = tape.at(timeSteps, 0);
      System.arraycopy(tape.h, last, tape.h, 0, batch * tape.stride);
      if (tape.c.length > 0) {
        System.arraycopy(tape.c, last, tape.c, 0, batch * tape.stride);
      }
    }
  }

  /** Sets the gradients of the last cell state and of the state before the window to zero. */
  public void clearStateGradients() {
    for (int layer = 0; layer < tapes.size(); layer++) {
      Tape tape = tapes.get(layer);
      Arrays.fill(tape.dh, 0, batch * tape.stride, 0f);
      Arrays.fill(tape.dc, 0f);
    }
  }

  /** Sets the state before the first step to zero. */
  public void clearState() {
    for (int layer = 0; layer < tapes.size(); layer++) {
      Tape tape = tapes.get(layer);
      Arrays.fill(tape.h, 0, batch * tape.stride, 0f);
      if (tape.c.length > 0) {
        Arrays.fill(tape.c, 0, batch * tape.stride, 0f);
      }
    }
  }
}
