package org.lanewise.cell;

import org.lanewise.kernel.Activation;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;

/**
 * The vanilla recurrent network (Elman 1990), in PyTorch's form, with {@code f = tanh} or {@code f
 * = relu}.
 *
 * <pre>{@code
 * z = b + W_ih x + W_hh h'
 * h = f(z)
 *
 * backward, given δh:
 * δz = δh ∘ (1 - h²)              tanh
 * δz = δh where h > 0, else 0     relu
 * δh' += W_hhᵀ δz
 * }</pre>
 *
 * <p>What the layer adds over time: {@code δW_ih += δz xᵀ}, {@code δW_hh += δz h'ᵀ}, {@code δb +=
 * δz}, {@code δx = W_ihᵀ δz}.
 */
public final class RnnCell implements Cell {
  private final Kernels kernels;
  private final int hiddenSize;
  private final Activation activation;

  private RnnCell(Kernels kernels, int hiddenSize, Activation activation) {
    this.kernels = kernels;
    this.hiddenSize = hiddenSize;
    this.activation = activation;
  }

  /**
   * A cell with tanh.
   *
   * @param kernels arithmetic
   * @param hiddenSize hidden units
   * @return the cell
   */
  public static RnnCell tanh(Kernels kernels, int hiddenSize) {
    return new RnnCell(kernels, hiddenSize, Activation.TANH);
  }

  /**
   * A cell with relu.
   *
   * @param kernels arithmetic
   * @param hiddenSize hidden units
   * @return the cell
   */
  public static RnnCell relu(Kernels kernels, int hiddenSize) {
    return new RnnCell(kernels, hiddenSize, Activation.RELU);
  }

  @Override
  public void gates(
      CellWeights weights,
      Tape tape,
      int time,
      int previous,
      int next,
      int rowBegin,
      int rowEnd,
      int panelBegin,
      int panelEnd) {
    // With one slot a wide panel holds four blocks of units, and a narrow one holds one.
    Packed w = weights.gates();
    kernels.rnnForward(
        activation,
        rowEnd - rowBegin,
        w.column(panelBegin) / Packed.BLOCK,
        w.column(panelEnd) / Packed.BLOCK,
        tape.z,
        tape.zAt(time, rowBegin),
        tape.zStride,
        tape.h,
        tape.at(next, rowBegin),
        tape.stride);
  }

  @Override
  public void gatesBackward(
      CellWeights weights, Tape tape, int time, int previous, int next, int rowBegin, int rowEnd) {
    int rows = rowEnd - rowBegin;
    int z = tape.zAt(time, rowBegin);
    int after = tape.at(next, rowBegin);
    kernels.rnnBackward(
        activation,
        rows,
        0,
        columns() / Packed.BLOCK,
        tape.h,
        after,
        tape.dh,
        after,
        tape.stride,
        tape.z,
        z,
        tape.zStride);
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public int hiddenSize() {
    return hiddenSize;
  }

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public int inputGate(int slot) {
    return slot;
  }

  @Override
  public int hiddenGate(int slot) {
    return slot;
  }

  @Override
  public boolean hasCellState() {
    return false;
  }
}
