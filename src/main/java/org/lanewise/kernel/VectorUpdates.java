package org.lanewise.kernel;

import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The laws of the optimizers, and the sum of squares, on the Vector API. C2 leaves the plain loops
 * scalar: it cannot tell that the arrays are different ones. What does not fill a vector is done by
 * {@link PlainUpdates}.
 *
 * <p>No vector is handed to a method of ours or comes back from one: many ranges are shorter than a
 * vector, so C2 takes what is inside the loops for rare, does not inline it, and would box.
 */
final class VectorUpdates {
  /** Doubles of the shape of S, and as many floats as it has lanes. */
  private static final VectorSpecies<Double> D =
      VectorSpecies.of(double.class, VectorShape.forBitSize(N * 32));

  private static final VectorSpecies<Float> HALF =
      VectorSpecies.of(float.class, VectorShape.forBitSize(N * 16));

  private VectorUpdates() {}

  /** {@link Kernels#sgd}. */
  static void sgd(
      int n, float factor, float decay, float rate, float[] gradients, float[] values, int offset) {
    int end = offset + n - n % N;
    FloatVector minusRate = FloatVector.broadcast(S, -rate);
    FloatVector lambda = FloatVector.broadcast(S, decay);
    for (int i = offset; i < end; i += N) {
      FloatVector p = FloatVector.fromArray(S, values, i);
      FloatVector g = FloatVector.fromArray(S, gradients, i).mul(factor);
      g = decay == 0 ? g : p.fma(lambda, g);
      g.fma(minusRate, p).intoArray(values, i);
    }
    PlainUpdates.sgd(n % N, factor, decay, rate, gradients, values, end);
  }

  /** {@link Kernels#momentum}. */
  static void momentum(
      int n,
      float factor,
      float decay,
      float rate,
      float keep,
      float[] gradients,
      float[] velocity,
      float[] values,
      int offset) {
    int end = offset + n - n % N;
    FloatVector minusRate = FloatVector.broadcast(S, -rate);
    FloatVector lambda = FloatVector.broadcast(S, decay);
    FloatVector mu = FloatVector.broadcast(S, keep);
    for (int i = offset; i < end; i += N) {
      FloatVector p = FloatVector.fromArray(S, values, i);
      FloatVector g = FloatVector.fromArray(S, gradients, i).mul(factor);
      g = decay == 0 ? g : p.fma(lambda, g);
      FloatVector next = FloatVector.fromArray(S, velocity, i).fma(mu, g);
      next.intoArray(velocity, i);
      next.fma(minusRate, p).intoArray(values, i);
    }
    PlainUpdates.momentum(n % N, factor, decay, rate, keep, gradients, velocity, values, end);
  }

  /** {@link Kernels#adam}. */
  static void adam(
      int n,
      float factor,
      float decay,
      float rate,
      float learn,
      float keepSquare,
      float learnSquare,
      float correction,
      float epsilon,
      float[] gradients,
      float[] mean,
      float[] square,
      float[] values,
      int offset) {
    int end = offset + n - n % N;
    FloatVector minusRate = FloatVector.broadcast(S, -rate);
    FloatVector lambda = FloatVector.broadcast(S, decay);
    FloatVector learning = FloatVector.broadcast(S, learn);
    FloatVector corrected = FloatVector.broadcast(S, correction);
    FloatVector added = FloatVector.broadcast(S, epsilon);
    for (int i = offset; i < end; i += N) {
      FloatVector p = FloatVector.fromArray(S, values, i);
      FloatVector g = FloatVector.fromArray(S, gradients, i).mul(factor);
      g = decay == 0 ? g : p.fma(lambda, g);
      FloatVector m = FloatVector.fromArray(S, mean, i);
      m = g.sub(m).fma(learning, m);
      FloatVector v = FloatVector.fromArray(S, square, i).mul(keepSquare);
      v = g.mul(learnSquare).fma(g, v);
      m.intoArray(mean, i);
      v.intoArray(square, i);
      FloatVector root = v.sqrt().fma(corrected, added);
      m.div(root).fma(minusRate, p).intoArray(values, i);
    }
    PlainUpdates.adam(
        n % N,
        factor,
        decay,
        rate,
        learn,
        keepSquare,
        learnSquare,
        correction,
        epsilon,
        gradients,
        mean,
        square,
        values,
        end);
  }

  /** {@link Kernels#accumulateSquares}: N of the sixteen sums at a time, in two vectors. */
  static void accumulateSquares(int n, float[] x, int offset, double[] p, int pOffset) {
    int end = offset + n - n % 16;
    for (int j = 0; j < 16; j += N) {
      DoubleVector low = DoubleVector.fromArray(D, p, pOffset + j);
      DoubleVector high = DoubleVector.fromArray(D, p, pOffset + j + N / 2);
      for (int i = offset + j; i < end; i += 16) {
        FloatVector a = FloatVector.fromArray(HALF, x, i);
        FloatVector b = FloatVector.fromArray(HALF, x, i + N / 2);
        DoubleVector c = (DoubleVector) a.convertShape(VectorOperators.F2D, D, 0);
        DoubleVector d = (DoubleVector) b.convertShape(VectorOperators.F2D, D, 0);
        low = c.fma(c, low);
        high = d.fma(d, high);
      }
      low.intoArray(p, pOffset + j);
      high.intoArray(p, pOffset + j + N / 2);
    }
    Reductions.accumulateSquares(n % 16, x, end, p, pOffset);
  }
}
