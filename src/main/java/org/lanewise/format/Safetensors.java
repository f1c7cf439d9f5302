package org.lanewise.format;

import static org.lanewise.format.FormatException.shown;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The safetensors file format: the length of the header as 8 bytes little-endian, the header in
 * JSON, then the elements of all tensors, one tensor after the other.
 *
 * <p>The reader takes only what keeps every rule of the format, and is stricter than the reference
 * implementation where that one guesses: a name or key given twice, an unknown key, {@code null}
 * for metadata, white space around the header other than spaces behind it. Nothing is allocated
 * from a number that has not been checked against the size of the file. The writer produces the
 * layout of the reference implementation, and the same bytes for the same content.
 *
 * <p>Source: <a href="https://github.com/huggingface/safetensors">huggingface/safetensors</a>, its
 * section "Format" and its element types as of version 0.8.
 */
public final class Safetensors {
  /** The largest tensor that is read or written, in bytes: the longest array of a JVM. */
  public static final int MAX_TENSOR_BYTES = Integer.MAX_VALUE - 8;

  /**
   * How much goes through a channel at a time. The JDK copies an array through native memory of the
   * same size and keeps that for the thread, so one call must not move a whole tensor.
   */
  private static final int CHUNK = 1 << 20;

  private Safetensors() {}

  /**
   * Reads a whole file.
   *
   * @param path the file; messages name it as it is given here
   * @return all its tensors and metadata
   * @throws FormatException if the file breaks a rule of the format, or a tensor is larger than
   *     {@value #MAX_TENSOR_BYTES} bytes
   * @throws IOException if the file cannot be read
   */
  public static TensorFile read(Path path) throws IOException {
    String file = path.toString();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      byte[] headerBytes = new byte[headerSize(file, channel, size)];
      fill(headerBytes, file, channel, Header.START);
      long dataStart = (long) Header.START + headerBytes.length;
      Header header = HeaderReader.read(file, headerBytes, size - dataStart);
      for (Header.Entry entry : header.entries()) {
        requireArraySize(file, entry);
      }
      List<Tensor> tensors = new ArrayList<>(header.entries().size());
      for (Header.Entry entry : header.entries()) {
        byte[] bytes = new byte[(int) entry.size()];
        fill(bytes, file, channel, dataStart + entry.begin);
        int[] shape = Arrays.stream(entry.shape).mapToInt(Math::toIntExact).toArray();
        tensors.add(Tensor.ofFile(file, entry.name, entry.dtype, shape, bytes));
      }
      return new TensorFile(file, header.metadata(), tensors);
    }
  }

  private static int headerSize(String file, FileChannel channel, long size) throws IOException {
    if (size < Header.START) {
      throw new FormatException(
          file,
          "not a safetensors file: found "
              + size
              + " bytes, expected "
              + Header.START
              + " for the header length");
    }
    byte[] length = new byte[Header.START];
    fill(length, file, channel, 0);
    long headerSize = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
    long most = Math.min(Header.MAX_BYTES, size - Header.START);
    if (Long.compareUnsigned(headerSize, most) > 0) {
      String other = FormatException.otherFormat(length);
      if (other != null) {
        throw new FormatException(file, "not a safetensors file but " + other);
      }
      throw new FormatException(
          file,
          String.format(
              "not a safetensors file: header length %s, expected at most %d %s",
              Long.toUnsignedString(headerSize),
              most,
              most == Header.MAX_BYTES ? "in this format" : "in a file of " + size + " bytes"));
    }
    return (int) headerSize;
  }

  private static void requireArraySize(String file, Header.Entry entry) throws FormatException {
    if (entry.size() > MAX_TENSOR_BYTES) {
      throw new FormatException(
          file,
          String.format(
              "%s: %d bytes, expected at most %d, the longest array of a JVM",
              shown(entry.name), entry.size(), MAX_TENSOR_BYTES));
    }
    for (long dimension : entry.shape) {
      if (dimension > Integer.MAX_VALUE) {
        throw new FormatException(
            file,
            String.format(
                "%s: dimension %d, expected at most %d",
                shown(entry.name), dimension, Integer.MAX_VALUE));
      }
    }
  }

  private static void fill(byte[] bytes, String file, FileChannel channel, long position)
      throws IOException {
    int done = 0;
    while (done < bytes.length) {
      ByteBuffer chunk = ByteBuffer.wrap(bytes, done, Math.min(CHUNK, bytes.length - done));
      int count = channel.read(chunk, position + done);
      if (count < 0) {
        throw new FormatException(
            file, "ends at byte " + (position + done) + ", shorter than when it was opened");
      }
      done += count;
    }
  }

  /**
   * Writes a file, in the layout of the reference implementation: element types from the last of
   * {@link Dtype} to the first, and by name within one type. The file appears whole or not at all:
   * it is written beside the target under a name of its own that ends in {@code .tmp}, forced to
   * the disk, and renamed; when anything fails, the old file stays and the new one is removed. A
   * symbolic link is replaced, not followed.
   *
   * @param target the file, new or to be replaced
   * @param metadata free-form notes, any Unicode text; may be empty
   * @param tensors the tensors, in any order
   * @throws IllegalArgumentException if two tensors have one name, a tensor is called {@code
   *     __metadata__}, text has an unpaired surrogate, or the header would be longer than the
   *     format allows; nothing has been written then
   * @throws IOException if the file cannot be written; what was there before is untouched
   */
  public static void write(Path target, Map<String, String> metadata, Collection<Tensor> tensors)
      throws IOException {
    requireDistinctNames(tensors);
    List<Tensor> inOrder = new ArrayList<>(tensors);
    inOrder.sort(HeaderWriter.ORDER);
    byte[] header = HeaderWriter.write(metadata, inOrder);
    ByteBuffer length = ByteBuffer.allocate(Header.START).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(0, header.length);
    AtomicFile.write(
        target,
        channel -> {
          drain(length, channel);
          drain(ByteBuffer.wrap(header), channel);
          for (Tensor tensor : inOrder) {
            drain(tensor.data(), channel);
          }
        });
  }

  private static void requireDistinctNames(Collection<Tensor> tensors) {
    Set<String> names = new HashSet<>();
    for (Tensor tensor : tensors) {
      if (tensor.name().equals(Header.METADATA)) {
        throw new IllegalArgumentException(
            "a tensor named "
                + Header.METADATA
                + ", expected another name: the format keeps this one");
      }
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException(
            "two tensors named " + shown(tensor.name()) + ", expected one");
      }
    }
  }

  private static void drain(ByteBuffer bytes, FileChannel channel) throws IOException {
    int end = bytes.limit();
    while (bytes.position() < end) {
      bytes.limit(Math.min(end, bytes.position() + CHUNK));
      channel.write(bytes);
      bytes.limit(end);
    }
  }
}
