package org.lanewise.properties;

/**
 * A loss and its gradients with respect to what a network gives: the start of the way back.
 *
 * @param value L
 * @param dOutput dL/doutput {@code [T][B][O]}, or {@code [T][B][H]} without an output layer
 * @param dHn dL/dhn {@code [layers][B][H]}
 * @param dCn dL/dcn {@code [layers][B][H]}, or {@code [layers][B][0]}
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
   * @param r2 weights of hn {@code [layers][B][H]}
   * @param r3 weights of cn {@code [layers][B][H]}, or {@code [layers][B][0]}
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
    double[][][] logits = run.output();
    checkShape(logits, targets);
    int counted = count(targets);
    double total = 0;
    double[][][] dLogits = new double[logits.length][][];
    for (int t = 0; t < logits.length; t++) {
      dLogits[t] = new double[logits[t].length][];
      for (int b = 0; b < logits[t].length; b++) {
        int target = targets[t][b];
        double[] z = logits[t][b];
        double[] dz = new double[z.length];
        dLogits[t][b] = dz;
        if (target < 0) {
          continue;
        }
        if (target >= z.length) {
          throw new IllegalArgumentException(
              "targets[%d][%d]: expected a class below %d, found %d"
                  .formatted(t, b, z.length, target));
        }
        double logSum = logSumExp(z);
        total += logSum - z[target];
        for (int k = 0; k < z.length; k++) {
          double softmax = Math.exp(z[k] - logSum);
          dz[k] = (softmax - (k == target ? 1 : 0)) / counted;
        }
      }
    }
    ReferenceNetwork.State last = run.finalState();
    return new ReferenceLoss(total / counted, dLogits, zerosLike(last.h()), zerosLike(last.c()));
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

  private static int count(int[][] targets) {
    int counted = 0;
    for (int[] row : targets) {
      for (int target : row) {
        counted += target >= 0 ? 1 : 0;
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
