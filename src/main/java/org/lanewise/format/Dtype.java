package org.lanewise.format;

/**
 * The element types of safetensors, under the names that stand in the file and in the order of the
 * reference implementation: a writer lays tensors out from the last of these to the first, so wide
 * elements come first and every tensor is aligned to its own element.
 */
public enum Dtype {
  /** A truth value in one byte, 0 or 1. */
  BOOL(8),
  /** Four-bit floating point, OCP MX E2M1; two elements in a byte. */
  F4(4),
  /** Six-bit floating point, OCP MX E2M3; four elements in three bytes. */
  F6_E2M3(6),
  /** Six-bit floating point, OCP MX E3M2; four elements in three bytes. */
  F6_E3M2(6),
  /** Unsigned byte. */
  U8(8),
  /** Signed byte. */
  I8(8),
  /** Eight-bit floating point, 5 bits of exponent. */
  F8_E5M2(8),
  /** Eight-bit floating point, 4 bits of exponent, no infinities. */
  F8_E4M3(8),
  /** Eight-bit power of two, the scale of the OCP MX formats. */
  F8_E8M0(8),
  /** Eight-bit floating point, 4 bits of exponent, no infinities, no negative zero. */
  F8_E4M3FNUZ(8),
  /** Eight-bit floating point, 5 bits of exponent, no infinities, no negative zero. */
  F8_E5M2FNUZ(8),
  /** Signed 16-bit integer. */
  I16(16),
  /** Unsigned 16-bit integer. */
  U16(16),
  /** IEEE 754 binary16. */
  F16(16),
  /** The upper half of an IEEE 754 binary32. */
  BF16(16),
  /** Signed 32-bit integer. */
  I32(32),
  /** Unsigned 32-bit integer. */
  U32(32),
  /** IEEE 754 binary32, Java's {@code float}. */
  F32(32),
  /** A complex number: two {@link #F32}, real part first. */
  C64(64),
  /** IEEE 754 binary64, Java's {@code double}. */
  F64(64),
  /** Signed 64-bit integer. */
  I64(64),
  /** Unsigned 64-bit integer. */
  U64(64);

  private final int bits;

  Dtype(int bits) {
    this.bits = bits;
  }

  /**
   * The width of one element.
   *
   * @return bits, not always a whole number of bytes
   */
  public int bits() {
    return bits;
  }

  /**
   * The bytes that a tensor of this type takes.
   *
   * @param elements number of elements
   * @return bytes
   * @throws ArithmeticException if the elements do not end on a whole byte, or the number of their
   *     bits does not fit a {@code long}; the message says which
   */
  long bytes(long elements) {
    long total = Math.multiplyExact(elements, bits);
    if (total % Byte.SIZE != 0) {
      throw new ArithmeticException(total + " bits, expected whole bytes");
    }
    return total / Byte.SIZE;
  }
}
