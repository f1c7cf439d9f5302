package org.lanewise.examples.kafka;

import java.nio.ByteBuffer;

/**
 * What the values of the topics and of the store are made of: a sequence number and what belongs to
 * it, the input of one step in a reading, the output in a score, the session's state in the store.
 * Numbers are big-endian, as Kafka's own serializers write them.
 */
final class Payload {
  private Payload() {}

  static byte[] of(long sequence, float[] values) {
    ByteBuffer payload = ByteBuffer.allocate(Long.BYTES + values.length * Float.BYTES);
    payload.putLong(sequence).asFloatBuffer().put(values);
    return payload.array();
  }

  static byte[] of(long sequence, byte[] bytes) {
    return ByteBuffer.allocate(Long.BYTES + bytes.length).putLong(sequence).put(bytes).array();
  }

  static long sequence(byte[] payload) {
    return ByteBuffer.wrap(payload).getLong();
  }

  static void values(byte[] payload, float[] values) {
    ByteBuffer.wrap(payload, Long.BYTES, payload.length - Long.BYTES).asFloatBuffer().get(values);
  }

  /** Copies the bytes that belong to the number; throws if they are not as many as expected. */
  static void bytes(byte[] payload, byte[] bytes) {
    if (payload.length != Long.BYTES + bytes.length) {
      throw new IllegalArgumentException(
          "found " + payload.length + " bytes, expected " + (Long.BYTES + bytes.length));
    }
    System.arraycopy(payload, Long.BYTES, bytes, 0, bytes.length);
  }
}
