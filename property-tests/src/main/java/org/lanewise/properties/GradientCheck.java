package org.lanewise.properties;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.function.DoubleSupplier;

/**
 * Compares analytic gradients with central differences, for a network of anyone's. It needs the
 * arrays that the network computes with, a function that computes the loss from them, and the
 * gradients to be checked:
 *
 * <pre>{@code
 * GradientCheck.inFloat(() -> network.loss(batch))
 *     .parameter("weight_hh", network.weightHh(), network.weightHhGradient())
 *     .parameter("bias", network.bias(), network.biasGradient())
 *     .check()
 *     .assertPassed();
 * }</pre>
 *
 * <p>The check writes into the arrays, one element at a time, calls the loss, and puts every
 * element back, also when the loss throws. The loss must be a function of the arrays and of nothing
 * else: the same batch, the same initial state, no dropout; that is verified. Weights that are
 * derived, such as packed copies, must be derived anew inside it. The gradients are copied when
 * they are given, so the loss may overwrite them.
 *
 * <h2>The numeric gradient</h2>
 *
 * <p>Richardson's extrapolation from two central differences, four calls of the loss per element:
 *
 * <pre>{@code
 * h = step max(1, |x|)
 * D(h) = (L(x+h) - L(x-h)) / ((x+h) - (x-h))      with x+h and x-h as the array stored them
 * n = (4 D(h) - D(2h)) / 3                        n - dL/dx = O(h⁴)
 * }</pre>
 *
 * <p>Where the loss bends too much for that, or has a kink in reach, h is halved, at most eight
 * times, at two more calls each: as long as D(h) and D(2h) differ by more than the tolerance,
 * relative to the gradient's size s, and by more than the noise (both below). The report tells the
 * h that was used.
 *
 * <p>With {@link #inDouble} the step is 2<sup>-10</sup>: the h⁴ is then about as small as the
 * rounding of the loss divided by h. With {@link #inFloat} the loss carries float noise and the
 * balance lies at a far larger step, 2<sup>-5</sup>. A float network should sum its loss in double.
 * Exactly at a kink, such as ReLU at 0, a difference says nothing.
 *
 * <h2>The error</h2>
 *
 * <pre>{@code
 * error = max(0, |a - n| - noise) / max(|a|, |n|, s)
 * noise = 10 u max(1, |L|) / h
 * }</pre>
 *
 * <p>Here a is the analytic and n the numeric gradient of the element, s the largest magnitude of
 * either over all elements compared in the same parameter, u the relative precision of the loss
 * (2<sup>-53</sup> or 2<sup>-24</sup>). So a parameter whose gradients are all small is held to
 * their size and not to 1, while differences that are rounding of the loss do not count. A
 * parameter whose gradient is missing altogether has an error of 1; a NaN has an infinite one. The
 * check passes if no error exceeds the tolerance: 1e-6 in double, 1e-2 in float, unless another is
 * given.
 *
 * <p>Source of the differences: Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", 1982;
 * Press et al., "Numerical Recipes", 5.7.
 *
 * <p>A check belongs to one thread.
 */
public final class GradientCheck {
  private static final double ROUNDINGS = 10;
  private static final int HALVINGS = 8;

  private final DoubleSupplier loss;
  private final List<CheckedParameter> parameters = new ArrayList<>();
  private double step;
  private double tolerance;
  private double precision;
  private int sample = Integer.MAX_VALUE;
  private long seed;

  private GradientCheck(DoubleSupplier loss, double step, double tolerance, double precision) {
    this.loss = Objects.requireNonNull(loss, "loss");
    this.step = step;
    this.tolerance = tolerance;
    this.precision = precision;
  }

  /**
   * A check of a network that computes in double: step 2<sup>-10</sup>, tolerance 1e-6.
   *
   * @param loss computes the loss from the arrays
   * @return a check without parameters
   */
  public static GradientCheck inDouble(DoubleSupplier loss) {
    return new GradientCheck(loss, 0x1p-10, 1e-6, 0x1p-53);
  }

