package org.lanewise.network;

import java.util.ArrayList;
import java.util.List;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.Kernels;

/**
 * The layers of an architecture with their packed weights. Packed weights follow the arena when
 * {@link #pack} is called, after each change of the parameters.
 */
public final class Network {
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

  private final NetworkSpec spec;
  private final RecurrentLayer[][] layers;
  private final List<EmbeddingTable> embeddings;
  private final Linear linear;
  private final InitialState initialState;
  private final int parameters;

  /**
   * The layers of an architecture; weights are zero until packed.
   *
   * @param kernels arithmetic
   * @param parameters the arena, for names and places
   * @param training whether the network can run backward
   */
  public Network(Kernels kernels, Parameters parameters, boolean training) {
    this.spec = parameters.spec();
    this.layers = new RecurrentLayer[spec.layers()][spec.direction().count()];
    for (int layer = 0; layer < layers.length; layer++) {
      for (int direction = 0; direction < layers[layer].length; direction++) {
        layers[layer][direction] =
            new RecurrentLayer(kernels, spec, parameters, layer, direction == 1, training);
      }
    }
    this.embeddings = embeddings(parameters, training);
    this.parameters = parameters.size();
    this.initialState = spec.trainedState() ? new InitialState(parameters) : null;
    this.linear = spec.outputSize() > 0 ? new Linear(kernels, spec, parameters, training) : null;
  }

  private static List<EmbeddingTable> embeddings(Parameters parameters, boolean training) {
    List<EmbeddingTable> tables = new ArrayList<>();
    int column = 0;
    for (Input.Part part : parameters.spec().input().parts()) {
      if (part.input() instanceof Input.Embedding) {
        tables.add(new EmbeddingTable(part, tables.size(), column, parameters, training));
      }
      column += part.input().size();
    }
    return List.copyOf(tables);
  }

  /**
   * The architecture.
   *
   * @return the spec
   */
  public NetworkSpec spec() {
    return spec;
  }

  /**
   * A recurrent layer.
   *
   * @param layer index of the layer
   * @param direction 0 forward, 1 reverse
   * @return the layer
   */
  public RecurrentLayer layer(int layer, int direction) {
    return layers[layer][direction];
  }

  /**
   * The embedding tables, one for each embedding of the input.
   *
   * @return an unmodifiable list, empty when there are none
   */
  public List<EmbeddingTable> embeddings() {
    return embeddings;
  }

  /**
   * The linear output.
   *
   * @return the output layer, or null when there is none
   */
  public Linear linear() {
    return linear;
  }

  /** Floats of the arena. */
  int parameters() {
    return parameters;
  }

  /**
   * Packs all weights anew.
   *
   * @param values the arena; a network that can run backward reads embeddings from it without
   *     packing
   */
  public void pack(float[] values) {
    for (EmbeddingTable table : embeddings) {
      table.pack(values);
    }
    change(values, 0, 1, true, ArenaChange.NONE);
  }

  /**
   * Changes the arena and packs it anew, block by block so that each weight comes into the cache
   * once: one of several equal parts of the work; threads share it so.
   *
   * @param values the arena that was packed before
   * @param part index of the part
   * @param parts number of parts
   * @param touchedOnly whether rows of embeddings whose gradient is zero, because no token of the
   *     window touched them, are left out
   * @param change made to every range
   */
  public void change(float[] values, int part, int parts, boolean touchedOnly, ArenaChange change) {
    for (int i = 0; i < embeddings.size(); i++) {
      embeddings.get(i).change(part, parts, touchedOnly, change);
    }
    for (RecurrentLayer[] directions : layers) {
      for (RecurrentLayer layer : directions) {
        int begin = share(layer.panels(), part, parts);
        layer.pack(values, begin, share(layer.panels(), part + 1, parts), change);
      }
    }
    if (linear != null) {
      int begin = share(linear.panels(), part, parts);
      linear.pack(values, begin, share(linear.panels(), part + 1, parts), change);
    }
    if (initialState != null && part == 0) {
      initialState.pack(values, change);
    }
  }

