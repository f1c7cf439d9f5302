package org.lanewise.cell;

import java.util.List;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;
import org.lanewise.kernel.StepWeights;

/**
 * One time step of one recurrent layer. A cell knows its equations and how its gates lie in the
 * packed columns; it holds no weights and no state, so one instance serves any number of layers of
 * its size and any number of threads.
 *
 * <p>In the packed weights the units come in blocks of {@value org.lanewise.kernel.Packed#BLOCK}; a
 * block holds, one after the other, the columns of each of the cell's slots. A slot is usually a
 * gate; it may take only the input half or only the hidden half of one.
 */
public interface Cell {

  /**
   * The number of panels whose pre-activations, 256 bytes a row, stay in the L1 cache between the
   * product and the gates.
   *
   * @param rows rows of the batch
   * @return panels to compute at a time
   */
  static int panelsInCache(int rows) {
    return Math.max(1, 64 / rows);
  }

  /**
   * The order in which a step takes the parts of its weights: every second step begins where the
   * step before it ended, so that it finds those parts in the cache, however large the others are.
   * With two MB of L2 cache that saves a step of 256 units two fifths of its time, one of 512 a
   * sixth.
   *
   * @param step index of the step
   * @param i how many parts it has taken
   * @param parts number of parts
   * @return index of the part to take now
   */
  static int sweep(int step, int i, int parts) {
    return step % 2 == 0 ? i : parts - 1 - i;
  }

  /**
   * What the cell computes with.
   *
   * @return arithmetic
   */
  Kernels kernels();

  /**
   * The number of hidden units.
   *
   * @return hidden size
   */
  int hiddenSize();

  /**
   * The size of the hidden state h, which is also the output of the layer in one direction.
   *
   * @return the hidden size, unless the cell projects its units onto fewer values
   */
  default int stateSize() {
    return hiddenSize();
  }

  /**
   * The parameters of this cell beside the input weights, the hidden weights and their biases.
   *
   * @return an unmodifiable list in PyTorch's order
   */
  default List<CellParameter> parameters() {
    return List.of();
  }

  /**
   * The number of column blocks for every block of units.
   *
   * @return slots
   */
  int slots();

  /**
   * The gate whose input weights a slot takes.
   *
   * @param slot index of the slot
   * @return index of the gate, or -1 for none
   */
  int inputGate(int slot);

  /**
   * The gate whose hidden weights a slot takes.
   *
   * @param slot index of the slot
   * @return index of the gate, or -1 for none
   */
  int hiddenGate(int slot);

  /**
   * Whether the state is a pair (h, c), as in the LSTM, and not h alone.
   *
   * @return true when there is a cell state
   */
  boolean hasCellState();

  /**
   * One step forward for some rows of the batch: adds the hidden half to the pre-activations of the
   * step, and computes the gates and the new state.
   *
   * @param weights packed weights of the layer
   * @param tape activations; {@code z[time]} holds {@code b + W_ih x}
   * @param time index of the step in z
   * @param previous slot of the state before the step
   * @param next slot of the state after the step, not the same
   * @param rowBegin first row of the batch
   * @param rowEnd one past the last row
   */
  default void forward(
      CellWeights weights, Tape tape, int time, int previous, int next, int rowBegin, int rowEnd) {
    Packed w = weights.gates();
    int rows = rowEnd - rowBegin;
    int before = tape.at(previous, rowBegin);
    int z = tape.zAt(time, rowBegin);
    int panels = panelsInCache(rows);
    int sweeps = (w.panels() + panels - 1) / panels;
    for (int i = 0; i < sweeps; i++) {
      int begin = sweep(previous, i, sweeps) * panels;
      int end = Math.min(begin + panels, w.panels());
      kernels()
          .product(
              rows,
              w,
              w.depth() - stateSize(),
              stateSize(),
              begin,
              end,
              tape.h,
              before,
              tape.stride,
              tape.z,
              z,
              tape.zStride);
      gates(weights, tape, time, previous, next, rowBegin, rowEnd, begin, end);
    }
    output(weights, tape, time, next, rowBegin, rowEnd);
  }

  /**
   * One step of one stream on the weights made for steps, of all units at once: product and gates.
   *
   * @param stepWeights packed weights of the layer, made for steps
   * @param weights packed weights of the layer
   * @param tape activations of one step and batch 1
   * @param previous slot of the state before the step
   * @param next slot of the state after the step, not the same
   * @param inputs input size of the layer
   * @param x input vector
   * @param xOffset start of x
   */
  default void step(
      StepWeights stepWeights,
      CellWeights weights,
      Tape tape,
      int previous,
      int next,
      int inputs,
      float[] x,
      int xOffset) {
    int panels = weights.gates().panels();
    float[] h = tape.h;
    int before = tape.at(previous, 0);
    kernels()
        .step(
            stepWeights, true, 0, panels, 0, inputs, x, xOffset, stateSize(), h, before, tape.z, 0);
    gates(weights, tape, 0, previous, next, 0, 1, 0, panels);
  }

