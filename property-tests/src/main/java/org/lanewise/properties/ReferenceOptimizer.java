package org.lanewise.properties;

import java.util.HashMap;
import java.util.Map;

/**
 * An update rule in double precision, with PyTorch's formulas. What it remembers belongs to the
 * names of the parameters; use one optimizer for one network.
 */
public interface ReferenceOptimizer {

  /**
   * Updates parameters in place.
   *
   * @param parameters from name to values p
   * @param gradients from name to values g, of the same names and lengths
   */
  void step(Map<String, double[]> parameters, Map<String, double[]> gradients);

  /**
   * {@code p ← p - lr g}.
   *
   * @param learningRate lr
   * @return the rule
   */
  static ReferenceOptimizer sgd(double learningRate) {
    return (parameters, gradients) ->
        parameters.forEach(
            (name, p) -> {
              double[] g = gradients.get(name);
              for (int j = 0; j < p.length; j++) {
                p[j] -= learningRate * g[j];
              }
            });
  }

  /**
   * Momentum, {@code v ← μ v + g; p ← p - lr v}, v starting at zero, as {@code torch.optim.SGD}
   * with dampening 0 and without Nesterov.
   *
   * @param learningRate lr
   * @param momentum μ
   * @return the rule, with v at zero
   */
  static ReferenceOptimizer momentum(double learningRate, double momentum) {
    Map<String, double[]> velocities = new HashMap<>();
    return (parameters, gradients) ->
        parameters.forEach(
            (name, p) -> {
              double[] g = gradients.get(name);
              double[] v = velocities.computeIfAbsent(name, k -> new double[p.length]);
              for (int j = 0; j < p.length; j++) {
                v[j] = momentum * v[j] + g[j];
                p[j] -= learningRate * v[j];
              }
            });
  }

  /**
   * Adam at its t-th step, t from 1, as {@code torch.optim.Adam} without weight decay:
   *
   * <pre>{@code
   * m ← β1 m + (1 - β1) g       v ← β2 v + (1 - β2) g²
   * m̂ = m / (1 - β1^t)          v̂ = v / (1 - β2^t)
   * p ← p - lr m̂ / (sqrt(v̂) + ε)
   * }</pre>
   *
   * <p>Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1.
   *
   * @param learningRate lr
   * @param beta1 β1, usually 0.9
   * @param beta2 β2, usually 0.999
   * @param epsilon ε, usually 1e-8
   * @return the rule, with m and v at zero and t before 1
   */
  static ReferenceOptimizer adam(double learningRate, double beta1, double beta2, double epsilon) {
    return new ReferenceAdam(learningRate, beta1, beta2, epsilon);
  }
}
