package org.lanewise.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;

/**
 * State dicts with tensors renamed, reshaped, dropped, doubled, and bytes damaged: each is refused
 * with a {@link FormatException}, or is a network whose every weight comes from the file. {@code
 * -Dfuzz.cases=N} tries more.
 */
class StateDictFuzzTest {
  private static final int USUAL = 4_000;
  private static final int CASES = Integer.getInteger("fuzz.cases", USUAL);
  private static final long MAX_ALLOCATION = 1 << 20;

  private static final String[] NAMES = {
    "weight_ih_l0",
    "weight_hh_l0",
    "weight_hr_l0",
    "bias_ih_l1",
    "bias_hh_l0_reverse",
    "weight",
    "bias",
    "embedding.weight",
    "fc.weight",
    "fc.bias",
    "lstm.weight_ih_l2",
    "lstm.weight_ih_l00",
    "lstm.weight_hh_l999999",
    "lstm.weight_hh_l9999999999",
    "lstm.weight_ih_l0_reverse",
    "",
    ".",
    "..weight",
    "a.weight_ih_l0",
    "lstm.weight_ih_l-1",
    "lstm.\nweight_ih_l0",
    "\0.weight",
    "linear.weight_ih_l0",
    "lstm.weight",
    "lstm..weight_ih_l0",
  };

  private static final LoadOptions[] OPTIONS = {
    LoadOptions.NONE,
    LoadOptions.NONE.withCell(CellKind.RNN_TANH),
    LoadOptions.NONE.withCell(CellKind.LSTM_PEEPHOLE),
    LoadOptions.NONE.withPrefix("lstm"),
    LoadOptions.NONE.withOneHot(),
    LoadOptions.NONE.withModules("embedding", ""),
    LoadOptions.NONE.withModules("", "embedding").withHead(Head.MEAN),
  };

  private final ThreadMXBean threads = Fixtures.threads();
  private int refused;
  private int accepted;

  @Test
  void damageIsRefusedOrHarmless(@TempDir Path folder) {
    assertTimeout(Duration.ofSeconds(30 + CASES / 100), () -> run(folder));
    assertEquals(CASES, accepted + refused);
    assertTrue(accepted > CASES / 100, accepted + " files accepted: the damage is too great");
    assertTrue(refused > CASES / 2, refused + " files refused: the damage is too small");
    if (CASES > USUAL) {
      System.out.printf("state dicts: %,d refused, %,d accepted%n", refused, accepted);
    }
  }

  private void run(Path folder) throws IOException {
    List<List<Tensor>> seeds = seeds();
    Path path = folder.resolve("damaged.safetensors");
    for (int seed = 0; seed < CASES; seed++) {
      Random random = new Random(seed);
      List<Tensor> tensors = new ArrayList<>(seeds.get(random.nextInt(seeds.size())));
      for (int times = random.nextInt(3); times >= 0; times--) {
        damage(tensors, random);
      }
      LoadOptions options =
          random.nextBoolean() ? LoadOptions.NONE : OPTIONS[random.nextInt(OPTIONS.length)];
      try {
        byte[] bytes = bytes(tensors);
        if (random.nextInt(8) == 0) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        Files.write(path, bytes);
        check(path, options);
      } catch (RuntimeException | Error e) {
        fail("seed " + seed, e);
      }
    }
  }

