package org.lanewise.format;

import static org.lanewise.format.FormatException.shown;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A named array of numbers as a file holds it: element type, shape, and the elements in row-major
 * order, little-endian. Immutable, and so safe to share between threads; every accessor gives a
 * fresh copy.
 *
 * <p>The accessors convert only where every value survives exactly: a narrower float to a wider
 * one, a narrower integer to {@code long}. What would have to be rounded is refused.
 */
public final class Tensor {
  /** Floats that are looked at together. */
  private static final int PART = 1 << 12;

  private final String file;
  private final String name;
  private final Dtype dtype;
  private final int[] shape;
  private final byte[] bytes;

  private Tensor(String file, String name, Dtype dtype, int[] shape, byte[] bytes) {
    this.file = file;
    this.name = name;
    this.dtype = dtype;
    this.shape = shape;
    this.bytes = bytes;
  }

  /**
   * A tensor that was read from a file; its shape and its bytes have been checked and belong to it.
   */
  static Tensor ofFile(String file, String name, Dtype dtype, int[] shape, byte[] bytes) {
    return new Tensor(file, name, dtype, shape, bytes);
  }

  /**
   * A tensor of any element type.
   *
   * @param name its name
   * @param dtype the element type
   * @param bytes the elements, row-major and little-endian; copied
   * @param shape its dimensions; none for a scalar
   * @return the tensor
   * @throws IllegalArgumentException if a dimension is negative, or the bytes are not as many as
   *     the shape and the element type demand
   */
  public static Tensor ofBytes(String name, Dtype dtype, byte[] bytes, int... shape) {
    requireSize(name, dtype, shape, bytes.length);
    return new Tensor("", name, dtype, shape.clone(), bytes.clone());
  }

  /**
   * A tensor of {@link Dtype#F32}.
   *
   * @param name its name
   * @param values the elements, row-major; copied, bit for bit
   * @param shape its dimensions; none for a scalar
   * @return the tensor
   * @throws IllegalArgumentException if a dimension is negative, the values are not as many as the
   *     shape demands, or their bytes are more than an array holds
   */
  public static Tensor of(String name, float[] values, int... shape) {
    byte[] bytes = allocate(name, Dtype.F32, shape, values.length);
    littleEndian(bytes).asFloatBuffer().put(values);
    return new Tensor("", name, Dtype.F32, shape.clone(), bytes);
  }

  /**
   * A tensor of {@link Dtype#F64}.
   *
   * @param name its name
   * @param values the elements, row-major; copied, bit for bit
   * @param shape its dimensions; none for a scalar
   * @return the tensor
   * @throws IllegalArgumentException if a dimension is negative, the values are not as many as the
   *     shape demands, or their bytes are more than an array holds
   */
  public static Tensor of(String name, double[] values, int... shape) {
    byte[] bytes = allocate(name, Dtype.F64, shape, values.length);
    littleEndian(bytes).asDoubleBuffer().put(values);
    return new Tensor("", name, Dtype.F64, shape.clone(), bytes);
  }

  /**
   * A tensor of {@link Dtype#I64}.
   *
   * @param name its name
   * @param values the elements, row-major; copied
   * @param shape its dimensions; none for a scalar
   * @return the tensor
   * @throws IllegalArgumentException if a dimension is negative, the values are not as many as the
   *     shape demands, or their bytes are more than an array holds
   */
  public static Tensor of(String name, long[] values, int... shape) {
    byte[] bytes = allocate(name, Dtype.I64, shape, values.length);
    littleEndian(bytes).asLongBuffer().put(values);
    return new Tensor("", name, Dtype.I64, shape.clone(), bytes);
  }

  private static byte[] allocate(String name, Dtype dtype, int[] shape, int values) {
    long size = dtype.bytes(values);
    requireSize(name, dtype, shape, size);
    if (size > Safetensors.MAX_TENSOR_BYTES) {
      throw new IllegalArgumentException(
          shown(name) + ": " + size + " bytes, expected at most " + Safetensors.MAX_TENSOR_BYTES);
    }
    return new byte[(int) size];
  }

  private static void requireSize(String name, Dtype dtype, int[] shape, long size) {
    String described = shown(name) + ": " + dtype + " " + Arrays.toString(shape);
    long expected;
    try {
      expected = dtype.bytes(elements(shape));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(described + ": " + e.getMessage(), e);
    }
    if (size != expected) {
      throw new IllegalArgumentException(described + ": " + size + " bytes, expected " + expected);
    }
  }

  private static long elements(int[] shape) {
    long elements = 1;
    for (int dimension : shape) {
      if (dimension < 0) {
        throw new ArithmeticException("dimension " + dimension + ", expected 0 or more");
      }
      elements = Math.multiplyExact(elements, dimension);
    }
    return elements;
  }

  /**
   * The name.
   *
   * @return the name in the file
   */
  public String name() {
    return name;
  }

  /**
   * The element type.
   *
   * @return the element type in the file
   */
  public Dtype dtype() {
    return dtype;
  }

  /**
   * The dimensions.
   *
   * @return the dimensions, outermost first; empty for a scalar
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * The number of elements.
   *
   * @return the product of the dimensions; 1 for a scalar
   */
  public long elements() {
    return elements(shape);
  }

  /**
   * The elements as the file holds them.
   *
   * @return row-major, little-endian, packed without gaps
   */
  public byte[] bytes() {
    return bytes.clone();
  }

