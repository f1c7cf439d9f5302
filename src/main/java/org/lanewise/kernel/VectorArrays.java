package org.lanewise.kernel;

import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import jdk.incubator.vector.FloatVector;

/**
 * The activation functions over arrays, on the Vector API. Inlined into a caller they went beyond
 * the limit that {@link VectorMath} tells of and boxed 192 to 960 bytes per vector; so each is
 * called, like the gates of {@link VectorPeephole}, from a place that sees three receivers, two of
 * which do nothing.
 */
final class VectorArrays {
  static final Pass[] EXP = {VectorArrays::exp, VectorArrays::nothing, VectorArrays::nothing};
  static final Pass[] SIGMOID = {
    VectorArrays::sigmoid, VectorArrays::nothing, VectorArrays::nothing
  };
  static final Pass[] TANH = {VectorArrays::tanh, VectorArrays::nothing, VectorArrays::nothing};

  /** A function over the whole vectors of an array. */
  interface Pass {
    void run(int n, float[] x, int xOffset, float[] y, int yOffset);
  }

  private VectorArrays() {}

  /** Runs a function over as many elements as fill whole vectors, and tells how many. */
  static int run(Pass[] passes, int n, float[] x, int xOffset, float[] y, int yOffset) {
    int whole = n - n % N;
    for (Pass pass : passes) {
      pass.run(whole, x, xOffset, y, yOffset);
    }
    return whole;
  }

  private static void nothing(int n, float[] x, int xOffset, float[] y, int yOffset) {}

  private static void exp(int n, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = 0; i < n; i += N) {
      VectorMath.exp(FloatVector.fromArray(S, x, xOffset + i)).intoArray(y, yOffset + i);
    }
  }

  private static void sigmoid(int n, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = 0; i < n; i += N) {
      VectorMath.sigmoid(FloatVector.fromArray(S, x, xOffset + i)).intoArray(y, yOffset + i);
    }
  }

  private static void tanh(int n, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = 0; i < n; i += N) {
      VectorMath.tanh(FloatVector.fromArray(S, x, xOffset + i)).intoArray(y, yOffset + i);
    }
  }
}
