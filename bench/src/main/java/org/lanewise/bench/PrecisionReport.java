package org.lanewise.bench;

import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import org.lanewise.format.LoadOptions;
import org.lanewise.network.Precision;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;

/**
 * What it costs to round the weights of a model: the largest difference of an output from that of
 * the model as it is, over steps on random inputs with the state carried.
 */
public final class PrecisionReport {
  private static final int STEPS = 10_000;

  private PrecisionReport() {}

  /**
   * Prints a line for each precision.
   *
   * @param args model files; none for LSTMs with the initial weights of PyTorch
   * @throws Exception if a file is no model
   */
  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      for (int hidden : new int[] {64, 128, 256, 512, 1024}) {
        report(
            "LSTM " + hidden, Fixtures.lstm(hidden), precision -> Fixtures.lstm(hidden, precision));
      }
    }
    for (String file : args) {
      Path path = Path.of(file);
      report(
          path.getFileName().toString(),
          Model.load(path),
          precision -> Model.load(path, LoadOptions.NONE, precision));
    }
  }

  /** Makes the model once more. */
  private interface Loader {
    Model load(Precision precision) throws Exception;
  }

  private static void report(String name, Model exact, Loader loader) throws Exception {
    for (Precision precision : new Precision[] {Precision.BFLOAT16, Precision.INT8}) {
      Session expected = exact.session();
      Session found = loader.load(precision).session();
      float[] y = new float[exact.outputSize()];
      float[] z = new float[exact.outputSize()];
      float[] x = new float[exact.inputSize()];
      SplittableRandom random = new SplittableRandom(1);
      double most = 0;
      double squares = 0;
      double power = 0;
      for (int step = 0; step < STEPS; step++) {
        if (exact.spec().input().isToken()) {
          int token = random.nextInt(exact.spec().input().tokens());
          expected.step(token, y);
          found.step(token, z);
        } else {
          for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
          }
          expected.step(x, y);
          found.step(x, z);
        }
        for (int i = 0; i < y.length; i++) {
          double difference = z[i] - (double) y[i];
          most = Math.max(most, Math.abs(difference));
          squares += difference * difference;
          power += y[i] * (double) y[i];
        }
      }
      System.out.printf(
          Locale.ROOT,
          "%-24s %-9s largest difference %.2e, root mean square %.2e of %.2e, over %,d steps%n",
          name,
          precision.text(),
          most,
          Math.sqrt(squares / ((double) STEPS * y.length)),
          Math.sqrt(power / ((double) STEPS * y.length)),
          STEPS);
    }
  }
}
