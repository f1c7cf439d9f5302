package org.lanewise.kernel;

/**
 * The exponential, the logistic function and the hyperbolic tangent of one float, from IEEE
 * operations, fused multiply-adds and integer operations on the bits alone: no platform changes a
 * bit of the result. {@link VectorMath} does the same operations on lanes.
 *
 * <h2>The method</h2>
 *
 * <p>All three reduce their argument to {@code n ln 2 + r}, n an integer and {@code |r| <= ln 2 /
 * 2}, and need {@code v = e^r - 1 = r + r² h(r)}. The polynomial h, of degree 4, is the minimax
 * approximation of {@code (e^r - 1 - r) / r²} under the weight {@code |r|} (the relative error of
 * v), found by Lawson's iteration; its coefficients were rounded to float one by one from the
 * constant upwards, refitting the rest each time. Its own error is 2<sup>-26</sup> of v. It is
 * summed in pairs, the second pair multiplied by {@code r²}: three dependent steps in place of
 * Horner's five, at the same number of operations.
 *
 * <p>n is found by adding a multiple of the argument to {@code 1.5 * 2^23}, where one unit in the
 * last place is 1. The constant added carries a bias too, so that the low bits of the sum, shifted
 * to the exponent, are the power of two that is wanted. r comes from a fused multiply-add with ln
 * 2, in two parts where n is large (Cody and Waite, Software Manual for the Elementary Functions,
 * 1980).
 *
 * <h2>Why they are monotone</h2>
 *
 * <p>For consecutive arguments the rounding of {@code r² h} moves v by less than r itself does, and
 * what follows is a chain of correctly rounded monotone operations: in sigmoid the argument occurs
 * in the denominator only, in tanh the numerator grows while the denominator shrinks. Where n
 * changes, and for everything else, {@code org.lanewise.properties.ActivationCheck} has compared
 * all 2<sup>32</sup> arguments with double precision. The worst errors given below are its
 * findings.
 *
 * <p>The range is not cut beforehand. Arguments that would leave it give infinity, which the rest
 * of the formula turns into the limit, or are replaced at the end, off the critical path; a
 * comparison with NaN is false, so NaN passes through. No method has a branch, state, or allocates.
 */
public final class PlainMath {
  /** 1 / ln 2. */
  static final float LOG2_E = 0x1.715476p0f;

  /** ln 2. */
  static final float LN2 = 0x1.62e43p-1f;

  /** The leading 15 bits of ln 2, of which n times is exact. */
  static final float LN2_HIGH = 0x1.62e4p-1f;

  /** ln 2 - LN2_HIGH. */
  static final float LN2_LOW = 0x1.7f7d1cp-20f;

  /** h(r) = H0 + H1 r + H2 r² + H3 r³ + H4 r⁴. */
  static final float H0 = 0.5f;

  static final float H1 = 0x1.5554b2p-3f;
  static final float H2 = 0x1.5554c8p-5f;
  static final float H3 = 0x1.12268p-7f;
  static final float H4 = 0x1.6d7228p-10f;

  /** The bits of 1.5 * 2^23; the float n + 1.5 * 2^23 has n more. */
  private static final int INTEGER = 0x4b400000;

  /** Twice the exponent bias: the sum is halved to make two powers of two. */
  static final float EXP_ROUND = 0x1.8p23f + 254;

  /** n stops at 129, where the result is infinite. */
  static final int EXP_ROUND_MAX = INTEGER + 254 + 129;

  /** Below this, exp rounds to zero. */
  static final float EXP_UNDERFLOW = -104f;

  /** Both sides of the quotient are scaled by this, so that e^-x does not overflow. */
  static final float SIGMOID_ONE = 0x1p-24f;

  /** The exponent bias, 24 less for the scale, 256 more to set the sign bit. */
  static final float SIGMOID_ROUND = 0x1.8p23f + (127 - 24 + 256);

  /** n stops at 151, where the result is zero. */
  static final int SIGMOID_ROUND_MAX = INTEGER + (127 - 24 + 256) + 151;

  /** Sigmoid is 1 well before this. */
  static final float SIGMOID_SATURATION = 32f;

  /** The exponent bias. */
  static final float TANH_ROUND = 0x1.8p23f + 127;

  /** Tanh of the magnitude is 1 before this. */
  static final float TANH_SATURATION = -10f;

  /** The sign bit of a float. */
  static final int SIGN = 0x80000000;

  private PlainMath() {}

