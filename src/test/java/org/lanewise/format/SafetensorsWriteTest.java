package org.lanewise.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written comes back, always in the same bytes, and never half. */
class SafetensorsWriteTest {
  @TempDir Path directory;

  private Path path;

  @BeforeEach
  void choosePath() {
    path = directory.resolve("model.safetensors");
  }

  @Test
  void everyDtypeRoundTrips() throws IOException {
    List<Tensor> tensors = everyDtype();
    Safetensors.write(path, Map.of(), tensors);
    TensorFile file = Safetensors.read(path);
    assertEquals(tensors.size(), file.tensors().size());
    for (Tensor tensor : tensors) {
      assertSame(tensor, file.require(tensor.name(), tensor.shape()));
    }
  }

  @Test
  void emptyFileRoundTrips() throws IOException {
    Safetensors.write(path, Map.of(), List.of());
    TensorFile file = Safetensors.read(path);
    assertTrue(file.tensors().isEmpty());
    assertTrue(file.metadata().isEmpty());
    assertEquals(Long.BYTES + 8, Files.size(path));
  }

  @Test
  void scalarsAndEmptyTensorsRoundTrip() throws IOException {
    Safetensors.write(
        path,
        Map.of(),
        List.of(
            Tensor.of("scalar", new float[] {42}),
            Tensor.of("none", new float[0], 3, 0),
            Tensor.of("nothing", new long[0], 0)));
    TensorFile file = Safetensors.read(path);
    assertArrayEquals(new float[] {42}, file.require("scalar").floats());
    assertArrayEquals(new float[0], file.require("none", 3, 0).floats());
    assertArrayEquals(new long[0], file.require("nothing", 0).longs());
  }