  /**
   * Makes ready for steps, once the weights are packed for good; rounds those of the recurrent
   * layers to a precision.
   *
   * @param precision bits that the weights keep
   */
  public void freeze(Precision precision) {
    for (RecurrentLayer[] directions : layers) {
      for (RecurrentLayer layer : directions) {
        layer.freeze(precision);
      }
    }
    if (linear != null) {
      linear.freeze();
    }
  }

  /**
   * Sets the state before the first step of each sequence to where sequences begin: to the trained
   * state, or to zero.
   *
   * @param workspace the buffers, their lengths set
   */
  public void beginState(Workspace workspace) {
    workspace.clearState();
    if (initialState == null) {
      return;
    }
    for (int layer = 0; layer < layers.length; layer++) {
      for (int direction = 0; direction < layers[layer].length; direction++) {
        Tape tape = workspace.tape(layer, direction);
        for (int row = 0; row < workspace.batch; row++) {
          int slot = workspace.firstSlot(direction, row);
          initialState.write(layer, direction, tape, slot, row);
        }
      }
    }
    workspace.setAtStart();
  }

  /**
   * Finds the distinct tokens of a window, before several threads begin {@link #project}, and cuts
   * it into segments if need be.
   *
   * @param workspace tokens and lengths
   */
  public void collectTokens(Workspace workspace) {
    if (workspace.segments() != null) {
      workspace.segments().cut();
    }
    for (int i = 0; i < embeddings.size(); i++) {
      if (workspace.distinct(i) != null) {
        int[] tokens = workspace.tokens(embeddings.get(i).index());
        workspace.distinct(i).collect(tokens, workspace.timeline());
      }
    }
  }

  /**
   * The input half of each distinct token, when an embedding is all the input: one of several equal
   * parts, before {@link #forward} on some of the rows.
   *
   * @param workspace its tokens collected
   * @param part index of the part
   * @param parts number of parts
   */
  public void project(Workspace workspace, int part, int parts) {
    TokenProjection projection = workspace.projection();
    if (projection == null) {
      return;
    }
    DistinctTokens distinct = workspace.distinct(0);
    int begin = share(distinct.count(), part, parts);
    int end = share(distinct.count(), part + 1, parts);
    embeddings.get(0).gather(distinct, begin, end, projection.x, projection.xStride);
    for (int direction = 0; direction < layers[0].length; direction++) {
      layers[0][direction].project(projection, direction, begin, end);
    }
  }

