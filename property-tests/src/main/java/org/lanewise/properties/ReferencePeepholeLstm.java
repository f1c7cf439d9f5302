package org.lanewise.properties;

/**
 * {@link ReferenceLstm} with peepholes: the layer's own weight is p [3H], in the order i f o.
 *
 * <pre>{@code
 * z = W_ih x + b_ih + W_hh h' + b_hh        z = [z_i z_f z_g z_o], each [H]
 * i = σ(z_i + p_i ∘ c')   f = σ(z_f + p_f ∘ c')   g = tanh(z_g)
 * c = f ∘ c' + i ∘ g
 * o = σ(z_o + p_o ∘ c)
 * h = o ∘ tanh(c)
 *
 * backward, given dh and dc:
 * do = dh ∘ tanh(c)          dz_o = do o(1-o)
 * dc += dh ∘ o ∘ (1 - tanh²(c)) + p_o ∘ dz_o
 * di = dc ∘ g    df = dc ∘ c'    dg = dc ∘ i
 * dz = [di i(1-i), df f(1-f), dg (1-g²), dz_o]
 * dc' = dc ∘ f + p_i ∘ dz_i + p_f ∘ dz_f
 * dp_i += dz_i ∘ c'   dp_f += dz_f ∘ c'   dp_o += dz_o ∘ c
 * }</pre>
 *
 * <p>Source: Gers, Schraudolph and Schmidhuber, "Learning Precise Timing with LSTM Recurrent
 * Networks", 2002.
 */
public final class ReferencePeepholeLstm implements ReferenceCell {

  /** Makes the cell; it has no state. */
  public ReferencePeepholeLstm() {}

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
    PeepholeStep s = new PeepholeStep(weights, x, hPrevious, cPrevious);
    double[] zx = weights.ih().apply(x); // W_ih x + b_ih
    double[] zh = weights.hh().apply(hPrevious); // W_hh h' + b_hh
    double[] p = weights.own();
    for (int j = 0; j < n; j++) {
      s.i[j] = sigmoid(zx[j] + zh[j] + p[j] * cPrevious[j]);
      s.f[j] = sigmoid(zx[n + j] + zh[n + j] + p[n + j] * cPrevious[j]);
      s.g[j] = Math.tanh(zx[2 * n + j] + zh[2 * n + j]);
      s.c[j] = s.f[j] * cPrevious[j] + s.i[j] * s.g[j]; // c = f ∘ c' + i ∘ g
      s.o[j] = sigmoid(zx[3 * n + j] + zh[3 * n + j] + p[2 * n + j] * s.c[j]);
      s.h[j] = s.o[j] * Math.tanh(s.c[j]); // h = o ∘ tanh(c)
    }
    return s;
  }

  /** Everything of one step, in the symbols of the equations. */
  private static final class PeepholeStep implements Step {
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

    PeepholeStep(Weights weights, double[] x, double[] hPrevious, double[] cPrevious) {
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
      double[] p = weights.own();
      double[] dp = gradients.own();
      for (int j = 0; j < n; j++) {
        double tanhC = Math.tanh(c[j]);
        dz[3 * n + j] = dh[j] * tanhC * o[j] * (1 - o[j]);
        double dCell = dc[j] + dh[j] * o[j] * (1 - tanhC * tanhC) + p[2 * n + j] * dz[3 * n + j];
        dz[j] = dCell * g[j] * i[j] * (1 - i[j]);
        dz[n + j] = dCell * cPrevious[j] * f[j] * (1 - f[j]);
        dz[2 * n + j] = dCell * i[j] * (1 - g[j] * g[j]);
        dcPrevious[j] = dCell * f[j] + p[j] * dz[j] + p[n + j] * dz[n + j];
        dp[j] += dz[j] * cPrevious[j];
        dp[n + j] += dz[n + j] * cPrevious[j];
        dp[2 * n + j] += dz[3 * n + j] * c[j];
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