  /**
   * A check of a network that computes in float: step 2<sup>-5</sup>, tolerance 1e-2.
   *
   * @param loss computes the loss from the arrays; best summed in double
   * @return a check without parameters
   */
  public static GradientCheck inFloat(DoubleSupplier loss) {
    return new GradientCheck(loss, 0x1p-5, 1e-2, 0x1p-24);
  }

  /**
   * Adds a parameter.
   *
   * @param name its name in the report
   * @param values what the loss reads
   * @param gradients dL/dvalues, of the same length
   * @return this
   */
  public GradientCheck parameter(String name, double[] values, double[] gradients) {
    return add(
        name,
        values,
        0,
        gradients,
        0,
        CheckedParameter.sameLength(name, values.length, gradients.length));
  }

  /**
   * Adds a parameter.
   *
   * @param name its name in the report
   * @param values what the loss reads
   * @param gradients dL/dvalues, of the same length
   * @return this
   */
  public GradientCheck parameter(String name, float[] values, float[] gradients) {
    return add(
        name,
        values,
        0,
        gradients,
        0,
        CheckedParameter.sameLength(name, values.length, gradients.length));
  }

  /**
   * Adds a parameter that is a slice of a larger array, as in an arena of all parameters.
   *
   * @param name its name in the report
   * @param values what the loss reads
   * @param valuesOffset first element of the parameter
   * @param gradients an array that holds dL/dvalues
   * @param gradientsOffset first element of the gradient
   * @param length number of elements
   * @return this
   */
  public GradientCheck slice(
      String name,
      float[] values,
      int valuesOffset,
      float[] gradients,
      int gradientsOffset,
      int length) {
    return add(name, values, valuesOffset, gradients, gradientsOffset, length);
  }

  /**
   * Adds a parameter that is a slice of a larger array, as in an arena of all parameters.
   *
   * @param name its name in the report
   * @param values what the loss reads
   * @param valuesOffset first element of the parameter
   * @param gradients an array that holds dL/dvalues
   * @param gradientsOffset first element of the gradient
   * @param length number of elements
   * @return this
   */
  public GradientCheck slice(
      String name,
      double[] values,
      int valuesOffset,
      double[] gradients,
      int gradientsOffset,
      int length) {
    return add(name, values, valuesOffset, gradients, gradientsOffset, length);
  }

  /**
   * Adds a parameter, input or state held in nested arrays of any depth, such as {@code float[][]}
   * or {@code double[][][]}.
   *
   * @param name its name in the report
   * @param values what the loss reads
   * @param gradients dL/dvalues, nested in the same way
   * @return this
   */
  public GradientCheck nested(String name, Object[] values, Object[] gradients) {
    CheckedParameter parameter = new CheckedParameter(name);
    parameter.add("", values, gradients);
    parameters.add(parameter);
    return this;
  }

  /**
   * Sets the relative step: h starts at this times {@code max(1, |x|)}.
   *
   * @param relativeStep above 0; a power of two keeps the steps exact
   * @return this
   */
  public GradientCheck step(double relativeStep) {
    step = positive("step", relativeStep);
    return this;
  }

  /**
   * Sets the largest error that passes.
   *
   * @param largestError above 0
   * @return this
   */
  public GradientCheck tolerance(double largestError) {
    tolerance = positive("tolerance", largestError);
    return this;
  }

  /**
   * Sets u, the relative precision to which the loss is computed; larger for a network that rounds
   * more than float does.
   *
   * @param unitRoundoff 2<sup>-53</sup> for double, 2<sup>-24</sup> for float
   * @return this
   */
  public GradientCheck precision(double unitRoundoff) {
    precision = positive("precision", unitRoundoff);
    return this;
  }

  /**
   * Checks only some elements of a large parameter, chosen at random; each parameter has its own
   * choice, which depends on the seed, its name and its length.
   *
   * @param elements at most so many of each parameter
   * @param randomSeed the same seed chooses the same elements
   * @return this
   */
  public GradientCheck sample(int elements, long randomSeed) {
    positive("sample", elements);
    sample = elements;
    seed = randomSeed;
    return this;
  }

