package org.lanewise.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lanewise.Fixtures;
import org.lanewise.format.FormatException;
import org.lanewise.graph.Graph;
import org.lanewise.graph.GraphNetwork;

/**
 * Damaged files: each is refused with a {@link FormatException}, or is in truth another valid one,
 * which then runs or refuses its inputs. Nothing else may happen, and no damage may cost more than
 * a bounded amount of memory. {@code -Dfuzz.cases=N} tries N of them.
 */
class OnnxFuzzTest {
  private static final int CASES = Integer.getInteger("fuzz.cases", 6000);

  /** What is folded may be a million numbers, and packed weights are padded to the lanes. */
  private static final long MAX_ALLOCATION = 64 << 20;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void damageIsRefusedOrHarmless() {
    List<OnnxBundle> seeds = new ArrayList<>(OnnxBundle.all("operators.safetensors"));
    seeds.addAll(OnnxBundle.all("exports.safetensors"));
    seeds.addAll(OnnxBundle.all("torch.safetensors"));
    int refused = 0;
    int accepted = 0;
    int ran = 0;
    long most = 0;
    for (int seed = 0; seed < CASES; seed++) {
      Random random = new Random(seed);
      OnnxBundle one = seeds.get(random.nextInt(seeds.size()));
      byte[] other = seeds.get(random.nextInt(seeds.size())).model().bytes();
      byte[] file = one.model().bytes();
      for (int times = 1 + random.nextInt(3); times > 0; times--) {
        file = damaged(file, other, random);
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      try {
        Graph graph = OnnxFile.read("damaged", file);
        accepted++;
        try {
          graph.run(one.given());
          ran++;
          GraphNetwork.of("damaged", graph);
        } catch (IllegalArgumentException | FormatException e) {
          assertTrue(e.getMessage().length() < 4000, e.getMessage());
        }
      } catch (FormatException e) {
        refused++;
        assertTrue(e.getMessage().startsWith("damaged: "), e.getMessage());
        assertTrue(e.getMessage().length() < 4000, e.getMessage());
      } catch (RuntimeException | Error e) {
        fail("seed " + seed + " of " + one, e);
      }
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      most = Math.max(most, allocated);
      assertTrue(allocated < MAX_ALLOCATION, "seed " + seed + ": " + allocated + " bytes");
    }
    System.out.printf(
        "ONNX: %d damaged files, %d refused, %d accepted, %d of these ran, at most %d bytes%n",
        CASES, refused, accepted, ran, most);
    assertTrue(accepted > CASES / 50, accepted + " files accepted: the damage is too great");
    assertTrue(refused > CASES / 3, refused + " files refused: the damage is too small");
  }

  private static byte[] damaged(byte[] file, byte[] other, Random random) {
    if (file.length < 2) {
      return file;
    }
    int at = random.nextInt(file.length);
    return switch (random.nextInt(8)) {
      case 0 -> flipped(file, at, random);
      case 1 -> Arrays.copyOf(file, at);
      case 2 -> replaced(file, at, (byte) random.nextInt());
      case 3 -> replaced(file, at, (byte) random.nextInt(8));
      case 4 -> replaced(file, at, (byte) 0xff);
      case 5 -> spliced(file, at, other, random);
      case 6 -> spliced(file, at, file, random);
      default -> without(file, at, 1 + random.nextInt(8));
    };
  }

  private static byte[] flipped(byte[] file, int at, Random random) {
    return replaced(file, at, (byte) (file[at] ^ 1 << random.nextInt(8)));
  }

  private static byte[] replaced(byte[] file, int at, byte by) {
    byte[] copy = file.clone();
    copy[at] = by;
    return copy;
  }

  /** Overwrites some bytes with a piece of another file. */
  private static byte[] spliced(byte[] file, int at, byte[] other, Random random) {
    byte[] copy = file.clone();
    int from = random.nextInt(other.length);
    int count = Math.min(1 + random.nextInt(40), Math.min(other.length - from, copy.length - at));
    System.arraycopy(other, from, copy, at, count);
    return copy;
  }

  private static byte[] without(byte[] file, int at, int count) {
    int after = Math.min(file.length, at + count);
    byte[] copy = Arrays.copyOf(file, file.length - (after - at));
    System.arraycopy(file, after, copy, at, file.length - after);
    return copy;
  }

  /** A few bytes that lie about sizes, nest without end or repeat themselves. */
  @Test
  void liesAreRefused() {
    byte[][] lies = {
      {},
      {0x3a},
      {0x3a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f},
      {0x3a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07},
      {0x08, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80},
      {0x42, 0x02, 0x10, 0x11},
      {0x42, 0x02, 0x10, 0x11, 0x42, 0x02, 0x10, 0x11},
      {0x42, 0x02, 0x10, 0x63},
    };
    for (byte[] lie : lies) {
      refused(lie);
    }
    byte[] groups = new byte[1 << 20];
    Arrays.fill(groups, (byte) 0x0b);
    refused(groups);
    byte[] nested = new byte[1 << 16];
    for (int i = 0; i < nested.length; i += 4) {
      System.arraycopy(new byte[] {0x3a, (byte) 0xfc, (byte) 0xff, 0x03}, 0, nested, i, 4);
    }
    refused(nested);
    byte[] model = OnnxExport.bytes(Fixtures.filled(OnnxExportTest.streams().get(0), 1), true);
    byte[] twice = Arrays.copyOf(model, 2 * model.length);
    System.arraycopy(model, 0, twice, model.length, model.length);
    refused(twice);
  }

  private static void refused(byte[] file) {
    try {
      OnnxFile.read("lie", file);
      fail("accepted");
    } catch (FormatException e) {
      assertTrue(e.getMessage().startsWith("lie: "), e.getMessage());
    }
  }
}