  @Test
  void anyUnicodeRoundTrips() throws IOException {
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x3000 ? 1 : 97) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        all.appendCodePoint(c);
      }
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("all", all.toString());
    metadata.put("", "the key is empty");
    metadata.put("\"quoted\" \\ \n\0\u007f", "");
    metadata.put("日本語 😀", "été — ничего");
    String name = "слой.\u0001.😀.\"weight\"";
    Safetensors.write(path, metadata, List.of(Tensor.of(name, new float[] {1}, 1)));
    TensorFile file = Safetensors.read(path);
    assertEquals(metadata, file.metadata());
    assertEquals(List.of(name), List.copyOf(file.tensors().keySet()));
  }

  @Test
  void sameContentGivesSameBytes() throws IOException {
    List<Tensor> tensors = everyDtype();
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "pt");
    metadata.put("author", "Ada");
    metadata.put("Zoë", "1");
    Safetensors.write(path, metadata, tensors);
    byte[] first = Files.readAllBytes(path);

    Map<String, String> reversed = new LinkedHashMap<>();
    List<String> keys = new ArrayList<>(metadata.keySet());
    Collections.reverse(keys);
    keys.forEach(key -> reversed.put(key, metadata.get(key)));
    Collections.shuffle(tensors, new Random(1));
    Safetensors.write(path, reversed, tensors);
    assertArrayEquals(first, Files.readAllBytes(path));

    TensorFile file = Safetensors.read(path);
    Safetensors.write(path, file.metadata(), file.tensors().values());
    assertArrayEquals(first, Files.readAllBytes(path));
  }

  @Test
  void layoutIsThatOfTheReference() throws IOException {
    // Names in the order of their UTF-8 bytes: U+FFFD comes before U+1F600, unlike in UTF-16.
    Safetensors.write(
        path,
        Map.of("b", "\u001f\n", "a", "é/"),
        List.of(
            Tensor.of("😀", new float[] {1}, 1),
            Tensor.of("\uFFFD", new float[] {2}, 1),
            Tensor.ofBytes("byte", Dtype.U8, new byte[] {7}),
            Tensor.of("index", new long[] {3}, 1, 1)));
    byte[] bytes = Files.readAllBytes(path);
    int headerSize = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String header = new String(bytes, Long.BYTES, headerSize, StandardCharsets.UTF_8);
    assertEquals(
        RawFile.json(
            "{'__metadata__':{'a':'é/','b':'\\u001f\\n'},"
                + "'index':{'dtype':'I64','shape':[1,1],'data_offsets':[0,8]},"
                + "'\uFFFD':{'dtype':'F32','shape':[1],'data_offsets':[8,12]},"
                + "'😀':{'dtype':'F32','shape':[1],'data_offsets':[12,16]},"
                + "'byte':{'dtype':'U8','shape':[],'data_offsets':[16,17]}}"),
        header.stripTrailing());
    assertEquals(0, headerSize % 8);
    assertTrue(header.length() - header.stripTrailing().length() < 8);
    ByteBuffer data =
        ByteBuffer.wrap(bytes, Long.BYTES + headerSize, 17).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(3, data.getLong());
    assertEquals(2, data.getFloat());
    assertEquals(1, data.getFloat());
    assertEquals(7, data.get());
    assertFalse(data.hasRemaining());
  }

  @Test
  void tensorLargerThanOneChunkRoundTrips() throws IOException {
    float[] values = new float[(3 << 20) / Float.BYTES + 5];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Safetensors.write(path, Map.of(), List.of(Tensor.of("w", values, values.length)));
    assertArrayEquals(values, Safetensors.read(path).require("w", values.length).floats());
  }

  @Test
  void wrongContentIsRefusedBeforeAnythingIsWritten() throws IOException {
    Tensor tensor = Tensor.of("a", new float[] {1});
    assertRefused("two tensors named a, expected one", Map.of(), tensor, tensor);
    assertRefused(
        "a tensor named __metadata__, expected another name: the format keeps this one",
        Map.of(),
        Tensor.of("__metadata__", new float[] {1}));
    String half = "x\ud800";
    assertRefused("x\\ud800: unpaired surrogate, expected Unicode text", Map.of(half, ""));
    assertRefused("x\\ud800: unpaired surrogate, expected Unicode text", Map.of("k", half));
    assertRefused(
        "x\\ud800: unpaired surrogate, expected Unicode text",
        Map.of(),
        Tensor.of(half, new float[] {1}));
    assertEquals(List.of(), listing());
  }

  @Test
  void headerNoReaderWouldTakeIsRefused() throws IOException {
    assertRefused(
        "header of 100000032 bytes, expected at most 100000000",
        Map.of("k", "x".repeat(Header.MAX_BYTES)));
  }

  @Test
  void writingReplacesTheOldFile() throws IOException {
    Safetensors.write(path, Map.of("version", "1"), List.of());
    Safetensors.write(path, Map.of("version", "2"), List.of());
    assertEquals("2", Safetensors.read(path).metadata().get("version"));
    assertEquals(List.of("model.safetensors"), listing());
  }

  @Test
  void relativePathIsWritten() throws IOException {
    Path relative = Path.of("").toAbsolutePath().relativize(path.toAbsolutePath());
    Safetensors.write(relative, Map.of(), List.of());
    assertTrue(Files.exists(path));
  }

  @Test
  void failureKeepsTheOldFileAndLeavesNothingBeside() throws IOException {
    Files.writeString(path, "the good old file");
    IOException full =
        assertThrows(
            IOException.class,
            () ->
                AtomicFile.write(
                    path,
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[1000]));
                      throw new IOException("disk full");
                    }));
    assertEquals("disk full", full.getMessage());
    assertThrows(
        IllegalStateException.class,
        () ->
            AtomicFile.write(
                path,
                channel -> {
                  throw new IllegalStateException();
                }));
    assertEquals("the good old file", Files.readString(path));
    assertEquals(List.of("model.safetensors"), listing());
  }

  @Test
  void refusedRenameLeavesNothingBeside() throws IOException {
    Files.createDirectory(path);
    Files.writeString(path.resolve("occupied"), "");
    assertThrows(IOException.class, () -> Safetensors.write(path, Map.of(), List.of()));
    assertEquals(List.of("model.safetensors"), listing());
  }

  @Test
  void missingDirectoryIsRefused() {
    Path nowhere = directory.resolve("none").resolve("model.safetensors");
    assertThrows(IOException.class, () -> Safetensors.write(nowhere, Map.of(), List.of()));
    assertThrows(IOException.class, () -> Safetensors.write(Path.of("/"), Map.of(), List.of()));
  }

  private static List<Tensor> everyDtype() {
    Random random = new Random(25);
    List<Tensor> tensors = new ArrayList<>();
    for (Dtype dtype : Dtype.values()) {
      byte[] bytes = new byte[dtype.bits() * 24 / Byte.SIZE];
      random.nextBytes(bytes);
      tensors.add(Tensor.ofBytes("layer." + dtype, dtype, bytes, 2, 3, 4));
    }
    return tensors;
  }

  private static void assertSame(Tensor expected, Tensor found) {
    assertEquals(expected.name(), found.name());
    assertEquals(expected.dtype(), found.dtype());
    assertArrayEquals(expected.shape(), found.shape());
    assertArrayEquals(expected.bytes(), found.bytes());
  }

  private void assertRefused(String problem, Map<String, String> metadata, Tensor... tensors) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Safetensors.write(path, metadata, List.of(tensors)));
    assertEquals(problem, e.getMessage());
  }

  private List<String> listing() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
