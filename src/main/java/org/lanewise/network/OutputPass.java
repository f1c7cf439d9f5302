package org.lanewise.network;

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

  /**
   * Panels of the output's gradient that are finished before the next: they stay in the L2 cache
   * from being cleared to being moved to the arena. Of a step with 10,000 outputs it saves a
   * hundredth or two; one panel at a time saves less.
   */
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

  /** {@code y = b + W h} for some steps of some rows of the batch. */
  void forward(Workspace workspace, int timeBegin, int timeEnd, int rowBegin, int rowEnd) {
    if (linear == null) {
      return;
    }
    Timeline timeline = workspace.timeline();
    int stride = workspace.yStride;
    Pooling pooling = workspace.pooling();
    if (pooling != null) {
      int rows = rowEnd - rowBegin;
      int from = rowBegin * pooling.stride;
      linear.forward(rows, pooling.y, from, pooling.stride, workspace.y, rowBegin * stride, stride);
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

  /** {@code δh = Wᵀ δy} for some steps of some rows of the batch. */
  void backward(Workspace workspace, int timeBegin, int timeEnd, int rowBegin, int rowEnd) {
    if (linear == null) {
      return;
    }
    Timeline timeline = workspace.timeline();
    int stride = workspace.yStride;
    Pooling pooling = workspace.pooling();
    if (pooling != null) {
      int rows = rowEnd - rowBegin;
      int to = rowBegin * pooling.stride;
      linear.backward(rows, workspace.y, rowBegin * stride, stride, pooling.dy, to, pooling.stride);
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
   * Results of some steps, their gradients, and those of the states below, for some rows of the
   * batch.
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
   * of several parts. Where there are steps enough, a part is all rows of some of them, which lie
   * behind one another: the weights of the output are read once for many.
   *
   * @param workspace states of the top layer of all rows
   * @param part index of the part
   * @param parts number of parts
   * @param scale factor of the gradients
   * @param results turns the results into their gradients, block by block
   */
  public void share(Workspace workspace, int part, int parts, float scale, Results results) {
    int steps = steps(workspace);
    int batch = workspace.batch;
    if (steps < 2 * parts) {
      int begin = Network.share(batch, part, parts);
      int end = Network.share(batch, part + 1, parts);
      runBlocks(workspace, 0, steps, begin, end, scale, results);
    } else {
      Timeline timeline = workspace.timeline();
      int begin = timeline.share(part, parts);
      int end = timeline.share(part + 1, parts);
      runBlocks(workspace, begin, end, 0, batch, scale, results);
    }
  }

  /** {@link #run} in blocks of about the same size that stay in the cache. */
  void runBlocks(
      Workspace workspace,
      int timeBegin,
      int timeEnd,
      int rowBegin,
      int rowEnd,
      float scale,
      Results results) {
    if (rowBegin == rowEnd || timeBegin == timeEnd) {
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
    turn(workspace, 0, steps(workspace), rowBegin, rowEnd, scale, results);
  }

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
   * What the results of some steps give to the gradients of the linear output: one of several equal
   * parts.
   *
   * @param workspace gradients of the results of all rows
   * @param timeBegin first step, a multiple of {@link #blockSteps}
   * @param timeEnd one past the last step of the block
   * @param part index of the part
   * @param parts number of parts
   */
  public void accumulate(Workspace workspace, int timeBegin, int timeEnd, int part, int parts) {
    if (linear == null) {
      return;
    }
    int end = Network.share(linear.panels(), part + 1, parts);
    for (int panel = Network.share(linear.panels(), part, parts); panel < end; ) {
      int last = Math.min(panel + GRADIENT_PANELS, end);
      accumulatePanels(workspace, timeBegin, timeEnd, panel, last);
      panel = last;
    }
  }

  private void accumulatePanels(
      Workspace workspace, int timeBegin, int timeEnd, int panelBegin, int panelEnd) {
    Timeline timeline = workspace.timeline();
    Pooling pooling = workspace.pooling();
    int stride = workspace.yStride;
    float[] y = workspace.y;
    if (timeBegin == 0) {
      linear.clearGradient(panelBegin, panelEnd);
    }
    if (pooling != null) {
      int rows = workspace.batch;
      linear.accumulate(rows, panelBegin, panelEnd, pooling.y, 0, pooling.stride, y, 0, stride);
      return;
    }
    Joint below = workspace.joint(top);
    int run = Math.min(timeline.run(0, workspace.batch), timeEnd - timeBegin);
    for (int time = timeBegin; time < timeEnd; time += run) {
      int rows = timeline.runRows(time, run, 0, workspace.batch);
      int from = workspace.yAt(time, 0);
      int h = below.at(time, 0);
      linear.accumulate(rows, panelBegin, panelEnd, below.y, h, below.stride, y, from, stride);
    }
  }

  /**
   * Weight gradients of a window: one of several equal parts. Without gates kept, {@link
   * #accumulate} has been called for every block, and they are only moved to the arena.
   */
  void weightGradient(Workspace workspace, int part, int parts, float[] gradients) {
    if (linear == null) {
      return;
    }
    int end = Network.share(linear.panels(), part + 1, parts);
    for (int panel = Network.share(linear.panels(), part, parts); panel < end; ) {
      int last = Math.min(panel + GRADIENT_PANELS, end);
      if (workspace.segments() == null) {
        accumulatePanels(workspace, 0, steps(workspace), panel, last);
      }
      linear.unpackGradient(panel, last, gradients);
      panel = last;
    }
  }
}
