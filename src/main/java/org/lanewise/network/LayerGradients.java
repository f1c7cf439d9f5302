package org.lanewise.network;

import static org.lanewise.network.LayerPacking.firstPanel;
import static org.lanewise.network.LayerPacking.within;

import java.util.Arrays;
import org.lanewise.cell.Cell;
import org.lanewise.cell.CellWeights;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;

/**
 * The weight gradients of a recurrent layer, packed as its weights are:
 *
 * <pre>
 * δb = Σ δz   δW_ih = Σ δz xᵀ   δW_hh = Σ δz h'ᵀ   over all (half, t, row), the first half of the
 *                                                  batch first, in a half t first,
 * and those of the cell's own parameters
 * </pre>
 *
 * <p>They are summed over blocks of rows: one step, or some whose rows lie behind one another.
 */
final class LayerGradients {
  private final Kernels kernels;
  private final Cell cell;
  private final int inputSize;
  private final LayerPacking packing;
  private final CellWeights sums;
  private final Packed gates;

  LayerGradients(Kernels kernels, Cell cell, int inputSize, LayerPacking packing) {
    this.kernels = kernels;
    this.cell = cell;
    this.inputSize = inputSize;
    this.packing = packing;
    this.sums = new CellWeights(cell, inputSize, false);
    this.gates = sums.gates();
  }

  /** Begins the sums of some panels. */
  void clear(int panelBegin, int panelEnd) {
    clear(gates, 0, panelBegin, panelEnd);
    for (int i = 0; i < cell.parameters().size(); i++) {
      clear(sums.own(i), firstPanel(sums, i), panelBegin, panelEnd);
    }
  }

  private static void clear(Packed sum, int first, int panelBegin, int panelEnd) {
    int from = sum.offset(within(sum, first, panelBegin), 0);
    Arrays.fill(sum.values(), from, sum.offset(within(sum, first, panelEnd), 0), 0f);
  }

  /** Adds what vectors give to the input weights, for a block that begins at a time. */
  void addInput(
      Tape tape,
      int time,
      int row,
      int rows,
      int panelBegin,
      int panelEnd,
      float[] x,
      int xOffset,
      int xStride) {
    kernels.accumulateOuter(
        rows,
        0,
        inputSize,
        within(gates, 0, panelBegin),
        within(gates, 0, panelEnd),
        x,
        xOffset,
        xStride,
        tape.z,
        tape.zAt(time, row),
        tape.zStride,
        gates);
  }

  /** The same for one-hot tokens, from a place of the tokens on. */
  void addTokens(
      Tape tape,
      int time,
      int row,
      int rows,
      int panelBegin,
      int panelEnd,
      int[] tokens,
      int first) {
    kernels.accumulateLookup(
        rows,
        within(gates, 0, panelBegin),
        within(gates, 0, panelEnd),
        tokens,
        first,
        tape.z,
        tape.zAt(time, row),
        tape.zStride,
        gates);
  }

  /** Begins the sums of the error terms of each distinct token, in the columns of some panels. */
  void clearDistinct(
      int panelBegin, int panelEnd, int rows, TokenProjection projection, int direction) {
    int begin = gates.column(within(gates, 0, panelBegin));
    int end = gates.column(within(gates, 0, panelEnd));
    for (int row = 0; row < rows; row++) {
      int at = row * projection.zStride;
      Arrays.fill(projection.dz[direction], at + begin, at + end, 0f);
    }
  }

  /** Adds the error terms of a block to the sums of their tokens, in the columns of some panels. */
  void addToDistinct(
      Tape tape,
      int time,
      int row,
      int rows,
      int panelBegin,
      int panelEnd,
      int[] rowOfToken,
      int first,
      TokenProjection projection,
      int direction) {
    kernels.accumulateRows(
        rows,
        gates.column(within(gates, 0, panelBegin)),
        gates.column(within(gates, 0, panelEnd)),
        rowOfToken,
        first,
        tape.z,
        tape.zAt(time, row),
        tape.zStride,
        projection.dz[direction],
        0,
        projection.zStride);
  }

  /** Adds what the sums of the distinct tokens give to the input weights. */
  void addDistinct(
      int panelBegin, int panelEnd, int rows, TokenProjection projection, int direction) {
    kernels.accumulateOuter(
        rows,
        0,
        inputSize,
        within(gates, 0, panelBegin),
        within(gates, 0, panelEnd),
        projection.x,
        0,
        projection.xStride,
        projection.dz[direction],
        0,
        projection.zStride,
        gates);
  }

  /** Adds what a block gives to everything but the input weights; slots as in a step. */
  void addRest(
      Tape tape,
      int time,
      int previous,
      int next,
      int row,
      int rows,
      int panelBegin,
      int panelEnd) {
    int begin = within(gates, 0, panelBegin);
    int end = within(gates, 0, panelEnd);
    int z = tape.zAt(time, row);
    kernels.accumulateBias(rows, begin, end, tape.z, z, tape.zStride, gates);
    kernels.accumulateOuter(
        rows,
        inputSize,
        cell.stateSize(),
        begin,
        end,
        tape.h,
        tape.at(previous, row),
        tape.stride,
        tape.z,
        z,
        tape.zStride,
        gates);
    for (int i = 0; i < cell.parameters().size(); i++) {
      Packed own = sums.own(i);
      int first = within(own, firstPanel(sums, i), panelBegin);
      int last = within(own, firstPanel(sums, i), panelEnd);
      cell.accumulate(i, tape, time, previous, next, row, rows, first, last, own);
    }
  }

  /**
   * Moves the sums of some panels to the arena.
   *
   * @param panelBegin first panel
   * @param panelEnd one past the last panel
   * @param arena the arena of gradients; those of the panels are overwritten
   */
  void unpack(int panelBegin, int panelEnd, float[] arena) {
    packing.unpack(sums, panelBegin, panelEnd, arena);
  }
}
