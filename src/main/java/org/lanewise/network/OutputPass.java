package org.lanewise.network;

import org.lanewise.cell.Halves;

/**
 * The linear output over the results of a window: forward, backward and its weight gradients. A
 * result is that of a step, or of a sequence when the head picks.
 *
 * <p>Results of many outputs do not fit into the cache, so they are computed, judged and carried
 * back in blocks of a few steps.
 *
 * <p>A network without a linear output has nothing to compute here; then the calls do nothing but
 * show what there is to judge.
 */
public final class OutputPass {
  /** Floats of results that are kept in the L2 cache between forward, loss and backward. */
  private static final int CACHED = 1 << 17;

  /**
   * Rows for which the weights of a large output are read once. With 10,000 outputs and 200 inputs
   * a row took 48 µs forward in groups of 20, 37 in groups of 40, 32 in groups of 60, and 37 in one
   * group of 400.
   */
  static final int LEAST_ROWS = 60;

  /** Panels of the output's gradient that take in all rows before the next. */
  private static final int GRADIENT_PANELS = 4;

  /** What is computed from the results of some rows, before their gradients take their place. */
  public interface Results {
    /**
     * Turns results into their gradients.
     *
     * @param row index of the first row, counted {@code [time][batch]}
     * @param rows number of rows
     * @param offset start of the rows in {@link Workspace#y}
     * @param scale factor of the gradients
     */
    void turn(int row, int rows, int offset, float scale);
  }

  private final int top;
  private final Linear linear;

  /**
   * The passes over an output.
   *
   * @param spec the architecture
   * @param linear the layer; null when there is none
   */
  OutputPass(NetworkSpec spec, Linear linear) {
    this.top = spec.layers() - 1;
    this.linear = linear;
  }

  /**
   * The steps that have results of their own.
   *
   * @param workspace its lengths set
   * @return 1 when the head picks
   */
  public static int steps(Workspace workspace) {
    return workspace.pooling() == null ? workspace.timeline().steps() : 1;
  }

  /** {@code y = b + W h} of a window for some rows of the batch. */
  void forward(Workspace workspace, int rowBegin, int rowEnd) {
    Halves halves = workspace.halves();
    for (int half = 0; half < halves.count(); half++) {
      int begin = halves.begin(half, rowBegin);
      forward(workspace, 0, steps(workspace), begin, halves.end(half, rowEnd));
    }
  }

  /** {@code δh = Wᵀ δy} of a window for some rows of the batch. */
  void backward(Workspace workspace, int rowBegin, int rowEnd) {
    Halves halves = workspace.halves();
    for (int half = 0; half < halves.count(); half++) {
      int begin = halves.begin(half, rowBegin);
      backward(workspace, 0, steps(workspace), begin, halves.end(half, rowEnd));
    }
  }

  /** Results of a window, their gradients, and those of the states below, for some rows. */
  void run(Workspace workspace, int rowBegin, int rowEnd, float scale, Results results) {
    Halves halves = workspace.halves();
    for (int half = 0; half < halves.count(); half++) {
      int begin = halves.begin(half, rowBegin);
      int end = halves.end(half, rowEnd);
      runBlocks(workspace, 0, steps(workspace), begin, end, scale, results);
    }
  }

  /** {@code y = b + W h} for some steps of some rows of a half of the batch. */
  private void forward(Workspace workspace, int timeBegin, int timeEnd, int rowBegin, int rowEnd) {
    if (linear == null || rowBegin >= rowEnd) {
      return;
    }
    Timeline timeline = workspace.timeline();
    int stride = workspace.yStride;
    Pooling pooling = workspace.pooling();
    if (pooling != null) {
      int rows = rowEnd - rowBegin;
      int from = rowBegin * pooling.stride;
      int to = workspace.yAt(0, rowBegin);
      linear.forward(rows, pooling.y, from, pooling.stride, workspace.y, to, stride);
      return;
    }
    Joint below = workspace.joint(top);
    int run = Math.min(timeline.run(rowBegin, rowEnd), timeEnd - timeBegin);
    for (int time = timeBegin; time < timeEnd; time += run) {
      int rows = timeline.runRows(time, run, rowBegin, rowEnd);
      int h = below.at(time, rowBegin);
      int y = workspace.yAt(time, rowBegin);
      linear.forward(rows, below.y, h, below.stride, workspace.y, y, stride);
    }
  }

