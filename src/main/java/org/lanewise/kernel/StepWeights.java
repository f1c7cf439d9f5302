package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Packed weights as one step of one stream reads them: a second copy, laid out for the kernels that
 * read it. For those on the Vector API it lies outside the heap, where every row of a panel begins
 * on a cache line. An array in the heap begins anywhere, and then each load of 64 bytes touches two
 * lines, which makes a step 1.4 to 1.7 times slower. For the plain ones see {@link PlainStep}.
 *
 * <p>The copy may hold fewer bits. Making it rounds the packed weights themselves to the same
 * numbers, so that whole sequences, batches and the plain kernels compute with them too, and the
 * law of {@link Kernels} holds among all of them. Biases keep all their bits.
 *
 * <pre>
 * float32    the weight
 * bfloat16   rounded to 8 significant bits, to even
 * int8       q 2^e, q from -127 to 127, e the least for a column in which every |q| fits
 * </pre>
 *
 * <p>Immutable, if the packed weights are no longer written.
 */
public final class StepWeights {
  /** How many bits a weight keeps. */
  public enum Format {
    /** All of them. */
    FLOAT32(4),
    /** The upper half: two weights share an int, those of columns c and c + 16. */
    BFLOAT16(2),
    /** Four weights share an int, those of columns c, c + 16, c + 32 and c + 48, plus 128. */
    INT8(1);

    /** Bytes of a weight. */
    final int bytes;

    Format(int bytes) {
      this.bytes = bytes;
    }
  }

  /** The exponents of int8 for which every step of the widening is a normal number. */
  private static final int LEAST_EXPONENT = -126;

  private static final int GREATEST_EXPONENT = 104;

  /** The largest of bfloat16. */
  private static final float GREATEST_BFLOAT16 = 0x1.fep127f;

  /**
   * Bytes of weights that a step reads from the L2 cache: no L1 cache holds the lesser number, and
   * every L2 cache the greater.
   */
  private static final int L2_LEAST = 64 << 10;

  private static final int L2_MOST = 1 << 20;

  final Packed packed;
  final Format format;

  private final int sweep;

  /** Whether they are one wide panel in float32: those of the smallest layers. */
  final boolean small;

  /**
   * In lines: the wide panels, laid out as in {@link Packed} with {@code format.bytes} for a
   * weight.
   */
  final MemorySegment values;

  /** In rows: the weights of each input, by column. */
  final float[][] rows;

  /** For int8 {@code 2^(23 + e)} of every column, then {@code 2^(23 + e) + 128 2^e} of each. */
  final float[] widening;

  private StepWeights(Packed packed, Format format, int columnsInLines, int rows) {
    this.packed = packed;
    this.format = format;
    this.small = format == Format.FLOAT32 && packed.columns() == PANEL;
    long bytes = (long) packed.depth() * columnsInLines * Float.BYTES;
    boolean fromL2 = format == Format.FLOAT32 && bytes > L2_LEAST && bytes <= L2_MOST;
    this.sweep = fromL2 ? 1 : 2;
    this.rows = new float[rows][packed.columns()];
    this.widening = new float[format == Format.INT8 ? 2 * columnsInLines : 0];
    long size = (long) (packed.depth() + 1) * columnsInLines * format.bytes;
    this.values = Arena.ofAuto().allocate(Math.max(size, 1), Float.BYTES * BLOCK);
    if (format != Format.FLOAT32) {
      requireFinite(packed.values());
    }
    int[] exponents = new int[BLOCK];
    for (int column = 0; column < packed.columns(); column += BLOCK) {
      if (format == Format.INT8) {
        findExponents(column, exponents);
      }
      for (int row = 1; row <= packed.depth(); row++) {
        int at = packed.index(row, column);
        round(at, exponents);
        if (column < columnsInLines) {
          store(row, column, at, exponents);
        }
        if (row <= rows) {
          System.arraycopy(packed.values(), at, this.rows[row - 1], column, BLOCK);
        }
      }
      if (format == Format.INT8 && column < columnsInLines) {
        for (int u = 0; u < BLOCK; u++) {
          float unit = Math.scalb(1f, exponents[u]);
          widening[column + u] = 0x1p23f * unit;
          widening[columnsInLines + column + u] = 0x1p23f * unit + 128 * unit;
        }
      }
    }
  }

