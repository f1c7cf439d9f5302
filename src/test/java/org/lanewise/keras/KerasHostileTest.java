package org.lanewise.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jhdf.ObjectHeader;
import io.jhdf.Superblock;
import io.jhdf.WritableHdfFile;
import io.jhdf.object.message.GroupInfoMessage;
import io.jhdf.object.message.LinkInfoMessage;
import io.jhdf.object.message.LinkMessage;
import io.jhdf.object.message.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanewise.Fixtures;
import org.lanewise.format.FormatException;

/** Files made to do harm: each is refused, within little memory and time. */
class KerasHostileTest {
  private static final long MAX_ALLOCATION = 64 << 20;

  /** Of the processor, so that a busy machine does not count. */
  private static final long MAX_NANOS = 5_000_000_000L;

  @TempDir Path directory;
  private Map<String, byte[]> good;

  @BeforeEach
  void readGoodFile() throws IOException {
    good = Archive.read(KerasFiles.golden("keras_lstm_dense.keras"));
  }

  @Test
  void bombsOfZip() throws IOException {
    for (String name : good.keySet()) {
      Map<String, byte[]> bomb = new LinkedHashMap<>(good);
      bomb.put(name, new byte[300 << 20]);
      byte[] file = zip(bomb);
      assertTrue(file.length < 1 << 20);
      assertRefused(file, name + ": found 314572800 bytes");
    }
  }

  @Test
  void otherEntries() throws IOException {
    for (String name : List.of("../config.json", "/config.json", "assets/", "a", "CONFIG.JSON")) {
      Map<String, byte[]> more = new LinkedHashMap<>(good);
      more.put(name, new byte[1]);
      assertRefused(zip(more), "found entry " + name);
    }
    Map<String, byte[]> many = new LinkedHashMap<>();
    for (int i = 0; i < 60_000; i++) {
      many.put("e" + i, new byte[0]);
    }
    assertRefused(zip(many), "found entry e");
    Map<String, byte[]> fewer = new LinkedHashMap<>(good);
    fewer.remove(Archive.METADATA);
    assertRefused(zip(fewer), "found entries");
  }

  @Test
  void anEntryTwice() throws IOException {
    Map<String, byte[]> more = new LinkedHashMap<>(good);
    more.put("config.jsoN", new byte[1]);
    assertRefused(replaced(zip(more), "config.jsoN", "config.json"), "found entry config.json");
  }

  @Test
  void wrongCheckSums() throws IOException {
    byte[] file = Files.readAllBytes(KerasFiles.golden("keras_lstm_dense.keras"));
    assertRefused(replaced(file, "softmax", "softmbx"), "check sum");
  }

  @Test
  void deepAndWideJson() throws IOException {
    for (String text :
        List.of(
            "[".repeat(1_000_000),
            "{\"a\":".repeat(500_000),
            "[" + "[],".repeat(1_000_000) + "0]",
            "[" + "1".repeat(3_000_000) + "]",
            "\"" + "\\u0041".repeat(500_000))) {
      Map<String, byte[]> hostile = new LinkedHashMap<>(good);
      hostile.put(Archive.CONFIG, text.getBytes(StandardCharsets.UTF_8));
      assertRefused(zip(hostile), "config.json");
    }
  }

  @Test
  void sizesBeyondAllModels() throws IOException {
    String config = new String(good.get(Archive.CONFIG), StandardCharsets.UTF_8);
    for (String units :
        List.of("2147483647", "16777216", "99999999999999999999", "0", "-4", "9.0")) {
      Map<String, byte[]> hostile = new LinkedHashMap<>(good);
      hostile.put(
          Archive.CONFIG,
          config.replace("\"units\": 9", "\"units\": " + units).getBytes(StandardCharsets.UTF_8));
      assertRefused(zip(hostile), "expected");
    }
  }

