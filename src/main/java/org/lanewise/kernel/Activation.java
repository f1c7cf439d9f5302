package org.lanewise.kernel;

/** The function of a vanilla RNN. */
public enum Activation {
  /** {@code f(z) = tanh(z)}; see {@link PlainMath#tanh}. */
  TANH,

  /** {@code f(z) = 0} where {@code z <= 0}, otherwise z; NaN for NaN. */
  RELU
}
