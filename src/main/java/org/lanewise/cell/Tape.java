package org.lanewise.cell;

import org.lanewise.kernel.Packed;

/**
 * The activations of one layer over a window of time, written forward and read, and partly
 * overwritten by gradients, backward. Matrices are row-major; a row is one sequence of the batch,
 * padded to the lanes. States lie in slots: slot 0 is the state before the first step, slot {@code
 * t + 1} the one after step t. In training, the rows of a step are two groups, see {@link Halves}.
 *
 * <p>A tape is plain storage for one thread per row of the batch.
 */
public final class Tape {
  /**
   * Bytes of pre-activations that are computed together, and the least number of steps and of rows.
   * With all steps together a batch of 32 sequences of 128 steps took a fifth longer (L2 cache of 2
   * MB); with fewer rows than these one sequence through 1024 units took a tenth longer.
   */
  private static final long WINDOW_BYTES = 512 * 1024;

  private static final int LEAST_WINDOW = 4;

  private static final int LEAST_ROWS = 128;

  /** Floats between the halves of {@link #dc}: where one page ends, nothing is fetched ahead. */
  private static final int GAP = 1024;

  /** Rows of the batch. */
  public final int batch;

  /** How the rows of the batch lie over time. */
  public final Halves halves;

  /** Row stride of the hidden states and their gradients. */
  public final int stride;

  /** Row stride of whatever has a value for each unit, as the cell states. */
  public final int cellStride;

  /** Row stride of the pre-activations. */
  public final int zStride;

  /**
   * Steps whose input halves are computed together, a power of two: so few that most of their
   * pre-activations are still in the L2 cache when their hidden halves are added. A tape that is
   * not for training keeps no more of {@link #z}, {@link #tanhC} and {@link #units} than those of
   * so many steps, and the next ones overwrite them.
   */
  public final int window;

  /** Pre-activations, then gates, then error terms {@code [time][batch][columns]}. */
  public final float[] z;

  /** Hidden states {@code [time + 1][batch][state size]}. */
  public final float[] h;

  /** Cell states {@code [time + 1][batch][units]}; empty when the cell has none. */
  public final float[] c;

  /** {@code tanh(c)} after each step {@code [time][batch][units]}; empty when there is no c. */
  public final float[] tanhC;

  /** What a cell that projects its units gives {@code [time][batch][units]}; else empty. */
  public final float[] units;

  /** Gradients of the hidden states {@code [time + 1][batch][state size]}; empty for inference. */
  public final float[] dh;

  /** Gradient of the cell state at the step in work {@code [batch][units]}, see {@link #dcAt}. */
  public final float[] dc;

  /** Gradient of {@link #units} at the step in work, in the places of {@link #dc}. */
  public final float[] dunits;

  private final int timeMask;
  private final int slots;
  private final int gateSteps;

  /**
   * Storage for a window.
   *
   * @param cell the cell whose activations are kept
   * @param timeSteps steps of the window
   * @param batch rows
   * @param training whether gradients are kept too
   */
  public Tape(Cell cell, int timeSteps, int batch, boolean training) {
    this(cell, timeSteps, batch, training, true);
  }

  /**
   * Storage for a window, or for its states alone.
   *
   * @param cell the cell whose activations are kept
   * @param timeSteps steps of the window
   * @param batch rows
   * @param training whether gradients are kept too
   * @param gates whether what each step computes on the way is kept: {@link #z}, {@link #tanhC} and
   *     {@link #units}; else these are empty, as is what a backward step needs
   */
  public Tape(Cell cell, int timeSteps, int batch, boolean training, boolean gates) {
    this.batch = batch;
    this.halves = training ? Halves.of(batch) : Halves.whole(batch);
    this.stride = Packed.stride(cell.stateSize());
    this.cellStride = Packed.stride(cell.hiddenSize());
    this.zStride = Packed.stride(cell.columns());
    this.window = window(cell, halves.first());
    this.timeMask = training ? -1 : window - 1;
    this.slots = timeSteps + 1;
    this.gateSteps = gates ? gateSteps(cell, timeSteps, batch, training) : 0;
    int cellSteps = cell.hasCellState() ? gateSteps : 0;
    boolean projects = cell.stateSize() != cell.hiddenSize();
    int cellSlots = cell.hasCellState() ? slots : 0;
    this.z = matrix(gateSteps, zStride);
    this.h = matrix(slots, stride);
    this.c = matrix(cellSlots, cellStride);
    this.tanhC = matrix(cellSteps, cellStride);
    this.units = matrix(projects ? gateSteps : 0, cellStride);
    this.dh = matrix(training ? slots : 0, stride);
    int step = Math.toIntExact(step(cellStride, halves));
    this.dc = new float[training && cell.hasCellState() ? step : 0];
    this.dunits = new float[training && gates && projects ? step : 0];
  }

