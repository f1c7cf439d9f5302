package org.lanewise.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files: each is either refused with a {@link FormatException} or is in truth another valid
 * file, which then survives writing and reading. Nothing else may happen, and no damage may cost
 * more memory than a small multiple of the file. {@code -Dfuzz.cases=N} tries N of them.
 */
class SafetensorsFuzzTest {
  private static final int CASES = Integer.getInteger("fuzz.cases", 24_000);
  private static final long MAX_ALLOCATION = 1 << 20;

  private static final String[] TOKENS = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    "null",
    "true",
    "-",
    "-1",
    "-0",
    "0",
    "00",
    "1.0",
    "1e9",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "\0",
    " ",
    "\n",
    "\"dtype\"",
    "\"shape\"",
    "\"data_offsets\"",
    "\"__metadata__\"",
    "\"F64\"",
    "\"F4\"",
    "\"U8\"",
    "é",
    "{}",
    "[]",
    "\"\"",
  };

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private int refused;
  private int accepted;

  @Test
  void damageIsRefusedOrHarmless(@TempDir Path directory) {
    assertTimeout(Duration.ofSeconds(60 + CASES / 200), () -> run(directory));
  }

  private void run(Path directory) throws IOException {
    byte[][] seeds = seeds(directory);
    Path path = directory.resolve("damaged.safetensors");
    for (int seed = 0; seed < CASES; seed++) {
      Random random = new Random(seed);
      byte[] file = seeds[random.nextInt(seeds.length)];
      for (int times = 1 + random.nextInt(3); times > 0; times--) {
        file = damaged(file, random);
      }
      Files.write(path, file);
      try {
        check(path);
      } catch (RuntimeException | Error e) {
        fail("seed " + seed, e);
      }
    }
    assertEquals(CASES, accepted + refused);
    assertTrue(accepted > CASES / 100, accepted + " files accepted: the damage is too great");
    assertTrue(refused > CASES / 2, refused + " files refused: the damage is too small");
  }

  private void check(Path path) throws IOException {
    long before = threads.getCurrentThreadAllocatedBytes();
    TensorFile file = null;
    try {
      file = Safetensors.read(path);
    } catch (FormatException e) {
      refused++;
      assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
      assertTrue(e.getMessage().length() < path.toString().length() + 2000, e.getMessage());
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < MAX_ALLOCATION, allocated + " bytes allocated");
    if (file != null) {
      accepted++;
      survives(file, path);
    }
  }

  private static void survives(TensorFile file, Path path) throws IOException {
    Path copy = path.resolveSibling("copy.safetensors");
    ByteBuffer header =
        ByteBuffer.wrap(HeaderWriter.write(file.metadata(), List.copyOf(file.tensors().values())));
    ByteBuffer bytes =
        ByteBuffer.allocate(1 << 16)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.limit())
            .put(header);
    file.tensors().values().forEach(tensor -> bytes.put(tensor.bytes()));
    Files.write(copy, Arrays.copyOf(bytes.array(), bytes.position()));
    TensorFile again = Safetensors.read(copy);
    assertEquals(file.metadata(), again.metadata());
    assertEquals(List.copyOf(file.tensors().keySet()), List.copyOf(again.tensors().keySet()));
    for (Tensor tensor : file.tensors().values()) {
      Tensor other = again.require(tensor.name(), tensor.shape());
      assertEquals(tensor.dtype(), other.dtype());
      assertArrayEquals(tensor.bytes(), other.bytes());
    }
  }

  private static byte[][] seeds(Path directory) throws IOException {
    Path path = directory.resolve("seed.safetensors");
    Safetensors.write(
        path,
        Map.of("format", "pt", "note", "é😀\n"),
        List.of(
            Tensor.of("weight_ih_l0", new float[12], 4, 3),
            Tensor.of("bias_ih_l0", new float[4], 4),
            Tensor.of("steps", new long[] {7}),
            Tensor.of("none", new float[0], 0, 3),
            Tensor.ofBytes("half", Dtype.BF16, new byte[6], 3),
            Tensor.ofBytes("mask", Dtype.BOOL, new byte[5], 5)));
    byte[] many = Files.readAllBytes(path);
    Safetensors.write(path, Map.of(), List.of(Tensor.of("a", new float[3], 3)));
    byte[] one = Files.readAllBytes(path);
    Safetensors.write(path, Map.of(), List.of());
    return new byte[][] {many, one, Files.readAllBytes(path)};
  }

  private static byte[] damaged(byte[] file, Random random) {
    if (file.length == 0) {
      return file;
    }
    int header = headerSize(file);
    int at = Math.min(file.length - 1, 8 + random.nextInt(header + 1));
    return switch (random.nextInt(9)) {
      case 0 -> flipped(file, random.nextInt(file.length), random);
      case 1 -> flipped(file, at, random);
      case 2 -> Arrays.copyOf(file, random.nextInt(file.length));
      case 3 -> Arrays.copyOf(file, file.length + 1 + random.nextInt(16));
      case 4 -> withHeaderSize(file, random.nextLong() >>> random.nextInt(64));
      case 5 -> withHeaderSize(file, header + random.nextInt(17) - 8L);
      case 6 -> spliced(file, at, 0, TOKENS[random.nextInt(TOKENS.length)]);
      case 7 -> spliced(file, at, 1 + random.nextInt(8), TOKENS[random.nextInt(TOKENS.length)]);
      default -> withOtherDigit(file, at, random);
    };
  }

  private static byte[] flipped(byte[] file, int at, Random random) {
    byte[] copy = file.clone();
    copy[at] ^= (byte) (1 << random.nextInt(8));
    return copy;
  }

  /** Puts text into the header, in place of some of its bytes, and corrects the header length. */
  private static byte[] spliced(byte[] file, int at, int removed, String text) {
    byte[] inserted = text.getBytes(StandardCharsets.UTF_8);
    int after = Math.min(file.length, at + removed);
    byte[] copy =
        ByteBuffer.allocate(at + inserted.length + file.length - after)
            .put(file, 0, at)
            .put(inserted)
            .put(file, after, file.length - after)
            .array();
    return withHeaderSize(copy, (long) headerSize(file) + inserted.length - (after - at));
  }

  /**
   * Changes the next digit behind a place in the header: a shape, an offset or a dtype that lies.
   */
  private static byte[] withOtherDigit(byte[] file, int from, Random random) {
    byte[] copy = file.clone();
    for (int at = from; at < copy.length; at++) {
      if (copy[at] >= '0' && copy[at] <= '9') {
        copy[at] = (byte) ('0' + random.nextInt(10));
        break;
      }
    }
    return copy;
  }

  private static int headerSize(byte[] file) {
    if (file.length < Long.BYTES) {
      return 0;
    }
    long size = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return (int) Math.max(0, Math.min(size, file.length - Long.BYTES));
  }

  private static byte[] withHeaderSize(byte[] file, long size) {
    byte[] copy = file.clone();
    if (copy.length >= Long.BYTES) {
      ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(size);
    }
    return copy;
  }
}