  /** A file as it is written, without waiting for the disk. */
  private static byte[] bytes(List<Tensor> tensors) {
    byte[] header = HeaderWriter.write(Map.of(), tensors);
    int size = Long.BYTES + header.length;
    for (Tensor tensor : tensors) {
      size += tensor.bytes().length;
    }
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header);
    tensors.forEach(tensor -> bytes.put(tensor.bytes()));
    return bytes.array();
  }

  private void check(Path path, LoadOptions options) throws IOException {
    long before = threads.getCurrentThreadAllocatedBytes();
    ModelFile model = null;
    try {
      model = ModelFile.load(path, options);
    } catch (FormatException e) {
      refused++;
      assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
      assertTrue(e.getMessage().length() < path.toString().length() + 4000, e.getMessage());
      assertTrue(e.getMessage().codePoints().noneMatch(Character::isISOControl), e.getMessage());
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < MAX_ALLOCATION, allocated + " bytes allocated");
    if (model != null) {
      accepted++;
      isUsedWhole(Safetensors.read(path), options, model);
    }
  }

  /** Every weight of the file has its place, and what has none is a bias of zero. */
  private static void isUsedWhole(TensorFile file, LoadOptions options, ModelFile model)
      throws IOException {
    double stored = 0;
    for (Tensor tensor : file.tensors().values()) {
      if (tensor.name().startsWith(options.prefix())) {
        for (float value : tensor.roundedFloats()) {
          stored += value;
        }
      }
    }
    double loaded = 0;
    for (float value : model.parameters().values()) {
      loaded += value;
    }
    assertEquals(stored, loaded, 1e-9 * Math.max(1, Math.abs(stored)) + 1e-9, file.toString());
    for (Parameter p : model.parameters().slices()) {
      assertTrue(p.size() > 0, p.toString());
    }
  }

  private static List<List<Tensor>> seeds() {
    List<List<Tensor>> seeds = new ArrayList<>();
    for (CellKind cell : List.of(CellKind.LSTM, CellKind.GRU, CellKind.RNN_TANH)) {
      for (Input input : List.of(new Input.Features(3), new Input.Embedding(7, 4))) {
        for (int outputs : new int[] {0, 4}) {
          Direction direction = outputs == 0 ? Direction.FORWARD : Direction.BIDIRECTIONAL;
          int projection = cell == CellKind.LSTM && outputs > 0 ? 2 : 0;
          NetworkSpec spec =
              new NetworkSpec(
                  input, cell, 4, projection, 2, direction, Head.STEPS, 0, false, outputs);
          seeds.add(ModelFile.tensors(Fixtures.filled(spec, seeds.size())));
        }
      }
    }
    return seeds;
  }

  private static void damage(List<Tensor> tensors, Random random) {
    if (tensors.isEmpty()) {
      return;
    }
    int at = random.nextInt(tensors.size());
    Tensor tensor = tensors.get(at);
    switch (random.nextInt(10)) {
      case 0 -> tensors.remove(at);
      case 1 -> rename(tensors, at, NAMES[random.nextInt(NAMES.length)]);
      case 2 -> rename(tensors, at, tensors.get(random.nextInt(tensors.size())).name());
      case 3 -> rename(tensors, at, digit(tensor.name(), random));
      case 4 -> tensors.set(at, reshaped(tensor, random));
      case 5 -> tensors.set(at, filled(tensor.name(), shape(random)));
      case 6 -> tensors.set(at, otherType(tensor, random));
      case 7 -> renameModule(tensors, random);
      case 8 -> tensors.removeIf(one -> one.name().contains("bias"));
      default -> rename(tensors, at, tensor.name() + (random.nextBoolean() ? "_reverse" : "x"));
    }
  }

  private static void rename(List<Tensor> tensors, int at, String name) {
    Tensor tensor = tensors.get(at);
    tensors.removeIf(one -> one.name().equals(name));
    tensors.remove(tensor);
    tensors.add(Tensor.ofBytes(name, tensor.dtype(), tensor.bytes(), tensor.shape()));
  }

  /** All tensors of a module under another name: harmless, unless the name is taken. */
  private static void renameModule(List<Tensor> tensors, Random random) {
    String name = tensors.get(random.nextInt(tensors.size())).name();
    String owner = name.substring(0, name.lastIndexOf('.') + 1);
    String other = List.of("", "x.", "model.0.", "linear.", "é.").get(random.nextInt(5));
    for (Tensor tensor : List.copyOf(tensors)) {
      if (!owner.isEmpty() && tensor.name().startsWith(owner)) {
        rename(tensors, tensors.indexOf(tensor), other + tensor.name().substring(owner.length()));
      }
    }
  }

  private static String digit(String name, Random random) {
    return name.replaceFirst("[0-9]", Integer.toString(random.nextInt(4)));
  }

  private static Tensor reshaped(Tensor tensor, Random random) {
    int elements = (int) tensor.elements();
    int[] shape = tensor.shape();
    int last = shape.length == 0 ? 1 : Math.max(1, shape[shape.length - 1]);
    int[] other =
        switch (random.nextInt(4)) {
          case 0 -> new int[] {elements};
          case 1 -> new int[] {1, elements};
          case 2 -> new int[] {last, elements / last};
          default -> new int[] {elements / last, last, 1};
        };
    return Tensor.ofBytes(tensor.name(), tensor.dtype(), tensor.bytes(), other);
  }

  private static int[] shape(Random random) {
    return random.ints(random.nextInt(4), 0, 18).toArray();
  }

  private static Tensor filled(String name, int... shape) {
    int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Tensor.of(name, new float[size], shape);
  }

  private static Tensor otherType(Tensor tensor, Random random) {
    int elements = (int) tensor.elements();
    return switch (random.nextInt(4)) {
      case 0 -> Tensor.of(tensor.name(), new long[elements], tensor.shape());
      case 1 ->
          Tensor.of(tensor.name(), random.doubles(elements, -1e39, 1e39).toArray(), tensor.shape());
      case 2 -> Tensor.ofBytes(tensor.name(), Dtype.F16, new byte[2 * elements], tensor.shape());
      default ->
          Tensor.ofBytes(
              tensor.name(),
              Dtype.U8,
              "x".repeat(elements).getBytes(StandardCharsets.UTF_8),
              tensor.shape());
    };
  }
}
