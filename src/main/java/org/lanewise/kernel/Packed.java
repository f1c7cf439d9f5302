package org.lanewise.kernel;

/**
 * A matrix laid out for the lanes: {@code 1 + depth} rows by {@code columns} columns, cut into
 * panels of columns. Row 0 is the bias, row {@code 1 + k} holds the weights of input {@code k}; a
 * panel stores its rows one after the other, so a kernel that walks down a panel reads memory in
 * one stream.
 *
 * <p>Columns are padded with zeros to a multiple of {@value #BLOCK}, the widest lane count, so no
 * kernel has a remainder in its lanes, and the layout is the same for every lane count. Panels are
 * {@value #PANEL} columns wide as long as that many are left; what remains becomes up to three
 * narrow panels of {@value #BLOCK}. Two constant widths let the compiler hoist the bound checks.
 *
 * <p>Packed weights are derived data: made from the natural layout at load, or after an optimizer
 * step. A gradient is accumulated in the same layout and unpacked once per window.
 */
public final class Packed {
  /** Columns are padded to a multiple of this: the number of float lanes in 512 bits. */
  public static final int BLOCK = 16;

  /** Columns in a full panel: four gates of one block. */
  public static final int PANEL = 4 * BLOCK;

  private final int depth;
  private final int columns;
  private final float[] values;

  /**
   * A packed matrix of zeros.
   *
   * @param depth number of input rows, without the bias row
   * @param columns number of columns; padded to a multiple of {@value #BLOCK}
   */
  public Packed(int depth, int columns) {
    if (depth < 0 || columns < 1) {
      throw new IllegalArgumentException("packed matrix of " + depth + " x " + columns);
    }
    this.depth = depth;
    this.columns = padded(columns);
    this.values = new float[Math.multiplyExact(depth + 1, this.columns)];
  }

  /**
   * Rounds up to a multiple of {@value #BLOCK}.
   *
   * @param n a count of columns
   * @return the padded count
   */
  public static int padded(int n) {
    return Math.addExact(n, BLOCK - 1) & -BLOCK;
  }

  /**
   * The row stride of an activation matrix with {@code n} columns: an odd number of blocks, because
   * rows a power of two apart would fall into the same few cache sets.
   *
   * @param n a count of columns
   * @return the number of floats from one row to the next
   */
  public static int stride(int n) {
    return BLOCK * ((padded(n) / BLOCK) | 1);
  }

  /**
   * The number of input rows.
   *
   * @return rows without the bias row
   */
  public int depth() {
    return depth;
  }

  /**
   * The number of columns.
   *
   * @return columns, padding included
   */
  public int columns() {
    return columns;
  }

  /**
   * The number of panels.
   *
   * @return wide panels, then narrow ones
   */
  public int panels() {
    return widePanels() + columns % PANEL / BLOCK;
  }

  /**
   * The number of panels that are {@value #PANEL} columns wide; they come first.
   *
   * @return full panels
   */
  public int widePanels() {
    return columns / PANEL;
  }

  /**
   * The width of a panel.
   *
   * @param panel index of the panel
   * @return {@value #PANEL} or {@value #BLOCK} columns
   */
  public int width(int panel) {
    return panel < widePanels() ? PANEL : BLOCK;
  }

  /**
   * The first column of a panel.
   *
   * @param panel index of the panel, or the number of panels
   * @return index of the column
   */
  public int column(int panel) {
    return Math.min(panel, widePanels()) * PANEL + Math.max(0, panel - widePanels()) * BLOCK;
  }

  /**
   * The panel that holds a column.
   *
   * @param column index of the column
   * @return index of the panel
   */
  public int panel(int column) {
    int wide = widePanels();
    return column < wide * PANEL ? column / PANEL : wide + (column - wide * PANEL) / BLOCK;
  }

  /**
   * Where a row of a panel starts.
   *
   * @param panel index of the panel
   * @param row 0 for the bias, 1 + k for input k
   * @return an index into {@link #values()}
   */
  public int offset(int panel, int row) {
    return column(panel) * (depth + 1) + row * width(panel);
  }

  /**
   * Where one element lies.
   *
   * @param row 0 for the bias, 1 + k for input k
   * @param column index of the column
   * @return an index into {@link #values()}
   */
  public int index(int row, int column) {
    int panel = panel(column);
    return offset(panel, row) + column - column(panel);
  }

  /**
   * The storage itself, not a copy.
   *
   * @return all panels, one after the other
   */
  public float[] values() {
    return values;
  }
}