  /**
   * Forward values of a window, for some rows of the batch: from the inputs in the workspace to
   * {@link Workspace#y}, or to what the head picks when there is no linear output. Threads that
   * share the batch call {@link #collectTokens} and {@link #project} before.
   *
   * @param workspace inputs, lengths, states and room for all activations
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void forward(Workspace workspace, int rowBegin, int rowEnd) {
    forwardStates(workspace, rowBegin, rowEnd);
    forwardResults(workspace, 0, resultSteps(workspace), rowBegin, rowEnd);
  }

  /**
   * Forward values up to the top layer, or to what the head picks, for some rows of the batch.
   *
   * @param workspace as for {@link #forward}
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void forwardStates(Workspace workspace, int rowBegin, int rowEnd) {
    Timeline timeline = workspace.timeline();
    if (rowEnd - rowBegin == workspace.batch) {
      collectTokens(workspace);
      project(workspace, 0, 1);
    }
    for (int i = 0; i < embeddings.size() && workspace.projection() == null; i++) {
      embeddings.get(i).forward(workspace, rowBegin, rowEnd);
    }
    for (int i = 0; i < layers.length; i++) {
      for (int direction = 0; direction < layers[i].length; direction++) {
        Tape tape = workspace.tape(i, direction);
        if (workspace.segments() == null) {
          forwardLayer(workspace, i, direction, tape, timeline, 0, rowBegin, rowEnd);
        } else {
          forwardSegments(workspace, i, direction, rowBegin, rowEnd);
        }
      }
      workspace.joint(i).join(timeline, rowBegin, rowEnd, workspace.dropoutSeed());
    }
    if (workspace.pooling() != null) {
      workspace.pooling().forward(timeline, rowBegin, rowEnd, workspace.dropoutSeed());
    }
  }

  /** One layer over a window, or over a segment of it that begins at a step. */
  private void forwardLayer(
      Workspace workspace,
      int index,
      int direction,
      Tape tape,
      Timeline timeline,
      int step,
      int rowBegin,
      int rowEnd) {
    RecurrentLayer layer = layers[index][direction];
    TokenProjection projection = workspace.projection();
    int first = step * workspace.batch;
    if (index > 0) {
      Joint below = workspace.joint(index - 1);
      int at = below.offset + first * below.stride;
      layer.forward(tape, timeline, rowBegin, rowEnd, below.y, at, below.stride);
    } else if (projection != null) {
      int[] rows = workspace.distinct(0).rows;
      layer.forward(tape, timeline, rowBegin, rowEnd, rows, first, projection.z[direction]);
    } else if (spec.input() instanceof Input.OneHot) {
      layer.forward(tape, timeline, rowBegin, rowEnd, workspace.tokens, first);
    } else {
      int stride = workspace.xStride;
      layer.forward(tape, timeline, rowBegin, rowEnd, workspace.x, first * stride, stride);
    }
  }

  /** One layer over the segments of a window; they leave their states. */
  private void forwardSegments(
      Workspace workspace, int index, int direction, int rowBegin, int rowEnd) {
    Segments segments = workspace.segments();
    Tape tape = workspace.tape(index, direction);
    for (int i = 0; i < segments.count(); i++) {
      int segment = direction == 0 ? i : segments.count() - 1 - i;
      segments.load(tape, segment, rowBegin, rowEnd, false);
      forwardSegment(workspace, index, direction, segment, rowBegin, rowEnd);
      segments.store(segment, tape, rowBegin, rowEnd);
    }
  }

  private void forwardSegment(
      Workspace workspace, int index, int direction, int segment, int rowBegin, int rowEnd) {
    Segments segments = workspace.segments();
    forwardLayer(
        workspace,
        index,
        direction,
        segments.tape,
        segments.timeline(segment),
        segments.first(segment),
        rowBegin,
        rowEnd);
  }

  /**
   * The steps that have results of their own.
   *
   * @param workspace its lengths set
   * @return 1 when the head picks
   */
  public static int resultSteps(Workspace workspace) {
    return workspace.pooling() == null ? workspace.timeline().steps() : 1;
  }

  private void forwardResults(
      Workspace workspace, int timeBegin, int timeEnd, int rowBegin, int rowEnd) {
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
    Joint top = workspace.joint(layers.length - 1);
    int run = Math.min(timeline.run(rowBegin, rowEnd), timeEnd - timeBegin);
    for (int time = timeBegin; time < timeEnd; time += run) {
      int rows = timeline.runRows(time, run, rowBegin, rowEnd);
      int y = workspace.yAt(time, rowBegin);
      linear.forward(rows, top.y, top.at(time, rowBegin), top.stride, workspace.y, y, stride);
    }
  }

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

