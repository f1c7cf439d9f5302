package org.lanewise.examples.kafka;

import java.util.HexFormat;

/** A record of a topic; its value in hexadecimal, so that two are compared by content. */
record Message(String key, String hex, String reason) {

  static Message of(String key, byte[] value, String reason) {
    return new Message(key, value == null ? null : HexFormat.of().formatHex(value), reason);
  }

  /** A reading, or a score. */
  static Message of(String key, long sequence, float... values) {
    return of(key, Payload.of(sequence, values), "");
  }

  byte[] value() {
    return hex == null ? null : HexFormat.of().parseHex(hex);
  }
}