  /**
   * The elements as {@code float}: of {@link Dtype#F32} bit for bit, of {@link Dtype#F16} and
   * {@link Dtype#BF16} widened exactly.
   *
   * @return the elements, row-major
   * @throws FormatException if the element type is another one; {@link Dtype#F64} too, which would
   *     have to be rounded: {@link #doubles()} reads it
   */
  public float[] floats() throws FormatException {
    ByteBuffer data = data();
    if (dtype == Dtype.F32) {
      float[] values = new float[bytes.length / Float.BYTES];
      data.asFloatBuffer().get(values);
      return values;
    }
    if (dtype != Dtype.F16 && dtype != Dtype.BF16) {
      throw problem("dtype " + dtype + ", expected F32, F16 or BF16 to be read as float");
    }
    float[] values = new float[bytes.length / Short.BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = widened(data.getShort());
    }
    return values;
  }

  /**
   * The elements as {@code float}, those of {@link Dtype#F64} rounded to the nearest; a number too
   * large for a float becomes infinite.
   *
   * @return the elements, row-major
   * @throws FormatException if the element type is neither {@link Dtype#F64} nor one that {@link
   *     #floats()} reads
   */
  public float[] roundedFloats() throws FormatException {
    if (dtype != Dtype.F64) {
      return floats();
    }
    DoubleBuffer data = data().asDoubleBuffer();
    float[] values = new float[data.remaining()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) data.get();
    }
    return values;
  }

  /** Copies the elements, as {@link #floats()} gives them, into an array. */
  void copyTo(float[] values, int at) throws FormatException {
    if (dtype == Dtype.F32) {
      data().asFloatBuffer().get(values, at, bytes.length / Float.BYTES);
    } else {
      float[] widened = floats();
      System.arraycopy(widened, 0, values, at, widened.length);
    }
  }

  /** Refuses NaN and infinity; a part at a time, which costs no second copy of a large tensor. */
  void requireFinite() throws FormatException {
    boolean whole = dtype != Dtype.F32;
    FloatBuffer values = whole ? FloatBuffer.wrap(floats()) : data().asFloatBuffer();
    float[] part = new float[Math.min(values.remaining(), PART)];
    for (int start = 0; start < values.limit(); start += part.length) {
      int count = Math.min(part.length, values.limit() - start);
      values.get(start, part, 0, count);
      for (int i = 0; i < count; i++) {
        if (!Float.isFinite(part[i])) {
          throw problem("element " + (start + i) + " is " + part[i] + ", expected a finite number");
        }
      }
    }
  }

  private float widened(short half) {
    return dtype == Dtype.F16 ? Float.float16ToFloat(half) : Float.intBitsToFloat(half << 16);
  }

  /**
   * The elements as {@code double}: of {@link Dtype#F64} bit for bit, of {@link Dtype#F32}, {@link
   * Dtype#F16} and {@link Dtype#BF16} widened exactly.
   *
   * @return the elements, row-major
   * @throws FormatException if the element type is another one
   */
  public double[] doubles() throws FormatException {
    if (dtype == Dtype.F64) {
      double[] values = new double[bytes.length / Double.BYTES];
      data().asDoubleBuffer().get(values);
      return values;
    }
    if (dtype != Dtype.F32 && dtype != Dtype.F16 && dtype != Dtype.BF16) {
      throw problem("dtype " + dtype + ", expected F64, F32, F16 or BF16 to be read as double");
    }
    float[] narrow = floats();
    double[] values = new double[narrow.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = narrow[i];
    }
    return values;
  }

  /**
   * The elements as {@code long}, of any integer type and of {@link Dtype#BOOL}, whose elements
   * come out as 0 and 1.
   *
   * @return the elements, row-major
   * @throws FormatException if the element type is another one, if a {@link Dtype#U64} is above
   *     {@link Long#MAX_VALUE}, or if a truth value is neither 0 nor 1
   */
  public long[] longs() throws FormatException {
    if (!isInteger()) {
      throw problem("dtype " + dtype + ", expected an integer type or BOOL to be read as long");
    }
    ByteBuffer data = data();
    long[] values = new long[bytes.length / (dtype.bits() / Byte.SIZE)];
    for (int i = 0; i < values.length; i++) {
      values[i] = nextInteger(data, i);
    }
    return values;
  }

  private boolean isInteger() {
    return switch (dtype) {
      case BOOL, U8, I8, U16, I16, U32, I32, U64, I64 -> true;
      default -> false;
    };
  }

  private long nextInteger(ByteBuffer data, int index) throws FormatException {
    return switch (dtype) {
      case BOOL -> inRange(data.get() & 0xffL, 1, index);
      case U8 -> data.get() & 0xffL;
      case I8 -> data.get();
      case U16 -> data.getShort() & 0xffffL;
      case I16 -> data.getShort();
      case U32 -> data.getInt() & 0xffff_ffffL;
      case I32 -> data.getInt();
      case U64 -> inRange(data.getLong(), Long.MAX_VALUE, index);
      case I64 -> data.getLong();
      default -> throw new AssertionError(dtype);
    };
  }

  private long inRange(long value, long max, int index) throws FormatException {
    if (Long.compareUnsigned(value, max) > 0) {
      throw problem(
          String.format(
              "element %d of %s is %s, expected at most %d",
              index, dtype, Long.toUnsignedString(value), max));
    }
    return value;
  }

  /**
   * The elements without a copy, for the package that writes them.
   *
   * @return a read-only view of all bytes, little-endian
   */
  ByteBuffer data() {
    return littleEndian(bytes).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private FormatException problem(String problem) {
    return new FormatException(file, shown(name) + ": " + problem);
  }

  /** The tensor in words, such as {@code weight_hh_l0: F32 [1024, 256]}. */
  @Override
  public String toString() {
    return shown(name) + ": " + dtype + " " + Arrays.toString(shape);
  }
}
