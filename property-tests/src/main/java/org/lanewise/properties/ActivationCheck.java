package org.lanewise.properties;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanewise.kernel.PlainMath;
import org.lanewise.kernel.VectorMath;

/**
 * Compares {@link PlainMath} and {@link VectorMath} with double precision, over every float in
 * ascending order or over a sample of them.
 *
 * <p>An error is measured in ULP: the distance from the true value, divided by the spacing of
 * floats in the binade of the true value, which is 2<sup>-149</sup> for denormal ones. Infinity
 * counts as 2<sup>128</sup>. The truth comes from {@link StrictMath} in double, good to about one
 * ULP of double, which is 2 * 10<sup>-9</sup> of one ULP of float.
 *
 * <p>On the command line: {@code ActivationCheck [exp|sigmoid|tanh ...] [--stride N] [--threads
 * N]}, with {@code --add-modules jdk.incubator.vector}. All 2<sup>32</sup> arguments of one
 * function take a few minutes on one thread. Exit status 0 when every bound holds, 1 when one is
 * broken, 2 for usage.
 */
public final class ActivationCheck {
  /** Number of floats. */
  public static final long FLOATS = 1L << 32;

  private static final int BLOCK = 4096;

  /** Apart, so that the command can say which option is missing when the module is. */
  private static final class Lanes {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  }

  private ActivationCheck() {}

  /** A function, what it approximates and what it promises. */
  public enum Function {
    /** The exponential. */
    EXP(1.1, 0f, Float.POSITIVE_INFINITY, 1f) {
      @Override
      public float plain(float x) {
        return PlainMath.exp(x);
      }

      @Override
      public void vector(float[] x, float[] y) {
        for (int i = 0; i < x.length; i += Lanes.SPECIES.length()) {
          VectorMath.exp(FloatVector.fromArray(Lanes.SPECIES, x, i)).intoArray(y, i);
        }
      }

      @Override
      public double truth(double x) {
        return StrictMath.exp(x);
      }
    },

    /** The logistic function. */
    SIGMOID(2.5, 0f, 1f, 0.5f) {
      @Override
      public float plain(float x) {
        return PlainMath.sigmoid(x);
      }

      @Override
      public void vector(float[] x, float[] y) {
        for (int i = 0; i < x.length; i += Lanes.SPECIES.length()) {
          VectorMath.sigmoid(FloatVector.fromArray(Lanes.SPECIES, x, i)).intoArray(y, i);
        }
      }

      @Override
      public double truth(double x) {
        double e = StrictMath.exp(-Math.abs(x));
        return (x < 0 ? e : 1) / (1 + e);
      }
    },

    /** The hyperbolic tangent. */
    TANH(2.0, -1f, 1f, 0f) {
      @Override
      public float plain(float x) {
        return PlainMath.tanh(x);
      }

      @Override
      public void vector(float[] x, float[] y) {
        for (int i = 0; i < x.length; i += Lanes.SPECIES.length()) {
          VectorMath.tanh(FloatVector.fromArray(Lanes.SPECIES, x, i)).intoArray(y, i);
        }
      }

      @Override
      public double truth(double x) {
        return StrictMath.tanh(x);
      }
    };

    private final double bound;
    private final float atMinusInfinity;
    private final float atInfinity;
    private final float atZero;

    Function(double bound, float atMinusInfinity, float atInfinity, float atZero) {
      this.bound = bound;
      this.atMinusInfinity = atMinusInfinity;
      this.atInfinity = atInfinity;
      this.atZero = atZero;
    }

    /**
     * The plain-Java implementation.
     *
     * @param x the argument
     * @return its result
     */
    public abstract float plain(float x);

    /**
     * The implementation on lanes.
     *
     * @param x arguments, as many as a multiple of the lane count
     * @param y receives the results
     */
    public abstract void vector(float[] x, float[] y);

    /**
     * The true value.
     *
     * @param x the argument
     * @return the function of x, to about one ULP of double
     */
    public abstract double truth(double x);

    /**
     * The promise.
     *
     * @return the largest error allowed, in ULP
     */
    public double bound() {
      return bound;
    }

    /**
     * The least value, which is the limit at minus infinity.
     *
     * @return the lower bound of the range
     */
    public float least() {
      return atMinusInfinity;
    }

    /**
     * The greatest value, which is the limit at infinity.
     *
     * @return the upper bound of the range
     */
    public float greatest() {
      return atInfinity;
    }

