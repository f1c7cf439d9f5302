package org.lanewise.properties;

/**
 * The gated recurrent unit, as PyTorch computes it: gates in the order r, z, n, two biases, the
 * reset gate on the recurrent product and its bias.
 *
 * <pre>{@code
 * a = W_ih x + b_ih        a = [a_r a_z a_n], each [H]
 * b = W_hh h' + b_hh       b = [b_r b_z b_n], each [H]
 * r = σ(a_r + b_r)   z = σ(a_z + b_z)   n = tanh(a_n + r ∘ b_n)
 * h = (1 - z) ∘ n + z ∘ h'
 *
 * backward, given dh:
 * dz = dh ∘ (h' - n)   dn = dh ∘ (1 - z)   dh' = dh ∘ z
 * da_n = dn (1-n²)     db_n = da_n ∘ r     dr = da_n ∘ b_n
 * da = [dr r(1-r), dz z(1-z), da_n]        db = [dr r(1-r), dz z(1-z), db_n]
 * dW_ih += da xᵀ   db_ih += da   dW_hh += db h'ᵀ   db_hh += db
 * dx = W_ihᵀ da    dh' += W_hhᵀ db
 * }</pre>
 *
 * <p>Sources: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014; names,
 * gate order and the place of the reset gate from {@code torch.nn.GRU}.
 */
public final class ReferenceGru implements ReferenceCell {

  /** Makes the cell; it has no state. */
  public ReferenceGru() {}

  @Override
  public int gates() {
    return 3;
  }

  @Override
  public boolean hasCellState() {
    return false;
  }

  @Override
  public Step forward(Weights weights, double[] x, double[] hPrevious, double[] cPrevious) {
    int n = hPrevious.length;
    GruStep s = new GruStep(weights, x, hPrevious);
    double[] a = weights.ih().apply(x); // W_ih x + b_ih
    double[] b = weights.hh().apply(hPrevious); // W_hh h' + b_hh
    for (int j = 0; j < n; j++) {
      s.r[j] = sigmoid(a[j] + b[j]);
      s.z[j] = sigmoid(a[n + j] + b[n + j]);
      s.bn[j] = b[2 * n + j];
      s.n[j] = Math.tanh(a[2 * n + j] + s.r[j] * s.bn[j]); // n = tanh(a_n + r ∘ b_n)
      s.h[j] = (1 - s.z[j]) * s.n[j] + s.z[j] * hPrevious[j]; // h = (1 - z) ∘ n + z ∘ h'
    }
    return s;
  }

  /** Everything of one step, in the symbols of the equations. */
  private static final class GruStep implements Step {
    final Weights weights;
    final double[] x;
    final double[] hPrevious;
    final double[] r;
    final double[] z;
    final double[] n;
    final double[] bn;
    final double[] h;

    GruStep(Weights weights, double[] x, double[] hPrevious) {
      int size = hPrevious.length;
      this.weights = weights;
      this.x = x;
      this.hPrevious = hPrevious;
      r = new double[size];
      z = new double[size];
      n = new double[size];
      bn = new double[size];
      h = new double[size];
    }

    @Override
    public double[] h() {
      return h;
    }

    @Override
    public double[] c() {
      return new double[0];
    }

    @Override
    public Back backward(double[] dh, double[] dc, Weights gradients) {
      int size = h.length;
      double[] da = new double[3 * size];
      double[] db = new double[3 * size];
      for (int j = 0; j < size; j++) {
        double dUpdate = dh[j] * (hPrevious[j] - n[j]); // dz = dh ∘ (h' - n)
        double dNew = dh[j] * (1 - z[j]); // dn = dh ∘ (1 - z)
        double dan = dNew * (1 - n[j] * n[j]); // da_n = dn (1-n²)
        double dReset = dan * bn[j]; // dr = da_n ∘ b_n
        da[j] = dReset * r[j] * (1 - r[j]);
        da[size + j] = dUpdate * z[j] * (1 - z[j]);
        da[2 * size + j] = dan;
        db[j] = da[j];
        db[size + j] = da[size + j];
        db[2 * size + j] = dan * r[j]; // db_n = da_n ∘ r
      }
      gradients.ih().accumulate(da, x); // dW_ih += da xᵀ   db_ih += da
      gradients.hh().accumulate(db, hPrevious); // dW_hh += db h'ᵀ   db_hh += db
      double[] dhPrevious = weights.hh().transposed(db);
      for (int j = 0; j < size; j++) {
        dhPrevious[j] += dh[j] * z[j]; // dh' = dh ∘ z + W_hhᵀ db
      }
      return new Back(weights.ih().transposed(da), dhPrevious, new double[0]);
    }
  }

  /** {@code σ(x) = 1 / (1 + e^-x)}; for very negative x the exponential is infinite and σ is 0. */
  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
