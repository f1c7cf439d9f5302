package org.lanewise.properties;

import java.util.HashMap;
import java.util.Map;

/** {@link ReferenceOptimizer#adam}. */
final class ReferenceAdam implements ReferenceOptimizer {
  private final double learningRate;
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final Map<String, double[]> firstMoments = new HashMap<>();
  private final Map<String, double[]> secondMoments = new HashMap<>();
  private int t;

  ReferenceAdam(double learningRate, double beta1, double beta2, double epsilon) {
    this.learningRate = learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  @Override
  public void step(Map<String, double[]> parameters, Map<String, double[]> gradients) {
    t++;
    parameters.forEach((name, p) -> update(name, p, gradients.get(name)));
  }

  private void update(String name, double[] p, double[] g) {
    double[] m = firstMoments.computeIfAbsent(name, k -> new double[p.length]);
    double[] v = secondMoments.computeIfAbsent(name, k -> new double[p.length]);
    for (int j = 0; j < p.length; j++) {
      m[j] = beta1 * m[j] + (1 - beta1) * g[j];
      v[j] = beta2 * v[j] + (1 - beta2) * g[j] * g[j];
      double mHat = m[j] / (1 - Math.pow(beta1, t));
      double vHat = v[j] / (1 - Math.pow(beta2, t));
      p[j] -= learningRate * mHat / (Math.sqrt(vHat) + epsilon);
    }
  }
}
