package org.lanewise.graph;

import java.util.List;
import org.lanewise.cell.CellKind;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.network.Input;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;

/**
 * One direction of a recurrent layer on the library's cells, with packed weights. Immutable; each
 * run has buffers of its own, whose size does not grow with the sequences.
 */
final class PackedRecurrence implements Recurrence {
  /** Sequences side by side. */
  private static final int ROWS = 64;

  /** Pre-activations of a window, about as many as a cache holds. */
  private static final int WINDOW = 1 << 18;

  private final Network network;

  PackedRecurrence(Recurrent layer, int index, CellKind cell, Value... inputs) {
    NetworkSpec spec =
        new NetworkSpec(new Input.Features(inputs[1].shape[2]), cell, layer.hiddenSize(), 1, 0);
    Parameters parameters = new Parameters(spec);
    List<Parameter> slices = parameters.slices();
    int[] offsets = slices.stream().mapToInt(Parameter::offset).toArray();
    layer.copyWeights(inputs, index, parameters.values(), offsets);
    this.network = new Network(KernelProvider.kernels(), parameters, false);
    this.network.pack(parameters.values());
  }

  @Override
  public void run(Sequences s) {
    int[] order = s.longestFirst();
    if (order.length == 0 || s.length(order[0]) == 0) {
      return;
    }
    int rows = Math.min(ROWS, s.batch);
    int columns = network.layer(0, 0).cell().columns();
    int steps = Math.max(1, Math.min(s.length(order[0]), WINDOW / (rows * columns)));
    Workspace workspace = new Workspace(network, steps, rows, false);
    for (int begin = 0; begin < order.length; ) {
      int length = s.length(order[begin]);
      int end = begin + 1;
      while (end < order.length && end - begin < rows && s.length(order[end]) == length) {
        end++;
      }
      for (int first = 0; first < length; first += steps) {
        window(s, workspace, order, begin, end, first, Math.min(steps, length - first));
      }
      begin = end;
    }
  }

  /** Some steps of some sequences: states in, inputs in, forward, outputs out, states out. */
  private void window(
      Sequences s, Workspace workspace, int[] order, int begin, int end, int first, int steps) {
    Tape tape = workspace.tape(0);
    int units = s.hiddenSize;
    workspace.timeline().setAll(steps);
    for (int i = 0; i < end - begin; i++) {
      int row = order[begin + i];
      System.arraycopy(s.h, s.stateAt(row), tape.h, tape.at(0, i), units);
      if (tape.c.length > 0) {
        System.arraycopy(s.c, s.stateAt(row), tape.c, tape.cellAt(0, i), units);
      }
      for (int t = 0; t < steps; t++) {
        int to = workspace.xAt(t, i);
        System.arraycopy(s.x, s.xAt(first + t, row), workspace.x, to, s.inputSize);
      }
    }
    network.forward(workspace, 0, end - begin);
    for (int i = 0; i < end - begin; i++) {
      int row = order[begin + i];
      for (int t = 0; t < steps; t++) {
        System.arraycopy(tape.h, tape.at(t + 1, i), s.y, s.yAt(first + t, row), units);
      }
      System.arraycopy(tape.h, tape.at(steps, i), s.h, s.stateAt(row), units);
      if (tape.c.length > 0) {
        System.arraycopy(tape.c, tape.cellAt(steps, i), s.c, s.stateAt(row), units);
      }
    }
  }
}
