package org.lanewise.network;

import static org.lanewise.kernel.Packed.BLOCK;

import org.lanewise.cell.Cell;
import org.lanewise.cell.CellParameter;
import org.lanewise.cell.CellWeights;
import org.lanewise.kernel.Packed;

/**
 * The way of a layer's parameters from the arena, where they lie as PyTorch names and shapes them,
 * into packed weights, and of packed gradients back. Panels are counted over the gates first, then
 * over each of the cell's own parameters, so that threads can share them.
 */
final class LayerPacking {
  private final Cell cell;
  private final int inputSize;
  private final Parameter weightIh;
  private final Parameter weightHh;
  private final Parameter biasIh;
  private final Parameter biasHh;
  private final Parameter[] own;

  /** Finds the parameters of one direction of a layer. */
  LayerPacking(Cell cell, NetworkSpec spec, Parameters parameters, int layer, boolean reverse) {
    this.cell = cell;
    this.inputSize = spec.inputSize(layer);
    this.weightIh = parameters.slice(Parameters.recurrentName(spec, "weight_ih", layer, reverse));
    this.weightHh = parameters.slice(Parameters.recurrentName(spec, "weight_hh", layer, reverse));
    this.biasIh = parameters.slice(Parameters.recurrentName(spec, "bias_ih", layer, reverse));
    this.biasHh = parameters.slice(Parameters.recurrentName(spec, "bias_hh", layer, reverse));
    this.own = new Parameter[cell.parameters().size()];
    for (int i = 0; i < own.length; i++) {
      String name = cell.parameters().get(i).name();
      own[i] = parameters.slice(Parameters.recurrentName(spec, name, layer, reverse));
    }
  }

  /** The number of panels before one of the cell's own parameters. */
  static int firstPanel(CellWeights weights, int parameter) {
    int panels = weights.gates().panels();
    for (int i = 0; i < parameter; i++) {
      panels += weights.own(i).panels();
    }
    return panels;
  }

  /** The nearest to a panel, counted from another one on, of those that a matrix has. */
  static int within(Packed matrix, int first, int panel) {
    return Math.clamp((long) panel - first, 0, matrix.panels());
  }

  /**
   * Packs the weights of some panels anew.
   *
   * @param values the arena
   * @param weights receives them
   * @param inputTransposed receives the input weights transposed; null if nobody needs them
   * @param panelBegin first panel
   * @param panelEnd one past the last panel
   * @param change made just before
   */
  void pack(
      float[] values,
      CellWeights weights,
      Packed inputTransposed,
      int panelBegin,
      int panelEnd,
      ArenaChange change) {
    Packed gates = weights.gates();
    int gatesEnd = within(gates, 0, panelEnd);
    packGates(values, weights, inputTransposed, within(gates, 0, panelBegin), gatesEnd, change);
    for (int i = 0; i < own.length; i++) {
      int first = firstPanel(weights, i);
      int begin = within(weights.own(i), first, panelBegin);
      packOwn(values, weights, i, begin, within(weights.own(i), first, panelEnd), change);
    }
  }

  private void packGates(
      float[] values,
      CellWeights weights,
      Packed inputTransposed,
      int panelBegin,
      int panelEnd,
      ArenaChange change) {
    Packed gates = weights.gates();
    int state = cell.stateSize();
    int end = gates.column(panelEnd);
    for (int column = gates.column(panelBegin); column < end; column += BLOCK) {
      int count = Packing.count(cell.hiddenSize(), block(column));
      int ih = row(cell.inputGate(slot(column)), block(column));
      int hh = row(cell.hiddenGate(slot(column)), block(column));
      int bias = gates.index(0, column);
      if (ih >= 0) {
        change.apply(biasIh.offset() + ih, biasIh.offset() + ih + count);
      }
      if (hh >= 0) {
        change.apply(biasHh.offset() + hh, biasHh.offset() + hh + count);
      }
      for (int u = 0; u < count; u++) {
        gates.values()[bias + u] =
            (ih < 0 ? 0f : values[biasIh.offset() + ih + u])
                + (hh < 0 ? 0f : values[biasHh.offset() + hh + u]);
      }
      if (ih >= 0) {
        int at = weightIh.offset() + ih * inputSize;
        change.apply(at, at + count * inputSize);
        Packing.packBlock(values, at, inputSize, count, gates, 0, column);
        Packing.packRows(values, at, inputSize, count, inputTransposed, column);
      }
      if (hh >= 0) {
        int at = weightHh.offset() + hh * state;
        change.apply(at, at + count * state);
        Packing.packBlock(values, at, state, count, gates, inputSize, column);
        Packing.packRows(values, at, state, count, weights.hiddenTransposed(), column);
      }
    }
  }