  /**
   * Does the comparison.
   *
   * @return what was found, passed or not
   * @throws IllegalStateException if there is no parameter to check, the loss is not finite, or it
   *     is not a function of the arrays
   */
  public Report check() {
    if (parameters.stream().mapToInt(CheckedParameter::length).sum() == 0) {
      throw new IllegalStateException("no element to check: give at least one parameter");
    }
    double atStart = loss.getAsDouble();
    if (!Double.isFinite(atStart)) {
      throw new IllegalStateException("loss: expected a finite number, found " + atStart);
    }
    verifySame(atStart);
    List<Entry> entries = new ArrayList<>();
    for (CheckedParameter parameter : parameters) {
      if (parameter.length() > 0) {
        entries.add(compare(parameter, atStart));
      }
    }
    verifySame(atStart);
    return new Report(List.copyOf(entries), tolerance, step, sample, seed, atStart);
  }

  private void verifySame(double atStart) {
    double again = loss.getAsDouble();
    if (Double.compare(again, atStart) != 0) {
      throw new IllegalStateException(
          "loss: expected the same number for the same parameters, found %s, then %s; does it carry"
                  .formatted(atStart, again)
              + " state from call to call, draw random numbers or depend on threads?");
    }
  }

  private Entry compare(CheckedParameter parameter, double atStart) {
    int[] chosen = choose(parameter);
    double unit = ROUNDINGS * precision * Math.max(1, Math.abs(atStart));
    double size = 0;
    for (int index : chosen) {
      size = Math.max(size, finiteOrZero(Math.abs(parameter.analytic(index))));
    }
    Estimate[] numeric = new Estimate[chosen.length];
    double scale = size;
    for (int j = 0; j < chosen.length; j++) {
      numeric[j] = numericGradient(parameter.slot(chosen[j]), chosen[j], size, unit);
      scale = Math.max(scale, finiteOrZero(Math.abs(numeric[j].value)));
    }
    int worst = 0;
    int failures = 0;
    double worstError = -1;
    for (int j = 0; j < chosen.length; j++) {
      double analytic = parameter.analytic(chosen[j]);
      double error = error(analytic, numeric[j].value, scale, unit / numeric[j].h);
      failures += error <= tolerance ? 0 : 1;
      if (error > worstError) {
        worstError = error;
        worst = j;
      }
    }
    int index = chosen[worst];
    return new Entry(
        parameter.name,
        parameter.length(),
        chosen.length,
        failures,
        index,
        parameter.slot(index).label(index),
        parameter.analytic(index),
        numeric[worst].value,
        worstError,
        numeric[worst].h);
  }

  private static double error(double analytic, double numeric, double scale, double noise) {
    double difference = Math.abs(analytic - numeric);
    if (!Double.isFinite(difference)) {
      return Double.POSITIVE_INFINITY;
    }
    return difference <= noise ? 0 : (difference - noise) / scale;
  }

  private static double finiteOrZero(double value) {
    return Double.isFinite(value) ? value : 0;
  }

  /** A numeric gradient and the h that gave it. */
  private record Estimate(double value, double h) {}

  /**
   * {@code (4 D(h) - D(2h)) / 3}, with h halved while the two differ too much.
   *
   * @param size s as far as it is known
   * @param unit the noise times h
   */
  private Estimate numericGradient(
      CheckedParameter.Slot slot, int index, double size, double unit) {
    double x = slot.get(index);
    try {
      double h = step * Math.max(1, Math.abs(x));
      double coarse = difference(slot, index, x, 2 * h);
      double fine = difference(slot, index, x, h);
      for (int halvings = 0; halvings < HALVINGS; halvings++) {
        double bend = Math.abs(fine - coarse);
        boolean straight = bend <= tolerance * Math.max(size, Math.abs(fine));
        if (straight || bend <= unit / h) {
          break;
        }
        h /= 2;
        coarse = fine;
        fine = difference(slot, index, x, h);
      }
      return new Estimate((4 * fine - coarse) / 3, h);
    } finally {
      slot.set(index, x);
    }
  }

