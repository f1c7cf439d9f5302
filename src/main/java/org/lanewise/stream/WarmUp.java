package org.lanewise.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.lanewise.network.Workspace;

/**
 * Runs a model in every way it can be run, until C2 has compiled all of it.
 *
 * <p>No virtual machine tells when that is, so it is seen from outside. The ways are run in turn,
 * in short windows, with pauses for the compiler, which may have no core of its own. The model is
 * warm when each way has been run often enough to be compiled, and when for a while
 *
 * <ul>
 *   <li>no window was faster than the best before it,
 *   <li>nothing was allocated: C2 alone keeps lanes in registers, elsewhere each vector is an
 *       object,
 *   <li>and the compilers have not reported any time spent.
 * </ul>
 *
 * <p>Without the management modules, the last two count as fulfilled.
 */
final class WarmUp {
  /** The time at most, for machines where the signs never come. */
  private static final long LIMIT = 10_000_000_000L;

  /** C2 compiles a method after 5,000 calls, or 15,000 with its loops; then come its callers. */
  private static final long LEAST_STEPS = 20_000;

  /** Where so many steps take longer, they are long, and what is slow in them is in loops. */
  private static final long LEAST_TIME = 500_000_000L;

  /** The time of a window, unless a single call is longer. */
  private static final long WINDOW = 4_000_000L;

  /** How long all must have been quiet: more than C2 spends on any of our methods. */
  private static final long QUIET = 250_000_000L;

  /** A window is faster than the best if it takes less than this share of its time. */
  private static final double FASTER = 0.95;

  /** Inputs of a step, taken in turn. */
  private static final int TURNS = 8;

  /** Rows of a product; the least that come to every tile. */
  private static final int ROWS = 9;

  /** One way to run the model. */
  private static final class Way {
    private final int steps;
    private final Runnable call;
    private long calls;
    private long time;
    private double best = Double.POSITIVE_INFINITY;

    Way(int steps, Runnable call) {
      this.steps = steps;
      this.call = call;
    }

    /** Runs for a while; tells whether that was faster than ever before. */
    boolean window() {
      long begin = System.nanoTime();
      long count = 0;
      long elapsed;
      do {
        call.run();
        count++;
        elapsed = System.nanoTime() - begin;
      } while (elapsed < WINDOW);
      calls += count;
      time += elapsed;
      double mean = (double) elapsed / count;
      boolean faster = mean < FASTER * best;
      best = Math.min(best, mean);
      return faster;
    }

    boolean oftenEnough() {
      return calls * steps >= LEAST_STEPS || time >= LEAST_TIME;
    }
  }

  private final Model model;
  private final int inputSize;
  private final int outputSize;
  private final boolean tokens;
  private final List<Way> ways = new ArrayList<>();

  WarmUp(Model model) {
    this.model = model;
    this.inputSize = model.inputSize();
    this.outputSize = model.outputSize();
    this.tokens = model.spec().input().isToken();
    if (model.hasSteps()) {
      addStreams();
      addSequence();
      // The last, so that the first real step finds the weights in the cache.
      addStep();
    } else if (model.spec().outputSize() > 0) {
      addBatch();
    }
  }

  private void addStep() {
    Session session = model.session();
    float[] output = new float[outputSize];
    float[][] inputs = new float[TURNS][];
    Arrays.setAll(inputs, turn -> vectors(1, turn));
    int[] ids = ids(TURNS);
    int[] turn = new int[1];
    ways.add(
        new Way(
            1,
            () -> {
              turn[0] = (turn[0] + 1) % TURNS;
              if (tokens) {
                session.step(ids[turn[0]], output);
              } else {
                session.step(inputs[turn[0]], output);
              }
            }));
  }

  private void addSequence() {
    Session session = model.session();
    float[] outputs = new float[ROWS * outputSize];
    float[] inputs = vectors(ROWS, 0);
    int[] ids = ids(ROWS);
    ways.add(
        new Way(
            ROWS,
            () -> {
              if (tokens) {
                session.sequence(ROWS, ids, outputs);
              } else {
                session.sequence(ROWS, inputs, outputs);
              }
            }));
  }

  private void addStreams() {
    Streams streams = model.streams(ROWS);
    int[] slots = new int[ROWS];
    Arrays.setAll(slots, i -> streams.open());
    float[] outputs = new float[ROWS * outputSize];
    float[] inputs = vectors(ROWS, 0);
    int[] ids = ids(ROWS);
    ways.add(
        new Way(
            1,
            () -> {
              if (tokens) {
                streams.stepAll(ROWS, slots, ids, outputs);
              } else {
                streams.stepAll(ROWS, slots, inputs, outputs);
              }
            }));
  }

  /** All sequences of one length, whose steps are one product, and some that end before others. */
  private void addBatch() {
    Batch batch = model.batch(2, ROWS);
    Workspace workspace = batch.workspace();
    float[] x = values(workspace.x.length, 0);
    System.arraycopy(x, 0, workspace.x, 0, x.length);
    int[] even = new int[ROWS];
    Arrays.fill(even, 2);
    int[] uneven = even.clone();
    uneven[ROWS - 1] = 1;
    float[] output = new float[outputSize];
    ways.add(
        new Way(
            4,
            () -> {
              batch.run(even);
              batch.run(uneven);
              batch.result(0, 0, output);
            }));
  }

  private float[] vectors(int count, long seed) {
    return values(tokens ? 0 : count * inputSize, seed);
  }

  /** Of all magnitudes: the arithmetic has branches. */
  private static float[] values(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextDouble(-2, 2) * Math.pow(10, random.nextInt(-3, 3)));
    }
    return values;
  }

  private int[] ids(int count) {
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> tokens ? i % model.spec().input().tokens() : 0);
    return ids;
  }

  /**
   * Runs all ways until they are warm, or the time is up, or the thread is interrupted.
   *
   * @return how long that took
   */
  Duration run() {
    // On one core the compiler works in the pauses; else it needs none.
    VirtualMachine machine = new VirtualMachine();
    long pause =
        Runtime.getRuntime().availableProcessors() == 1 ? WINDOW * ways.size() : WINDOW / 8;
    long begin = System.nanoTime();
    long changed = begin;
    long now = begin;
    boolean oftenEnough = false;
    while (!(oftenEnough && now - changed >= QUIET)
        && now - begin < LIMIT
        && !Thread.currentThread().isInterrupted()) {
      long compiled = machine.compilationMillis();
      long allocated = machine.allocatedBytes();
      boolean faster = false;
      oftenEnough = true;
      // By index: an iterator would be the garbage that is looked for.
      for (int i = 0; i < ways.size(); i++) {
        Way way = ways.get(i);
        faster |= way.window();
        oftenEnough &= way.oftenEnough();
      }
      boolean garbage = machine.allocatedBytes() != allocated;
      LockSupport.parkNanos(pause);
      now = System.nanoTime();
      if (faster || garbage || machine.compilationMillis() != compiled) {
        changed = now;
      }
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