    /**
     * The name on the command line.
     *
     * @return the name in lower case
     */
    public String title() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What was found.
   *
   * @param function the function checked
   * @param inputs how many arguments were checked
   * @param worst the worst error, in ULP
   * @param worstInput the argument that gave it
   * @param descents neighbours of which the greater argument has the smaller result
   * @param outside results outside the range of the function, or not NaN for NaN
   * @param wrongLimits arguments 0, -0 and plus and minus infinity with a result that is not exact,
   *     and for tanh arguments with {@code tanh(-x) != -tanh(x)}
   * @param different arguments for which lanes and plain Java differ in their bits
   * @param firstFault the first argument with a fault, NaN when there is none
   */
  public record Report(
      Function function,
      long inputs,
      double worst,
      float worstInput,
      long descents,
      long outside,
      long wrongLimits,
      long different,
      float firstFault) {

    /**
     * Whether every promise is kept.
     *
     * @return true when the error is within the bound and nothing else was found
     */
    public boolean holds() {
      return worst <= function.bound() && faults() == 0;
    }

    /**
     * The number of faults other than the size of the error.
     *
     * @return the sum of all counts
     */
    public long faults() {
      return descents + outside + wrongLimits + different;
    }

    /**
     * The report on both of two sets of arguments.
     *
     * @param next the report on the greater arguments
     * @return the sum of both
     */
    public Report and(Report next) {
      boolean first = worst >= next.worst;
      return new Report(
          function,
          inputs + next.inputs,
          first ? worst : next.worst,
          first ? worstInput : next.worstInput,
          descents + next.descents,
          outside + next.outside,
          wrongLimits + next.wrongLimits,
          different + next.different,
          faults() > 0 ? firstFault : next.firstFault);
    }

    @Override
    public String toString() {
      String text =
          String.format(
              Locale.ROOT,
              "%-8s%,14d inputs   worst error %.4f ULP (bound %s) at %s (0x%08x)   non-monotone %d"
                  + "   outside its range %d   wrong limit or sign %d   lanes differ %d",
              function.title(),
              inputs,
              worst,
              function.bound(),
              worstInput,
              Float.floatToRawIntBits(worstInput),
              descents,
              outside,
              wrongLimits,
              different);
      return faults() == 0
          ? text
          : String.format(
              Locale.ROOT,
              "%s   first fault at %s (0x%08x)",
              text,
              firstFault,
              Float.floatToRawIntBits(firstFault));
    }
  }

  /**
   * The float of a rank. Ranks ascend with the floats: NaN with a sign, minus infinity, the
   * negative floats, -0 (rank -1), 0 (rank 0), the positive floats, infinity, NaN.
   *
   * @param rank any int
   * @return the float of that rank
   */
  public static float ofRank(int rank) {
    return Float.intBitsToFloat(rank >= 0 ? rank : rank ^ Integer.MAX_VALUE);
  }

  /**
   * The rank of a float, the inverse of {@link #ofRank}.
   *
   * @param x a float
   * @return its rank
   */
  public static int rank(float x) {
    int bits = Float.floatToRawIntBits(x);
    return bits >= 0 ? bits : bits ^ Integer.MAX_VALUE;
  }

  /**
   * The error of a result.
   *
   * @param y the result
   * @param truth the true value
   * @return the distance in ULP of the true value
   */
  public static double error(float y, double truth) {
    double value = Float.isInfinite(y) ? Math.copySign(0x1p128, y) : y;
    double limited = Math.max(-0x1p128, Math.min(0x1p128, truth));
    int exponent = Math.clamp(Math.getExponent(limited), Float.MIN_EXPONENT, Float.MAX_EXPONENT);
    return Math.abs(value - limited) * Math.scalb(1.0, Float.PRECISION - 1 - exponent);
  }

  /**
   * Checks arguments in ascending order, each against the truth, its predecessor and the lanes.
   *
   * @param function the function
   * @param firstRank rank of the first argument
   * @param count number of arguments
   * @param stride difference of rank from one argument to the next; the last may not exceed the
   *     greatest rank
   * @return what was found
   */
  public static Report check(Function function, int firstRank, long count, long stride) {
    return check(function, firstRank, count, stride, Float.NaN);
  }

