package org.lanewise.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Safetensors files put together by hand, broken ones included. */
final class RawFile {
  private RawFile() {}

  /** A file with this header, its true length before it, and so many bytes of data behind it. */
  static Path write(Path directory, String header, int dataSize) throws IOException {
    return write(directory, header.getBytes(StandardCharsets.UTF_8), dataSize);
  }

  /** As above, for a header that need not be text. */
  static Path write(Path directory, byte[] header, int dataSize) throws IOException {
    byte[] file = new byte[Long.BYTES + header.length + dataSize];
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header);
    return Files.write(directory.resolve("model.safetensors"), file);
  }

  /** The header with ' in place of ", which reads better in Java. */
  static String json(String singleQuoted) {
    return singleQuoted.replace('\'', '"');
  }
}
