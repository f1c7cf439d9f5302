package org.lanewise.cell;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.BiFunction;
import org.lanewise.kernel.Kernels;

/** The cells there are. A new cell is its own file and one line here. */
public enum CellKind {
  /** {@link LstmCell}, or {@link ProjectedLstmCell}. */
  LSTM("lstm", 4, true, LstmCell::new, ProjectedLstmCell::new),
  /** {@link LstmPeepholeCell}. */
  LSTM_PEEPHOLE("lstm", 4, true, LstmPeepholeCell::new),
  /** {@link GruCell}. */
  GRU("gru", 3, false, GruCell::new),
  /** {@link RnnCell} with tanh. */
  RNN_TANH("rnn", 1, false, RnnCell::tanh),
  /** {@link RnnCell} with relu. */
  RNN_RELU("rnn", 1, false, RnnCell::relu);

  private final String module;
  private final int gates;
  private final boolean cellState;
  private final BiFunction<Kernels, Integer, Cell> constructor;
  private final ProjectedConstructor projected;

  CellKind(
      String module, int gates, boolean cellState, BiFunction<Kernels, Integer, Cell> constructor) {
    this(module, gates, cellState, constructor, null);
  }

  CellKind(
      String module,
      int gates,
      boolean cellState,
      BiFunction<Kernels, Integer, Cell> constructor,
      ProjectedConstructor projected) {
    this.module = module;
    this.gates = gates;
    this.cellState = cellState;
    this.constructor = constructor;
    this.projected = projected;
  }

  private interface ProjectedConstructor {
    Cell cell(Kernels kernels, int hiddenSize, int stateSize);
  }

  /**
   * The module that PyTorch's parameters of this kind are usually in: {@code module.weight_ih_l0}.
   *
   * @return the first part of the names
   */
  public String module() {
    return module;
  }

  /**
   * The number of gates: row blocks of {@code hiddenSize} in PyTorch's weights.
   *
   * @return gates
   */
  public int gates() {
    return gates;
  }

  /**
   * Whether the state is a pair (h, c) and not h alone.
   *
   * @return true when there is a cell state
   */
  public boolean hasCellState() {
    return cellState;
  }

  /**
   * Whether a cell of this kind can project its units onto a smaller state.
   *
   * @return true when there is such a cell
   */
  public boolean canProject() {
    return projected != null;
  }

  /**
   * A cell of this kind.
   *
   * @param kernels arithmetic
   * @param hiddenSize hidden units
   * @param projectionSize values of the state that the units are projected onto; 0 for none
   * @return the cell
   */
  public Cell cell(Kernels kernels, int hiddenSize, int projectionSize) {
    return projectionSize == 0
        ? constructor.apply(kernels, hiddenSize)
        : projected.cell(kernels, hiddenSize, projectionSize);
  }

  /**
   * The name in files and on the command line.
   *
   * @return the name in lower case
   */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The kind of a name.
   *
   * @param text what {@link #text()} gives
   * @return the kind
   * @throws IllegalArgumentException if there is no such cell
   */
  public static CellKind parse(String text) {
    return Arrays.stream(values())
        .filter(kind -> kind.text().equals(text))
        .findAny()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "cell: found \""
                        + text
                        + "\", expected one of "
                        + Arrays.stream(values()).map(CellKind::text).toList()));
  }
}
