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
  private final List<RecurrentLayer> layers;
  private final EmbeddingTable embedding;
  private final Linear linear;

  /**
   * The layers of an architecture; weights are zero until packed.
   *
   * @param kernels arithmetic
   * @param parameters the arena, for names and places
   * @param training whether the network can run backward
   */
  public Network(Kernels kernels, Parameters parameters, boolean training) {
    this.spec = parameters.spec();
    List<RecurrentLayer> list = new ArrayList<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      list.add(new RecurrentLayer(kernels, spec, parameters, layer, training));
    }
    this.layers = List.copyOf(list);
    this.embedding =
        spec.input() instanceof Input.Embedding input
            ? new EmbeddingTable(input, parameters)
            : null;
    this.linear = spec.outputSize() > 0 ? new Linear(kernels, spec, parameters, training) : null;
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
   * The recurrent layers, first to last.
   *
   * @return an unmodifiable list
   */
  public List<RecurrentLayer> layers() {
    return layers;
  }

  /**
   * The embedding table.
   *
   * @return the table, or null when the input is none
   */
  public EmbeddingTable embedding() {
    return embedding;
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
    for (int i = 0; i < layers.size(); i++) {
      RecurrentLayer layer = layers.get(i);
      layer.pack(
          values, share(layer.panels(), part, parts), share(layer.panels(), part + 1, parts));
    }
    if (linear != null) {
      linear.pack(
          values, share(linear.panels(), part, parts), share(linear.panels(), part + 1, parts));
    }
    if (embedding != null && part == 0) {
      embedding.pack(values);
    }
  }

  /**
   * Forward values of a window, for some rows of the batch: from the inputs in the workspace to
   * {@link Workspace#y}, or to the top layer's hidden states when there is no linear output.
   *
   * @param workspace inputs, states and room for all activations
   * @param timeSteps steps, at most those of the workspace
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void forward(Workspace workspace, int timeSteps, int rowBegin, int rowEnd) {
    for (int time = 0; embedding != null && time < timeSteps; time++) {
      int row = time * workspace.batch + rowBegin;
      embedding.forward(
          rowEnd - rowBegin,
          workspace.tokens,
          row,
          workspace.x,
          row * workspace.xStride,
          workspace.xStride);
    }
    for (int i = 0; i < layers.size(); i++) {
      Tape tape = workspace.tape(i);
      if (i > 0) {
        Tape below = workspace.tape(i - 1);
        layers
            .get(i)
            .forward(tape, timeSteps, rowBegin, rowEnd, below.h, below.at(1, 0), below.stride);
      } else if (spec.input() instanceof Input.OneHot) {
        layers.get(i).forward(tape, timeSteps, rowBegin, rowEnd, workspace.tokens);
      } else {
        layers.get(i).forward(tape, timeSteps, rowBegin, rowEnd, workspace.x, 0, workspace.xStride);
      }
    }
    if (linear != null) {
      Tape top = workspace.tape(layers.size() - 1);
      for (int time = 0; time < timeSteps; time++) {
        int y = (time * workspace.batch + rowBegin) * workspace.yStride;
        linear.forward(
            rowEnd - rowBegin,
            top.h,
            top.at(time + 1, rowBegin),
            top.stride,
            workspace.y,
            y,
            workspace.yStride);
      }
    }
  }

  /**
   * Error terms of a window, for some rows of the batch. The gradients of the outputs are in {@link
   * Workspace#y} or, when there is no linear output, in slots 1 to timeSteps of the top tape's
   * {@code dh}; {@code dc} and slot 0 of every {@code dh} are prepared by the caller.
   *
   * @param workspace activations of the forward pass
   * @param timeSteps steps
   * @param rowBegin first row
   * @param rowEnd one past the last row
   */
  public void backward(Workspace workspace, int timeSteps, int rowBegin, int rowEnd) {
    if (linear != null) {
      Tape top = workspace.tape(layers.size() - 1);
      for (int time = 0; time < timeSteps; time++) {
        int y = (time * workspace.batch + rowBegin) * workspace.yStride;
        linear.backward(
            rowEnd - rowBegin,
            workspace.y,
            y,
            workspace.yStride,
            top.dh,
            top.at(time + 1, rowBegin),
            top.stride);
      }
    }
    for (int i = layers.size() - 1; i >= 0; i--) {
      Tape tape = workspace.tape(i);
      layers.get(i).backward(tape, timeSteps, rowBegin, rowEnd);
      if (i > 0) {
        Tape below = workspace.tape(i - 1);
        layers
            .get(i)
            .inputGradient(
                tape, timeSteps, rowBegin, rowEnd, below.dh, below.at(1, 0), below.stride);
      } else if (workspace.dx.length > 0) {
        layers
            .get(i)
            .inputGradient(tape, timeSteps, rowBegin, rowEnd, workspace.dx, 0, workspace.xStride);
      }
    }
  }

  /**
   * Weight gradients of a window: one of several equal parts of them; threads share the work so.
   *
   * @param workspace activations and error terms of all rows
   * @param timeSteps steps
   * @param part index of the part
   * @param parts number of parts
   * @param gradients the arena of gradients; the part is overwritten
   */
  public void weightGradient(
      Workspace workspace, int timeSteps, int part, int parts, float[] gradients) {
    for (int i = 0; i < layers.size(); i++) {
      RecurrentLayer layer = layers.get(i);
      Tape tape = workspace.tape(i);
      int begin = share(layer.panels(), part, parts);
      int end = share(layer.panels(), part + 1, parts);
      if (i > 0) {
        Tape below = workspace.tape(i - 1);
        layer.weightGradient(
            tape, timeSteps, begin, end, below.h, below.at(1, 0), below.stride, gradients);
      } else if (spec.input() instanceof Input.OneHot) {
        layer.weightGradient(tape, timeSteps, begin, end, workspace.tokens, gradients);
      } else {
        layer.weightGradient(
            tape, timeSteps, begin, end, workspace.x, 0, workspace.xStride, gradients);
      }
    }
    int rows = timeSteps * workspace.batch;
    if (embedding != null) {
      int begin = share(embedding.size(), part, parts);
      int end = share(embedding.size(), part + 1, parts);
      embedding.backward(
          rows, begin, end, workspace.tokens, workspace.dx, workspace.xStride, gradients);
    }
    if (linear != null) {
      Tape top = workspace.tape(layers.size() - 1);
      int begin = share(linear.panels(), part, parts);
      int end = share(linear.panels(), part + 1, parts);
      linear.weightGradient(
          rows,
          begin,
          end,
          top.h,
          top.at(1, 0),
          top.stride,
          workspace.y,
          workspace.yStride,
          gradients);
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
