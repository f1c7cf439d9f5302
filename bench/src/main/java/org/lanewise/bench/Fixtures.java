package org.lanewise.bench;

import java.util.SplittableRandom;
import org.lanewise.cell.CellKind;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;
import org.lanewise.kernel.PlainKernels;
import org.lanewise.kernel.VectorKernels;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.network.Precision;
import org.lanewise.stream.Model;

/** What several benchmarks set up alike. */
final class Fixtures {
  /** Inputs that a benchmark takes in turn, so that no call sees those of the call before. */
  static final int TURNS = 8;

  private Fixtures() {}

  /** The implementation of a name, {@code vector} or {@code plain}. */
  static Kernels kernels(String name) {
    return switch (name) {
      case "vector" -> new VectorKernels();
      case "plain" -> new PlainKernels();
      default ->
          throw new IllegalArgumentException(
              "kernels: found \"" + name + "\", expected vector or plain");
    };
  }

  /** A model of one LSTM layer, without a linear output. */
  static Model lstm(int hidden) {
    return lstm(hidden, Precision.FLOAT32);
  }

  /** The same with its weights rounded. */
  static Model lstm(int hidden, Precision precision) {
    Parameters parameters =
        new Parameters(new NetworkSpec(new Input.Features(hidden), CellKind.LSTM, hidden, 1, 0));
    new Initializer.Torch().fill(parameters, 1);
    return Model.of(parameters, precision);
  }

  /** Numbers uniform in ±range. */
  static float[] uniform(int n, double range, long seed) {
    float[] x = new float[n];
    fill(x, range, seed);
    return x;
  }

  /** A packed matrix of numbers uniform in ±1/√depth, so that a product keeps the magnitude. */
  static Packed packed(int depth, int columns, long seed) {
    Packed w = new Packed(depth, columns);
    fill(w.values(), 1 / Math.sqrt(depth), seed);
    return w;
  }

  private static void fill(float[] x, double range, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-range, range);
    }
  }
}
