package org.lanewise.keras;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.format.FormatException;
import org.lanewise.format.LoadOptions;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;

/**
 * Damages files of Keras: the archive, its configuration, its weights. Each is refused with a
 * {@link FormatException} or is in truth another valid file, which then becomes a network or a
 * graph, within memory and time that its size justifies.
 */
final class KerasFuzz {
  /** What reading any of these files may allocate; the largest has 30 KB. */
  private static final long MAX_ALLOCATION = 64 << 20;

  /** Of the processor, so that a busy machine does not count. */
  private static final long MAX_NANOS = 5_000_000_000L;

  private static final String[] TOKENS = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1e999",
    "16777216",
    "99999999999",
    "\"relu\"",
    "\"LSTM\"",
    "\"GRU\"",
    "\"units\"",
    "\"x\": 1,",
    "[[[[[[[[",
    "{}",
    "\0"
  };

  /** For weights alone; the last fit none of the files. */
  private static final LoadOptions[] OPTIONS = {
    LoadOptions.NONE,
    LoadOptions.NONE.withHead(Head.LAST),
    LoadOptions.NONE.withHead(Head.MEAN),
    LoadOptions.NONE.withCell(CellKind.GRU),
    LoadOptions.NONE.withCell(CellKind.RNN_TANH)
  };

  private final List<Map<String, byte[]>> seeds = new ArrayList<>();
  private final Path path;
  private final boolean alone;
  private int accepted;
  private int refused;
  private long mostAllocated;
  private long mostNanos;

  /**
   * A run that writes its files into a directory.
   *
   * @param alone whether the files are weights alone; else they are archives
   */
  KerasFuzz(Path directory, boolean alone) throws IOException {
    this.alone = alone;
    path = directory.resolve(alone ? "damaged.weights.h5" : "damaged.keras");
    seeds.add(Archive.read(KerasFiles.FOLDER.resolve("keras_lstm_dense.keras")));
    seeds.add(Archive.read(KerasFiles.FOLDER.resolve("keras_bigru_dense.keras")));
    seeds.add(Archive.read(KerasFiles.FOLDER.resolve("models/embedding.keras")));
    Path own = directory.resolve("own.keras");
    NetworkSpec spec = new NetworkSpec(new Input.Features(3), CellKind.GRU, 4, 2, 2);
    KerasFile.write(own, Fixtures.filled(spec, 1));
    seeds.add(Archive.read(own));
  }

  void run(int cases) throws IOException {
    for (int seed = 0; seed < cases; seed++) {
      Random random = new Random(seed);
      Map<String, byte[]> archive = seeds.get(random.nextInt(seeds.size()));
      long before = Fixtures.threads().getCurrentThreadAllocatedBytes();
      long start = Fixtures.threads().getCurrentThreadCpuTime();
      try {
        run(archive, random);
        accepted++;
      } catch (FormatException e) {
        refused++;
        assertTrue(e.getMessage().length() < 3000, e.getMessage());
      } catch (RuntimeException | Error e) {
        fail("seed " + seed, e);
      }
      mostAllocated =
          Math.max(mostAllocated, Fixtures.threads().getCurrentThreadAllocatedBytes() - before);
      mostNanos = Math.max(mostNanos, Fixtures.threads().getCurrentThreadCpuTime() - start);
      assertTrue(mostAllocated < MAX_ALLOCATION, "seed " + seed + ": " + this);
      assertTrue(mostNanos < MAX_NANOS, "seed " + seed + ": " + this);
    }
  }

  int accepted() {
    return accepted;
  }

  int refused() {
    return refused;
  }

  @Override
  public String toString() {
    return String.format(
        "%d refused, %d accepted, at most %d KB allocated and %.0f ms for one",
        refused, accepted, mostAllocated >> 10, mostNanos / 1e6);
  }

  private void run(Map<String, byte[]> archive, Random random) throws IOException {
    byte[] config = archive.get(Archive.CONFIG);
    byte[] weights = archive.get(Archive.WEIGHTS);
    if (alone) {
      Files.write(path, damaged(weights, random));
      use(KerasFile.read(path, OPTIONS[random.nextInt(OPTIONS.length)]));
      return;
    }
    int part = random.nextInt(8);
    if (part == 0) {
      byte[] whole = archive(config, weights);
      Files.write(path, damaged(whole, random));
      use(KerasFile.read(path));
      return;
    }
    if (part <= 2) {
      config = damagedText(config, random);
    } else {
      weights = damaged(weights, random);
    }
    Architecture architecture = ConfigReader.read("config", config);
    Map<String, Weight> all = architecture.require("weights", Hdf5Reader.read("weights", weights));
    try {
      NetworkSpec spec = NetworkMapping.network("model", architecture).spec();
      NetworkMapping.parameters(spec, architecture, all);
    } catch (FormatException e) {
      use(architecture, all);
    }
  }

  private static void use(KerasFile model) throws FormatException {
    if (model.network().isEmpty()) {
      model.graph();
    }
  }

  private static void use(Architecture architecture, Map<String, Weight> all)
      throws FormatException {
    try {
      GraphBuilder.graph(architecture, all);
    } catch (IllegalArgumentException e) {
      throw new FormatException("graph", e.getMessage());
    }
  }

  private byte[] archive(byte[] config, byte[] weights) throws IOException {
    Files.deleteIfExists(path);
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      Archive.write(channel, new String(config, StandardCharsets.UTF_8), weights);
    }
    return Files.readAllBytes(path);
  }

  private static byte[] damaged(byte[] file, Random random) {
    byte[] copy = file.clone();
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      int at = random.nextInt(copy.length);
      switch (random.nextInt(6)) {
        case 0 -> copy[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> copy = Arrays.copyOf(copy, 1 + at);
        case 2 -> copy = Arrays.copyOf(copy, copy.length + random.nextInt(64));
        case 3 -> putLong(copy, at, random.nextLong() >> random.nextInt(64));
        case 4 -> putLong(copy, at, address(copy, random));
        default -> copy[structure(copy, random)] = (byte) random.nextInt(256);
      }
    }
    return copy;
  }

  /** Damage of whole words, mostly where there is one. */
  private static void putLong(byte[] file, int near, long value) {
    int at = near & -8;
    if (at + Long.BYTES <= file.length) {
      ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
    }
  }

  /** Where some structure begins: one word that is often an address already. */
  private static long address(byte[] file, Random random) {
    return structure(file, random) & -8L;
  }

  /** A place within or before one of the structures that begin with four letters. */
  private static int structure(byte[] file, Random random) {
    String[] names = {"TREE", "SNOD", "HEAP", "OHDR"};
    byte[] name = names[random.nextInt(names.length)].getBytes(StandardCharsets.US_ASCII);
    int start = random.nextInt(file.length);
    for (int i = 0; i < file.length - 64; i++) {
      int at = (start + i) % (file.length - 64 + 1);
      if (Arrays.equals(file, at, at + 4, name, 0, 4)) {
        return Math.max(0, at + random.nextInt(104) - 40);
      }
    }
    return start;
  }

  private static byte[] damagedText(byte[] text, Random random) {
    String json = new String(text, StandardCharsets.ISO_8859_1);
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      int at = random.nextInt(json.length());
      int to = Math.min(json.length(), at + random.nextInt(9));
      String token = TOKENS[random.nextInt(TOKENS.length)];
      json =
          switch (random.nextInt(5)) {
            case 0 -> json.substring(0, at) + token + json.substring(to);
            case 1 -> json.substring(0, at) + token + json.substring(at);
            case 2 -> json.substring(0, 1 + at);
            case 3 -> withOtherValue(json, at, token);
            default -> withOtherDigit(json, at, random);
          };
    }
    return json.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A whole value exchanged: what stands between a colon and the next comma. */
  private static String withOtherValue(String json, int near, String token) {
    int colon = json.indexOf(": ", near);
    int comma = json.indexOf(',', colon + 1);
    return colon < 0 || comma < 0
        ? json
        : json.substring(0, colon + 2) + token + json.substring(comma);
  }

  private static String withOtherDigit(String json, int near, Random random) {
    for (int at = near; at < json.length(); at++) {
      if (Character.isDigit(json.charAt(at))) {
        return json.substring(0, at) + random.nextInt(10) + json.substring(at + 1);
      }
    }
    return json;
  }
}