  /** Rounds packed weights and copies them to aligned memory. */
  static StepWeights inLines(Packed packed, Format format) {
    return new StepWeights(packed, format, packed.widePanels() * PANEL, 0);
  }

  /** Rounds packed weights and copies them to an array for each input. */
  static StepWeights inRows(Packed packed, Format format) {
    return new StepWeights(packed, format, 0, packed.depth());
  }

  /**
   * How many panels a step had best take together. Two, as their outputs fill the registers and
   * hide the latency of the multiply-adds; but one when the weights come from the L2 cache, which
   * is slower than that, and feeds one reader in order better than two: 64 units take 1.07 µs so
   * and not 1.30, 128 take 3.9 and not 5.1 (AMD Zen 5). From further away two are faster again, by
   * half at 1024 units.
   *
   * @return 1 or 2
   */
  public int sweep() {
    return sweep;
  }

  private static void requireFinite(float[] weights) {
    for (float weight : weights) {
      if (!Float.isFinite(weight)) {
        throw new IllegalArgumentException(
            "weight: found " + weight + ", expected a finite number");
      }
    }
  }

  private void findExponents(int column, int[] exponents) {
    for (int u = 0; u < BLOCK; u++) {
      float greatest = 0;
      for (int row = 1; row <= packed.depth(); row++) {
        greatest = Math.max(greatest, Math.abs(packed.values()[packed.index(row, column) + u]));
      }
      int e = LEAST_EXPONENT;
      if (greatest > 0) {
        // 2^7 times the unit of the number's own exponent covers it; half of that may do too.
        e = Math.clamp(Math.getExponent(greatest) - 6, LEAST_EXPONENT, GREATEST_EXPONENT);
        if (Math.rint(greatest / (double) Math.scalb(1f, e)) > 127) {
          e = Math.min(e + 1, GREATEST_EXPONENT);
        }
      }
      exponents[u] = e;
    }
  }

  private void round(int at, int[] exponents) {
    float[] w = packed.values();
    for (int u = 0; u < BLOCK; u++) {
      if (format == Format.BFLOAT16) {
        w[at + u] = bfloat16(w[at + u]);
      } else if (format == Format.INT8) {
        // By way of an int, which has no negative zero, as the bytes have none.
        double q = Math.rint(w[at + u] / (double) Math.scalb(1f, exponents[u]));
        w[at + u] = Math.scalb((float) (int) Math.clamp(q, -127.0, 127.0), exponents[u]);
      }
    }
  }

  /** The nearest number with 8 significant bits, ties to even; never infinite. */
  static float bfloat16(float x) {
    int bits = Float.floatToRawIntBits(x);
    float rounded = Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
    return Math.clamp(rounded, -GREATEST_BFLOAT16, GREATEST_BFLOAT16);
  }

  /** Stores one row of a block of rounded weights. */
  private void store(int row, int column, int at, int[] exponents) {
    float[] w = packed.values();
    int block = column % PANEL / BLOCK;
    long start = (long) packed.offset(column / PANEL, row) * format.bytes;
    for (int u = 0; u < BLOCK; u++) {
      if (format == Format.FLOAT32) {
        values.set(ValueLayout.JAVA_FLOAT, start + 4L * (block * BLOCK + u), w[at + u]);
      } else if (format == Format.BFLOAT16) {
        long pair = start + 4L * (block / 2 * BLOCK + u);
        int bits = Float.floatToRawIntBits(w[at + u]);
        merge(pair, block % 2 == 0 ? bits >>> 16 : bits & 0xffff0000);
      } else {
        int q = (int) Math.scalb(w[at + u], -exponents[u]);
        merge(start + 4L * u, (q + 128) << (8 * block));
      }
    }
  }

  private void merge(long at, int bits) {
    values.set(ValueLayout.JAVA_INT, at, values.get(ValueLayout.JAVA_INT, at) | bits);
  }
}
