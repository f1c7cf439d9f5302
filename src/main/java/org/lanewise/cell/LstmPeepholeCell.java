package org.lanewise.cell;

import java.util.List;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;

/**
 * Long short-term memory with peepholes (Gers, Schraudolph and Schmidhuber 2002), by which the
 * gates see the cell state: those of i and f the one before the step, that of o the new one. Gates
 * in the order i f g o.
 *
 * <pre>
 * z = b + W_ih x + W_hh h'
 * z_i += p_i ∘ c'     z_f += p_f ∘ c'
 * i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)
 * c = f ∘ c' + i ∘ g
 * z_o += p_o ∘ c
 * o = σ(z_o)
 * h = o ∘ tanh(c)
 *
 * backward, given δh and, from the step after, δc:
 * δo = δh ∘ tanh(c)          δz_o = δo o(1-o)
 * δc += δh ∘ o ∘ (1 - tanh²(c)) + p_o ∘ δz_o
 * δi = δc ∘ g     δf = δc ∘ c'     δg = δc ∘ i
 * δz = [δi i(1-i), δf f(1-f), δg (1-g²), δz_o]
 * δc' = δc ∘ f + p_i ∘ δz_i + p_f ∘ δz_f
 * δh' += W_hhᵀ δz
 * </pre>
 *
 * <p>What the layer adds over time: {@code δp_i += δz_i ∘ c'}, {@code δp_f += δz_f ∘ c'}, {@code
 * δp_o += δz_o ∘ c}, and the others as in {@link LstmCell}. PyTorch has no such cell and no name
 * for p; here it is {@code peephole_l0}, {@code [3 hiddenSize]}, in the order i f o.
 */
public final class LstmPeepholeCell implements Cell {
  private static final int GATES = 4;

  /** The gate of each part of the peepholes. */
  private static final int[] PEEPHOLE_GATES = {0, 1, 3};

  private final Kernels kernels;
  private final int hiddenSize;
  private final List<CellParameter> parameters;

  /**
   * A cell of a size.
   *
   * @param kernels arithmetic
   * @param hiddenSize hidden units
   */
  public LstmPeepholeCell(Kernels kernels, int hiddenSize) {
    this.kernels = kernels;
    this.hiddenSize = hiddenSize;
    int parts = PEEPHOLE_GATES.length;
    this.parameters = List.of(new CellParameter("peephole", parts, hiddenSize, 0));
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
    kernels.peepholeForward(
        rowEnd - rowBegin,
        panelBegin,
        panelEnd,
        weights.own(0),
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
  public void gatesBackward(
      CellWeights weights, Tape tape, int time, int previous, int next, int rowBegin, int rowEnd) {
    int rows = rowEnd - rowBegin;
    int z = tape.zAt(time, rowBegin);
    int before = tape.at(previous, rowBegin);
    int after = tape.at(next, rowBegin);
    kernels.peepholeBackward(
        rows,
        0,
        Packed.padded(hiddenSize) / Packed.BLOCK,
        weights.own(0),
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
    int units = Packed.padded(hiddenSize);
    int end = gradient.column(panelEnd);
    for (int column = gradient.column(panelBegin); column < end; column += Packed.BLOCK) {
      int gate = PEEPHOLE_GATES[column / units];
      int unit = column % units;
      int seen = gate == 3 ? next : previous;
      kernels.accumulateScale(
          rows,
          tape.c,
          tape.cellAt(seen, row) + unit,
          tape.cellStride,
          tape.z,
          tape.zAt(time, row) + column(gate, unit),
          tape.zStride,
          gradient.values(),
          gradient.index(0, column));
    }
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