  /** The same, the first result being compared with that of a predecessor, or with NaN. */
  private static Report check(
      Function function, int firstRank, long count, long stride, float resultBefore) {
    long last = firstRank + Math.multiplyExact(Math.max(0, count - 1), stride);
    if (count < 0 || stride < 1 || last > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "ranks from " + firstRank + ", " + count + " of them, " + stride + " apart");
    }
    float[] x = new float[BLOCK];
    float[] lanes = new float[BLOCK];
    double worst = 0;
    float worstInput = 0f;
    long descents = 0;
    long outside = 0;
    long wrongLimits = 0;
    long different = 0;
    float firstFault = Float.NaN;
    float previous = resultBefore;
    for (long done = 0; done < count; done += BLOCK) {
      int size = (int) Math.min(BLOCK, count - done);
      for (int i = 0; i < BLOCK; i++) {
        x[i] = i < size ? ofRank((int) (firstRank + (done + i) * stride)) : 0f;
      }
      function.vector(x, lanes);
      for (int i = 0; i < size; i++) {
        float y = function.plain(x[i]);
        long before = descents + outside + wrongLimits + different;
        if (!same(y, lanes[i])) {
          different++;
        }
        if (Float.isNaN(x[i])) {
          outside += Float.isNaN(y) ? 0 : 1;
        } else {
          if (!(y >= function.least() && y <= function.greatest())) {
            outside++;
          }
          if (y < previous) {
            descents++;
          }
          previous = y;
          if (!exact(function, x[i], y)) {
            wrongLimits++;
          }
          double error = error(y, function.truth(x[i]));
          if (!(error <= worst)) {
            worst = error;
            worstInput = x[i];
          }
        }
        if (before == 0 && descents + outside + wrongLimits + different > 0) {
          firstFault = x[i];
        }
      }
    }
    return new Report(
        function, count, worst, worstInput, descents, outside, wrongLimits, different, firstFault);
  }

  /**
   * Checks every float, or every {@code stride}-th.
   *
   * @param function the function
   * @param stride difference of rank from one argument to the next
   * @param threads number of threads to share the work
   * @return what was found
   */
  public static Report checkAll(Function function, long stride, int threads) {
    if (stride < 1 || stride > FLOATS || threads < 1) {
      throw new IllegalArgumentException("stride " + stride + ", threads " + threads);
    }
    long total = (FLOATS - 1) / stride + 1;
    long share = Math.max(1, (total + 16L * threads - 1) / (16L * threads));
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Report>> parts = new ArrayList<>();
      for (long begin = 0; begin < total; begin += share) {
        long size = Math.min(share, total - begin);
        int firstRank = (int) (Integer.MIN_VALUE + begin * stride);
        float resultBefore =
            begin == 0 ? Float.NaN : function.plain(ofRank((int) (firstRank - stride)));
        parts.add(workers.submit(() -> check(function, firstRank, size, stride, resultBefore)));
      }
      Report all = parts.get(0).get();
      for (Future<Report> part : parts.subList(1, parts.size())) {
        all = all.and(part.get());
      }
      return all;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while checking " + function.title(), e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("could not check " + function.title(), e.getCause());
    } finally {
      workers.shutdownNow();
    }
  }

  /**
   * Whether two results are the same bits, any NaN being equal to any other.
   *
   * @param a a float
   * @param b a float
   * @return true when they are
   */
  public static boolean same(float a, float b) {
    return Float.floatToIntBits(a) == Float.floatToIntBits(b);
  }

  private static boolean exact(Function function, float x, float y) {
    boolean odd = function == Function.TANH;
    if (odd && !same(function.plain(-x), -y)) {
      return false;
    }
    if (x == 0f) {
      return same(y, odd ? x : function.atZero);
    }
    if (Float.isInfinite(x)) {
      return same(y, x > 0 ? function.greatest() : function.least());
    }
    return true;
  }

  /**
   * Checks the functions named, all three when none is.
   *
   * @param args names of functions, {@code --stride N}, {@code --threads N}
   */
  public static void main(String[] args) {
    Set<Function> functions = EnumSet.noneOf(Function.class);
    long stride = 1;
    int threads = Runtime.getRuntime().availableProcessors();
    try {
      for (int i = 0; i < args.length; i++) {
        if (args[i].startsWith("--") && i + 1 == args.length) {
          throw new IllegalArgumentException(args[i] + ": expected a number after it");
        }
        switch (args[i]) {
          case "--stride" -> stride = number(args[i], args[++i], FLOATS);
          case "--threads" -> threads = (int) number(args[i], args[++i], 1024);
          default -> functions.add(named(args[i]));
        }
      }
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      System.err.println("the lanes need the option --add-modules jdk.incubator.vector");
      System.exit(2);
    }
    if (functions.isEmpty()) {
      functions = EnumSet.allOf(Function.class);
    }
    boolean holds = true;
    for (Function function : functions) {
      long start = System.nanoTime();
      Report report = checkAll(function, stride, threads);
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(Locale.ROOT, "%s   %.0f s%n", report, seconds);
      holds &= report.holds();
    }
    System.exit(holds ? 0 : 1);
  }

  private static long number(String option, String text, long greatest) {
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException e) {
      value = 0;
    }
    if (value < 1 || value > greatest) {
      throw new IllegalArgumentException(
          option + ": expected a number from 1 to " + greatest + ", found " + text);
    }
    return value;
  }

  private static Function named(String name) {
    for (Function function : Function.values()) {
      if (function.title().equals(name)) {
        return function;
      }
    }
    throw new IllegalArgumentException(
        name + ": expected exp, sigmoid, tanh, --stride or --threads");
  }
}
