package org.lanewise.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.train.Checkpoint;

/**
 * Models and checkpoints of this library whose metadata lie, or whose tensors are lost: each is
 * refused with a {@link FormatException}, or is a network whose every weight comes from the file.
 * {@code -Dfuzz.cases=N} tries N of them.
 */
class ModelFuzzTest {
  private static final int CASES = Integer.getInteger("fuzz.cases", 5_000);
  private static final long MAX_ALLOCATION = 1 << 20;

  /** Where classes may have to be loaded too. */
  private static final long MOST_AT_FIRST = 16 << 20;

  private static final String[] VALUES = {
    "",
    "0",
    "1",
    "2",
    "-1",
    "5",
    "00",
    "1e3",
    "2147483647",
    "2147483648",
    "20000000",
    "99999",
    "true",
    "maybe",
    "NaN",
    "-0.5",
    "0.5",
    "lstm",
    "gru",
    "lstm_peephole",
    "rnn_relu",
    "joined",
    "one-hot",
    "embedding",
    "features",
    "bidirectional",
    "bidirectional_sum",
    "last",
    "max",
    "\n\u001b[31m",
    "x".repeat(5_000),
    "é😀",
    "4",
    "3",
    "7"
  };

  private static final String[] KEYS = {
    "lanewise.input.0.name",
    "lanewise.input.0.input",
    "lanewise.input.0.input_size",
    "lanewise.input.1.name",
    "lanewise.proj_size",
    "lanewise.tokens",
    "lanewise.\n",
    "lanewise.",
    "format",
    "run.steps",
    "setting.x"
  };

  @TempDir private Path folder;

  private record Seed(Map<String, String> metadata, List<Tensor> tensors) {}

  @Test
  void damageIsRefusedOrHarmless() throws IOException {
    List<Seed> seeds = seeds();
    Path path = folder.resolve("damaged.safetensors");
    int refused = 0;
    long most = 0;
    for (int seed = 0; seed < CASES; seed++) {
      Random random = new Random(seed);
      Seed whole = seeds.get(random.nextInt(seeds.size()));
      Map<String, String> metadata = new TreeMap<>(whole.metadata());
      List<Tensor> tensors = new ArrayList<>(whole.tensors());
      for (int times = random.nextInt(3); times >= 0; times--) {
        damage(metadata, tensors, random);
      }
      Files.write(path, bytes(metadata, tensors));
      long before = Fixtures.threads().getCurrentThreadAllocatedBytes();
      try {
        Parameters parameters = read(path, metadata.containsKey("run.steps"));
        assertTrue(parameters.size() > 0);
        for (float value : parameters.values()) {
          assertTrue(Float.isFinite(value));
        }
      } catch (FormatException e) {
        refused++;
        assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
        assertTrue(e.getMessage().length() < path.toString().length() + 4000, e.getMessage());
        assertTrue(e.getMessage().codePoints().noneMatch(Character::isISOControl), e.getMessage());
      } catch (RuntimeException | Error e) {
        fail("seed " + seed + " " + metadata, e);
      }
      long allocated = Fixtures.threads().getCurrentThreadAllocatedBytes() - before;
      most = Math.max(most, allocated);
      assertTrue(allocated < MAX_ALLOCATION, "seed " + seed + ": " + allocated + " bytes");
    }
    System.out.printf(
        "models and checkpoints: %d damaged files, %d refused, at most %d bytes allocated%n",
        CASES, refused, most);
    assertTrue(refused > CASES / 3, refused + " files refused: the damage is too small");
    assertTrue(refused < CASES - CASES / 100, refused + " files refused: the damage is too great");
  }

  private static Parameters read(Path path, boolean checkpoint) throws IOException {
    if (!checkpoint) {
      return ModelFile.load(path).parameters();
    }
    Checkpoint read = Checkpoint.load(path);
    Parameters parameters = new Parameters(read.spec());
    read.restore(parameters);
    return parameters;
  }