  @Test
  void lyingShapes() throws IOException {
    // Of the kernel [6, 36]: the dimensions and the size stand in the headers of the dataset.
    byte[] weights = good.get(Archive.WEIGHTS);
    ByteBuffer bytes = ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN);
    int changed = 0;
    for (int at = 0; at + 24 <= weights.length; at++) {
      // Followed by the largest dimensions, which are the same and may lie.
      if (bytes.getLong(at) == 6 && bytes.getLong(at + 8) == 36 && bytes.getLong(at + 16) == 6) {
        for (long lie : new long[] {7, 1 << 20, Integer.MAX_VALUE, Long.MAX_VALUE, -1}) {
          assertRefused(withLong(weights, at, lie), "");
          changed++;
        }
      }
      if (bytes.getLong(at) == 6 * 36 * 4) {
        for (long lie : new long[] {0, 860, 1 << 30, 1L << 40, Long.MAX_VALUE, -1}) {
          assertRefused(withLong(weights, at, lie), "");
          changed++;
        }
      }
    }
    assertTrue(changed >= 11, changed + " lies");
  }

  @Test
  void truncatedAnywhere() {
    byte[] weights = good.get(Archive.WEIGHTS);
    for (int size = 0; size < weights.length; size += 97) {
      byte[] part = Arrays.copyOf(weights, size);
      assertThrows(FormatException.class, () -> Hdf5Reader.read("file", part));
    }
  }

  @Test
  void groupsInACircle() throws IOException {
    assertRefusedWeights(group(link("a", WritableHdfFile.ROOT_GROUP_ADDRESS)), "expected a tree");
  }

  @Test
  void manyNamesOfOneGroup() throws IOException {
    List<Message> links = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      links.add(link("name" + i, WritableHdfFile.ROOT_GROUP_ADDRESS));
    }
    assertRefusedWeights(group(links.toArray(Message[]::new)), "expected a tree");
  }

  @Test
  void treesInACircle() throws IOException {
    // Every address of a leaf of a tree becomes that of the tree itself, which becomes no leaf.
    byte[] weights = good.get(Archive.WEIGHTS).clone();
    ByteBuffer bytes = ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at + 48 <= weights.length; at++) {
      if (bytes.getInt(at)
          == ByteBuffer.wrap("EERT".getBytes(StandardCharsets.US_ASCII)).getInt()) {
        weights[at + 5] = 1;
        bytes.putShort(at + 6, (short) 8);
        for (int entry = 0; entry < 8; entry++) {
          bytes.putLong(at + 32 + 16 * entry, at);
        }
      }
    }
    assertRefusedWeights(weights, "in a circle");
  }

  /** Sixteen addresses of the next node in every node: 16^n ways to the last one. */
  @Test
  void treesThatMultiply() throws IOException {
    byte[] weights = Arrays.copyOf(good.get(Archive.WEIGHTS), 1 << 16);
    ByteBuffer bytes = ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN);
    int root = new String(weights, StandardCharsets.ISO_8859_1).indexOf("TREE");
    int first = 1 << 15;
    for (int at = first; at + 1024 <= weights.length; at += 1024) {
      node(bytes, at, at + 1024 + 1024 <= weights.length ? at + 1024 : root);
    }
    node(bytes, root, first);
    assertRefusedWeights(weights, "in a circle");
  }

  private static void node(ByteBuffer bytes, int at, int next) {
    bytes.put(at, "TREE".getBytes(StandardCharsets.US_ASCII));
    bytes.put(at + 4, (byte) 0).put(at + 5, (byte) 1).putShort(at + 6, (short) 16);
    for (int entry = 0; entry < 16; entry++) {
      bytes.putLong(at + 32 + 16 * entry, next);
    }
  }

  @Test
  void linksToOtherPlaces() throws IOException {
    assertRefusedWeights(group(link("a", 1L << 40)), "");
    assertRefusedWeights(group(link("a", -1)), "");
  }

  /** Without jHDF, one message that says what is needed; the rest of the library does not care. */
  @Test
  void aMissingLibraryIsNamed() throws Exception {
    URL classes = KerasFile.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader alone =
        new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
      Class<?> file = alone.loadClass(KerasFile.class.getName());
      InvocationTargetException refused =
          assertThrows(
              InvocationTargetException.class,
              () ->
                  file.getMethod("read", Path.class)
                      .invoke(null, KerasFiles.golden("keras_lstm_dense.keras")));
      assertEquals(IllegalStateException.class, refused.getCause().getClass());
      assertTrue(refused.getCause().getMessage().contains("io.jhdf:jhdf"));
    }
  }

  private static Message link(String name, long address) {
    return LinkMessage.create(name, address);
  }

  /** A file whose root has these links. */
  private static byte[] group(Message... links) {
    List<Message> messages = new ArrayList<>(List.of(links));
    messages.add(0, LinkInfoMessage.createBasic());
    messages.add(0, GroupInfoMessage.createBasic());
    ByteBuffer header =
        new ObjectHeader.ObjectHeaderV2(WritableHdfFile.ROOT_GROUP_ADDRESS, messages).toBuffer();
    int end = (int) WritableHdfFile.ROOT_GROUP_ADDRESS + header.limit();
    byte[] file = new byte[end];
    ByteBuffer superblock = new Superblock.SuperblockV2V3().toBuffer(end);
    superblock.get(file, 0, superblock.remaining());
    header.get(file, (int) WritableHdfFile.ROOT_GROUP_ADDRESS, header.remaining());
    return file;
  }

  private static byte[] withLong(byte[] file, int at, long value) {
    byte[] copy = file.clone();
    ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
    return copy;
  }

  private static byte[] replaced(byte[] file, String from, String to) {
    return new String(file, StandardCharsets.ISO_8859_1)
        .replace(from, to)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] zip(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private void assertRefused(byte[] file, String words) throws IOException {
    boolean archive = file[0] == 'P';
    if (!archive) {
      Map<String, byte[]> hostile = new LinkedHashMap<>(good);
      hostile.put(Archive.WEIGHTS, file);
      assertRefused(zip(hostile), words);
      return;
    }
    Path path = directory.resolve("hostile.keras");
    Files.write(path, file);
    assertRefusedPath(path, words);
  }

  private void assertRefusedWeights(byte[] file, String words) throws IOException {
    Path path = directory.resolve("hostile.weights.h5");
    Files.write(path, file);
    assertRefusedPath(path, words);
  }

  private static void assertRefusedPath(Path path, String words) {
    long before = Fixtures.threads().getCurrentThreadAllocatedBytes();
    long start = Fixtures.threads().getCurrentThreadCpuTime();
    FormatException refused = assertThrows(FormatException.class, () -> KerasFile.read(path));
    long nanos = Fixtures.threads().getCurrentThreadCpuTime() - start;
    long allocated = Fixtures.threads().getCurrentThreadAllocatedBytes() - before;
    assertTrue(refused.getMessage().startsWith(path + ": "), refused.getMessage());
    assertTrue(refused.getMessage().contains(words), refused.getMessage());
    assertTrue(refused.getMessage().length() < 3000, refused.getMessage());
    assertTrue(nanos < MAX_NANOS, nanos + " ns: " + refused.getMessage());
    assertTrue(allocated < MAX_ALLOCATION, allocated + " bytes allocated: " + refused.getMessage());
  }
}
