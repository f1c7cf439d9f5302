package org.lanewise.cell;

import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;

/**
 * The gated recurrent unit (Cho et al. 2014), in PyTorch's form, where the reset gate scales the
 * recurrent product and not the state before it; gates in the order r z n.
 *
 * <pre>
 * z_r = b_r + W_ir x + W_hr h'     z_nx = b_in + W_in x
 * z_z = b_z + W_iz x + W_hz h'     z_nh = b_hn + W_hn h'
 * r = σ(z_r)   z = σ(z_z)   n = tanh(z_nx + r ∘ z_nh)
 * h = (1 - z) ∘ n + z ∘ h' = n + z ∘ (h' - n)
 *
 * backward, given δh:
 * δz = δh ∘ (h' - n)     δn = δh ∘ (1 - z)
 * δz_nx = δn (1-n²)      δz_nh = δz_nx ∘ r      δr = δz_nx ∘ z_nh
 * δz_r = δr r(1-r)       δz_z = δz z(1-z)
 * δh' += δh ∘ z          δh' += W_hhᵀ [δz_r, δz_z, δz_nh]
 * </pre>
 *
 * <p>What the layer adds over time: {@code δW_ih += [δz_r, δz_z, δz_nx] xᵀ}, {@code δW_hh += [δz_r,
 * δz_z, δz_nh] h'ᵀ}, both biases likewise, {@code δx = W_ihᵀ [δz_r, δz_z, δz_nx]}.
 *
 * <p>The candidate n takes two slots, one with its input weights and one with its hidden weights;
 * what a slot does not take is packed as zeros. So the products of this cell are those of an LSTM,
 * without a special case; the zeros are a quarter of their multiplications.
 */
public final class GruCell implements Cell {
  /** r, z, the input half of n and its hidden half. */
  private static final int SLOTS = 4;

  private static final int[] INPUT_GATES = {0, 1, 2, -1};
  private static final int[] HIDDEN_GATES = {0, 1, -1, 2};

  private final Kernels kernels;
  private final int hiddenSize;

  /**
   * A cell of a size.
   *
   * @param kernels arithmetic
   * @param hiddenSize hidden units
   */
  public GruCell(Kernels kernels, int hiddenSize) {
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
    kernels.gruForward(
        rowEnd - rowBegin,
        panelBegin,
        panelEnd,
        tape.h,
        before,
        tape.h,
        tape.at(next, rowBegin),
        tape.stride,
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
    kernels.gruBackward(
        rows,
        0,
        Packed.padded(hiddenSize) / Packed.BLOCK,
        tape.h,
        before,
        tape.dh,
        after,
        tape.stride,
        tape.dh,
        before,
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
    return SLOTS;
  }

  @Override
  public int inputGate(int slot) {
    return INPUT_GATES[slot];
  }

  @Override
  public int hiddenGate(int slot) {
    return HIDDEN_GATES[slot];
  }

  @Override
  public boolean hasCellState() {
    return false;
  }
}
