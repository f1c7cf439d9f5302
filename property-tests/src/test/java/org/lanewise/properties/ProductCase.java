package org.lanewise.properties;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.lanewise.kernel.Packed;

/**
 * All operands of a product, a look-up or an accumulation, drawn from a {@link KernelCase}: the
 * same case gives the same operands, so it can be run twice.
 */
final class ProductCase {
  final int rows;
  final int depth;
  final int firstInput;
  final int panelBegin;
  final int panelEnd;
  final Packed w;
  final Matrix a;
  final Matrix z;
  final int[] index;
  final int indexOffset;
  private final KernelCase from;

  ProductCase(KernelCase c) {
    SplittableRandom random = c.random();
    this.from = c;
    this.rows = c.rows();
    this.depth = c.depth();
    this.firstInput = random.nextInt(2) * random.nextInt(9);
    int inputs = firstInput + depth + random.nextInt(2) * random.nextInt(5);
    this.w = new Packed(Math.max(1, inputs), c.columns());
    for (int i = 0; i < w.values().length; i++) {
      w.values()[i] = c.values().next(random);
    }
    boolean whole = random.nextInt(3) == 0;
    this.panelBegin = whole ? 0 : random.nextInt(w.panels() + 1);
    this.panelEnd = whole ? w.panels() : random.nextInt(panelBegin, w.panels() + 1);
    this.a = Matrix.draw(random, c.values(), rows, depth);
    this.z = Matrix.draw(random, c.values(), rows, w.columns());
    this.indexOffset = random.nextInt(4);
    this.index = random.ints(indexOffset + rows, 0, w.depth()).toArray();
  }

  /** Columns of z that the panels cover. */
  BitSet zRegion() {
    return z.region(rows, w.column(panelBegin), w.column(panelEnd));
  }

  /** Rows of w, bias first, that the panels cover. */
  BitSet wRegion(int rowBegin, int rowEnd) {
    BitSet places = new BitSet();
    for (int p = panelBegin; p < panelEnd && rowBegin < rowEnd; p++) {
      places.set(w.offset(p, rowBegin), w.offset(p, rowEnd));
    }
    return places;
  }

  /** The weight, or gradient, of an input and a column. */
  float weight(int input, int column) {
    return w.values()[w.index(1 + input, column)];
  }

  float bias(int column) {
    return w.values()[w.index(0, column)];
  }

  @Override
  public String toString() {
    return from
        + ": inputs from "
        + firstInput
        + " of "
        + w.depth()
        + ", panels "
        + panelBegin
        + " to "
        + panelEnd
        + " of "
        + w.panels()
        + ", a "
        + a
        + ", z "
        + z;
  }
}
