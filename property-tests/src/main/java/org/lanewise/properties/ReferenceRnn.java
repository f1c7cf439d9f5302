package org.lanewise.properties;

/**
 * The vanilla (Elman) recurrent network, as PyTorch computes it, with tanh or relu.
 *
 * <pre>{@code
 * z = W_ih x + b_ih + W_hh h' + b_hh        [H]
 * h = tanh(z)                or             h = max(z, 0)
 *
 * backward, given dh:
 * dz = dh ∘ (1 - h²)         or             dz = dh where h > 0, else 0
 * dW_ih += dz xᵀ   db_ih += dz   dW_hh += dz h'ᵀ   db_hh += dz
 * dx = W_ihᵀ dz    dh' = W_hhᵀ dz
 * }</pre>
 *
 * <p>Sources: Elman, "Finding Structure in Time", 1990; names from {@code torch.nn.RNN}.
 *
 * @param function what is applied to z
 */
public record ReferenceRnn(Function function) implements ReferenceCell {

  /** What is applied to z. */
  public enum Function {
    /** The hyperbolic tangent. */
    TANH,

    /** {@code max(z, 0)}, whose derivative is taken to be 0 at 0. */
    RELU
  }

  @Override
  public int gates() {
    return 1;
  }

  @Override
  public boolean hasCellState() {
    return false;
  }

  @Override
  public Step forward(Weights weights, double[] x, double[] hPrevious, double[] cPrevious) {
    int n = hPrevious.length;
    double[] zx = weights.ih().apply(x); // W_ih x + b_ih
    double[] zh = weights.hh().apply(hPrevious); // W_hh h' + b_hh
    double[] h = new double[n];
    for (int j = 0; j < n; j++) {
      double z = zx[j] + zh[j];
      h[j] = function == Function.TANH ? Math.tanh(z) : Math.max(z, 0);
    }
    return new RnnStep(function, weights, x, hPrevious, h);
  }

  /** Everything of one step, in the symbols of the equations. */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  private record RnnStep(
      Function function, Weights weights, double[] x, double[] hPrevious, double[] h)
      implements Step {

    @Override
    public double[] c() {
      return new double[0];
    }

    @Override
    public Back backward(double[] dh, double[] dc, Weights gradients) {
      int n = h.length;
      double[] dz = new double[n];
      for (int j = 0; j < n; j++) {
        double slope = function == Function.TANH ? 1 - h[j] * h[j] : h[j] > 0 ? 1 : 0;
        dz[j] = dh[j] * slope;
      }
      gradients.ih().accumulate(dz, x); // dW_ih += dz xᵀ   db_ih += dz
      gradients.hh().accumulate(dz, hPrevious); // dW_hh += dz h'ᵀ   db_hh += dz
      return new Back(weights.ih().transposed(dz), weights.hh().transposed(dz), new double[0]);
    }
  }
}
