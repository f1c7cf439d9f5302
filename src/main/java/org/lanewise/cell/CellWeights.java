package org.lanewise.cell;

import org.lanewise.kernel.Packed;

/**
 * The packed weights of one layer as its cell reads them, or their gradients. In the packed form of
 * a {@link CellParameter} every part begins at a multiple of {@link Packed#BLOCK} columns; a vector
 * is the bias row of a matrix without inputs.
 */
public final class CellWeights {
  private final Packed gates;
  private final Packed hiddenTransposed;
  private final Packed[] own;
  private final Packed[] ownTransposed;

  /**
   * Weights of zero.
   *
   * @param cell the cell
   * @param inputSize inputs of the layer
   * @param transposed whether there are transposed matrices, for the backward pass
   */
  public CellWeights(Cell cell, int inputSize, boolean transposed) {
    this.gates = new Packed(Math.addExact(inputSize, cell.stateSize()), cell.columns());
    this.hiddenTransposed = transposed ? new Packed(cell.columns(), cell.stateSize()) : null;
    int count = cell.parameters().size();
    this.own = new Packed[count];
    this.ownTransposed = new Packed[count];
    for (int i = 0; i < count; i++) {
      CellParameter p = cell.parameters().get(i);
      own[i] = new Packed(p.inputs(), Math.multiplyExact(p.parts(), Packed.padded(p.outputs())));
      if (transposed && p.inputs() > 0) {
        ownTransposed[i] = new Packed(Math.multiplyExact(p.parts(), p.outputs()), p.inputs());
      }
    }
  }

  /**
   * Bias, input weights and hidden weights of all gates.
   *
   * @return from inputs, then hidden states, to pre-activations
   */
  public Packed gates() {
    return gates;
  }

  /**
   * {@code W_hhᵀ}.
   *
   * @return from pre-activations to hidden states; null for inference
   */
  public Packed hiddenTransposed() {
    return hiddenTransposed;
  }

  /**
   * One of the cell's own parameters.
   *
   * @param parameter index in {@link Cell#parameters()}
   * @return its packed form
   */
  public Packed own(int parameter) {
    return own[parameter];
  }

  /**
   * One of the cell's own matrices, transposed.
   *
   * @param parameter index in {@link Cell#parameters()}
   * @return from its rows to its columns; null for inference and for a vector
   */
  public Packed ownTransposed(int parameter) {
    return ownTransposed[parameter];
  }
}