  private static void damage(Map<String, String> metadata, List<Tensor> tensors, Random random) {
    List<String> keys = List.copyOf(metadata.keySet());
    String key = keys.isEmpty() ? "format" : keys.get(random.nextInt(keys.size()));
    switch (random.nextInt(6)) {
      case 0, 1 -> metadata.put(key, VALUES[random.nextInt(VALUES.length)]);
      case 2 -> metadata.remove(key);
      case 3 ->
          metadata.put(KEYS[random.nextInt(KEYS.length)], VALUES[random.nextInt(VALUES.length)]);
      case 4 -> tensors.removeIf(tensor -> random.nextInt(tensors.size() + 1) == 0);
      default -> tensors.replaceAll(tensor -> random.nextInt(8) == 0 ? flat(tensor) : tensor);
    }
  }

  private static Tensor flat(Tensor tensor) {
    return Tensor.ofBytes(
        tensor.name(), tensor.dtype(), tensor.bytes(), Math.toIntExact(tensor.elements()));
  }

  private static byte[] bytes(Map<String, String> metadata, List<Tensor> tensors) {
    byte[] header = HeaderWriter.write(metadata, tensors);
    int size = tensors.stream().mapToInt(tensor -> tensor.bytes().length).sum();
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + header.length + size).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header);
    tensors.forEach(tensor -> bytes.put(tensor.bytes()));
    return bytes.array();
  }

  private static List<Seed> seeds() {
    List<Seed> seeds = new ArrayList<>();
    Input joined =
        new Input.Joined(
            List.of(
                new Input.Part("word", new Input.Embedding(7, 3)),
                new Input.Part("shape", new Input.Features(2))));
    for (Input input : List.of(new Input.Features(3), new Input.Embedding(5, 4), joined)) {
      for (CellKind cell : List.of(CellKind.LSTM, CellKind.GRU)) {
        NetworkSpec spec =
            new NetworkSpec(
                input,
                cell,
                4,
                cell == CellKind.LSTM ? 2 : 0,
                2,
                Direction.BIDIRECTIONAL,
                Head.STEPS,
                0.5,
                true,
                3);
        Map<String, String> metadata = new TreeMap<>(ModelFile.architecture(spec));
        metadata.put("format", "pt");
        List<Tensor> tensors = ModelFile.tensors(Fixtures.filled(spec, seeds.size()));
        seeds.add(new Seed(metadata, tensors));
        Map<String, String> checkpoint = new TreeMap<>(metadata);
        checkpoint.put("run.steps", "7");
        checkpoint.put("setting.file", "text");
        seeds.add(new Seed(checkpoint, tensors));
      }
    }
    return seeds;
  }

  /** A few hundred bytes that would have an arena of gigabytes made, or a list without end. */
  @ParameterizedTest
  @CsvSource({
    "lanewise.num_layers, 2147483647, 'metadata: found 2147483647 layers, expected at most as many"
        + " as tensors, 24'",
    "lanewise.hidden_size, 20000, 'lstm.weight_ih_l0: expected shape [80000, 3], found [16, 3]'"
  })
  void aSmallFileMakesNoLargeNetwork(String key, String value, String problem) throws IOException {
    Seed seed = seeds().get(1);
    Map<String, String> metadata = new TreeMap<>(seed.metadata());
    metadata.put(key, value);
    Path path = folder.resolve("large.safetensors");
    Files.write(path, bytes(metadata, seed.tensors()));
    for (boolean checkpoint : new boolean[] {false, true}) {
      long before = Fixtures.threads().getCurrentThreadAllocatedBytes();
      String message =
          assertThrows(FormatException.class, () -> read(path, checkpoint)).getMessage();
      long allocated = Fixtures.threads().getCurrentThreadAllocatedBytes() - before;
      assertEquals(path + ": " + problem, message);
      assertTrue(allocated < MOST_AT_FIRST, allocated + " bytes allocated");
    }
  }
}