  /**
   * The gates and the new state of the units in some panels, for some rows of the batch.
   *
   * @param weights packed weights of the layer
   * @param tape activations; {@code z[time]} holds the pre-activations {@code b + W_ih x + W_hh h'}
   * @param time index of the step in z
   * @param previous slot of the state before the step
   * @param next slot of the state after the step
   * @param rowBegin first row of the batch
   * @param rowEnd one past the last row
   * @param panelBegin first panel of the packed gates
   * @param panelEnd one past the last panel
   */
  void gates(
      CellWeights weights,
      Tape tape,
      int time,
      int previous,
      int next,
      int rowBegin,
      int rowEnd,
      int panelBegin,
      int panelEnd);

  /**
   * What is left to do for the new state when all units have their gates; for most cells nothing.
   *
   * @param weights packed weights of the layer
   * @param tape activations
   * @param time index of the step in z
   * @param next slot of the state after the step
   * @param rowBegin first row of the batch
   * @param rowEnd one past the last row
   */
  default void output(
      CellWeights weights, Tape tape, int time, int next, int rowBegin, int rowEnd) {}

  /**
   * One step backward for some rows of the batch: from the gradients of the new state to those of
   * the pre-activations, and on to the state before.
   *
   * @param weights packed weights of the layer, with those transposed
   * @param tape activations of the forward pass; {@code dh[next]} and {@code dc} hold gradients;
   *     {@code z[time]} is overwritten by its gradient, {@code dc} by that of the cell state
   *     before, and {@code dh[previous]} is added to
   * @param time index of the step in z
   * @param previous slot of the state before the step
   * @param next slot of the state after the step
   * @param rowBegin first row of the batch
   * @param rowEnd one past the last row
   */
  default void backward(
      CellWeights weights, Tape tape, int time, int previous, int next, int rowBegin, int rowEnd) {
    gatesBackward(weights, tape, time, previous, next, rowBegin, rowEnd);
    Packed w = weights.hiddenTransposed();
    int panels = w.panels();
    for (int i = 0; i < panels; i++) {
      int panel = sweep(previous, i, panels);
      kernels()
          .product(
              rowEnd - rowBegin,
              w,
              0,
              columns(),
              panel,
              panel + 1,
              tape.z,
              tape.zAt(time, rowBegin),
              tape.zStride,
              tape.dh,
              tape.at(previous, rowBegin),
              tape.stride);
    }
  }

  /**
   * The part of {@link #backward} before the product with the hidden weights.
   *
   * @param weights packed weights of the layer, with those transposed
   * @param tape activations of the forward pass; {@code dh[next]} and {@code dc} hold gradients;
   *     {@code z[time]} is overwritten by its gradient, {@code dc} by that of the cell state
   *     before, and what reaches {@code dh[previous]} past the gates is added there
   * @param time index of the step in z
   * @param previous slot of the state before the step
   * @param next slot of the state after the step
   * @param rowBegin first row of the batch
   * @param rowEnd one past the last row
   */
  void gatesBackward(
      CellWeights weights, Tape tape, int time, int previous, int next, int rowBegin, int rowEnd);

  /**
   * Adds to the gradient of one of the cell's own parameters, for some of its panels, what some
   * rows give, which lie behind one another: those of one step, or of several.
   *
   * @param parameter index in {@link #parameters()}
   * @param tape activations, and gradients of the backward pass
   * @param time index of the first step
   * @param previous slot of the state before that step
   * @param next slot of the state after it
   * @param row first row of the batch
   * @param rows rows at the step, or at all of the steps together
   * @param panelBegin first panel of the gradient
   * @param panelEnd one past the last panel
   * @param gradient packed like the parameter, continued in the order of the rows
   */
  default void accumulate(
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
    throw new IllegalArgumentException("the cell has no parameter " + parameter + " of its own");
  }

  /**
   * The number of packed columns.
   *
   * @return columns, padding included
   */
  default int columns() {
    return slots() * Packed.padded(hiddenSize());
  }

  /**
   * The packed column of one unit of one slot.
   *
   * @param slot index of the slot
   * @param unit index of the unit
   * @return index of the column
   */
  default int column(int slot, int unit) {
    return unit / Packed.BLOCK * slots() * Packed.BLOCK + slot * Packed.BLOCK + unit % Packed.BLOCK;
  }
}
