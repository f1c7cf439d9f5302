package org.lanewise.properties;

/**
 * One layer in one direction over a batch of sequences: the cell, step after step, and
 * back-propagation through time. Sequences do not meet, so each is walked alone.
 */
final class ReferenceLayer {
  private final ReferenceCell cell;
  private final ReferenceCell.Weights weights;

  ReferenceLayer(ReferenceCell cell, ReferenceCell.Weights weights) {
    this.cell = cell;
    this.weights = weights;
  }

  /**
   * Runs over all time steps.
   *
   * @param x inputs {@code [T][B][I]}
   * @param h0 hidden state before the first step {@code [B][H]}
   * @param c0 cell state before the first step {@code [B][H]}
   */
  Run forward(double[][][] x, double[][] h0, double[][] c0) {
    int timeSteps = x.length;
    int batch = h0.length;
    Run run = new Run(timeSteps, batch);
    for (int b = 0; b < batch; b++) {
      double[] h = h0[b];
      double[] c = c0[b];
      for (int t = 0; t < timeSteps; t++) {
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
    final ReferenceCell.Step[][] steps;
    final double[][][] output;
    final double[][] hn;
    final double[][] cn;

    Run(int timeSteps, int batch) {
      steps = new ReferenceCell.Step[timeSteps][batch];
      output = new double[timeSteps][batch][];
      hn = new double[batch][];
      cn = new double[batch][];
    }

    /**
     * Back-propagation through time: {@code dh_t = dOutput_t + dh'_{t+1}}, from the last step to
     * the first.
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
      Back back = new Back(timeSteps, batch);
      for (int b = 0; b < batch; b++) {
        double[] dh = dhn[b];
        double[] dc = dcn[b];
        for (int t = timeSteps - 1; t >= 0; t--) {
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

    Back(int timeSteps, int batch) {
      dx = new double[timeSteps][batch][];
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
