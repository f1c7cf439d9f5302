package org.lanewise.network;

import static org.lanewise.kernel.Packed.BLOCK;

import java.util.Arrays;
import org.lanewise.cell.Cell;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;

/**
 * One recurrent layer over time: its packed weights, and its three passes over a window.
 *
 * <pre>
 * forward values     z[t] = b + W_ih x[t] for all t at once, then the cell step by step
 * error terms        the cell step by step, from the last to the first; δx[t] = W_ihᵀ δz[t] at once
 * weight gradients   δb = Σ δz   δW_ih = Σ δz xᵀ   δW_hh = Σ δz h'ᵀ   over all (t, batch), t first
 * </pre>
 *
 * <p>The first two split among threads by rows of the batch, the third by panels of the packed
 * gates.
 */
public final class RecurrentLayer {
  private final Kernels kernels;
  private final Cell cell;
  private final int inputSize;
  private final Parameter weightIh;
  private final Parameter weightHh;
  private final Parameter biasIh;
  private final Parameter biasHh;
  private final Packed weights;
  private final Packed hiddenTransposed;
  private final Packed inputTransposed;
  private final Packed gradient;

  /**
   * A layer of a network.
   *
   * @param kernels arithmetic
   * @param spec the architecture
   * @param parameters where the layer finds its weights
   * @param layer index of the layer
   * @param training whether the layer can run backward
   */
  RecurrentLayer(
      Kernels kernels, NetworkSpec spec, Parameters parameters, int layer, boolean training) {
    this.kernels = kernels;
    this.cell = spec.cell().cell(kernels, spec.hiddenSize());
    this.inputSize = spec.inputSize(layer);
    this.weightIh = parameters.slice(Parameters.recurrentName(spec, "weight_ih", layer));
    this.weightHh = parameters.slice(Parameters.recurrentName(spec, "weight_hh", layer));
    this.biasIh = parameters.slice(Parameters.recurrentName(spec, "bias_ih", layer));
    this.biasHh = parameters.slice(Parameters.recurrentName(spec, "bias_hh", layer));
    int depth = inputSize + spec.hiddenSize();
    boolean inputGradient = training && !(layer == 0 && spec.input() instanceof Input.OneHot);
    this.weights = new Packed(depth, cell.columns());
    this.gradient = training ? new Packed(depth, cell.columns()) : null;
    this.hiddenTransposed = training ? new Packed(cell.columns(), spec.hiddenSize()) : null;
    this.inputTransposed = inputGradient ? new Packed(cell.columns(), inputSize) : null;
  }

  /**
   * The cell of this layer.
   *
   * @return the cell
   */
  public Cell cell() {
    return cell;
  }

  /**
   * The number of panels, by which packing and weight gradients are shared among threads.
   *
   * @return panels of the packed weights
   */
  public int panels() {
    return weights.panels();
  }

  /**
   * Packs the weights of some panels anew.
   *
   * @param values the arena
   * @param panelBegin first panel
   * @param panelEnd one past the last panel
   */
  public void pack(float[] values, int panelBegin, int panelEnd) {
    int hidden = cell.hiddenSize();
    int end = weights.column(panelEnd);
    for (int column = weights.column(panelBegin); column < end; column += BLOCK) {
      int count = Packing.count(hidden, block(column));
      int ih = row(cell.inputGate(slot(column)), block(column));
      int hh = row(cell.hiddenGate(slot(column)), block(column));
      int bias = weights.index(0, column);
      for (int u = 0; u < count; u++) {
        weights.values()[bias + u] =
            (ih < 0 ? 0f : values[biasIh.offset() + ih + u])
                + (hh < 0 ? 0f : values[biasHh.offset() + hh + u]);
      }
      if (ih >= 0) {
        int at = weightIh.offset() + ih * inputSize;
        Packing.packBlock(values, at, inputSize, count, weights, 0, column);
        Packing.packRows(values, at, inputSize, count, inputTransposed, column);
      }
      if (hh >= 0) {
        int at = weightHh.offset() + hh * hidden;
        Packing.packBlock(values, at, hidden, count, weights, inputSize, column);
        Packing.packRows(values, at, hidden, count, hiddenTransposed, column);
      }
    }
  }

  /** The block of units and the slot of a group of packed columns. */
  private int block(int column) {
    return column / BLOCK / cell.slots();
  }

  private int slot(int column) {
    return column / BLOCK % cell.slots();
  }