  /**
   * The floats of a tape.
   *
   * @param cell the cell whose activations are kept
   * @param timeSteps steps of the window
   * @param batch rows
   * @param training whether gradients are kept too
   * @param gates whether what each step computes on the way is kept
   * @return the length of all its arrays together
   */
  public static long floats(Cell cell, int timeSteps, int batch, boolean training, boolean gates) {
    long state = (timeSteps + 1L) * Packed.stride(cell.stateSize());
    long units = Packed.stride(cell.hiddenSize());
    long steps = gates ? gateSteps(cell, timeSteps, batch, training) : 0;
    long row = steps * Packed.stride(cell.columns()) + (training ? 2 : 1) * state;
    long gradients = training ? gradientFloats(cell, batch) : 0;
    if (cell.hasCellState()) {
      row += (timeSteps + 1 + steps) * units;
    }
    if (cell.stateSize() != cell.hiddenSize()) {
      row += steps * units;
      gradients += training && gates ? step(units, Halves.of(batch)) : 0;
    }
    return batch * row + gradients;
  }

  /**
   * The floats of the gradient of a cell state.
   *
   * @param cell the cell
   * @param batch rows
   * @return the length of {@link #dc} in training
   */
  public static long gradientFloats(Cell cell, int batch) {
    return cell.hasCellState() ? step(Packed.stride(cell.hiddenSize()), Halves.of(batch)) : 0;
  }

  /** The floats of what a step has for each unit, its halves apart. */
  private static long step(long units, Halves halves) {
    return halves.batch() * units + (halves.count() > 1 ? GAP : 0);
  }

  private static int window(Cell cell, int rows) {
    long step = (long) Float.BYTES * Packed.stride(cell.columns()) * rows;
    int least = Math.max(LEAST_WINDOW, LEAST_ROWS / rows);
    return (int) Long.highestOneBit(Math.max(least, WINDOW_BYTES / step));
  }

  private static int gateSteps(Cell cell, int timeSteps, int batch, boolean training) {
    return training ? timeSteps : Math.min(timeSteps, window(cell, batch));
  }

  private float[] matrix(int steps, int rowStride) {
    return new float[Math.multiplyExact(Math.multiplyExact(steps, batch), rowStride)];
  }

  /**
   * Where a row of the pre-activations starts.
   *
   * @param time index of the step
   * @param row row of the batch
   * @return an index into {@link #z}
   */
  public int zAt(int time, int row) {
    return halves.index(gateSteps, time & timeMask, row) * zStride;
  }

  /**
   * Where a row of what a step has for each unit starts.
   *
   * @param time index of the step
   * @param row row of the batch
   * @return an index into {@link #tanhC} or {@link #units}
   */
  public int unitsAt(int time, int row) {
    return halves.index(gateSteps, time & timeMask, row) * cellStride;
  }

  /**
   * Where a row of a hidden state starts.
   *
   * @param slot slot of the state
   * @param row row of the batch
   * @return an index into {@link #h} or {@link #dh}
   */
  public int at(int slot, int row) {
    return halves.index(slots, slot, row) * stride;
  }

  /**
   * Where a row of a cell state starts.
   *
   * @param slot slot of the state
   * @param row row of the batch
   * @return an index into {@link #c}
   */
  public int cellAt(int slot, int row) {
    return halves.index(slots, slot, row) * cellStride;
  }

  /**
   * Where a row of the gradient of a cell state starts.
   *
   * @param row row of the batch
   * @return an index into {@link #dc} or {@link #dunits}
   */
  public int dcAt(int row) {
    return row * cellStride + (row < halves.first() ? 0 : GAP);
  }
}