  /**
   * {@code e^x = 2^n (1 + v)} with {@code x = n ln 2 + r} and {@code v = e^r - 1}.
   *
   * <p>2<sup>n</sup> is the product of two powers of two, so that results may be denormal: the last
   * multiplication rounds them. Worst error of all arguments: 1.06 ULP. Overflow is infinity
   * exactly where the true value rounds to it. exp(0) is 1.
   *
   * @param x the argument
   * @return e to the power of x, at least 0; NaN for NaN
   */
  public static float exp(float x) {
    float t = Math.fma(x, LOG2_E, EXP_ROUND);
    int k = Math.min(Float.floatToRawIntBits(t), EXP_ROUND_MAX);
    float n = Float.intBitsToFloat(k) - EXP_ROUND;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    float r2 = r * r;
    float h = Math.fma(r2, Math.fma(r2, H4, Math.fma(r, H3, H2)), Math.fma(r, H1, H0));
    float v = Math.fma(r2, h, r);
    int half = k >> 1;
    float p = Float.intBitsToFloat(half << 23);
    float q = Float.intBitsToFloat((k - half) << 23);
    float y = Math.fma(v, p, p) * q;
    return x < EXP_UNDERFLOW ? 0f : y;
  }

  /**
   * The logistic function {@code σ(x) = 1 / (1 + e^-x) = 1 / (1 + 2^n (1 - v))} with {@code -x = n
   * ln 2 - r} and {@code v = 1 - e^-r}.
   *
   * <p>Numerator and denominator are scaled by 2<sup>-24</sup>, so the quotient reaches down
   * through the denormal results to zero. Worst error of all arguments: 2.45 ULP, and 1.95 ULP
   * outside [-17, -16], where the sum {@code 1 + 2^24} is itself rounded. σ(0) is 0.5.
   *
   * @param x the argument
   * @return the logistic function of x, in [0, 1]; NaN for NaN
   */
  public static float sigmoid(float x) {
    float t = Math.fma(x, -LOG2_E, SIGMOID_ROUND);
    int k = Math.min(Float.floatToRawIntBits(t), SIGMOID_ROUND_MAX);
    float n = Float.intBitsToFloat(k) - SIGMOID_ROUND;
    float r = Math.fma(n, LN2_LOW, Math.fma(n, LN2_HIGH, x));
    float r2 = r * r;
    float h = Math.fma(r2, Math.fma(r2, -H4, Math.fma(r, H3, -H2)), Math.fma(r, H1, -H0));
    float v = Math.fma(r2, h, r);
    float s = Float.intBitsToFloat(k << 23); // -2^(n - 24)
    float y = SIGMOID_ONE / Math.fma(v, s, SIGMOID_ONE - s);
    return x > SIGMOID_SATURATION ? 1f : y;
  }

  /**
   * {@code tanh(x)} from {@code tanh(a) = (e^2a - 1) / (e^2a + 1) = (s v + s/2 - 1/2) / (s v + s/2
   * + 1/2)} with {@code a = -|x| = n (ln 2)/2 + r}, {@code s = 2^n} and {@code v = (e^2r - 1) / 2};
   * the coefficients of h take the powers of two that this needs.
   *
   * <p>Near zero n is 0 and the numerator is v, so the relative error stays small down to the
   * smallest denormal. Worst error of all arguments: 1.99 ULP. The sign of x, of zero too, is put
   * on the result, so tanh(-x) = -tanh(x) exactly.
   *
   * @param x the argument
   * @return the hyperbolic tangent of x, in [-1, 1]; NaN for NaN
   */
  public static float tanh(float x) {
    int bits = Float.floatToRawIntBits(x);
    float a = Float.intBitsToFloat(bits | SIGN);
    float t = Math.fma(a, 2 * LOG2_E, TANH_ROUND);
    float n = t - TANH_ROUND;
    float r = Math.fma(n, -LN2 / 2, a);
    float r2 = r * r;
    float h =
        Math.fma(
            r2, Math.fma(r2, 32 * H4, Math.fma(r, 16 * H3, 8 * H2)), Math.fma(r, 4 * H1, 2 * H0));
    float v = Math.fma(r2, h, r);
    float s = Float.intBitsToFloat(Float.floatToRawIntBits(t) << 23);
    float numerator = Math.fma(v, s, Math.fma(s, 0.5f, -0.5f));
    float denominator = Math.fma(v, s, Math.fma(s, 0.5f, 0.5f));
    float y = a < TANH_SATURATION ? 1f : numerator / denominator;
    return Float.intBitsToFloat((Float.floatToRawIntBits(y) & ~SIGN) | (bits & SIGN));
  }
}
