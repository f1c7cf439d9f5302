package org.lanewise.properties;

/**
 * {@link ReferenceLstm} with its units projected onto a smaller state, as {@code torch.nn.LSTM}
 * with {@code proj_size}: the hidden state h is [P], the cell state c is [H], and the layer's own
 * weight is {@code weight_hr [P, H]}.
 *
 * <pre>{@code
 * m = o ∘ tanh(c)     as the h of an LSTM
 * h = W_hr m
 *
 * backward, given dh:
 * dm = W_hrᵀ dh       in the place of the dh of an LSTM
 * dW_hr += dh mᵀ
 * }</pre>
 *
 * <p>Source: Sak, Senior and Beaufays, "Long Short-Term Memory Recurrent Neural Network
 * Architectures for Large Scale Acoustic Modeling", 2014.
 */
public final class ReferenceProjectedLstm implements ReferenceCell {
  private final ReferenceLstm lstm = new ReferenceLstm();

  /** Makes the cell; it has no state. */
  public ReferenceProjectedLstm() {}

  @Override
  public int gates() {
    return lstm.gates();
  }

  @Override
  public boolean hasCellState() {
    return true;
  }

  @Override
  public Step forward(Weights weights, double[] x, double[] hPrevious, double[] cPrevious) {
    Step inner = lstm.forward(weights, x, hPrevious, cPrevious);
    return new ProjectedStep(inner, projection(weights, hPrevious.length), hPrevious.length);
  }

  private static ReferenceAffine projection(Weights weights, int stateSize) {
    return new ReferenceAffine(weights.own(), new double[stateSize]);
  }

  /** A step of an LSTM and the projection of what it gives. */
  private static final class ProjectedStep implements Step {
    private final Step inner;
    private final ReferenceAffine projection;
    private final int stateSize;
    private final double[] h;

    ProjectedStep(Step inner, ReferenceAffine projection, int stateSize) {
      this.inner = inner;
      this.projection = projection;
      this.stateSize = stateSize;
      this.h = projection.apply(inner.h()); // h = W_hr m
    }

    @Override
    public double[] h() {
      return h;
    }

    @Override
    public double[] c() {
      return inner.c();
    }

    @Override
    public Back backward(double[] dh, double[] dc, Weights gradients) {
      projection(gradients, stateSize).accumulate(dh, inner.h()); // dW_hr += dh mᵀ
      return inner.backward(projection.transposed(dh), dc, gradients); // dm = W_hrᵀ dh
    }
  }
}
