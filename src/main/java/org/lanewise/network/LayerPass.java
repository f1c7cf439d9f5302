package org.lanewise.network;

import org.lanewise.cell.Tape;

/**
 * A recurrent layer in its place between what it reads and what it hands up: its passes over a
 * window, or over one segment of it after the other when the workspace keeps no gates.
 *
 * <p>What it reads, and where the gradients of that go, is the output of the layer below; for the
 * first layer, the input halves of distinct tokens, one-hot tokens, or vectors.
 */
final class LayerPass implements GradientPieces.Source {
  /**
   * Rows whose error terms stay in the caches for all that they are multiplied by: the bias, the
   * inputs and the hidden states in turn, block by block, save 1 to 2% of a training step on an
   * Intel core, against the whole window for each of them.
   */
  private static final int BLOCK_ROWS = 64;

  private final RecurrentLayer layer;
  private final LayerGradients gradients;
  private final int index;
  private final int direction;
  private final boolean oneHot;

  /**
   * A layer in its place.
   *
   * @param spec the architecture
   * @param layer the layer
   * @param index of the layer, 0 for the one that reads the input
   * @param direction 0 forward, 1 reverse
   */
  LayerPass(NetworkSpec spec, RecurrentLayer layer, int index, int direction) {
    this.layer = layer;
    this.gradients = layer.gradients();
    this.index = index;
    this.direction = direction;
    this.oneHot = index == 0 && spec.input() instanceof Input.OneHot;
  }

  /** What is computed once for each token, if this layer reads it; else null. */
  private TokenProjection projection(Workspace workspace) {
    return index == 0 ? workspace.projection() : null;
  }

  /** Forward values of some rows of a half of the batch. */
  void forward(Workspace workspace, int rowBegin, int rowEnd) {
    Segments segments = workspace.segments();
    Tape tape = workspace.tape(index, direction);
    if (segments == null) {
      forward(workspace, tape, workspace.timeline(), 0, rowBegin, rowEnd);
      return;
    }
    for (int i = 0; i < segments.count(); i++) {
      int segment = direction == 0 ? i : segments.count() - 1 - i;
      segments.load(tape, segment, rowBegin, rowEnd, false);
      forwardSegment(workspace, segment, rowBegin, rowEnd);
      segments.store(segment, tape, rowBegin, rowEnd);
    }
  }

  private void forwardSegment(Workspace workspace, int segment, int rowBegin, int rowEnd) {
    Segments segments = workspace.segments();
    int step = segments.first(segment);
    forward(workspace, segments.tape, segments.timeline(segment), step, rowBegin, rowEnd);
  }

  /** Forward values of a window, or of a segment of it that begins at a step. */
  private void forward(
      Workspace workspace, Tape tape, Timeline timeline, int step, int rowBegin, int rowEnd) {
    TokenProjection projection = projection(workspace);
    int first = step * workspace.batch;
    if (index > 0) {
      Joint below = workspace.joint(index - 1);
      int at = below.at(step, rowBegin);
      layer.forward(tape, timeline, rowBegin, rowEnd, below.y, at, below.stride);
    } else if (projection != null) {
      int[] rows = workspace.distinct(0).rows;
      layer.forward(tape, timeline, rowBegin, rowEnd, rows, first, projection.z[direction]);
    } else if (oneHot) {
      layer.forward(tape, timeline, rowBegin, rowEnd, workspace.tokens, first);
    } else {
      int at = workspace.xAt(step, rowBegin);
      layer.forward(tape, timeline, rowBegin, rowEnd, workspace.x, at, workspace.xStride);
    }
  }

  /**
   * Error terms of some rows of a half of the batch, and the gradients of what the layer reads.
   * Segment by segment, what is needed to compute them again is kept.
   */
  void backward(Workspace workspace, int rowBegin, int rowEnd) {
    Segments segments = workspace.segments();
    Tape tape = workspace.tape(index, direction);
    if (segments == null) {
      layer.backward(tape, workspace.timeline(), rowBegin, rowEnd);
      inputGradient(workspace, tape, workspace.timeline(), 0, rowBegin, rowEnd);
      return;
    }
    segments.loadCellGradients(tape, rowBegin, rowEnd);
    for (int i = 0; i < segments.count(); i++) {
      int segment = direction == 0 ? segments.count() - 1 - i : i;
      int step = segments.first(segment);
      Timeline timeline = segments.timeline(segment);
      segments.keep(index, direction, segment, rowBegin, rowEnd);
      backwardSegment(workspace, segment, rowBegin, rowEnd);
      segments.storeGradients(segment, direction == 1, tape, rowBegin, rowEnd);
      inputGradient(workspace, segments.tape, timeline, step, rowBegin, rowEnd);
    }
    segments.storeCellGradients(tape, rowBegin, rowEnd);
  }

  /** The gates of a segment anew, then its error terms. */
  private void backwardSegment(Workspace workspace, int segment, int rowBegin, int rowEnd) {
    Segments segments = workspace.segments();
    segments.load(workspace.tape(index, direction), segment, rowBegin, rowEnd, true);
    forwardSegment(workspace, segment, rowBegin, rowEnd);
    layer.backward(segments.tape, segments.timeline(segment), rowBegin, rowEnd);
  }

  private void inputGradient(
      Workspace workspace, Tape tape, Timeline timeline, int step, int rowBegin, int rowEnd) {
    boolean add = direction > 0;
    if (index > 0) {
      Joint below = workspace.joint(index - 1);
      int at = below.at(step, rowBegin);
      layer.inputGradient(tape, timeline, rowBegin, rowEnd, add, below.dy, at, below.stride);
    } else if (workspace.dx.length > 0) {
      int at = workspace.xAt(step, rowBegin);
      int stride = workspace.xStride;
      layer.inputGradient(tape, timeline, rowBegin, rowEnd, add, workspace.dx, at, stride);
    }
  }

