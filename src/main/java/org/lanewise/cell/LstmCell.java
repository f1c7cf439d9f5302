package org.lanewise.cell;

import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;
import org.lanewise.kernel.StepWeights;

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
 * 2000), in PyTorch's form, gates in the order i f g o.
 *
 * <pre>
 * z = b + W_ih x + W_hh h'
 * i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)
 * c = f ∘ c' + i ∘ g
 * h = o ∘ tanh(c)
 *
 * backward, given δh and, from the step after, δc:
 * δo = δh ∘ tanh(c)          δc += δh ∘ o ∘ (1 - tanh²(c))
 * δi = δc ∘ g     δf = δc ∘ c'     δg = δc ∘ i     δc' = δc ∘ f
 * δz = [δi i(1-i), δf f(1-f), δg (1-g²), δo o(1-o)]
 * δh' += W_hhᵀ δz
 * </pre>
 *
 * <p>What the layer adds over time: {@code δW_ih += δz xᵀ}, {@code δW_hh += δz h'ᵀ}, {@code δb +=
 * δz}, {@code δx = W_ihᵀ δz}.
 */
public final class LstmCell implements Cell {
  private static final int GATES = 4;

  private final Kernels kernels;
  private final int hiddenSize;

  /**
   * A cell of a size.
   *
   * @param kernels arithmetic
   * @param hiddenSize hidden units
   */
  public LstmCell(Kernels kernels, int hiddenSize) {
    this.kernels = kernels;
    this.hiddenSize = hiddenSize;
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
    int before = tape.at(previous, rowBegin);
    int after = tape.at(next, rowBegin);
    kernels.lstmForward(
        rowEnd - rowBegin,
        panelBegin,
        panelEnd,
        tape.c,
        before,
        tape.c,
        after,
        tape.stride,
        tape.tanhC,
        tape.unitsAt(time, rowBegin),
        tape.h,
        after,
        tape.z,
        tape.zAt(time, rowBegin),
        tape.zStride);
  }

  @Override
  public void step(
      StepWeights stepWeights,
      CellWeights weights,
      Tape tape,
      int previous,
      int next,
      int inputs,
      float[] x,
      int xOffset) {
    kernels.lstmStep(
        stepWeights,
        inputs,
        x,
        xOffset,
        hiddenSize,
        tape.h,
        tape.c,
        tape.at(previous, 0),
        tape.at(next, 0),
        tape.tanhC,
        tape.z);
  }

  @Override
  public void gatesBackward(
      CellWeights weights, Tape tape, int time, int previous, int next, int rowBegin, int rowEnd) {
    int rows = rowEnd - rowBegin;
    int z = tape.zAt(time, rowBegin);
    int before = tape.at(previous, rowBegin);
    int after = tape.at(next, rowBegin);
    kernels.lstmBackward(
        rows,
        0,
        Packed.padded(hiddenSize) / Packed.BLOCK,
        tape.dh,
        after,
        tape.stride,
        tape.c,
        before,
        tape.stride,
        tape.tanhC,
        tape.unitsAt(time, rowBegin),
        tape.dc,
        tape.dcAt(rowBegin),
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
    return GATES;
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
    return true;
  }
}
