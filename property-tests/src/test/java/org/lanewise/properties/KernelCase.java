package org.lanewise.properties;

import java.util.SplittableRandom;

/**
 * The sizes of a kernel's operands, the look of their numbers, and the seed of everything else:
 * numbers, offsets, strides and sub-ranges.
 */
record KernelCase(int rows, int depth, int columns, Values values, long seed) {

  SplittableRandom random() {
    return new SplittableRandom(seed);
  }

  KernelCase withValues(Values other) {
    return new KernelCase(rows, depth, columns, other, seed);
  }

  /** This case with numbers that do not overflow. */
  KernelCase ordinary() {
    return withValues(Values.ORDINARY);
  }
}