  /**
   * Forward values, and backward error terms, of a window, for some rows of the batch. A few
   * results are computed, judged and carried back at a time, so that they stay in the cache.
   *
   * @param workspace as for {@link #forward} and {@link #backward}
   * @param rowBegin first row
   * @param rowEnd one past the last row
   * @param scale factor of the gradients
   * @param results turns the results into their gradients, block by block
   */
  public void run(Workspace workspace, int rowBegin, int rowEnd, float scale, Results results) {
    forwardStates(workspace, rowBegin, rowEnd);
    resultBlocks(workspace, 0, resultSteps(workspace), rowBegin, rowEnd, scale, results);
    backwardStates(workspace, rowBegin, rowEnd);
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
  public void shareResults(Workspace workspace, int part, int parts, float scale, Results results) {
    int steps = resultSteps(workspace);
    int batch = workspace.batch;
    if (steps < 2 * parts) {
      int begin = share(batch, part, parts);
      resultBlocks(workspace, 0, steps, begin, share(batch, part + 1, parts), scale, results);
    } else {
      Timeline timeline = workspace.timeline();
      int begin = timeline.share(part, parts);
      int end = timeline.share(part + 1, parts);
      resultBlocks(workspace, begin, end, 0, batch, scale, results);
    }
  }

  /** Results of some steps in blocks of about the same size that stay in the cache. */
  private void resultBlocks(
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
    int blocks = Math.clamp(Math.round((double) rows / rowsOfResults(workspace)), 1, steps);
    for (int block = 0; block < blocks; block++) {
      int begin = timeBegin + share(steps, block, blocks);
      int end = timeBegin + share(steps, block + 1, blocks);
      results(workspace, begin, end, rowBegin, rowEnd, scale, results);
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
  public void results(
      Workspace workspace,
      int timeBegin,
      int timeEnd,
      int rowBegin,
      int rowEnd,
      float scale,
      Results results) {
    forwardResults(workspace, timeBegin, timeEnd, rowBegin, rowEnd);
    turn(workspace, timeBegin, timeEnd, rowBegin, rowEnd, scale, results);
    backwardResults(workspace, timeBegin, timeEnd, rowBegin, rowEnd);
  }

  /** Rows whose results stay in the L2 cache, but so many that reading the weights pays. */
  private static int rowsOfResults(Workspace workspace) {
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
    turn(workspace, 0, resultSteps(workspace), rowBegin, rowEnd, scale, results);
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
   * Error terms of a window, for some rows of the batch. The gradients of the results are in {@link
   * Workspace#y}; without a linear output, those of the top layer's hidden states are in its tapes'
   * {@code dh}. {@code dc} and the first slot of every {@code dh} are prepared by the caller.
   *
   * @param workspace activations of the forward pass
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void backward(Workspace workspace, int rowBegin, int rowEnd) {
    backwardResults(workspace, 0, resultSteps(workspace), rowBegin, rowEnd);
    backwardStates(workspace, rowBegin, rowEnd);
  }

  private void backwardResults(
      Workspace workspace, int timeBegin, int timeEnd, int rowBegin, int rowEnd) {
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
    Joint top = workspace.joint(layers.length - 1);
    int run = Math.min(timeline.run(rowBegin, rowEnd), timeEnd - timeBegin);
    for (int time = timeBegin; time < timeEnd; time += run) {
      int rows = timeline.runRows(time, run, rowBegin, rowEnd);
      int y = workspace.yAt(time, rowBegin);
      linear.backward(rows, workspace.y, y, stride, top.dy, top.at(time, rowBegin), top.stride);
    }
  }

  /**
   * Error terms from the gradients of the top layer's states down, for some rows of the batch.
   *
   * @param workspace as for {@link #backward}
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void backwardStates(Workspace workspace, int rowBegin, int rowEnd) {
    Timeline timeline = workspace.timeline();
    if (linear != null && workspace.pooling() != null) {
      workspace.pooling().backward(timeline, rowBegin, rowEnd);
    } else if (linear != null) {
      workspace.joint(layers.length - 1).split(timeline, rowBegin, rowEnd);
    }
    for (int i = layers.length - 1; i >= 0; i--) {
      for (int direction = 0; direction < layers[i].length; direction++) {
        if (workspace.segments() == null) {
          Tape tape = workspace.tape(i, direction);
          layers[i][direction].backward(tape, timeline, rowBegin, rowEnd);
          inputGradient(workspace, i, direction, tape, timeline, 0, rowBegin, rowEnd);
        } else {
          backwardSegments(workspace, i, direction, rowBegin, rowEnd);
        }
      }
      if (i > 0) {
        workspace.joint(i - 1).split(timeline, rowBegin, rowEnd);
      }
    }
  }

  private void inputGradient(
      Workspace workspace,
      int index,
      int direction,
      Tape tape,
      Timeline timeline,
      int step,
      int rowBegin,
      int rowEnd) {
    RecurrentLayer layer = layers[index][direction];
    boolean add = direction > 0;
    int first = step * workspace.batch;
    if (index > 0) {
      Joint below = workspace.joint(index - 1);
      int at = below.offset + first * below.stride;
      layer.inputGradient(tape, timeline, rowBegin, rowEnd, add, below.dy, at, below.stride);
    } else if (workspace.dx.length > 0) {
      int stride = workspace.xStride;
      float[] dx = workspace.dx;
      layer.inputGradient(tape, timeline, rowBegin, rowEnd, add, dx, first * stride, stride);
    }
  }

  /** One layer backward over the segments of a window; what is needed to do so again is kept. */
  private void backwardSegments(
      Workspace workspace, int index, int direction, int rowBegin, int rowEnd) {
    Segments segments = workspace.segments();
    Tape tape = workspace.tape(index, direction);
    segments.loadCellGradients(tape, rowBegin, rowEnd);
    for (int i = 0; i < segments.count(); i++) {
      int segment = direction == 0 ? segments.count() - 1 - i : i;
      segments.keep(index, direction, segment, rowBegin, rowEnd);
      backwardSegment(workspace, index, direction, segment, rowBegin, rowEnd);
      segments.storeGradients(segment, direction == 1, tape, rowBegin, rowEnd);
      inputGradient(
          workspace,
          index,
          direction,
          segments.tape,
          segments.timeline(segment),
          segments.first(segment),
          rowBegin,
          rowEnd);
    }
    segments.storeCellGradients(tape, rowBegin, rowEnd);
  }

  private void backwardSegment(
      Workspace workspace, int index, int direction, int segment, int rowBegin, int rowEnd) {
    Segments segments = workspace.segments();
    segments.load(workspace.tape(index, direction), segment, rowBegin, rowEnd, true);
    forwardSegment(workspace, index, direction, segment, rowBegin, rowEnd);
    layers[index][direction].backward(segments.tape, segments.timeline(segment), rowBegin, rowEnd);
  }

  /**
   * How often {@link #replay} and {@link #accumulate} are called before {@link #weightGradient}: 0
   * when the workspace keeps the gates of the whole window.
   *
   * @param workspace its lengths set
   * @return segments of all layers and directions
   */
  public int replays(Workspace workspace) {
    Segments segments = workspace.segments();
    return segments == null ? 0 : layers.length * layers[0].length * segments.count();
  }

  /**
   * The gates and error terms of one segment of one layer anew, for some rows of the batch.
   *
   * @param workspace as {@link #backwardStates} left it
   * @param replay which one, counted from 0 in this order
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void replay(Workspace workspace, int replay, int rowBegin, int rowEnd) {
    Segments segments = workspace.segments();
    int segment = replay % segments.count();
    int direction = replay / segments.count() % layers[0].length;
    int index = replay / segments.count() / layers[0].length;
    segments.restore(index, direction, segment, rowBegin, rowEnd);
    backwardSegment(workspace, index, direction, segment, rowBegin, rowEnd);
  }

  /**
   * What one segment of one layer gives to the weight gradients: one of several equal parts.
   *
   * @param workspace with all rows of the segment replayed
   * @param replay which one
   * @param part index of the part
   * @param parts number of parts
   * @param gradients the arena of gradients; written when the segment is the last of its layer
   */
  public void accumulate(Workspace workspace, int replay, int part, int parts, float[] gradients) {
    Segments segments = workspace.segments();
    int segment = replay % segments.count();
    int direction = replay / segments.count() % layers[0].length;
    int index = replay / segments.count() / layers[0].length;
    RecurrentLayer layer = layers[index][direction];
    int begin = share(layer.panels(), part, parts);
    int end = share(layer.panels(), part + 1, parts);
    if (segment == 0) {
      clearGradient(workspace, index, direction, begin, end);
    }
    accumulateLayer(
        workspace,
        index,
        direction,
        segments.tape,
        segments.timeline(segment),
        segments.first(segment),
        begin,
        end);
    if (segment == segments.count() - 1) {
      unpackGradient(workspace, index, direction, begin, end, gradients);
    }
  }

  private void clearGradient(
      Workspace workspace, int index, int direction, int panelBegin, int panelEnd) {
    RecurrentLayer layer = layers[index][direction];
    TokenProjection projection = workspace.projection();
    layer.clearGradient(panelBegin, panelEnd);
    if (index == 0 && projection != null) {
      int rows = workspace.distinct(0).count();
      layer.clearSums(panelBegin, panelEnd, rows, projection.dz[direction], projection.zStride);
    }
  }

  private void accumulateLayer(
      Workspace workspace,
      int index,
      int direction,
      Tape tape,
      Timeline timeline,
      int step,
      int panelBegin,
      int panelEnd) {
    RecurrentLayer layer = layers[index][direction];
    TokenProjection projection = workspace.projection();
    int first = step * workspace.batch;
    if (index > 0) {
      Joint below = workspace.joint(index - 1);
      int at = below.offset + first * below.stride;
      layer.accumulateInput(tape, timeline, panelBegin, panelEnd, below.y, at, below.stride);
    } else if (projection != null) {
      int[] rows = workspace.distinct(0).rows;
      float[] sums = projection.dz[direction];
      int stride = projection.zStride;
      layer.accumulateSums(tape, timeline, panelBegin, panelEnd, rows, first, sums, stride);
    } else if (spec.input() instanceof Input.OneHot) {
      layer.accumulateInput(tape, timeline, panelBegin, panelEnd, workspace.tokens, first);
    } else {
      int stride = workspace.xStride;
      float[] x = workspace.x;
      layer.accumulateInput(tape, timeline, panelBegin, panelEnd, x, first * stride, stride);
    }
    layer.accumulateRest(tape, timeline, panelBegin, panelEnd);
  }

  private void unpackGradient(
      Workspace workspace,
      int index,
      int direction,
      int panelBegin,
      int panelEnd,
      float[] gradients) {
    RecurrentLayer layer = layers[index][direction];
    TokenProjection projection = workspace.projection();
    if (index == 0 && projection != null) {
      int rows = workspace.distinct(0).count();
      layer.accumulateTokens(panelBegin, panelEnd, rows, projection, direction);
    }
    layer.unpackGradient(panelBegin, panelEnd, gradients);
  }

  /**
   * The steps whose results are in {@link Workspace#y} at a time.
   *
   * @param workspace buffers
   * @return steps
   */
  public int blockSteps(Workspace workspace) {
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
  public void accumulateResults(
      Workspace workspace, int timeBegin, int timeEnd, int part, int parts) {
    if (linear == null) {
      return;
    }
    int begin = share(linear.panels(), part, parts);
    int end = share(linear.panels(), part + 1, parts);
    for (int panel = begin; panel < end; panel += GRADIENT_PANELS) {
      int last = Math.min(panel + GRADIENT_PANELS, end);
      accumulatePanels(workspace, timeBegin, timeEnd, panel, last);
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
    Joint top = workspace.joint(layers.length - 1);
    int run = Math.min(timeline.run(0, workspace.batch), timeEnd - timeBegin);
    for (int time = timeBegin; time < timeEnd; time += run) {
      int rows = timeline.runRows(time, run, 0, workspace.batch);
      int from = workspace.yAt(time, 0);
      int h = top.at(time, 0);
      linear.accumulate(rows, panelBegin, panelEnd, top.y, h, top.stride, y, from, stride);
    }
  }

  /**
   * Weight gradients of a window: one of several equal parts of them; threads share the work so.
   * When there is more than one part, {@link #tokenGradient} and {@link #nonZero} complete them.
   * Those of the layers are there already when the workspace does not keep gates.
   *
   * @param workspace activations and error terms of all rows
   * @param part index of the part
   * @param parts number of parts
   * @param gradients the arena of gradients; the part is overwritten
   */
  public void weightGradient(Workspace workspace, int part, int parts, float[] gradients) {
    boolean segmented = workspace.segments() != null;
    for (int i = 0; i < layers.length && !segmented; i++) {
      for (int direction = 0; direction < layers[i].length; direction++) {
        RecurrentLayer layer = layers[i][direction];
        Tape tape = workspace.tape(i, direction);
        int begin = share(layer.panels(), part, parts);
        int end = share(layer.panels(), part + 1, parts);
        clearGradient(workspace, i, direction, begin, end);
        accumulateLayer(workspace, i, direction, tape, workspace.timeline(), 0, begin, end);
        unpackGradient(workspace, i, direction, begin, end, gradients);
      }
    }
    for (int i = 0; i < embeddings.size() && workspace.projection() == null; i++) {
      embeddings.get(i).backward(workspace, part, parts, gradients);
    }
    if (initialState != null && part == 0) {
      initialState.gradient(workspace, gradients);
    }
    if (linear != null) {
      int end = share(linear.panels(), part + 1, parts);
      for (int panel = share(linear.panels(), part, parts); panel < end; ) {
        int last = Math.min(panel + GRADIENT_PANELS, end);
        if (!segmented) {
          accumulatePanels(workspace, 0, resultSteps(workspace), panel, last);
        }
        linear.unpackGradient(panel, last, gradients);
        panel = last;
      }
    }
    if (parts == 1) {
      tokenGradient(workspace, 0, 1, gradients);
      nonZero(workspace, gradients);
    }
  }

  /**
   * Gradients of an embedding that is all the input: one of several equal parts, when all parts of
   * {@link #weightGradient} are done.
   *
   * @param workspace as {@link #weightGradient} left it
   * @param part index of the part
   * @param parts number of parts
   * @param gradients the arena of gradients; the part is overwritten
   */
  public void tokenGradient(Workspace workspace, int part, int parts, float[] gradients) {
    TokenProjection projection = workspace.projection();
    if (projection == null) {
      return;
    }
    DistinctTokens distinct = workspace.distinct(0);
    int begin = share(distinct.count(), part, parts);
    int end = share(distinct.count(), part + 1, parts);
    if (begin < end) {
      for (int direction = 0; direction < layers[0].length; direction++) {
        layers[0][direction].tokenGradient(projection, direction, begin, end);
      }
      float[] dx = projection.dx;
      embeddings.get(0).scatter(distinct, begin, end, dx, projection.xStride, gradients);
    }
  }

  /**
   * Where the gradients of a window may be other than zero, when all parts of them are done: rows
   * of embeddings that the window does not hold are left out.
   *
   * @param workspace the tokens of the window
   * @param gradients the arena of gradients
   * @return valid until the next window
   */
  public Ranges nonZero(Workspace workspace, float[] gradients) {
    Ranges ranges = workspace.ranges();
    ranges.clear();
    int tables = 0;
    for (int i = 0; i < embeddings.size(); i++) {
      EmbeddingTable table = embeddings.get(i);
      table.note(workspace.distinct(i), gradients);
      table.addTo(ranges);
      tables = table.end();
    }
    ranges.add(tables, parameters);
    return ranges;
  }

  /**
   * Where a part begins when n things are shared evenly.
   *
   * @param n number of things
   * @param part index of the part, or the number of parts for the end
   * @param parts number of parts
   * @return index of the part's first thing
   */
  public static int share(int n, int part, int parts) {
    return (int) ((long) n * part / parts);
  }
}
