package org.lanewise.properties;

import java.util.Arrays;

/**
 * A loss and its gradients with respect to what a network gives: the start of the way back.
 *
 * @param value L
 * @param dOutput dL/doutput, of the shape of {@link ReferenceNetwork.Run#output}
 * @param dHn dL/dhn {@code [layers*D][B][H]}
 * @param dCn dL/dcn {@code [layers*D][B][H]}, or {@code [layers*D][B][0]}
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record ReferenceLoss(
    double value, double[][][] dOutput, double[][][] dHn, double[][][] dCn) {

  /**
   * A weighted sum of everything that the network gives; with random weights it reaches every
   * gradient:
   *
   * <pre>{@code
   * L = Σ output ∘ r1 + Σ hn ∘ r2 + Σ cn ∘ r3
   * dL/doutput = r1    dL/dhn = r2    dL/dcn = r3
   * }</pre>
   *
   * @param run what the network gave
   * @param r1 weights of the output, of its shape
   * @param r2 weights of hn {@code [layers*D][B][H]}
   * @param r3 weights of cn {@code [layers*D][B][H]}, or {@code [layers*D][B][0]}
   * @return the loss, whose gradients are the weights themselves
   */
  public static ReferenceLoss weighted(
      ReferenceNetwork.Run run, double[][][] r1, double[][][] r2, double[][][] r3) {
    double value =
        dot(run.output(), r1) + dot(run.finalState().h(), r2) + dot(run.finalState().c(), r3);
    return new ReferenceLoss(value, r1, r2, r3);
  }

  /**
   * Mean softmax cross-entropy in nats over the positions that count; a negative target does not.
   * With N such positions, logits z and target y:
   *
   * <pre>{@code
   * L = 1/N Σ (log Σ_k exp(z_k) - z_y)
   * dL/dz_k = (softmax(z)_k - [k = y]) / N
   * }</pre>
   *
   * <p>The largest logit is subtracted before the exponential, which changes nothing but the range.
   * Source: Bishop, "Pattern Recognition and Machine Learning", 4.3.4; the same as {@code
   * torch.nn.CrossEntropyLoss} with negative targets ignored.
   *
   * @param run what the network gave; its output is the logits {@code [T][B][O]}
   * @param targets class of each position {@code [T][B]}, below O; negative: not counted
   * @return the loss, with zero gradients for the final states
   * @throws IllegalArgumentException if no position counts, a target is not a class, or the targets
   *     are not {@code [T][B]}
   */
  public static ReferenceLoss crossEntropy(ReferenceNetwork.Run run, int[][] targets) {
    return crossEntropy(run, targets, new double[0], 0);
  }

  /**
   * Softmax cross-entropy with class weights w and label smoothing ε: the target is {@code q = (1 -
   * ε) onehot(y) + ε / O}, and a position of class y counts {@code w_y}. With {@code p =
   * softmax(z)}:
   *
   * <pre>{@code
   * L = Σ w_y (-Σ_k q_k log p_k) / Σ w_y
   * dL/dz_k = w_y (p_k - q_k) / Σ w_y
   * }</pre>
   *
   * <p>Source of the smoothing: Szegedy et al., "Rethinking the Inception Architecture for Computer
   * Vision", 2016, section 7. The same as {@code torch.nn.CrossEntropyLoss} with weights or with
   * smoothing; with both, PyTorch weighs each term of the smoothed target by its own class.
   *
   * @param run what the network gave; its output is the logits {@code [T][B][O]}
   * @param targets class of each position {@code [T][B]}, below O; negative: not counted
   * @param classWeights w, one per class; empty for 1 each
   * @param smoothing ε
   * @return the loss, with zero gradients for the final states
   * @throws IllegalArgumentException if no position counts, a target is not a class, or the targets
   *     are not {@code [T][B]}
   */
  public static ReferenceLoss crossEntropy(
      ReferenceNetwork.Run run, int[][] targets, double[] classWeights, double smoothing) {
    double[][][] logits = run.output();
    checkShape(logits, targets);
    checkClasses(logits, targets);
    double counted = count(targets, classWeights);
    double total = 0;
    double[][][] dLogits = zerosLike(logits);
    for (int t = 0; t < logits.length; t++) {
      for (int b = 0; b < logits[t].length; b++) {
        int y = targets[t][b];
        if (y < 0) {
          continue;
        }
        double[] z = logits[t][b];
        double logSum = logSumExp(z);
        double w = weight(classWeights, y);
        for (int k = 0; k < z.length; k++) {
          double q = (k == y ? 1 - smoothing : 0) + smoothing / z.length;
          double logP = z[k] - logSum;
          total -= w * q * logP;
          dLogits[t][b][k] = w * (Math.exp(logP) - q) / counted;
        }
      }
    }
    return new ReferenceLoss(
        total / counted, dLogits, zerosLike(run.finalState().h()), zerosLike(run.finalState().c()));
  }

  /**
   * The mean of a loss over all values whose target is not NaN.
   *
   * @param run what the network gave; its output is the results {@code [T][B][O]}
   * @param targets {@code [T][B][O]}; NaN: not counted
   * @param loss the loss of one value
   * @return the loss, with zero gradients for the final states
   * @throws IllegalArgumentException if no value counts
   */
  public static ReferenceLoss values(
      ReferenceNetwork.Run run, double[][][] targets, ReferenceValueLoss loss) {
    double[][][] results = run.output();
    int counted = 0;
    for (double[][] step : targets) {
      for (double[] row : step) {
        counted += (int) Arrays.stream(row).filter(value -> !Double.isNaN(value)).count();
      }
    }
    if (counted == 0) {
      throw new IllegalArgumentException("targets: expected at least one that counts, found none");
    }
    double total = 0;
    double[][][] dResults = zerosLike(results);
    for (int t = 0; t < results.length; t++) {
      for (int b = 0; b < results[t].length; b++) {
        for (int k = 0; k < results[t][b].length; k++) {
          double target = targets[t][b][k];
          if (!Double.isNaN(target)) {
            total += loss.loss(results[t][b][k], target);
            dResults[t][b][k] = loss.gradient(results[t][b][k], target) / counted;
          }
        }
      }
    }
    return new ReferenceLoss(
        total / counted,
        dResults,
        zerosLike(run.finalState().h()),
        zerosLike(run.finalState().c()));
  }

  private static void checkShape(double[][][] logits, int[][] targets) {
    boolean fits = targets.length == logits.length;
    for (int t = 0; fits && t < targets.length; t++) {
      fits = targets[t].length == logits[t].length;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "targets: expected one for each position of the output, [T][B] with T = "
              + logits.length);
    }
  }

  private static void checkClasses(double[][][] logits, int[][] targets) {
    for (int t = 0; t < targets.length; t++) {
      for (int b = 0; b < targets[t].length; b++) {
        if (targets[t][b] >= logits[t][b].length) {
          throw new IllegalArgumentException(
              "targets[%d][%d]: expected a class below %d, found %d"
                  .formatted(t, b, logits[t][b].length, targets[t][b]));
        }
      }
    }
  }

  private static double weight(double[] classWeights, int target) {
    return target < 0 ? 0 : classWeights.length == 0 ? 1 : classWeights[target];
  }

  private static double count(int[][] targets, double[] classWeights) {
    double counted = 0;
    for (int[] row : targets) {
      for (int target : row) {
        counted += weight(classWeights, target);
      }
    }
    if (counted == 0) {
      throw new IllegalArgumentException("targets: expected at least one that counts, found none");
    }
    return counted;
  }

  /** {@code log Σ exp(z_k) = m + log Σ exp(z_k - m)} with m the largest. */
  private static double logSumExp(double[] z) {
    double max = Double.NEGATIVE_INFINITY;
    for (double value : z) {
      max = Math.max(max, value);
    }
    double sum = 0;
    for (double value : z) {
      sum += Math.exp(value - max);
    }
    return max + Math.log(sum);
  }

  private static double dot(double[][][] a, double[][][] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[i].length; j++) {
        for (int k = 0; k < a[i][j].length; k++) {
          sum += a[i][j][k] * b[i][j][k];
        }
      }
    }
    return sum;
  }

  private static double[][][] zerosLike(double[][][] a) {
    double[][][] zeros = new double[a.length][][];
    for (int i = 0; i < a.length; i++) {
      zeros[i] = new double[a[i].length][];
      for (int j = 0; j < a[i].length; j++) {
        zeros[i][j] = new double[a[i][j].length];
      }
    }
    return zeros;
  }
}
