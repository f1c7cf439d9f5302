package org.lanewise.properties;

/**
 * Long short-term memory, as PyTorch computes it: gates in the order i, f, g, o, two biases, no
 * peepholes.
 *
 * <pre>{@code
 * z = W_ih x + b_ih + W_hh h' + b_hh        z = [z_i z_f z_g z_o], each [H]
 * i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)
 * c = f ∘ c' + i ∘ g
 * h = o ∘ tanh(c)
 *
 * backward, given dh and dc:
 * do = dh ∘ tanh(c)          dc += dh ∘ o ∘ (1 - tanh²(c))
 * di = dc ∘ g    df = dc ∘ c'    dg = dc ∘ i    dc' = dc ∘ f
 * dz = [di i(1-i), df f(1-f), dg (1-g²), do o(1-o)]
 * dW_ih += dz xᵀ   db_ih += dz   dW_hh += dz h'ᵀ   db_hh += dz
 * dx = W_ihᵀ dz    dh' = W_hhᵀ dz
 * }</pre>
 *
 * <p>Sources: Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; the forget gate from
 * Gers, Schmidhuber and Cummins, "Learning to Forget", 2000; names and gate order from {@code
 * torch.nn.LSTM}.
 */
public final class ReferenceLstm implements ReferenceCell {

  /** Makes the cell; it has no state. */
  public ReferenceLstm() {}

  @Override
  public int gates() {
    return 4;
  }

  @Override
  public boolean hasCellState() {
    return true;
  }

  @Override
  public Step forward(Weights weights, double[] x, double[] hPrevious, double[] cPrevious) {
    int n = cPrevious.length;
    LstmStep s = new LstmStep(weights, x, hPrevious, cPrevious);
    double[] zx = weights.ih().apply(x); // W_ih x + b_ih
    double[] zh = weights.hh().apply(hPrevious); // W_hh h' + b_hh
    for (int j = 0; j < n; j++) {
      s.i[j] = sigmoid(zx[j] + zh[j]);
      s.f[j] = sigmoid(zx[n + j] + zh[n + j]);
      s.g[j] = Math.tanh(zx[2 * n + j] + zh[2 * n + j]);
      s.o[j] = sigmoid(zx[3 * n + j] + zh[3 * n + j]);
      s.c[j] = s.f[j] * cPrevious[j] + s.i[j] * s.g[j]; // c = f ∘ c' + i ∘ g
      s.h[j] = s.o[j] * Math.tanh(s.c[j]); // h = o ∘ tanh(c)
    }
    return s;
  }

  /** Everything of one step, in the symbols of the equations. */
  private static final class LstmStep implements Step {
    final Weights weights;
    final double[] x;
    final double[] hPrevious;
    final double[] cPrevious;
    final double[] i;
    final double[] f;
    final double[] g;
    final double[] o;
    final double[] c;
    final double[] h;

    LstmStep(Weights weights, double[] x, double[] hPrevious, double[] cPrevious) {
      int n = cPrevious.length;
      this.weights = weights;
      this.x = x;
      this.hPrevious = hPrevious;
      this.cPrevious = cPrevious;
      i = new double[n];
      f = new double[n];
      g = new double[n];
      o = new double[n];
      c = new double[n];
      h = new double[n];
    }

    @Override
    public double[] h() {
      return h;
    }

    @Override
    public double[] c() {
      return c;
    }

    @Override
    public Back backward(double[] dh, double[] dc, Weights gradients) {
      int n = h.length;
      double[] dz = new double[4 * n];
      double[] dcPrevious = new double[n];
      for (int j = 0; j < n; j++) {
        double tanhC = Math.tanh(c[j]);
        double dOut = dh[j] * tanhC; // do = dh ∘ tanh(c)
        double dCell = dc[j] + dh[j] * o[j] * (1 - tanhC * tanhC); // dc += dh ∘ o ∘ (1 - tanh²(c))
        double dIn = dCell * g[j]; // di = dc ∘ g
        double dForget = dCell * cPrevious[j]; // df = dc ∘ c'
        double dGate = dCell * i[j]; // dg = dc ∘ i
        dcPrevious[j] = dCell * f[j]; // dc' = dc ∘ f
        dz[j] = dIn * i[j] * (1 - i[j]);
        dz[n + j] = dForget * f[j] * (1 - f[j]);
        dz[2 * n + j] = dGate * (1 - g[j] * g[j]);
        dz[3 * n + j] = dOut * o[j] * (1 - o[j]);
      }
      gradients.ih().accumulate(dz, x); // dW_ih += dz xᵀ   db_ih += dz
      gradients.hh().accumulate(dz, hPrevious); // dW_hh += dz h'ᵀ   db_hh += dz
      return new Back(weights.ih().transposed(dz), weights.hh().transposed(dz), dcPrevious);
    }
  }

  /** {@code σ(x) = 1 / (1 + e^-x)}; for very negative x the exponential is infinite and σ is 0. */
  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