  /** {@code δh = Wᵀ δy} for some steps of some rows of a half of the batch. */
  private void backward(Workspace workspace, int timeBegin, int timeEnd, int rowBegin, int rowEnd) {
    if (linear == null || rowBegin >= rowEnd) {
      return;
    }
    Timeline timeline = workspace.timeline();
    int stride = workspace.yStride;
    Pooling pooling = workspace.pooling();
    if (pooling != null) {
      int rows = rowEnd - rowBegin;
      int from = workspace.yAt(0, rowBegin);
      int to = rowBegin * pooling.stride;
      linear.backward(rows, workspace.y, from, stride, pooling.dy, to, pooling.stride);
      return;
    }
    Joint below = workspace.joint(top);
    int run = Math.min(timeline.run(rowBegin, rowEnd), timeEnd - timeBegin);
    for (int time = timeBegin; time < timeEnd; time += run) {
      int rows = timeline.runRows(time, run, rowBegin, rowEnd);
      int y = workspace.yAt(time, rowBegin);
      int dh = below.at(time, rowBegin);
      linear.backward(rows, workspace.y, y, stride, below.dy, dh, below.stride);
    }
  }

  /**
   * Results of some steps, their gradients, and those of the states below, for some rows of a half
   * of the batch.
   *
   * @param workspace states of the top layer
   * @param timeBegin first step, a multiple of {@link #blockSteps}
   * @param timeEnd one past the last step
   * @param rowBegin first row
   * @param rowEnd one past the last row
   * @param scale factor of the gradients
   * @param results turns the results into their gradients
   */
  public void run(
      Workspace workspace,
      int timeBegin,
      int timeEnd,
      int rowBegin,
      int rowEnd,
      float scale,
      Results results) {
    forward(workspace, timeBegin, timeEnd, rowBegin, rowEnd);
    turn(workspace, timeBegin, timeEnd, rowBegin, rowEnd, scale, results);
    backward(workspace, timeBegin, timeEnd, rowBegin, rowEnd);
  }

  /**
   * Results of a window whose gates are kept, their gradients, and those of the states below: one
   * of several parts. Where there are steps enough, a part is all rows of a half of the batch at
   * some of them, which lie behind one another: the weights of the output are read once for many.
   * Two parts, or twice as many, share the halves of the batch, as they do in {@link
   * Workspace#row}.
   *
   * @param workspace states of the top layer of all rows
   * @param part index of the part
   * @param parts number of parts
   * @param scale factor of the gradients
   * @param results turns the results into their gradients, block by block
   */
  public void share(Workspace workspace, int part, int parts, float scale, Results results) {
    int steps = steps(workspace);
    Halves halves = workspace.halves();
    if (steps < 2 * parts) {
      int begin = workspace.row(part, parts);
      int end = workspace.row(part + 1, parts);
      run(workspace, begin, end, scale, results);
      return;
    }
    boolean apart = halves.count() > 1 && parts % 2 == 0;
    int each = apart ? parts / 2 : parts;
    int first = apart ? part / each : 0;
    int last = apart ? first : halves.count() - 1;
    for (int half = first; half <= last; half++) {
      int from = halves.begin(half);
      int to = halves.begin(half + 1);
      int begin = workspace.timeline().share(from, to, part % each, each);
      int end = workspace.timeline().share(from, to, part % each + 1, each);
      runBlocks(workspace, begin, end, from, to, scale, results);
    }
  }

  /**
   * {@link #run} in blocks of about the same size that stay in the cache, for rows of a half of the
   * batch.
   */
  void runBlocks(
      Workspace workspace,
      int timeBegin,
      int timeEnd,
      int rowBegin,
      int rowEnd,
      float scale,
      Results results) {
    if (rowBegin >= rowEnd || timeBegin == timeEnd) {
      return;
    }
    int steps = timeEnd - timeBegin;
    long rows = (long) steps * (rowEnd - rowBegin);
    int blocks = Math.clamp(Math.round((double) rows / rowsOfBlock(workspace)), 1, steps);
    for (int block = 0; block < blocks; block++) {
      int begin = timeBegin + Network.share(steps, block, blocks);
      int end = timeBegin + Network.share(steps, block + 1, blocks);
      run(workspace, begin, end, rowBegin, rowEnd, scale, results);
    }
  }

  /** Rows whose results stay in the L2 cache, but so many that reading the weights pays. */
  private static int rowsOfBlock(Workspace workspace) {
    return Math.max(LEAST_ROWS, CACHED / Math.max(1, workspace.yStride));
  }

