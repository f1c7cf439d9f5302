package org.lanewise.properties;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.lanewise.kernel.Packed;

/** All operands of the gates of an LSTM, drawn from a {@link KernelCase}; columns are units. */
final class GateCase {
  final int rows;
  final int units;
  final int blockBegin;
  final int blockEnd;
  final int stride;
  final Matrix cPrevious;
  final Matrix c;
  final Matrix tanhC;
  final Matrix h;
  final Matrix dh;
  final Matrix dc;
  final Matrix z;
  private final KernelCase from;

  GateCase(KernelCase kernelCase) {
    SplittableRandom random = kernelCase.random();
    Values values = kernelCase.values();
    this.from = kernelCase;
    this.rows = kernelCase.rows();
    this.units = Packed.padded(kernelCase.columns());
    int blocks = units / Packed.BLOCK;
    boolean whole = random.nextInt(3) == 0;
    this.blockBegin = whole ? 0 : random.nextInt(blocks + 1);
    this.blockEnd = whole ? blocks : random.nextInt(blockBegin, blocks + 1);
    this.stride = units + random.nextInt(2) * random.nextInt(40);
    this.cPrevious = Matrix.strided(random, values, rows, stride);
    this.c = random.nextInt(3) == 0 ? cPrevious : Matrix.strided(random, values, rows, stride);
    this.tanhC = Matrix.strided(random, values, rows, stride);
    this.h = Matrix.strided(random, values, rows, stride);
    this.dh = Matrix.draw(random, values, rows, units);
    this.dc = Matrix.strided(random, values, rows, stride);
    this.z = Matrix.draw(random, values, rows, 4 * units);
  }

  BitSet region(Matrix matrix) {
    return matrix.region(rows, blockBegin * Packed.BLOCK, blockEnd * Packed.BLOCK);
  }

  BitSet zRegion() {
    return z.region(rows, blockBegin * Packed.PANEL, blockEnd * Packed.PANEL);
  }

  /** Where gate 0 to 3 of a unit lies. */
  static int column(int gate, int unit) {
    return unit / Packed.BLOCK * Packed.PANEL + gate * Packed.BLOCK + unit % Packed.BLOCK;
  }

  @Override
  public String toString() {
    return "%s: blocks %d to %d, stride %d, c' %s, c %s, z %s"
        .formatted(from, blockBegin, blockEnd, stride, cPrevious, c, z);
  }
}
