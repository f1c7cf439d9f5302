package org.lanewise.properties;

import org.lanewise.network.Head;

/**
 * From the outputs of the top layer over a sequence to what the linear output sees: a list of
 * vectors, one per step or one alone. With outputs {@code v_1 .. v_n} of width W:
 *
 * <pre>{@code
 * STEPS   v_1 .. v_n
 * LAST    the state after the last step of each direction, joined
 * MEAN    (v_1 + .. + v_n) / n
 * MAX     the largest of v_1[j] .. v_n[j] for each j; among equals the first
 * }</pre>
 *
 * <p>LAST reads {@code v_n} where the network runs forward. Backward in time the last step is step
 * 1, so of two directions it reads the forward part of {@code v_n} and the reverse part of {@code
 * v_1}: {@link ReferenceNetwork} gives it both parts alone.
 */
final class ReferenceHead {
  private ReferenceHead() {}

  /** One vector from {@code [n][W]}; for MEAN and MAX. */
  static double[] pick(Head head, double[][] outputs) {
    int n = outputs.length;
    double[] picked = new double[outputs[0].length];
    for (int j = 0; j < picked.length; j++) {
      if (head == Head.MAX) {
        picked[j] = outputs[largest(outputs, j)][j];
      } else {
        for (int t = 0; t < n; t++) {
          picked[j] += outputs[t][j] / n;
        }
      }
    }
    return picked;
  }

  /** The way back of {@link #pick}: {@code [n][W]} from {@code [W]}. */
  static double[][] spread(Head head, double[][] outputs, double[] gradient) {
    int n = outputs.length;
    double[][] spread = new double[n][gradient.length];
    for (int j = 0; j < gradient.length; j++) {
      if (head == Head.MAX) {
        spread[largest(outputs, j)][j] = gradient[j];
      } else {
        for (int t = 0; t < n; t++) {
          spread[t][j] = gradient[j] / n;
        }
      }
    }
    return spread;
  }

  private static int largest(double[][] outputs, int j) {
    int largest = 0;
    for (int t = 1; t < outputs.length; t++) {
      if (outputs[t][j] > outputs[largest][j]) {
        largest = t;
      }
    }
    return largest;
  }
}
