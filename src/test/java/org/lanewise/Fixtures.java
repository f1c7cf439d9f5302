package org.lanewise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;

/** Networks, texts and measurements that several tests share. */
public final class Fixtures {
  private Fixtures() {}

  /** An LSTM with a linear output, or none when the output size is 0. */
  public static NetworkSpec lstm(Input input, int hidden, int layers, int outputs) {
    return new NetworkSpec(input, CellKind.LSTM, hidden, layers, outputs);
  }

  /** A network with weights uniform in ±0.5. */
  public static Parameters filled(NetworkSpec spec, long seed) {
    Parameters parameters = new Parameters(spec);
    new Initializer.Uniform(0.5).fill(parameters, seed);
    return parameters;
  }

  /** Floats between -1 and 1. */
  public static float[] floats(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    return values;
  }

  /** Numbers from 0 to below a bound. */
  public static int[] ids(int count, int bound, long seed) {
    return new SplittableRandom(seed).ints(count, 0, bound).toArray();
  }

  /** A text of words that a network can learn something from. */
  public static String text(int characters, long seed) {
    String[] words = {"the ", "king ", "of ", "Naples\n", "and ", "his ", "daughter, ", "sea; "};
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder text = new StringBuilder();
    while (text.length() < characters) {
      text.append(words[random.nextInt(words.length)]);
    }
    text.setLength(characters);
    return text.toString();
  }

  /** Compares all bits; names the first element that differs. */
  public static void assertSameBits(float[] expected, float[] found, String what) {
    assertEquals(expected.length, found.length, what + ": length");
    for (int i = 0; i < expected.length; i++) {
      if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(found[i])) {
        fail(what + ": element " + i + " is " + found[i] + ", expected " + expected[i]);
      }
    }
  }

  /** Counts what threads allocate. */
  public static ThreadMXBean threads() {
    return (ThreadMXBean) ManagementFactory.getThreadMXBean();
  }

  /**
   * What a thread allocates in some work once that is compiled. Until then the lanes are boxed, and
   * how long that takes depends on the machine, so the work is repeated until it allocates nothing,
   * or until the time is up.
   *
   * @return bytes of the last run
   */
  public static long allocatedBytes(long thread, Runnable work) {
    ThreadMXBean threads = threads();
    long deadline = System.nanoTime() + 20_000_000_000L;
    long bytes;
    do {
      long before = threads.getThreadAllocatedBytes(thread);
      work.run();
      bytes = threads.getThreadAllocatedBytes(thread) - before;
    } while (bytes > 0 && System.nanoTime() < deadline);
    return bytes;
  }
}
