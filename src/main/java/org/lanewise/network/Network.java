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
  private final NetworkSpec spec;
  private final RecurrentLayer[][] layers;
  private final List<EmbeddingTable> embeddings;
  private final Linear linear;
  private final InitialState initialState;

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
    this.embeddings = embeddings(parameters);
    this.initialState = spec.trainedState() ? new InitialState(parameters) : null;
    this.linear = spec.outputSize() > 0 ? new Linear(kernels, spec, parameters, training) : null;
  }

  private static List<EmbeddingTable> embeddings(Parameters parameters) {
    List<EmbeddingTable> tables = new ArrayList<>();
    int column = 0;
    for (Input.Part part : parameters.spec().input().parts()) {
      if (part.input() instanceof Input.Embedding) {
        tables.add(new EmbeddingTable(part, tables.size(), column, parameters));
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
   * Packs all weights anew.
   *
   * @param values the arena
   */
  public void pack(float[] values) {
    pack(values, 0, 1);
  }

  /**
   * Packs one of several equal parts of the weights anew; threads share the work so.
   *
   * @param values the arena
   * @param part index of the part
   * @param parts number of parts
   */
  public void pack(float[] values, int part, int parts) {
    for (RecurrentLayer[] directions : layers) {
      for (RecurrentLayer layer : directions) {
        int begin = share(layer.panels(), part, parts);
        layer.pack(values, begin, share(layer.panels(), part + 1, parts));
      }
    }
    if (linear != null) {
      linear.pack(
          values, share(linear.panels(), part, parts), share(linear.panels(), part + 1, parts));
    }
    for (int i = part; i < embeddings.size(); i += parts) {
      embeddings.get(i).pack(values);
    }
    if (initialState != null && part == 0) {
      initialState.pack(values);
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
   * Forward values of a window, for some rows of the batch: from the inputs in the workspace to
   * {@link Workspace#y}, or to what the head picks when there is no linear output.
   *
   * @param workspace inputs, lengths, states and room for all activations
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void forward(Workspace workspace, int rowBegin, int rowEnd) {
    Timeline timeline = workspace.timeline();
    for (int i = 0; i < embeddings.size(); i++) {
      embeddings.get(i).forward(workspace, rowBegin, rowEnd);
    }
    for (int i = 0; i < layers.length; i++) {
      for (int direction = 0; direction < layers[i].length; direction++) {
        RecurrentLayer layer = layers[i][direction];
        Tape tape = workspace.tape(i, direction);
        if (i > 0) {
          Joint below = workspace.joint(i - 1);
          layer.forward(tape, timeline, rowBegin, rowEnd, below.y, below.offset, below.stride);
        } else if (spec.input() instanceof Input.OneHot) {
          layer.forward(tape, timeline, rowBegin, rowEnd, workspace.tokens);
        } else {
          layer.forward(tape, timeline, rowBegin, rowEnd, workspace.x, 0, workspace.xStride);
        }
      }
      workspace.joint(i).join(timeline, rowBegin, rowEnd, workspace.dropoutSeed());
    }
    if (workspace.pooling() != null) {
      workspace.pooling().forward(timeline, rowBegin, rowEnd, workspace.dropoutSeed());
    }
    if (linear != null) {
      linearForward(workspace, rowBegin, rowEnd);
    }
  }

  private void linearForward(Workspace workspace, int rowBegin, int rowEnd) {
    Timeline timeline = workspace.timeline();
    Pooling pooling = workspace.pooling();
    if (pooling != null) {
      int y = rowBegin * workspace.yStride;
      linear.forward(
          rowEnd - rowBegin,
          pooling.y,
          rowBegin * pooling.stride,
          pooling.stride,
          workspace.y,
          y,
          workspace.yStride);
      return;
    }
    Joint top = workspace.joint(layers.length - 1);
    for (int time = 0; time < timeline.steps(); time++) {
      int rows = Math.max(0, Math.min(rowEnd, timeline.rows(time)) - rowBegin);
      int y = (time * workspace.batch + rowBegin) * workspace.yStride;
      linear.forward(
          rows, top.y, top.at(time, rowBegin), top.stride, workspace.y, y, workspace.yStride);
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
    Timeline timeline = workspace.timeline();
    if (linear != null) {
      linearBackward(workspace, rowBegin, rowEnd);
    }
    for (int i = layers.length - 1; i >= 0; i--) {
      for (int direction = 0; direction < layers[i].length; direction++) {
        RecurrentLayer layer = layers[i][direction];
        Tape tape = workspace.tape(i, direction);
        layer.backward(tape, timeline, rowBegin, rowEnd);
        boolean add = direction > 0;
        if (i > 0) {
          Joint below = workspace.joint(i - 1);
          layer.inputGradient(
              tape, timeline, rowBegin, rowEnd, add, below.dy, below.offset, below.stride);
        } else if (workspace.dx.length > 0) {
          layer.inputGradient(
              tape, timeline, rowBegin, rowEnd, add, workspace.dx, 0, workspace.xStride);
        }
      }
      if (i > 0) {
        workspace.joint(i - 1).split(timeline, rowBegin, rowEnd);
      }
    }
  }

  private void linearBackward(Workspace workspace, int rowBegin, int rowEnd) {
    Timeline timeline = workspace.timeline();
    Pooling pooling = workspace.pooling();
    if (pooling != null) {
      linear.backward(
          rowEnd - rowBegin,
          workspace.y,
          rowBegin * workspace.yStride,
          workspace.yStride,
          pooling.dy,
          rowBegin * pooling.stride,
          pooling.stride);
      pooling.backward(timeline, rowBegin, rowEnd);
      return;
    }
    Joint top = workspace.joint(layers.length - 1);
    for (int time = 0; time < timeline.steps(); time++) {
      int rows = Math.max(0, Math.min(rowEnd, timeline.rows(time)) - rowBegin);
      int y = (time * workspace.batch + rowBegin) * workspace.yStride;
      linear.backward(
          rows, workspace.y, y, workspace.yStride, top.dy, top.at(time, rowBegin), top.stride);
    }
    top.split(timeline, rowBegin, rowEnd);
  }

  /**
   * Weight gradients of a window: one of several equal parts of them; threads share the work so.
   *
   * @param workspace activations and error terms of all rows
   * @param part index of the part
   * @param parts number of parts
   * @param gradients the arena of gradients; the part is overwritten
   */
  public void weightGradient(Workspace workspace, int part, int parts, float[] gradients) {
    Timeline timeline = workspace.timeline();
    for (int i = 0; i < layers.length; i++) {
      for (int direction = 0; direction < layers[i].length; direction++) {
        RecurrentLayer layer = layers[i][direction];
        Tape tape = workspace.tape(i, direction);
        int begin = share(layer.panels(), part, parts);
        int end = share(layer.panels(), part + 1, parts);
        if (i > 0) {
          Joint below = workspace.joint(i - 1);
          layer.weightGradient(
              tape, timeline, begin, end, below.y, below.offset, below.stride, gradients);
        } else if (spec.input() instanceof Input.OneHot) {
          layer.weightGradient(tape, timeline, begin, end, workspace.tokens, gradients);
        } else {
          layer.weightGradient(
              tape, timeline, begin, end, workspace.x, 0, workspace.xStride, gradients);
        }
      }
    }
    for (int i = 0; i < embeddings.size(); i++) {
      EmbeddingTable table = embeddings.get(i);
      int begin = share(table.size(), part, parts);
      table.backward(workspace, begin, share(table.size(), part + 1, parts), gradients);
    }
    if (initialState != null && part == 0) {
      initialState.gradient(workspace, gradients);
    }
    if (linear != null) {
      int begin = share(linear.panels(), part, parts);
      int end = share(linear.panels(), part + 1, parts);
      Pooling pooling = workspace.pooling();
      linear.clearGradient(begin, end);
      if (pooling != null) {
        linear.accumulate(
            workspace.batch,
            begin,
            end,
            pooling.y,
            0,
            pooling.stride,
            workspace.y,
            0,
            workspace.yStride);
      } else {
        Joint top = workspace.joint(layers.length - 1);
        int run = timeline.run(0, workspace.batch);
        for (int time = 0; time < timeline.steps(); time += run) {
          linear.accumulate(
              timeline.runRows(time, run, 0, workspace.batch),
              begin,
              end,
              top.y,
              top.at(time, 0),
              top.stride,
              workspace.y,
              time * workspace.batch * workspace.yStride,
              workspace.yStride);
        }
      }
      linear.unpackGradient(begin, end, gradients);
    }
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