  /**
   * Turns the results of a window that are there into their gradients, for some rows of the batch.
   *
   * @param workspace lengths and results
   * @param rowBegin first row
   * @param rowEnd one past the last row
   * @param scale factor of the gradients
   * @param results turns a block of rows
   */
  public void turn(Workspace workspace, int rowBegin, int rowEnd, float scale, Results results) {
    Halves halves = workspace.halves();
    for (int half = 0; half < halves.count(); half++) {
      int begin = halves.begin(half, rowBegin);
      int end = halves.end(half, rowEnd);
      turn(workspace, 0, steps(workspace), begin, end, scale, results);
    }
  }

  /** The same for some steps, and rows of a half. */
  private static void turn(
      Workspace workspace,
      int timeBegin,
      int timeEnd,
      int rowBegin,
      int rowEnd,
      float scale,
      Results results) {
    for (int time = timeBegin; time < timeEnd; time++) {
      int end =
          workspace.pooling() == null ? Math.min(rowEnd, workspace.timeline().rows(time)) : rowEnd;
      if (rowBegin < end) {
        int row = time * workspace.batch + rowBegin;
        results.turn(row, end - rowBegin, workspace.yAt(time, rowBegin), scale);
      }
    }
  }

  /**
   * The steps whose results are in {@link Workspace#y} at a time.
   *
   * @param workspace buffers
   * @return steps
   */
  public static int blockSteps(Workspace workspace) {
    return workspace.ySteps();
  }

  /**
   * What the results of some steps of a half of the batch give to the gradients of the linear
   * output: one of several equal parts.
   *
   * @param workspace gradients of the results of all rows of the half
   * @param half index of the half
   * @param timeBegin first step, a multiple of {@link #blockSteps}
   * @param timeEnd one past the last step of the block
   * @param part index of the part
   * @param parts number of parts
   */
  public void accumulate(
      Workspace workspace, int half, int timeBegin, int timeEnd, int part, int parts) {
    if (linear == null) {
      return;
    }
    int end = Network.share(linear.panels(), part + 1, parts);
    for (int panel = Network.share(linear.panels(), part, parts); panel < end; ) {
      int last = Math.min(panel + GRADIENT_PANELS, end);
      accumulatePanels(workspace, half, timeBegin, timeEnd, panel, last);
      panel = last;
    }
  }

  private void accumulatePanels(
      Workspace workspace, int half, int timeBegin, int timeEnd, int panelBegin, int panelEnd) {
    Timeline timeline = workspace.timeline();
    Pooling pooling = workspace.pooling();
    int stride = workspace.yStride;
    float[] y = workspace.y;
    int row = workspace.halves().begin(half);
    int rowEnd = workspace.halves().begin(half + 1);
    if (half == 0 && timeBegin == 0) {
      linear.clearGradient(panelBegin, panelEnd);
    }
    if (pooling != null) {
      int rows = rowEnd - row;
      int from = workspace.yAt(0, row);
      int h = row * pooling.stride;
      linear.accumulate(rows, panelBegin, panelEnd, pooling.y, h, pooling.stride, y, from, stride);
      return;
    }
    Joint below = workspace.joint(top);
    int run = Math.min(timeline.run(row, rowEnd), timeEnd - timeBegin);
    for (int time = timeBegin; time < timeEnd; time += run) {
      int rows = timeline.runRows(time, run, row, rowEnd);
      int from = workspace.yAt(time, row);
      int h = below.at(time, row);
      linear.accumulate(rows, panelBegin, panelEnd, below.y, h, below.stride, y, from, stride);
    }
  }

  /** Moves the weight gradients of some panels, accumulated block by block, to the arena. */
  void unpack(int part, int parts, float[] arena) {
    if (linear != null) {
      int begin = Network.share(linear.panels(), part, parts);
      linear.unpackGradient(begin, Network.share(linear.panels(), part + 1, parts), arena);
    }
  }

  /** The weight gradients of a window whose results are all there; null without an output. */
  GradientPieces.Source gradients() {
    return linear == null ? null : new Gradients();
  }

  private final class Gradients implements GradientPieces.Source {
    @Override
    public int panels() {
      return linear.panels();
    }

    /**
     * So few that their sums stay in the L2 cache: of 10,000 outputs it saves a hundredth or two.
     */
    @Override
    public int piece() {
      return GRADIENT_PANELS;
    }

    @Override
    public void accumulate(
        Workspace workspace, int half, int panelBegin, int panelEnd, float[] arena) {
      accumulatePanels(workspace, half, 0, steps(workspace), panelBegin, panelEnd);
      if (half == workspace.halves().count() - 1) {
        linear.unpackGradient(panelBegin, panelEnd, arena);
      }
    }
  }
}
