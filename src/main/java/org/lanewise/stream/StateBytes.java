package org.lanewise.stream;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.lanewise.network.NetworkSpec;

/**
 * The state of a session as bytes, for stores that know no floats. Little-endian:
 *
 * <pre>
 * 4 bytes    the letters LWST
 * 2          version, 1
 * 2          n, the length of the architecture
 * n          the architecture in ASCII: {@code lstm input 64 hidden 128 layers 2 output 10}
 * 4 each     the values of the state, as floats
 * 4          CRC32C of everything before
 * </pre>
 *
 * <p>Nothing is allocated after construction, except for the messages of exceptions.
 */
final class StateBytes {
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle FLOATS =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

  /** The letters LWST. */
  private static final int MAGIC = 0x5453574c;

  private static final int VERSION = 1;
  private static final int PREFIX = 8;
  private static final int SUM = 4;

  private final byte[] architecture;
  private final int values;
  private final CRC32C sum = new CRC32C();

  /**
   * The form of the states of a network.
   *
   * @param spec its architecture
   * @param values floats of a state
   */
  StateBytes(NetworkSpec spec, int values) {
    this.architecture = architecture(spec).getBytes(StandardCharsets.US_ASCII);
    this.values = values;
  }

  /** What the states of two models must have in common to be exchanged, in words. */
  static String architecture(NetworkSpec spec) {
    return spec.cell().text()
        + (spec.input().isToken() ? " tokens " + spec.input().tokens() : "")
        + (" input " + spec.input().size())
        + (" hidden " + spec.hiddenSize())
        + (spec.projectionSize() > 0 ? " projection " + spec.projectionSize() : "")
        + (" layers " + spec.layers())
        + (" output " + spec.outputSize());
  }

  int length() {
    return Math.addExact(
        Math.multiplyExact(values, Float.BYTES), PREFIX + architecture.length + SUM);
  }

  void write(float[] state, byte[] bytes) {
    INTS.set(bytes, 0, MAGIC);
    SHORTS.set(bytes, 4, (short) VERSION);
    SHORTS.set(bytes, 6, (short) architecture.length);
    System.arraycopy(architecture, 0, bytes, PREFIX, architecture.length);
    int at = PREFIX + architecture.length;
    for (int i = 0; i < values; i++) {
      FLOATS.set(bytes, at + i * Float.BYTES, state[i]);
    }
    INTS.set(bytes, bytes.length - SUM, sum(bytes));
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if the bytes are not a state, damaged, or of another
   *     architecture
   */
  void read(byte[] bytes, float[] state) {
    if (bytes.length < PREFIX + SUM) {
      throw refused(bytes.length + " bytes", length());
    }
    int magic = (int) INTS.get(bytes, 0);
    if (magic != MAGIC) {
      throw refused(String.format("first bytes %08x", Integer.reverseBytes(magic)), "4c575354");
    }
    int version = (short) SHORTS.get(bytes, 4);
    if (version != VERSION) {
      throw refused("version " + version, VERSION);
    }
    int found = (int) INTS.get(bytes, bytes.length - SUM);
    int computed = sum(bytes);
    if (found != computed) {
      throw refused(
          String.format("check sum %08x over %d bytes", found, bytes.length),
          String.format("%08x over %d; they are damaged or cut short", computed, length()));
    }
    int end = PREFIX + ((short) SHORTS.get(bytes, 6) & 0xffff);
    if (!Arrays.equals(
        bytes, PREFIX, Math.min(end, bytes.length), architecture, 0, architecture.length)) {
      int shown = Math.min(end, bytes.length) - PREFIX;
      throw refused(
          "one of \"" + new String(bytes, PREFIX, shown, StandardCharsets.US_ASCII) + '"',
          '"' + new String(architecture, StandardCharsets.US_ASCII) + '"');
    }
    if (bytes.length != length()) {
      throw refused(bytes.length + " bytes", length());
    }
    for (int i = 0; i < values; i++) {
      state[i] = (float) FLOATS.get(bytes, end + i * Float.BYTES);
    }
  }

  private int sum(byte[] bytes) {
    sum.reset();
    sum.update(bytes, 0, bytes.length - SUM);
    return (int) sum.getValue();
  }

  private static IllegalArgumentException refused(String found, Object expected) {
    return new IllegalArgumentException("state: found " + found + ", expected " + expected);
  }
}
