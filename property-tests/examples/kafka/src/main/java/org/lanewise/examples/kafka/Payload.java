package org.lanewise.examples.kafka;

import java.nio.ByteBuffer;

/**
 * What the values of the topics are made of. A reading is its sequence number and the input of one
 * step, a score the number of its reading and the output; both big-endian, as Kafka's own
 * serializers are:
 *
 * <pre>{@code
 * long sequence, float values[0], …, float values[n-1]
 * }</pre>
 */
final class Payload {
  private Payload() {}

  /** The number of bytes of a value. */
  static int size(int values) {
    return Long.BYTES + values * Float.BYTES;
  }

  static byte[] of(long sequence, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(size(values.length)).putLong(sequence);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  static long sequence(byte[] payload) {
    return ByteBuffer.wrap(payload).getLong();
  }

  static void values(byte[] payload, float[] values) {
    ByteBuffer.wrap(payload, Long.BYTES, payload.length - Long.BYTES).asFloatBuffer().get(values);
  }
}
