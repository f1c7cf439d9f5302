package org.lanewise.graph;

import java.util.Arrays;
import java.util.Locale;
import org.lanewise.kernel.PlainMath;

/**
 * The functions of one number that recurrent operators take as activations, and others that stand
 * alone; alpha and beta as in the ONNX operators of these names.
 */
public enum Nonlinearity {
  /** {@code x <= 0 ? 0 : x}. */
  RELU(0, 0, 0),
  /** {@code tanh(x)}. */
  TANH(0, 0, 0),
  /** {@code 1 / (1 + exp(-x))}. */
  SIGMOID(0, 0, 0),
  /** {@code alpha x + beta}. */
  AFFINE(2, 1, 0),
  /** {@code x >= 0 ? x : alpha x}. */
  LEAKY_RELU(1, 0.01f, 0),
  /** {@code x > alpha ? x : 0}. */
  THRESHOLDED_RELU(1, 1, 0),
  /** {@code alpha tanh(beta x)}. */
  SCALED_TANH(2, 1, 1),
  /** {@code max(0, min(1, alpha x + beta))}. */
  HARD_SIGMOID(2, 0.2f, 0.5f),
  /** {@code x >= 0 ? x : alpha (exp(x) - 1)}. */
  ELU(1, 1, 0),
  /** {@code x / (1 + |x|)}. */
  SOFTSIGN(0, 0, 0),
  /** {@code log(1 + exp(x))}. */
  SOFTPLUS(0, 0, 0),
  /** {@code |x|}. */
  ABS(0, 0, 0),
  /** {@code -x}. */
  NEG(0, 0, 0),
  /** {@code exp(x)}. */
  EXP(0, 0, 0);

  private final int parameters;
  private final float alpha;
  private final float beta;

  Nonlinearity(int parameters, float alpha, float beta) {
    this.parameters = parameters;
    this.alpha = alpha;
    this.beta = beta;
  }

  /**
   * How many of alpha and beta the function takes.
   *
   * @return 0, 1 for alpha, or 2 for both
   */
  public int parameters() {
    return parameters;
  }

  /**
   * The alpha that is meant when none is given.
   *
   * @return the default, 0 for a function that takes none
   */
  public float alpha() {
    return alpha;
  }

  /**
   * The beta that is meant when none is given.
   *
   * @return the default, 0 for a function that takes none
   */
  public float beta() {
    return beta;
  }

  /**
   * The function of a name.
   *
   * @param name ONNX's name, such as {@code HardSigmoid}, in any case
   * @return the function
   * @throws IllegalArgumentException if there is none of this name
   */
  public static Nonlinearity parse(String name) {
    String plain = name.toUpperCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(function -> function.name().replace("_", "").equals(plain))
        .findAny()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "activation "
                        + name
                        + ", expected one of "
                        + Arrays.toString(values()).replace("_", "")));
  }

  /**
   * The function's value.
   *
   * @param x argument
   * @param alpha first parameter
   * @param beta second parameter
   * @return f(x)
   */
  public float apply(float x, float alpha, float beta) {
    return switch (this) {
      case RELU -> x <= 0 ? 0 : x;
      case TANH -> PlainMath.tanh(x);
      case SIGMOID -> PlainMath.sigmoid(x);
      case AFFINE -> alpha * x + beta;
      case LEAKY_RELU -> x >= 0 ? x : alpha * x;
      case THRESHOLDED_RELU -> x > alpha ? x : 0;
      case SCALED_TANH -> alpha * PlainMath.tanh(beta * x);
      case HARD_SIGMOID -> Math.max(0, Math.min(1, alpha * x + beta));
      case ELU -> x >= 0 ? x : alpha * (float) Math.expm1(x);
      case SOFTSIGN -> x / (1 + Math.abs(x));
      case SOFTPLUS -> Math.max(x, 0) + (float) Math.log1p(Math.exp(-Math.abs(x)));
      case ABS -> Math.abs(x);
      case NEG -> -x;
      case EXP -> PlainMath.exp(x);
    };
  }
}
