package org.lanewise.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the accessors convert, what they refuse, and that nobody can change a tensor. */
class TensorTest {
  @Test
  void everyHalfIsWidenedExactly() throws FormatException {
    Tensor tensor = Tensor.ofBytes("h", Dtype.F16, allShorts(), 1 << 16);
    float[] floats = tensor.floats();
    double[] doubles = tensor.doubles();
    for (int i = 0; i < floats.length; i++) {
      float expected = halfByDefinition(i);
      assertEquals(expected, floats[i], "half 0x" + Integer.toHexString(i));
      assertEquals(expected, doubles[i], "half 0x" + Integer.toHexString(i));
    }
  }

  /** IEEE 754, section 3.4: sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
  private static float halfByDefinition(int bits) {
    float sign = (bits & 0x8000) == 0 ? 1 : -1;
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0x1f) {
      return fraction == 0 ? sign * Float.POSITIVE_INFINITY : Float.NaN;
    }
    return exponent == 0
        ? sign * Math.scalb((float) fraction, -24)
        : sign * Math.scalb((float) (fraction + 1024), exponent - 25);
  }

  @Test
  void everyBfloat16IsTheUpperHalfOfFloat() throws FormatException {
    float[] floats = Tensor.ofBytes("b", Dtype.BF16, allShorts(), 1 << 16).floats();
    for (int i = 0; i < floats.length; i++) {
      assertEquals(
          i << 16, Float.floatToRawIntBits(floats[i]), "bfloat16 0x" + Integer.toHexString(i));
    }
  }

  private static byte[] allShorts() {
    byte[] bytes = new byte[2 << 16];
    for (int i = 0; i < 1 << 16; i++) {
      bytes[2 * i] = (byte) i;
      bytes[2 * i + 1] = (byte) (i >> 8);
    }
    return bytes;
  }

  @Test
  void floatsAndDoublesKeepTheirBits() throws FormatException {
    int[] bits = {0, 0x8000_0000, 1, 0x7f80_0000, 0x7fc1_2345, 0xff80_0001, 0x3f80_0000};
    float[] floats = new float[bits.length];
    for (int i = 0; i < bits.length; i++) {
      floats[i] = Float.intBitsToFloat(bits[i]);
    }
    float[] back = Tensor.of("f", floats, bits.length).floats();
    for (int i = 0; i < bits.length; i++) {
      assertEquals(bits[i], Float.floatToRawIntBits(back[i]));
    }
    double[] doubles = {-0.0, Double.MIN_VALUE, Math.PI, Double.NEGATIVE_INFINITY};
    assertArrayEquals(doubles, Tensor.of("d", doubles, 2, 2).doubles());
  }

  @Test
  void integersOfEveryWidthBecomeLongs() throws FormatException {
    byte[] bytes = {1, 0, 0, 0, 0, 0, 0, (byte) 0x80, -1, -1, -1, -1, -1, -1, -1, 0x7f};
    assertArrayEquals(new long[] {Long.MIN_VALUE + 1, Long.MAX_VALUE}, longs(Dtype.I64, bytes, 2));
    assertArrayEquals(
        new long[] {1, Integer.MIN_VALUE, -1, Integer.MAX_VALUE}, longs(Dtype.I32, bytes, 4));
    assertArrayEquals(
        new long[] {1, 1L << 31, (1L << 32) - 1, Integer.MAX_VALUE}, longs(Dtype.U32, bytes, 4));
    assertArrayEquals(
        new long[] {1, 0, 0, -0x8000, -1, -1, -1, 0x7fff}, longs(Dtype.I16, bytes, 8));
    assertArrayEquals(
        new long[] {1, 0, 0, 0x8000, 0xffff, 0xffff, 0xffff, 0x7fff}, longs(Dtype.U16, bytes, 8));
    byte[] few = {1, (byte) 0x80, -1};
    assertArrayEquals(new long[] {1, -128, -1}, longs(Dtype.I8, few, 3));
    assertArrayEquals(new long[] {1, 128, 255}, longs(Dtype.U8, few, 3));
    assertArrayEquals(new long[] {0, 1}, longs(Dtype.BOOL, new byte[] {0, 1}, 2));
  }

  @Test
  void valuesThatLongCannotHoldAreRefused() throws FormatException {
    byte[] bytes = {-1, -1, -1, -1, -1, -1, -1, 0x7f, 0, 0, 0, 0, 0, 0, 0, (byte) 0x80};
    assertProblem(
        "t: element 1 of U64 is 9223372036854775808, expected at most 9223372036854775807",
        () -> longs(Dtype.U64, bytes, 2));
    assertProblem(
        "t: element 1 of BOOL is 2, expected at most 1",
        () -> longs(Dtype.BOOL, new byte[] {1, 2}, 2));
  }

  @Test
  void otherTypesAreRefused() {
    Set<Dtype> floats = EnumSet.of(Dtype.F32, Dtype.F16, Dtype.BF16);
    Set<Dtype> doubles = EnumSet.of(Dtype.F64, Dtype.F32, Dtype.F16, Dtype.BF16);
    Set<Dtype> longs =
        EnumSet.of(
            Dtype.BOOL,
            Dtype.U8,
            Dtype.I8,
            Dtype.U16,
            Dtype.I16,
            Dtype.U32,
            Dtype.I32,
            Dtype.U64,
            Dtype.I64);
    for (Dtype dtype : Dtype.values()) {
      Tensor tensor = Tensor.ofBytes("t", dtype, new byte[dtype.bits()], 8);
      assertConverts(
          floats.contains(dtype),
          tensor::floats,
          "t: dtype " + dtype + ", expected F32, F16 or BF16 to be read as float");
      assertConverts(
          doubles.contains(dtype),
          tensor::doubles,
          "t: dtype " + dtype + ", expected F64, F32, F16 or BF16 to be read as double");
      assertConverts(
          longs.contains(dtype),
          tensor::longs,
          "t: dtype " + dtype + ", expected an integer type or BOOL to be read as long");
    }
  }

  @Test
  void nobodyCanChangeIt() throws FormatException {
    float[] values = {1, 2};
    int[] shape = {2};
    Tensor tensor = Tensor.of("t", values, shape);
    byte[] raw = tensor.bytes();
    Tensor other = Tensor.ofBytes("t", Dtype.F32, raw, shape);
    values[0] = 9;
    shape[0] = 9;
    raw[0] = 9;
    tensor.floats()[0] = 9;
    tensor.shape()[0] = 9;
    tensor.bytes()[0] = 9;
    for (Tensor unchanged : new Tensor[] {tensor, other}) {
      assertArrayEquals(new float[] {1, 2}, unchanged.floats());
      assertArrayEquals(new int[] {2}, unchanged.shape());
    }
    assertArrayEquals(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(1).putFloat(2).array(),
        tensor.bytes());
  }

  @Test
  void shapeAndValuesMustAgree() {
    assertRefused("t: F32 [2, 3]: 20 bytes, expected 24", () -> Tensor.of("t", new float[5], 2, 3));
    assertRefused("t: F64 []: 16 bytes, expected 8", () -> Tensor.of("t", new double[2]));
    assertRefused(
        "t: I64 [-1]: dimension -1, expected 0 or more", () -> Tensor.of("t", new long[1], -1));
    assertRefused(
        "t: F4 [3]: 12 bits, expected whole bytes",
        () -> Tensor.ofBytes("t", Dtype.F4, new byte[2], 3));
    assertEquals(1, Tensor.of("t", new float[1]).elements());
    assertEquals(0, Tensor.of("t", new float[0], 7, 0).elements());
  }

  private interface Access {
    Object get() throws FormatException;
  }

  private static long[] longs(Dtype dtype, byte[] bytes, int elements) throws FormatException {
    return Tensor.ofBytes("t", dtype, bytes, elements).longs();
  }

  private static void assertConverts(boolean converts, Access access, String problem) {
    if (converts) {
      assertDoesNotThrow(access::get);
    } else {
      assertProblem(problem, access);
    }
  }

  private static void assertProblem(String problem, Access access) {
    assertEquals(problem, assertThrows(FormatException.class, access::get).getMessage());
  }

  private static void assertRefused(String problem, Access access) {
    assertEquals(problem, assertThrows(IllegalArgumentException.class, access::get).getMessage());
  }
}
