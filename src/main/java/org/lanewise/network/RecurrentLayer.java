package org.lanewise.network;

import static org.lanewise.network.LayerPacking.firstPanel;

import org.lanewise.cell.Cell;
import org.lanewise.cell.CellWeights;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;
import org.lanewise.kernel.StepWeights;

/**
 * One recurrent layer over time: its packed weights, and its passes over a window.
 *
 * <pre>
 * forward values     z[t] = b + W_ih x[t] for all t at once, then the cell step by step
 * error terms        the cell step by step, from the last to the first; δx[t] = W_ihᵀ δz[t] at once
 * </pre>
 *
 * <p>They split among threads by rows of the batch. The third pass is that of {@link
 * LayerGradients}.
 */
public final class RecurrentLayer {
  private final Kernels kernels;
  private final Cell cell;
  private final int stateSize;
  private final boolean projects;
  private final int inputSize;
  private final boolean reverse;
  private final LayerPacking packing;
  private final CellWeights weights;
  private final LayerGradients gradients;
  private final Packed inputTransposed;
  private StepWeights stepWeights;

  /**
   * A layer of a network.
   *
   * @param kernels arithmetic
   * @param spec the architecture
   * @param parameters where the layer finds its weights
   * @param layer index of the layer
   * @param reverse whether it runs from the last step to the first
   * @param training whether the layer can run backward
   */
  RecurrentLayer(
      Kernels kernels,
      NetworkSpec spec,
      Parameters parameters,
      int layer,
      boolean reverse,
      boolean training) {
    this.kernels = kernels;
    this.cell = spec.newCell(kernels);
    this.stateSize = cell.stateSize();
    this.projects = stateSize != cell.hiddenSize();
    this.inputSize = spec.inputSize(layer);
    this.reverse = reverse;
    this.packing = new LayerPacking(cell, spec, parameters, layer, reverse);
    boolean inputGradient = training && !(layer == 0 && spec.input() instanceof Input.OneHot);
    this.weights = new CellWeights(cell, inputSize, training);
    this.gradients = training ? new LayerGradients(kernels, cell, inputSize, packing) : null;
    this.inputTransposed = inputGradient ? new Packed(cell.columns(), inputSize) : null;
  }