  /** First row of a block in PyTorch's matrices, or -1 where the slot takes no part. */
  private int row(int gate, int block) {
    return gate < 0 ? -1 : gate * cell.hiddenSize() + block * BLOCK;
  }

  /**
   * Forward over a window of vectors, for some rows of the batch.
   *
   * @param tape storage; slot 0 holds the state before the window
   * @param timeSteps steps
   * @param rowBegin first row
   * @param rowEnd one past the last row
   * @param x inputs {@code [time][batch][inputSize]}
   * @param xOffset start of x
   * @param xStride row stride of x
   */
  public void forward(
      Tape tape, int timeSteps, int rowBegin, int rowEnd, float[] x, int xOffset, int xStride) {
    boolean all = rowBegin == 0 && rowEnd == tape.batch;
    int runs = all ? 1 : timeSteps;
    int rows = all ? timeSteps * tape.batch : rowEnd - rowBegin;
    for (int run = 0; run < runs; run++) {
      int xAt = xOffset + (run * tape.batch + rowBegin) * xStride;
      int zAt = tape.zAt(run, rowBegin);
      kernels.affine(
          rows,
          weights,
          inputSize,
          0,
          weights.panels(),
          x,
          xAt,
          xStride,
          tape.z,
          zAt,
          tape.zStride);
    }
    for (int time = 0; time < timeSteps; time++) {
      cell.forward(weights, tape, time, time, time + 1, rowBegin, rowEnd);
    }
  }

  /**
   * Forward over a window of one-hot tokens, for some rows of the batch.
   *
   * @param tape storage; slot 0 holds the state before the window
   * @param timeSteps steps
   * @param rowBegin first row
   * @param rowEnd one past the last row
   * @param tokens ids {@code [time][batch]}
   */
  public void forward(Tape tape, int timeSteps, int rowBegin, int rowEnd, int[] tokens) {
    for (int time = 0; time < timeSteps; time++) {
      kernels.lookup(
          rowEnd - rowBegin,
          weights,
          0,
          weights.panels(),
          tokens,
          time * tape.batch + rowBegin,
          tape.z,
          tape.zAt(time, rowBegin),
          tape.zStride);
      cell.forward(weights, tape, time, time, time + 1, rowBegin, rowEnd);
    }
  }

  /**
   * One step of one stream, on a tape of one step and batch 1 with two state slots.
   *
   * @param tape storage
   * @param previous slot of the state before the step
   * @param next slot of the state after it
   * @param x input vector
   * @param xOffset start of x
   */
  public void step(Tape tape, int previous, int next, float[] x, int xOffset) {
    kernels.affine(
        1, weights, inputSize, 0, weights.panels(), x, xOffset, 0, tape.z, 0, tape.zStride);
    cell.forward(weights, tape, 0, previous, next, 0, 1);
  }

  /**
   * One step of one stream on a one-hot token.
   *
   * @param tape storage
   * @param previous slot of the state before the step
   * @param next slot of the state after it
   * @param token an array that holds the id first
   */
  public void step(Tape tape, int previous, int next, int[] token) {
    kernels.lookup(1, weights, 0, weights.panels(), token, 0, tape.z, 0, tape.zStride);
    cell.forward(weights, tape, 0, previous, next, 0, 1);
  }

  /**
   * Error terms of a window, for some rows of the batch. Slots 1 to timeSteps of {@code dh} hold
   * the gradients from above, {@code dc} that of the last cell state; afterwards z holds the error
   * terms, and slot 0 of {@code dh}, and {@code dc}, the gradients of the state before the window,
   * added to what slot 0 held.
   *
   * @param tape activations of the forward pass
   * @param timeSteps steps
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void backward(Tape tape, int timeSteps, int rowBegin, int rowEnd) {
    for (int time = timeSteps - 1; time >= 0; time--) {
      cell.backward(hiddenTransposed, tape, time, time, time + 1, rowBegin, rowEnd);
    }
  }

  /**
   * Gradients of the inputs of a window, for some rows of the batch: {@code δx[t] = W_ihᵀ δz[t]}.
   *
   * @param tape error terms
   * @param timeSteps steps
   * @param rowBegin first row
   * @param rowEnd one past the last row
   * @param dx receives the gradients {@code [time][batch][inputSize]}
   * @param dxOffset start of dx
   * @param dxStride row stride of dx
   */
  public void inputGradient(
      Tape tape, int timeSteps, int rowBegin, int rowEnd, float[] dx, int dxOffset, int dxStride) {
    boolean all = rowBegin == 0 && rowEnd == tape.batch;
    int runs = all ? 1 : timeSteps;
    int rows = all ? timeSteps * tape.batch : rowEnd - rowBegin;
    for (int run = 0; run < runs; run++) {
      int dxAt = dxOffset + (run * tape.batch + rowBegin) * dxStride;
      kernels.affine(
          rows,
          inputTransposed,
          cell.columns(),
          0,
          inputTransposed.panels(),
          tape.z,
          tape.zAt(run, rowBegin),
          tape.zStride,
          dx,
          dxAt,
          dxStride);
    }
  }

