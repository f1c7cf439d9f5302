package org.lanewise.cell;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.BiFunction;
import org.lanewise.kernel.Kernels;

/** The cells there are. A new cell is its own file and one line here. */
public enum CellKind {
  /** {@link LstmCell}. */
  LSTM(4, LstmCell::new);

  private final int gates;
  private final BiFunction<Kernels, Integer, Cell> constructor;

  CellKind(int gates, BiFunction<Kernels, Integer, Cell> constructor) {
    this.gates = gates;
    this.constructor = constructor;
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
   * A cell of this kind.
   *
   * @param kernels arithmetic
   * @param hiddenSize hidden units
   * @return the cell
   */
  public Cell cell(Kernels kernels, int hiddenSize) {
    return constructor.apply(kernels, hiddenSize);
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
