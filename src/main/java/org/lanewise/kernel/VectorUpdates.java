package org.lanewise.kernel;

import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import jdk.incubator.vector.FloatVector;

/**
 * The laws of the optimizers on the Vector API. C2 leaves the plain loops scalar: it cannot tell
 * that the arrays are different ones. What does not fill a vector is done by {@link PlainUpdates}.
 *
 * <p>No vector is handed to a method of ours or comes back from one: many ranges are shorter than a
 * vector, so C2 takes what is inside the loops for rare, does not inline it, and would box.
 */
final class VectorUpdates {
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
}