  private void packOwn(
      float[] values,
      CellWeights weights,
      int parameter,
      int panelBegin,
      int panelEnd,
      ArenaChange change) {
    CellParameter shape = cell.parameters().get(parameter);
    Packed packed = weights.own(parameter);
    int inputs = shape.inputs();
    int end = packed.column(panelEnd);
    for (int column = packed.column(panelBegin); column < end; column += BLOCK) {
      int row = ownRow(shape, column);
      int count = ownCount(shape, column);
      if (inputs == 0) {
        int from = own[parameter].offset() + row;
        change.apply(from, from + count);
        System.arraycopy(values, from, packed.values(), packed.index(0, column), count);
      } else {
        int at = own[parameter].offset() + row * inputs;
        change.apply(at, at + count * inputs);
        Packing.packBlock(values, at, inputs, count, packed, 0, column);
        Packing.packRows(values, at, inputs, count, weights.ownTransposed(parameter), row);
      }
    }
  }

  /**
   * Moves the gradients of some panels to the arena.
   *
   * @param gradients packed
   * @param panelBegin first panel
   * @param panelEnd one past the last panel
   * @param arena the arena of gradients; those of the panels are overwritten
   */
  void unpack(CellWeights gradients, int panelBegin, int panelEnd, float[] arena) {
    Packed gates = gradients.gates();
    unpackGates(gates, within(gates, 0, panelBegin), within(gates, 0, panelEnd), arena);
    for (int i = 0; i < own.length; i++) {
      int first = firstPanel(gradients, i);
      Packed gradient = gradients.own(i);
      int begin = within(gradient, first, panelBegin);
      unpackOwn(i, gradient, begin, within(gradient, first, panelEnd), arena);
    }
  }

  private void unpackGates(Packed gradient, int panelBegin, int panelEnd, float[] arena) {
    int state = cell.stateSize();
    int end = gradient.column(panelEnd);
    for (int column = gradient.column(panelBegin); column < end; column += BLOCK) {
      int count = Packing.count(cell.hiddenSize(), block(column));
      int ih = row(cell.inputGate(slot(column)), block(column));
      int hh = row(cell.hiddenGate(slot(column)), block(column));
      int bias = gradient.index(0, column);
      if (ih >= 0) {
        int at = weightIh.offset() + ih * inputSize;
        System.arraycopy(gradient.values(), bias, arena, biasIh.offset() + ih, count);
        Packing.unpackBlock(gradient, 0, column, arena, at, inputSize, count);
      }
      if (hh >= 0) {
        int at = weightHh.offset() + hh * state;
        System.arraycopy(gradient.values(), bias, arena, biasHh.offset() + hh, count);
        Packing.unpackBlock(gradient, inputSize, column, arena, at, state, count);
      }
    }
  }

  private void unpackOwn(
      int parameter, Packed gradient, int panelBegin, int panelEnd, float[] arena) {
    CellParameter shape = cell.parameters().get(parameter);
    int inputs = shape.inputs();
    int end = gradient.column(panelEnd);
    for (int column = gradient.column(panelBegin); column < end; column += BLOCK) {
      int row = ownRow(shape, column);
      int count = ownCount(shape, column);
      if (inputs == 0) {
        int to = own[parameter].offset() + row;
        System.arraycopy(gradient.values(), gradient.index(0, column), arena, to, count);
      } else {
        int at = own[parameter].offset() + row * inputs;
        Packing.unpackBlock(gradient, 0, column, arena, at, inputs, count);
      }
    }
  }

  /** The row of one of the cell's own parameters that a group of packed columns begins with. */
  private static int ownRow(CellParameter shape, int column) {
    int part = Packed.padded(shape.outputs());
    return column / part * shape.outputs() + column % part;
  }

  /** How many rows it holds. */
  private static int ownCount(CellParameter shape, int column) {
    return Packing.count(shape.outputs(), column % Packed.padded(shape.outputs()) / BLOCK);
  }

  /** The block of units and the slot of a group of packed columns. */
  private int block(int column) {
    return column / BLOCK / cell.slots();
  }

  private int slot(int column) {
    return column / BLOCK % cell.slots();
  }

  /** First row of a block in PyTorch's matrices, or -1 where the slot takes no part. */
  private int row(int gate, int block) {
    return gate < 0 ? -1 : gate * cell.hiddenSize() + block * BLOCK;
  }
}
