package org.lanewise.network;

import java.util.ArrayList;
import java.util.List;
import org.lanewise.cell.Halves;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.Kernels;

/**
 * The layers of an architecture with their packed weights, and the three passes over a window, from
 * layer to layer: forward values, error terms, weight gradients. Packed weights follow the arena
 * when {@link #pack} is called, after each change of the parameters.
 */
public final class Network {
  private final NetworkSpec spec;
  private final RecurrentLayer[][] layers;
  private final LayerPass[][] passes;
  private final List<EmbeddingTable> embeddings;
  private final Linear linear;
  private final OutputPass output;
  private final InitialState initialState;
  private final int parameters;
  private final GradientPieces pieces;

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
    this.passes = new LayerPass[layers.length][spec.direction().count()];
    for (int layer = 0; layer < layers.length; layer++) {
      for (int direction = 0; direction < layers[layer].length; direction++) {
        layers[layer][direction] =
            new RecurrentLayer(kernels, spec, parameters, layer, direction == 1, training);
        passes[layer][direction] = new LayerPass(spec, layers[layer][direction], layer, direction);
      }
    }
    this.embeddings = embeddings(parameters, training);
    this.parameters = parameters.size();
    this.initialState = spec.trainedState() ? new InitialState(parameters) : null;
    this.linear = spec.outputSize() > 0 ? new Linear(kernels, spec, parameters, training) : null;
    this.output = new OutputPass(spec, linear);
    this.pieces = training ? pieces() : null;
  }

  private GradientPieces pieces() {
    List<GradientPieces.Source> sources = new ArrayList<>();
    for (LayerPass[] directions : passes) {
      sources.addAll(List.of(directions));
    }
    if (linear != null) {
      sources.add(output.gradients());
    }
    return new GradientPieces(sources);
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

  /**
   * The passes over the results of a window.
   *
   * @return what goes on above the states of the top layer
   */
  public OutputPass output() {
    return output;
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
    output.forward(workspace, rowBegin, rowEnd);
  }

  /**
   * Forward values up to the top layer, or to what the head picks, for some rows of the batch.
   *
   * @param workspace as for {@link #forward}
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void forwardStates(Workspace workspace, int rowBegin, int rowEnd) {
    if (rowEnd - rowBegin == workspace.batch) {
      collectTokens(workspace);
      project(workspace, 0, 1);
    }
    Halves halves = workspace.halves();
    for (int half = 0; half < halves.count(); half++) {
      int begin = halves.begin(half, rowBegin);
      int end = halves.end(half, rowEnd);
      if (begin < end) {
        forwardRows(workspace, begin, end);
      }
    }
  }

  /** The same for rows of a half. */
  private void forwardRows(Workspace workspace, int rowBegin, int rowEnd) {
    Timeline timeline = workspace.timeline();
    for (int i = 0; i < embeddings.size() && workspace.projection() == null; i++) {
      embeddings.get(i).forward(workspace, rowBegin, rowEnd);
    }
    for (int i = 0; i < layers.length; i++) {
      for (LayerPass pass : passes[i]) {
        pass.forward(workspace, rowBegin, rowEnd);
      }
      workspace.joint(i).join(timeline, rowBegin, rowEnd, workspace.dropoutSeed());
    }
    if (workspace.pooling() != null) {
      workspace.pooling().forward(timeline, rowBegin, rowEnd, workspace.dropoutSeed());
    }
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
  public void run(
      Workspace workspace, int rowBegin, int rowEnd, float scale, OutputPass.Results results) {
    forwardStates(workspace, rowBegin, rowEnd);
    output.run(workspace, rowBegin, rowEnd, scale, results);
    backwardStates(workspace, rowBegin, rowEnd);
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
    output.backward(workspace, rowBegin, rowEnd);
    backwardStates(workspace, rowBegin, rowEnd);
  }

  /**
   * Error terms from the gradients of the top layer's states down, for some rows of the batch.
   *
   * @param workspace as for {@link #backward}
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void backwardStates(Workspace workspace, int rowBegin, int rowEnd) {
    Halves halves = workspace.halves();
    for (int half = 0; half < halves.count(); half++) {
      int begin = halves.begin(half, rowBegin);
      int end = halves.end(half, rowEnd);
      if (begin < end) {
        backwardRows(workspace, begin, end);
      }
    }
  }

  /** The same for rows of a half. */
  private void backwardRows(Workspace workspace, int rowBegin, int rowEnd) {
    Timeline timeline = workspace.timeline();
    if (linear != null && workspace.pooling() != null) {
      workspace.pooling().backward(timeline, rowBegin, rowEnd);
    } else if (linear != null) {
      workspace.joint(layers.length - 1).split(timeline, rowBegin, rowEnd);
    }
    for (int i = layers.length - 1; i >= 0; i--) {
      for (LayerPass pass : passes[i]) {
        pass.backward(workspace, rowBegin, rowEnd);
      }
      if (i > 0) {
        workspace.joint(i - 1).split(timeline, rowBegin, rowEnd);
      }
    }
  }

  /**
   * How often {@link #replay} and {@link #accumulate} are called before {@link #weightGradient}: 0
   * when the workspace keeps the gates of the whole window.
   *
   * @param workspace its lengths set
   * @return segments of both halves of the batch of all layers and directions
   */
  public int replays(Workspace workspace) {
    Segments segments = workspace.segments();
    int halves = workspace.halves().count();
    return segments == null ? 0 : layers.length * layers[0].length * halves * segments.count();
  }

  /**
   * The gates and error terms of one segment of one layer anew, for a half of the batch: one of
   * several equal parts of its rows.
   *
   * @param workspace as {@link #backwardStates} left it
   * @param replay which one, counted from 0 in this order
   * @param part index of the part
   * @param parts number of parts
   */
  public void replay(Workspace workspace, int replay, int part, int parts) {
    int half = half(workspace, replay);
    int rowBegin = workspace.row(half, part, parts);
    int rowEnd = workspace.row(half, part + 1, parts);
    if (rowBegin < rowEnd) {
      int segment = replay % workspace.segments().count();
      pass(workspace, replay).replay(workspace, segment, rowBegin, rowEnd);
    }
  }

  private static int half(Workspace workspace, int replay) {
    return replay / workspace.segments().count() % workspace.halves().count();
  }

  /** The layer that is replayed. */
  private LayerPass pass(Workspace workspace, int replay) {
    int k = replay / (workspace.segments().count() * workspace.halves().count());
    return passes[k / layers[0].length][k % layers[0].length];
  }

  /**
   * What one segment of one layer gives to the weight gradients, of a half of the batch: one of
   * several equal parts.
   *
   * @param workspace with all rows of the half and the segment replayed
   * @param replay which one
   * @param part index of the part
   * @param parts number of parts
   * @param gradients the arena of gradients; written when the segment is the last of its layer
   */
  public void accumulate(Workspace workspace, int replay, int part, int parts, float[] gradients) {
    int segment = replay % workspace.segments().count();
    int half = half(workspace, replay);
    pass(workspace, replay).segmentGradient(workspace, half, segment, part, parts, gradients);
  }

  /**
   * Weight gradients of a window: one of several parts of them; threads share the work so. Each
   * part is called once for a window, in any order or at the same time. When there is more than
   * one, {@link #tokenGradient} and {@link #nonZero} complete them. Those of the layers are there
   * already when the workspace does not keep gates.
   *
   * @param workspace activations and error terms of all rows
   * @param part index of the part
   * @param parts number of parts
   * @param gradients the arena of gradients; the part is overwritten
   */
  public void weightGradient(Workspace workspace, int part, int parts, float[] gradients) {
    if (workspace.segments() == null) {
      pieces.run(workspace, part, parts, gradients);
    } else {
      output.unpack(part, parts, gradients);
    }
    otherGradients(workspace, part, parts, gradients);
    if (parts == 1) {
      tokenGradient(workspace, 0, 1, gradients);
      nonZero(workspace, gradients);
    }
  }

  /**
   * The part of the rows of a window that a thread had best take, forward and backward, when
   * threads go on with {@link #gradients}: a slower one those that are needed later. It changes
   * between windows only, and no bits change with it.
   *
   * @param thread index of the thread
   * @param threads number of threads, and of parts
   * @return index of the part
   */
  public int part(int thread, int threads) {
    return pieces.turns().part(thread, threads);
  }

  /**
   * Error terms and weight gradients of a window whose gates are kept, one of several parts: {@link
   * #backwardStates} of its rows, then {@link #weightGradient}, without a meeting of the threads in
   * between. All parts run at the same time.
   *
   * @param workspace as for {@link #backwardStates}
   * @param part index of the part
   * @param parts number of parts
   * @param gradients the arena of gradients; the part is overwritten
   */
  public void gradients(Workspace workspace, int part, int parts, float[] gradients) {
    int begin = workspace.row(part, parts);
    int end = workspace.row(part + 1, parts);
    if (parts == 1) {
      backwardStates(workspace, begin, end);
      weightGradient(workspace, 0, 1, gradients);
      return;
    }
    boolean failed = true;
    try {
      if (begin < end) {
        backwardStates(workspace, begin, end);
      }
      failed = false;
    } finally {
      // Rows of a part that has failed too: the others wait for them.
      pieces.turns().add(workspace.halves(), begin, end);
      if (failed) {
        pieces.leave(parts);
      }
    }
    pieces.follow(workspace, part, parts, gradients);
    otherGradients(workspace, part, parts, gradients);
  }

  /** Gradients of the embeddings that are not projected, and of the trained state. */
  private void otherGradients(Workspace workspace, int part, int parts, float[] gradients) {
    for (int i = 0; i < embeddings.size() && workspace.projection() == null; i++) {
      embeddings.get(i).backward(workspace, part, parts, gradients);
    }
    if (initialState != null && part == 0) {
      initialState.gradient(workspace, gradients);
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
