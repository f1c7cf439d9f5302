package org.lanewise.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;

/**
 * Question: after {@code model.warmUp()}, is the first real step as fast as the millionth? A table
 * of a few sizes, each measured in a fresh virtual machine: how long the warm-up took; then the
 * first step, the medians of steps 2 to 100 and of 100 steps after a million others; and, for
 * comparison, the first step and the same medians where there was no warm-up.
 *
 * <p>A time includes that of the clock, some 20 to 40 ns. The first step finds in the caches what
 * the warm-up left there.
 */
public final class WarmUpReport {
  private static final int FEW = 100;
  private static final int MANY = 1_000_000;

  /** Cells and hidden sizes, the latter also input sizes. */
  private static final List<String> CASES =
      List.of("lstm 16", "lstm 64", "lstm 128", "lstm 512", "gru 64", "lstm-peephole 64");

  private WarmUpReport() {}

  /**
   * Prints the table, or measures one case in this virtual machine.
   *
   * @param args nothing; or a cell, a hidden size and whether to warm up
   * @throws IOException if a virtual machine cannot be started
   * @throws InterruptedException if this thread is interrupted
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 3) {
      System.out.println(
          measure(CellKind.parse(args[0]), Integer.parseInt(args[1]), args[2].equals("warm")));
      return;
    }
    System.out.printf(
        "%-25s %10s %12s %14s %10s%n", "", "warm-up", "first step", "steps 2-100", "later");
    System.out.printf("%-25s %10s %12s %14s %10s%n", "", "ms", "µs", "median µs", "median µs");
    for (String one : CASES) {
      for (String how : List.of("warm", "cold")) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add(WarmUpReport.class.getName());
        command.addAll(List.of(one.split(" ", -1)));
        command.add(how);
        Process process =
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String line = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        if (process.waitFor() != 0) {
          throw new IOException(String.join(" ", command) + ": exit status " + process.exitValue());
        }
        System.out.printf("%-18s %-6s %s%n", one, how, line);
      }
    }
  }

  private static String measure(CellKind cell, int hidden, boolean warm) {
    Parameters parameters =
        new Parameters(new NetworkSpec(new Input.Features(hidden), cell, hidden, 1, 0));
    new Initializer.Torch().fill(parameters, 1);
    Model model = Model.of(parameters);
    Session session = model.session();
    float[] output = new float[hidden];
    float[][] inputs = new float[Fixtures.TURNS][];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = Fixtures.uniform(hidden, 1, i);
    }
    long[] times = new long[FEW];
    long[] later = new long[FEW];
    try {
      // A refused step links the loop that measures, which is not what is measured.
      steps(session, new float[1][0], output, times);
      throw new AssertionError("a step without input");
    } catch (IllegalArgumentException expected) {
      // No step was made.
    }
    Duration warmUp = warm ? model.warmUp() : Duration.ZERO;
    steps(session, inputs, output, times);
    for (int i = 0; i < MANY / FEW; i++) {
      steps(session, inputs, output, later);
    }
    long first = times[0];
    return String.format(
        Locale.ROOT,
        "%,10d %12.3f %14.3f %10.3f",
        warmUp.toMillis(),
        first / 1e3,
        median(Arrays.copyOfRange(times, 1, FEW)) / 1e3,
        median(later) / 1e3);
  }

  private static void steps(Session session, float[][] inputs, float[] output, long[] times) {
    for (int i = 0; i < times.length; i++) {
      long begin = System.nanoTime();
      session.step(inputs[i % inputs.length], output);
      times[i] = System.nanoTime() - begin;
    }
  }

  private static long median(long[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }
}