  /** Whether the layer runs from the last step to the first. */
  boolean reverse() {
    return reverse;
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
   * The number of panels, by which packing and weight gradients are shared among threads: those of
   * the gates, then those of each of the cell's own parameters.
   *
   * @return panels of the packed weights
   */
  public int panels() {
    return firstPanel(weights, cell.parameters().size());
  }

  /**
   * Packs the weights of some panels anew.
   *
   * @param values the arena
   * @param panelBegin first panel
   * @param panelEnd one past the last panel
   * @param change made just before
   */
  void pack(float[] values, int panelBegin, int panelEnd, ArenaChange change) {
    packing.pack(values, weights, inputTransposed, panelBegin, panelEnd, change);
  }

  /**
   * Makes ready for steps, once the weights are packed for good; rounds them to a precision, the
   * biases and the cell's own parameters excepted.
   *
   * @param precision bits that the weights keep
   */
  void freeze(Precision precision) {
    stepWeights = kernels.stepWeights(weights.gates(), precision.format());
  }

  /** The weight gradients; null for a layer that cannot run backward. */
  LayerGradients gradients() {
    return gradients;
  }

  /** The slot of the state before a step: steps run upwards in time, or downwards in reverse. */
  int before(int time) {
    return reverse ? time + 1 : time;
  }

  /** The slot of the state after a step. */
  int after(int time) {
    return reverse ? time : time + 1;
  }

  /**
   * The slot of the state before a sequence.
   *
   * @param length steps of the sequence
   * @return 0, or the length for the reverse direction
   */
  public int firstSlot(int length) {
    return reverse ? length : 0;
  }

  /**
   * The slot of the state after a sequence.
   *
   * @param length steps of the sequence
   * @return the length, or 0 for the reverse direction
   */
  public int lastSlot(int length) {
    return reverse ? 0 : length;
  }

  /**
   * The slot of the state after step 0, where the outputs of the layer begin.
   *
   * @return 1, or 0 for the reverse direction
   */
  public int outputSlot() {
    return after(0);
  }

  /**
   * Forward over a window of vectors, for some rows of a half of the batch.
   *
   * @param tape storage; the first slot of each row holds the state before the window
   * @param timeline lengths of the rows
   * @param rowBegin first row
   * @param rowEnd one past the last row
   * @param x inputs {@code [time][rows of the half][inputSize]}
   * @param xOffset start of the first row's first input
   * @param xStride row stride of x
   * @throws IllegalArgumentException if there is a row of each half
   */
  public void forward(
      Tape tape, Timeline timeline, int rowBegin, int rowEnd, float[] x, int xOffset, int xStride) {
    tape.halves.requireOne(rowBegin, rowEnd);
    int xStep = tape.halves.rows(rowBegin) * xStride;
    int windows = (timeline.steps() + tape.window - 1) / tape.window;
    for (int i = 0; i < windows; i++) {
      int begin = (reverse ? windows - 1 - i : i) * tape.window;
      int end = Math.min(begin + tape.window, timeline.steps());
      int run = Math.min(timeline.run(rowBegin, rowEnd), end - begin);
      for (int time = begin; time < end; time += run) {
        kernels.affine(
            timeline.runRows(time, run, rowBegin, rowEnd),
            weights.gates(),
            inputSize,
            0,
            weights.gates().panels(),
            x,
            xOffset + time * xStep,
            xStride,
            tape.z,
            tape.zAt(time, rowBegin),
            tape.zStride);
      }
      hiddenHalves(tape, timeline, begin, end, rowBegin, rowEnd);
    }
  }

  /**
   * Forward over a window of one-hot tokens, for some rows of a half of the batch.
   *
   * @param tape storage; the first slot of each row holds the state before the window
   * @param timeline lengths of the rows
   * @param rowBegin first row
   * @param rowEnd one past the last row
   * @param tokens ids {@code [time][batch]}
   * @param first start of the window in tokens
   * @throws IllegalArgumentException if there is a row of each half
   */
  public void forward(
      Tape tape, Timeline timeline, int rowBegin, int rowEnd, int[] tokens, int first) {
    tape.halves.requireOne(rowBegin, rowEnd);
    for (int i = 0; i < timeline.steps(); i++) {
      int time = reverse ? timeline.steps() - 1 - i : i;
      int end = Math.min(rowEnd, timeline.rows(time));
      if (rowBegin < end) {
        kernels.lookup(
            end - rowBegin,
            weights.gates(),
            0,
            weights.gates().panels(),
            tokens,
            first + time * tape.batch + rowBegin,
            tape.z,
            tape.zAt(time, rowBegin),
            tape.zStride);
        hiddenHalf(tape, time, rowBegin, end);
      }
    }
  }

  /** The input half of some distinct tokens, those from begin to end, for one direction. */
  void project(TokenProjection projection, int direction, int begin, int end) {
    int stride = projection.zStride;
    kernels.affine(
        end - begin,
        weights.gates(),
        inputSize,
        0,
        weights.gates().panels(),
        projection.x,
        begin * projection.xStride,
        projection.xStride,
        projection.z[direction],
        begin * stride,
        stride);
  }

  /**
   * Forward over a window of tokens that have been projected, for some rows of a half of the batch.
   *
   * @param tape storage; the first slot of each row holds the state before the window
   * @param timeline lengths of the rows
   * @param rowBegin first row
   * @param rowEnd one past the last row
   * @param rows row of z for each token {@code [time][batch]}
   * @param first start of the window in rows
   * @param z input halves
   */
  void forward(
      Tape tape, Timeline timeline, int rowBegin, int rowEnd, int[] rows, int first, float[] z) {
    int stride = tape.zStride;
    for (int i = 0; i < timeline.steps(); i++) {
      int time = reverse ? timeline.steps() - 1 - i : i;
      int end = Math.min(rowEnd, timeline.rows(time));
      for (int row = rowBegin; row < end; row++) {
        int from = rows[first + time * tape.batch + row] * stride;
        System.arraycopy(z, from, tape.z, tape.zAt(time, row), cell.columns());
      }
      if (rowBegin < end) {
        hiddenHalf(tape, time, rowBegin, end);
      }
    }
  }

  /** The hidden half of a step and its gates; of a single row on the weights made for steps. */
  private void hiddenHalf(Tape tape, int time, int rowBegin, int rowEnd) {
    int previous = before(time);
    int next = after(time);
    if (stepWeights == null || rowEnd - rowBegin > 1) {
      cell.forward(weights, tape, time, previous, next, rowBegin, rowEnd);
      return;
    }
    int panels = weights.gates().panels();
    units(tape, time, rowBegin, previous, next, false, inputSize, 0, tape.h, 0, 0, panels);
    cell.output(weights, tape, time, next, rowBegin, rowEnd);
  }

  /** The hidden halves of the steps from begin to end, in the order of the direction. */
  private void hiddenHalves(
      Tape tape, Timeline timeline, int begin, int end, int rowBegin, int rowEnd) {
    for (int i = begin; i < end; i++) {
      int time = reverse ? begin + end - 1 - i : i;
      int rows = Math.min(rowEnd, timeline.rows(time));
      if (rowBegin < rows) {
        hiddenHalf(tape, time, rowBegin, rows);
      }
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
    int panels = weights.gates().panels();
    if (panels <= stepWeights.sweep()) {
      // The smallest layers have this way of their own, without a loop and with fewer arguments.
      cell.step(stepWeights, weights, tape, previous, next, inputSize, x, xOffset);
    } else {
      units(tape, 0, 0, previous, next, true, 0, inputSize, x, xOffset, 0, panels);
    }
    stepOutput(tape, next);
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
    units(tape, previous, next, token, 0, weights.gates().panels());
    stepOutput(tape, next);
  }

  /**
   * One of several equal parts of a step of one stream: threads share a step so. No part reads what
   * another writes; {@link #stepOutput} follows when all are done.
   *
   * @param tape storage
   * @param previous slot of the state before the step
   * @param next slot of the state after it
   * @param x input vector; null for a one-hot token
   * @param xOffset start of x
   * @param token an array that holds the id first; not read when there is a vector
   * @param part index of the part
   * @param parts number of parts
   */
  public void stepUnits(
      Tape tape, int previous, int next, float[] x, int xOffset, int[] token, int part, int parts) {
    int panels = weights.gates().panels();
    int begin = Network.share(panels, part, parts);
    int end = Network.share(panels, part + 1, parts);
    if (x == null) {
      units(tape, previous, next, token, begin, end);
    } else {
      units(tape, 0, 0, previous, next, true, 0, inputSize, x, xOffset, begin, end);
    }
  }

  /**
   * What is left of a step when all units have their gates.
   *
   * @param tape storage
   * @param next slot of the state after the step
   */
  public void stepOutput(Tape tape, int next) {
    if (projects) {
      cell.output(weights, tape, 0, next, 0, 1);
    }
  }

  /**
   * How many weights a step reads at least, whatever the input: those of the hidden half.
   *
   * @return their number, padding included
   */
  public int hiddenWeights() {
    return stateSize * cell.columns();
  }

  private void units(Tape tape, int previous, int next, int[] token, int panelBegin, int panelEnd) {
    kernels.lookup(1, weights.gates(), panelBegin, panelEnd, token, 0, tape.z, 0, tape.zStride);
    units(tape, 0, 0, previous, next, false, inputSize, 0, tape.h, 0, panelBegin, panelEnd);
  }

  /**
   * The hidden half of a row, with the bias or some inputs before it, and the gates, in the order
   * of {@link Cell#sweep}.
   */
  private void units(
      Tape tape,
      int time,
      int row,
      int previous,
      int next,
      boolean fromBias,
      int firstInput,
      int inputs,
      float[] x,
      int xOffset,
      int panelBegin,
      int panelEnd) {
    int sweep = stepWeights.sweep();
    int sweeps = (panelEnd - panelBegin + sweep - 1) / sweep;
    for (int i = 0; i < sweeps; i++) {
      int begin = panelBegin + Cell.sweep(previous, i, sweeps) * sweep;
      int end = Math.min(begin + sweep, panelEnd);
      kernels.step(
          stepWeights,
          fromBias,
          begin,
          end,
          firstInput,
          inputs,
          x,
          xOffset,
          stateSize,
          tape.h,
          tape.at(previous, row),
          tape.z,
          tape.zAt(time, row));
      cell.gates(weights, tape, time, previous, next, row, row + 1, begin, end);
    }
  }

  /**
   * Error terms of a window, for some rows of a half of the batch. The slots after each step of
   * {@code dh} hold the gradients from above, {@code dc} that of the last cell state; afterwards z
   * holds the error terms, and the first slot of {@code dh}, and {@code dc}, the gradients of the
   * state before the window, added to what the first slot held.
   *
   * @param tape activations of the forward pass
   * @param timeline lengths of the rows
   * @param rowBegin first row
   * @param rowEnd one past the last row
   * @throws IllegalArgumentException if there is a row of each half
   */
  public void backward(Tape tape, Timeline timeline, int rowBegin, int rowEnd) {
    tape.halves.requireOne(rowBegin, rowEnd);
    for (int i = 0; i < timeline.steps(); i++) {
      int time = reverse ? i : timeline.steps() - 1 - i;
      int end = Math.min(rowEnd, timeline.rows(time));
      if (rowBegin < end) {
        cell.backward(weights, tape, time, before(time), after(time), rowBegin, end);
      }
    }
  }

  /**
   * Gradients of the inputs of a window, for some rows of a half of the batch: {@code δx[t] = W_ihᵀ
   * δz[t]}.
   *
   * @param tape error terms
   * @param timeline lengths of the rows
   * @param rowBegin first row
   * @param rowEnd one past the last row
   * @param add whether to add to what dx holds: the second direction does
   * @param dx receives the gradients {@code [time][rows of the half][inputSize]}
   * @param dxOffset start of the first row's first gradient
   * @param dxStride row stride of dx
   * @throws IllegalArgumentException if there is a row of each half
   */
  public void inputGradient(
      Tape tape,
      Timeline timeline,
      int rowBegin,
      int rowEnd,
      boolean add,
      float[] dx,
      int dxOffset,
      int dxStride) {
    tape.halves.requireOne(rowBegin, rowEnd);
    Packed w = inputTransposed;
    int run = timeline.run(rowBegin, rowEnd);
    for (int time = 0; time < timeline.steps(); time += run) {
      int rows = timeline.runRows(time, run, rowBegin, rowEnd);
      int dxAt = dxOffset + time * tape.halves.rows(rowBegin) * dxStride;
      int zAt = tape.zAt(time, rowBegin);
      multiply(add, rows, w, tape.z, zAt, tape.zStride, dx, dxAt, dxStride);
    }
  }

  /** Gradients of the rows of some distinct tokens, those from begin to end, from their sums. */
  void tokenGradient(TokenProjection projection, int direction, int begin, int end) {
    Packed w = inputTransposed;
    int rows = end - begin;
    float[] dz = projection.dz[direction];
    int dzAt = begin * projection.zStride;
    int dxAt = begin * projection.xStride;
    multiply(
        direction > 0,
        rows,
        w,
        dz,
        dzAt,
        projection.zStride,
        projection.dx,
        dxAt,
        projection.xStride);
  }

  private void multiply(
      boolean add,
      int rows,
      Packed w,
      float[] dz,
      int dzAt,
      int dzStride,
      float[] dx,
      int dxAt,
      int dxStride) {
    int columns = cell.columns();
    int panels = w.panels();
    if (add) {
      kernels.product(rows, w, 0, columns, 0, panels, dz, dzAt, dzStride, dx, dxAt, dxStride);
    } else {
      kernels.affine(rows, w, columns, 0, panels, dz, dzAt, dzStride, dx, dxAt, dxStride);
    }
  }
}
