package org.lanewise.network;

import java.util.SplittableRandom;

/**
 * How parameters get their first values. Seeded; the same numbers on every platform, since only
 * exact operations turn random bits into floats.
 */
public sealed interface Initializer {

  /**
   * Fills the arena.
   *
   * @param parameters what to fill
   * @param seed of the random numbers
   */
  void fill(Parameters parameters, long seed);

  /**
   * PyTorch's law: recurrent and linear parameters uniform in ±1/√H with H the hidden size (for the
   * linear layer, its input size, which is the same), embeddings normal with deviation 1.
   */
  record Torch() implements Initializer {
    @Override
    public void fill(Parameters parameters, long seed) {
      Draw draw = new Draw(seed);
      float[] values = parameters.values();
      double range = 1 / Math.sqrt(parameters.spec().hiddenSize());
      for (Parameter p : parameters.slices()) {
        for (int i = p.offset(); i < p.offset() + p.size(); i++) {
          values[i] =
              (float) (p.name().startsWith("embedding.") ? draw.normal() : draw.uniform(range));
        }
      }
    }
  }

  /**
   * Glorot and Bengio 2010 for input, embedding and output weights, uniform in ±√(6 / (fan in + fan
   * out)) with each gate taken for itself; orthogonal hidden weights per gate (Saxe et al. 2014);
   * biases zero, but for the forget gate of an LSTM, whose bias is 1 (Gers et al. 2000).
   */
  record Glorot() implements Initializer {
    @Override
    public void fill(Parameters parameters, long seed) {
      Draw draw = new Draw(seed);
      float[] values = parameters.values();
      int hidden = parameters.spec().hiddenSize();
      for (Parameter p : parameters.slices()) {
        if (p.name().contains("weight_hh")) {
          int state = p.shape().get(1);
          for (int gate = 0; gate < p.shape().get(0) / hidden; gate++) {
            draw.orthogonal(hidden, state, values, p.offset() + gate * hidden * state);
          }
        } else if (p.shape().size() == 2) {
          boolean gates = p.name().contains("weight_ih");
          int fanOut = gates ? hidden : p.shape().get(0);
          double range = Math.sqrt(6.0 / (fanOut + p.shape().get(1)));
          for (int i = p.offset(); i < p.offset() + p.size(); i++) {
            values[i] = (float) draw.uniform(range);
          }
        } else {
          java.util.Arrays.fill(values, p.offset(), p.offset() + p.size(), 0f);
          if (p.name().startsWith("lstm.bias_ih")) {
            java.util.Arrays.fill(values, p.offset() + hidden, p.offset() + 2 * hidden, 1f);
          }
        }
      }
    }
  }

  /**
   * Every parameter uniform in ±range, as in Zaremba et al. 2014.
   *
   * @param range largest magnitude
   */
  record Uniform(double range) implements Initializer {
    /** Checks the range. */
    public Uniform {
      if (!(range >= 0) || Double.isInfinite(range)) {
        throw new IllegalArgumentException(
            "uniform range: found " + range + ", expected a finite number, 0 or above");
      }
    }

    @Override
    public void fill(Parameters parameters, long seed) {
      Draw draw = new Draw(seed);
      float[] values = parameters.values();
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) draw.uniform(range);
      }
    }
  }

  /**
   * Reads the name of a law.
   *
   * @param text {@code torch}, {@code glorot} or {@code uniform:R}
   * @return the law
   * @throws IllegalArgumentException if it is none of these
   */
  static Initializer parse(String text) {
    if (text.startsWith("uniform:")) {
      try {
        return new Uniform(Double.parseDouble(text.substring("uniform:".length())));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("uniform range: found \"" + text + "\"", e);
      }
    }
    return switch (text) {
      case "torch" -> new Torch();
      case "glorot" -> new Glorot();
      default ->
          throw new IllegalArgumentException(
              "initialisation: found \"" + text + "\", expected torch, glorot or uniform:R");
    };
  }

  /** Random numbers from exact operations. */
  final class Draw {
    private final SplittableRandom random;

    Draw(long seed) {
      this.random = new SplittableRandom(seed);
    }

    double uniform(double range) {
      return (2 * random.nextDouble() - 1) * range;
    }

    /** Marsaglia's polar method, with StrictMath for the logarithm. */
    double normal() {
      double u;
      double square;
      do {
        u = 2 * random.nextDouble() - 1;
        double v = 2 * random.nextDouble() - 1;
        square = u * u + v * v;
      } while (square >= 1 || square == 0);
      return u * Math.sqrt(-2 * StrictMath.log(square) / square);
    }

    /**
     * A matrix with orthonormal columns, no more than it has rows: vectors of normal numbers, made
     * orthonormal one by one (modified Gram-Schmidt). They are the rows of a square matrix, and the
     * columns of any other.
     */
    void orthogonal(int rows, int columns, float[] values, int at) {
      double[][] vectors = new double[columns][rows];
      for (int i = 0; i < columns; i++) {
        double norm;
        do {
          for (int k = 0; k < rows; k++) {
            vectors[i][k] = normal();
          }
          // Twice, because once leaves rounding errors that grow with n.
          project(vectors, i);
          project(vectors, i);
          norm = Math.sqrt(dot(vectors[i], vectors[i]));
        } while (norm < 1e-6);
        for (int k = 0; k < rows; k++) {
          vectors[i][k] /= norm;
          int to = rows == columns ? i * columns + k : k * columns + i;
          values[at + to] = (float) vectors[i][k];
        }
      }
    }

    private static void project(double[][] rows, int i) {
      for (int j = 0; j < i; j++) {
        double along = dot(rows[i], rows[j]);
        for (int k = 0; k < rows[i].length; k++) {
          rows[i][k] -= along * rows[j][k];
        }
      }
    }

    private static double dot(double[] a, double[] b) {
      double sum = 0;
      for (int k = 0; k < a.length; k++) {
        sum += a[k] * b[k];
      }
      return sum;
    }
  }
}
