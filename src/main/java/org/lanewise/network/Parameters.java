package org.lanewise.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.lanewise.cell.Cell;
import org.lanewise.cell.CellParameter;
import org.lanewise.kernel.PlainKernels;

/**
 * The arena: all trainable parameters of a network in one array, and all their gradients in a
 * second of the same layout. Clipping, optimizers and files work on the flat arrays and know no
 * layer.
 *
 * <p>Mutable, and not safe for concurrent change.
 */
public final class Parameters {
  /** Floats of the longest array. */
  private static final int MOST = Integer.MAX_VALUE - 8;

  private final NetworkSpec spec;
  private final List<Parameter> slices;
  private final float[] values;
  private float[] gradients;

  /**
   * The arena of an architecture, filled with zeros.
   *
   * @param spec the architecture
   * @throws IllegalArgumentException if it has more parameters than an array can hold
   */
  public Parameters(NetworkSpec spec) {
    this.spec = spec;
    this.slices = layout(spec);
    Parameter last = slices.get(slices.size() - 1);
    this.values = new float[last.offset() + last.size()];
  }

  /**
   * The names, shapes and places of an architecture's parameters, without an arena.
   *
   * @param spec the architecture
   * @return an unmodifiable list in the order of the arena
   * @throws IllegalArgumentException if there are more parameters than an array can hold
   */
  public static List<Parameter> layout(NetworkSpec spec) {
    List<Parameter> list = new ArrayList<>();
    for (Input.Part part : spec.input().parts()) {
      if (part.input() instanceof Input.Embedding embedding) {
        add(list, part.tableName(), embedding.tokens(), embedding.size());
      }
    }
    // Asked for its shapes alone, so any kernels will do.
    Cell cell = spec.newCell(new PlainKernels());
    long gateRows = (long) spec.cell().gates() * spec.hiddenSize();
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int direction = 0; direction < spec.direction().count(); direction++) {
        boolean reverse = direction == 1;
        add(
            list,
            recurrentName(spec, "weight_ih", layer, reverse),
            gateRows,
            spec.inputSize(layer));
        add(list, recurrentName(spec, "weight_hh", layer, reverse), gateRows, spec.stateSize());
        add(list, recurrentName(spec, "bias_ih", layer, reverse), gateRows);
        add(list, recurrentName(spec, "bias_hh", layer, reverse), gateRows);
        for (CellParameter own : cell.parameters()) {
          long[] shape = own.shape().stream().mapToLong(Long::longValue).toArray();
          add(list, recurrentName(spec, own.name(), layer, reverse), shape);
        }
      }
    }
    if (spec.trainedState()) {
      int states = spec.layers() * spec.direction().count();
      add(list, InitialState.H, states, spec.stateSize());
      if (spec.cell().hasCellState()) {
        add(list, InitialState.C, states, spec.hiddenSize());
      }
    }
    if (spec.outputSize() > 0) {
      add(list, "linear.weight", spec.outputSize(), spec.width());
      add(list, "linear.bias", spec.outputSize());
    }
    return Collections.unmodifiableList(list);
  }

  /** PyTorch's name of a recurrent parameter, in a module named after the cell. */
  static String recurrentName(NetworkSpec spec, String what, int layer, boolean reverse) {
    return spec.cell().module() + "." + what + "_l" + layer + (reverse ? "_reverse" : "");
  }

  private static void add(List<Parameter> list, String name, long... shape) {
    int offset = 0;
    if (!list.isEmpty()) {
      Parameter last = list.get(list.size() - 1);
      offset = last.offset() + last.size();
    }
    long size = 1;
    List<Integer> dimensions = new ArrayList<>();
    for (long dimension : shape) {
      // Dimensions are positive, so a product that goes beyond the limit on the way stays beyond
      // it.
      if (dimension > (MOST - offset) / size) {
        throw new IllegalArgumentException(
            name + " " + Arrays.toString(shape) + ": more than 2^31 parameters");
      }
      size *= dimension;
      dimensions.add((int) dimension);
    }
    list.add(new Parameter(name, List.copyOf(dimensions), offset, (int) size));
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
   * All parameters, in the order of the arena.
   *
   * @return an unmodifiable list
   */
  public List<Parameter> slices() {
    return slices;
  }

  /**
   * The parameter of a name.
   *
   * @param name PyTorch's name
   * @return its slice
   * @throws IllegalArgumentException if there is none
   */
  public Parameter slice(String name) {
    for (Parameter parameter : slices) {
      if (parameter.name().equals(name)) {
        return parameter;
      }
    }
    throw new IllegalArgumentException("no parameter " + name + "; there are " + slices);
  }

  /**
   * The number of parameters.
   *
   * @return floats in the arena
   */
  public int size() {
    return values.length;
  }

  /**
   * The parameters themselves, not a copy.
   *
   * @return the arena
   */
  public float[] values() {
    return values;
  }

  /**
   * The gradients themselves, not a copy. Made when first asked for: who only reads a model needs
   * none.
   *
   * @return an array of the arena's layout
   */
  public float[] gradients() {
    if (gradients == null) {
      gradients = new float[values.length];
    }
    return gradients;
  }
}