  /** Panels of the weight gradients. */
  @Override
  public int panels() {
    return layer.panels();
  }

  /** As many as there are: with all panels of a block of rows its inputs are read once. */
  @Override
  public int piece() {
    return layer.panels();
  }

  /** What a half of a window whose gates are kept gives to the weight gradients of some panels. */
  @Override
  public void accumulate(
      Workspace workspace, int half, int panelBegin, int panelEnd, float[] arena) {
    Tape tape = workspace.tape(index, direction);
    if (half == 0) {
      clearGradient(workspace, panelBegin, panelEnd);
    }
    accumulate(workspace, tape, workspace.timeline(), 0, half, panelBegin, panelEnd);
    if (half == workspace.halves().count() - 1) {
      unpackGradient(workspace, panelBegin, panelEnd, arena);
    }
  }

  /** The gates and error terms of a segment anew, for some rows of a half of the batch. */
  void replay(Workspace workspace, int segment, int rowBegin, int rowEnd) {
    workspace.segments().restore(index, direction, segment, rowBegin, rowEnd);
    backwardSegment(workspace, segment, rowBegin, rowEnd);
  }

  /**
   * What a half of a segment, all of its rows replayed, gives to the weight gradients: one of
   * several equal parts. The first segment of the first half begins them, the last one of the last
   * half moves them to the arena.
   */
  void segmentGradient(
      Workspace workspace, int half, int segment, int part, int parts, float[] arena) {
    Segments segments = workspace.segments();
    int begin = Network.share(layer.panels(), part, parts);
    int end = Network.share(layer.panels(), part + 1, parts);
    if (half == 0 && segment == 0) {
      clearGradient(workspace, begin, end);
    }
    int step = segments.first(segment);
    accumulate(workspace, segments.tape, segments.timeline(segment), step, half, begin, end);
    if (half == workspace.halves().count() - 1 && segment == segments.count() - 1) {
      unpackGradient(workspace, begin, end, arena);
    }
  }

  private void clearGradient(Workspace workspace, int panelBegin, int panelEnd) {
    TokenProjection projection = projection(workspace);
    gradients.clear(panelBegin, panelEnd);
    if (projection != null) {
      int rows = workspace.distinct(0).count();
      gradients.clearDistinct(panelBegin, panelEnd, rows, projection, direction);
    }
  }

  /** Adds what a half of a part of the window, from a step on, gives to some panels. */
  private void accumulate(
      Workspace workspace,
      Tape tape,
      Timeline timeline,
      int step,
      int half,
      int panelBegin,
      int panelEnd) {
    int row = tape.halves.begin(half);
    int rowEnd = tape.halves.begin(half + 1);
    int block = Math.min(timeline.run(row, rowEnd), Math.max(1, BLOCK_ROWS / (rowEnd - row)));
    for (int time = 0; time < timeline.steps(); time += block) {
      int run = Math.min(block, timeline.steps() - time);
      int rows = timeline.runRows(time, run, row, rowEnd);
      if (rows == 0) {
        return;
      }
      if (oneHot || projection(workspace) != null) {
        // The tokens of a step lie beside those of the other half, not behind those of the last
        // step.
        for (int i = 0; i < run; i++) {
          addTokens(workspace, tape, step, time + i, row, rows / run, panelBegin, panelEnd);
        }
      } else {
        addVectors(workspace, tape, step, time, row, rows, panelBegin, panelEnd);
      }
      int previous = layer.before(time);
      int next = layer.after(time);
      gradients.addRest(tape, time, previous, next, row, rows, panelBegin, panelEnd);
    }
  }

  /** The input weights' part of a block that begins at a time of the tape, which has its step. */
  private void addVectors(
      Workspace workspace,
      Tape tape,
      int step,
      int time,
      int row,
      int rows,
      int panelBegin,
      int panelEnd) {
    float[] x = workspace.x;
    int stride = workspace.xStride;
    int at = workspace.xAt(step + time, row);
    if (index > 0) {
      Joint below = workspace.joint(index - 1);
      x = below.y;
      stride = below.stride;
      at = below.at(step + time, row);
    }
    gradients.addInput(tape, time, row, rows, panelBegin, panelEnd, x, at, stride);
  }

  /** The same of a single time, when the layer reads tokens. */
  private void addTokens(
      Workspace workspace,
      Tape tape,
      int step,
      int time,
      int row,
      int rows,
      int panelBegin,
      int panelEnd) {
    TokenProjection projection = projection(workspace);
    int first = (step + time) * workspace.batch + row;
    if (projection == null) {
      int[] tokens = workspace.tokens;
      gradients.addTokens(tape, time, row, rows, panelBegin, panelEnd, tokens, first);
    } else {
      int[] of = workspace.distinct(0).rows;
      gradients.addToDistinct(
          tape, time, row, rows, panelBegin, panelEnd, of, first, projection, direction);
    }
  }

  private void unpackGradient(Workspace workspace, int panelBegin, int panelEnd, float[] arena) {
    TokenProjection projection = projection(workspace);
    if (projection != null) {
      int rows = workspace.distinct(0).count();
      gradients.addDistinct(panelBegin, panelEnd, rows, projection, direction);
    }
    gradients.unpack(panelBegin, panelEnd, arena);
  }
}
