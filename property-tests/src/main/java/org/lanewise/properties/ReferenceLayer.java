package org.lanewise.properties;

/**
 * One layer in one direction over a batch of sequences: the cell, step after step, and
 * back-propagation through time. Sequences do not meet, so each is walked alone, from its first
 * step to its last or, in reverse, from its last to its first. Where a sequence has no step, its
 * output is zero and its gradients go nowhere.
 */
final class ReferenceLayer {
  private final ReferenceCell cell;
  private final ReferenceCell.Weights weights;
  private final boolean reverse;

  ReferenceLayer(ReferenceCell cell, ReferenceCell.Weights weights, boolean reverse) {
    this.cell = cell;
    this.weights = weights;
    this.reverse = reverse;
  }

  /** The i-th time step in the direction of the layer. */
  private static int time(int i, int length, boolean reverse) {
    return reverse ? length - 1 - i : i;
  }

  /**
   * Runs over all time steps.
   *
   * @param x inputs {@code [T][B][I]}
   * @param lengths steps of each sequence {@code [B]}
   * @param h0 hidden state before the first step {@code [B][H]}
   * @param c0 cell state before the first step {@code [B][H]}
   */
  Run forward(double[][][] x, int[] lengths, double[][] h0, double[][] c0) {
    int batch = h0.length;
    Run run = new Run(x, lengths, reverse, h0[0].length);
    for (int b = 0; b < batch; b++) {
      double[] h = h0[b];
      double[] c = c0[b];
      for (int i = 0; i < lengths[b]; i++) {
        int t = time(i, lengths[b], reverse);
        ReferenceCell.Step step = cell.forward(weights, x[t][b], h, c);
        h = step.h();
        c = step.c();
        run.steps[t][b] = step;
        run.output[t][b] = h;
      }
      run.hn[b] = h;
      run.cn[b] = c;
    }
    return run;
  }

  /** A walk over the sequence: output {@code [T][B][H]}, hn and cn {@code [B][H]}. */
  static final class Run {
    final int[] lengths;
    final boolean reverse;
    final int inputSize;
    final ReferenceCell.Step[][] steps;
    final double[][][] output;
    final double[][] hn;
    final double[][] cn;

    Run(double[][][] x, int[] lengths, boolean reverse, int hiddenSize) {
      int timeSteps = x.length;
      int batch = lengths.length;
      this.lengths = lengths;
      this.reverse = reverse;
      inputSize = x[0][0].length;
      steps = new ReferenceCell.Step[timeSteps][batch];
      output = new double[timeSteps][batch][hiddenSize];
      hn = new double[batch][];
      cn = new double[batch][];
    }

    /**
     * Back-propagation through time: {@code dh_t = dOutput_t + dh'_{t+1}}, from the step walked
     * last to the first.
     *
     * @param dOutput dL/doutput {@code [T][B][H]}
     * @param dhn dL/dhn {@code [B][H]}
     * @param dcn dL/dcn {@code [B][H]}
     * @param gradients where the gradients of the weights are added
     */
    Back backward(
        double[][][] dOutput, double[][] dhn, double[][] dcn, ReferenceCell.Weights gradients) {
      int timeSteps = output.length;
      int batch = hn.length;
      Back back = new Back(timeSteps, batch, inputSize);
      for (int b = 0; b < batch; b++) {
        double[] dh = dhn[b];
        double[] dc = dcn[b];
        for (int i = lengths[b] - 1; i >= 0; i--) {
          int t = time(i, lengths[b], reverse);
          ReferenceCell.Back step = steps[t][b].backward(sum(dOutput[t][b], dh), dc, gradients);
          back.dx[t][b] = step.dx();
          dh = step.dhPrevious();
          dc = step.dcPrevious();
        }
        back.dh0[b] = dh;
        back.dc0[b] = dc;
      }
      return back;
    }
  }

  /** What comes out at the front: dx {@code [T][B][I]}, dh0 and dc0 {@code [B][H]}. */
  static final class Back {
    final double[][][] dx;
    final double[][] dh0;
    final double[][] dc0;

    Back(int timeSteps, int batch, int inputSize) {
      dx = new double[timeSteps][batch][inputSize];
      dh0 = new double[batch][];
      dc0 = new double[batch][];
    }
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = new double[a.length];
    for (int j = 0; j < a.length; j++) {
      sum[j] = a[j] + b[j];
    }
    return sum;
  }
}
