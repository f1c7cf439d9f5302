package org.lanewise.cell;

import java.util.List;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;

/**
 * Long short-term memory with a projection of its units onto a smaller state (Sak, Senior and
 * Beaufays 2014), PyTorch's {@code proj_size}; gates in the order i f g o.
 *
 * <pre>
 * z = b + W_ih x + W_hh h'
 * i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)
 * c = f ∘ c' + i ∘ g
 * m = o ∘ tanh(c)
 * h = W_hr m
 *
 * backward, given δh and, from the step after, δc:
 * δm = W_hrᵀ δh
 * δo = δm ∘ tanh(c)          δc += δm ∘ o ∘ (1 - tanh²(c))
 * δi = δc ∘ g     δf = δc ∘ c'     δg = δc ∘ i     δc' = δc ∘ f
 * δz = [δi i(1-i), δf f(1-f), δg (1-g²), δo o(1-o)]
 * δh' += W_hhᵀ δz
 * </pre>
 *
 * <p>What the layer adds over time: {@code δW_hr += δh mᵀ}, and the others as in {@link LstmCell}.
 * Every element of {@code W_hr m} is one chain from +0, units in ascending order.
 */
public final class ProjectedLstmCell implements Cell {
  private static final int GATES = 4;

  private final Kernels kernels;
  private final int hiddenSize;
  private final int stateSize;
  private final List<CellParameter> parameters;

  /**
   * A cell of a size.
   *
   * @param kernels arithmetic
   * @param hiddenSize hidden units
   * @param stateSize values of the hidden state, fewer than units
   */
  public ProjectedLstmCell(Kernels kernels, int hiddenSize, int stateSize) {
    this.kernels = kernels;
    this.hiddenSize = hiddenSize;
    this.stateSize = stateSize;
    this.parameters = List.of(new CellParameter("weight_hr", 1, stateSize, hiddenSize));
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
    int units = tape.unitsAt(time, rowBegin);
    kernels.lstmForward(
        rowEnd - rowBegin,
        panelBegin,
        panelEnd,
        tape.c,
        tape.cellAt(previous, rowBegin),
        tape.c,
        tape.cellAt(next, rowBegin),
        tape.cellStride,
        tape.tanhC,
        units,
        tape.units,
        units,
        tape.z,
        tape.zAt(time, rowBegin),
        tape.zStride);
  }

  @Override
  public void output(CellWeights weights, Tape tape, int time, int next, int rowBegin, int rowEnd) {
    Packed projection = weights.own(0);
    kernels.affine(
        rowEnd - rowBegin,
        projection,
        hiddenSize,
        0,
        projection.panels(),
        tape.units,
        tape.unitsAt(time, rowBegin),
        tape.cellStride,
        tape.h,
        tape.at(next, rowBegin),
        tape.stride);
  }

  @Override
  public void gatesBackward(
      CellWeights weights, Tape tape, int time, int previous, int next, int rowBegin, int rowEnd) {
    Packed projectionTransposed = weights.ownTransposed(0);
    int rows = rowEnd - rowBegin;
    int z = tape.zAt(time, rowBegin);
    int step = tape.dcAt(rowBegin);
    kernels.affine(
        rows,
        projectionTransposed,
        stateSize,
        0,
        projectionTransposed.panels(),
        tape.dh,
        tape.at(next, rowBegin),
        tape.stride,
        tape.dunits,
        step,
        tape.cellStride);
    kernels.lstmBackward(
        rows,
        0,
        Packed.padded(hiddenSize) / Packed.BLOCK,
        tape.dunits,
        step,
        tape.cellStride,
        tape.c,
        tape.cellAt(previous, rowBegin),
        tape.cellStride,
        tape.tanhC,
        tape.unitsAt(time, rowBegin),
        tape.dc,
        step,
        tape.z,
        z,
        tape.zStride);
  }

  @Override
  public void accumulate(
      int parameter,
      Tape tape,
      int time,
      int previous,
      int next,
      int row,
      int rows,
      int panelBegin,
      int panelEnd,
      Packed gradient) {
    kernels.accumulateOuter(
        rows,
        0,
        hiddenSize,
        panelBegin,
        panelEnd,
        tape.units,
        tape.unitsAt(time, row),
        tape.cellStride,
        tape.dh,
        tape.at(next, row),
        tape.stride,
        gradient);
  }

  @Override
  public List<CellParameter> parameters() {
    return parameters;
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
  public int stateSize() {
    return stateSize;
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