  /**
   * Weight gradients of a window of vectors, for some panels.
   *
   * @param tape states and error terms
   * @param timeSteps steps
   * @param panelBegin first panel
   * @param panelEnd one past the last panel
   * @param x inputs {@code [time][batch][inputSize]}
   * @param xOffset start of x
   * @param xStride row stride of x
   * @param gradients the arena of gradients; those of the panels are overwritten
   */
  public void weightGradient(
      Tape tape,
      int timeSteps,
      int panelBegin,
      int panelEnd,
      float[] x,
      int xOffset,
      int xStride,
      float[] gradients) {
    clearGradient(panelBegin, panelEnd);
    kernels.accumulateOuter(
        timeSteps * tape.batch,
        0,
        inputSize,
        panelBegin,
        panelEnd,
        x,
        xOffset,
        xStride,
        tape.z,
        0,
        tape.zStride,
        gradient);
    finishGradient(tape, timeSteps, panelBegin, panelEnd, gradients);
  }

  /**
   * Weight gradients of a window of one-hot tokens, for some panels.
   *
   * @param tape states and error terms
   * @param timeSteps steps
   * @param panelBegin first panel
   * @param panelEnd one past the last panel
   * @param tokens ids {@code [time][batch]}
   * @param gradients the arena of gradients; those of the panels are overwritten
   */
  public void weightGradient(
      Tape tape, int timeSteps, int panelBegin, int panelEnd, int[] tokens, float[] gradients) {
    clearGradient(panelBegin, panelEnd);
    kernels.accumulateLookup(
        timeSteps * tape.batch, panelBegin, panelEnd, tokens, 0, tape.z, 0, tape.zStride, gradient);
    finishGradient(tape, timeSteps, panelBegin, panelEnd, gradients);
  }

  private void clearGradient(int panelBegin, int panelEnd) {
    Arrays.fill(
        gradient.values(), gradient.offset(panelBegin, 0), gradient.offset(panelEnd, 0), 0f);
  }

  private void finishGradient(
      Tape tape, int timeSteps, int panelBegin, int panelEnd, float[] gradients) {
    int rows = timeSteps * tape.batch;
    kernels.accumulateBias(rows, panelBegin, panelEnd, tape.z, 0, tape.zStride, gradient);
    kernels.accumulateOuter(
        rows,
        inputSize,
        cell.hiddenSize(),
        panelBegin,
        panelEnd,
        tape.h,
        0,
        tape.stride,
        tape.z,
        0,
        tape.zStride,
        gradient);
    unpack(panelBegin, panelEnd, gradients);
  }

  private void unpack(int panelBegin, int panelEnd, float[] gradients) {
    int hidden = cell.hiddenSize();
    int end = gradient.column(panelEnd);
    for (int column = gradient.column(panelBegin); column < end; column += BLOCK) {
      int count = Packing.count(hidden, block(column));
      int ih = row(cell.inputGate(slot(column)), block(column));
      int hh = row(cell.hiddenGate(slot(column)), block(column));
      int bias = gradient.index(0, column);
      if (ih >= 0) {
        int at = weightIh.offset() + ih * inputSize;
        System.arraycopy(gradient.values(), bias, gradients, biasIh.offset() + ih, count);
        Packing.unpackBlock(gradient, 0, column, gradients, at, inputSize, count);
      }
      if (hh >= 0) {
        int at = weightHh.offset() + hh * hidden;
        System.arraycopy(gradient.values(), bias, gradients, biasHh.offset() + hh, count);
        Packing.unpackBlock(gradient, inputSize, column, gradients, at, hidden, count);
      }
    }
  }
}