  /** {@code D(h)}. */
  private double difference(CheckedParameter.Slot slot, int index, double x, double h) {
    slot.set(index, x + h);
    double above = slot.get(index);
    double lossAbove = loss.getAsDouble();
    slot.set(index, x - h);
    double below = slot.get(index);
    double lossBelow = loss.getAsDouble();
    return (lossAbove - lossBelow) / (above - below);
  }

  private int[] choose(CheckedParameter parameter) {
    int length = parameter.length();
    if (length <= sample) {
      int[] all = new int[length];
      Arrays.setAll(all, j -> j);
      return all;
    }
    Random random = new Random(seed ^ ((long) parameter.name.hashCode() << 32 | length));
    return random.ints(0, length).distinct().limit(sample).sorted().toArray();
  }

  private GradientCheck add(
      String name,
      Object values,
      int valuesOffset,
      Object gradients,
      int gradientsOffset,
      int length) {
    CheckedParameter parameter = new CheckedParameter(name);
    parameter.add("", values, valuesOffset, gradients, gradientsOffset, length);
    parameters.add(parameter);
    return this;
  }

  private static double positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + ": expected a number above 0, found " + value);
    }
    return value;
  }

  /**
   * What was found in one parameter: its worst element.
   *
   * @param name the parameter
   * @param length its number of elements
   * @param checked how many of them were compared
   * @param failures how many of these exceed the tolerance
   * @param index the worst element, counted through the parameter from 0
   * @param position the same as an index expression, such as {@code [17]} or {@code [3][0][2]}
   * @param analytic the gradient that was given for it
   * @param numeric the gradient that the differences gave
   * @param error the error as {@link GradientCheck} defines it
   * @param step h at this element
   */
  public record Entry(
      String name,
      int length,
      int checked,
      int failures,
      int index,
      String position,
      double analytic,
      double numeric,
      double error,
      double step) {

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s%s: analytic %.9g, numeric %.9g, error %.2e, step %.2e",
          name,
          position,
          analytic,
          numeric,
          error,
          step);
    }
  }

  /**
   * The result of a check; {@link #toString} is made to be read.
   *
   * @param entries one for each parameter, in the order given
   * @param tolerance the largest error that passes
   * @param step the relative step
   * @param sample the largest number of elements compared in one parameter
   * @param seed what chose them
   * @param loss the loss at the parameters as they are
   */
  public record Report(
      List<Entry> entries, double tolerance, double step, int sample, long seed, double loss) {

    /**
     * Whether every error is within the tolerance.
     *
     * @return true if so
     */
    public boolean passed() {
      return entries.stream().allMatch(entry -> entry.failures() == 0);
    }

    /**
     * The worst element of all.
     *
     * @return the entry with the largest error
     */
    public Entry worst() {
      Entry worst = entries.get(0);
      for (Entry entry : entries) {
        if (entry.error() > worst.error()) {
          worst = entry;
        }
      }
      return worst;
    }

    /**
     * Throws if the check has not passed.
     *
     * @throws AssertionError with {@link #toString} as its message
     */
    public void assertPassed() {
      if (!passed()) {
        throw new AssertionError(toString());
      }
    }

    /** The verdict, the worst element, and a line for each parameter. */
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      text.append("gradient check ").append(passed() ? "passed" : "FAILED").append(", worst ");
      text.append(worst()).append('\n');
      text.append(
          String.format(
              Locale.ROOT,
              "tolerance %.1e, step %.2e max(1, |x|), loss %.9g%s%n",
              tolerance,
              step,
              loss,
              sample == Integer.MAX_VALUE
                  ? ""
                  : ", at most " + sample + " of each parameter, seed " + seed));
      for (Entry entry : entries) {
        text.append(
            String.format(
                Locale.ROOT,
                "  %-4s %6d of %6d wrong, %d not checked: %s%n",
                entry.failures() == 0 ? "ok" : "FAIL",
                entry.failures(),
                entry.checked(),
                entry.length() - entry.checked(),
                entry));
      }
      return text.toString().stripTrailing();
    }
  }
}
