package org.lanewise.properties;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;

/**
 * Every kernel against the same formula in double, within a bound that follows from the roundings.
 * u = 2^-24 is the largest relative error of one.
 */
@Domain(Generators.class)
class KernelErrorTest {
  private static final double U = 0x1p-24;

  /** 2.45 units in the last place, of which one is at most 2 u. */
  private static final double ACTIVATION = 5 * U;

  private static final Kernels KERNELS = KernelProvider.kernels();

  /** A chain of n links: (n + 2) u Σ|a||w|. */
  @Property
  void affineIsWithinItsBound(@ForAll KernelCase any) {
    ProductCase p = new ProductCase(any.ordinary());
    Matrix z = p.z.copy();
    KERNELS.affine(
        p.rows,
        p.w,
        p.depth,
        0,
        p.w.panels(),
        p.a.values(),
        p.a.offset(),
        p.a.stride(),
        z.values(),
        z.offset(),
        z.stride());
    for (int r = 0; r < p.rows; r++) {
      for (int n = 0; n < p.w.columns(); n++) {
        double sum = p.bias(n);
        double size = Math.abs(sum);
        for (int k = 0; k < p.depth; k++) {
          double term = (double) p.a.get(r, k) * p.weight(k, n);
          sum += term;
          size += Math.abs(term);
        }
        near(p, "z[" + r + "][" + n + "]", sum, z.get(r, n), (p.depth + 2) * U * size);
      }
    }
  }

  /** A chain over the rows: (rows + 2) u (|g| + Σ|a||dz|). */
  @Property
  void accumulateOuterIsWithinItsBound(@ForAll KernelCase any) {
    ProductCase p = new ProductCase(any.ordinary());
    ProductCase found = new ProductCase(any.ordinary());
    KERNELS.accumulateOuter(
        p.rows,
        p.firstInput,
        p.depth,
        0,
        p.w.panels(),
        p.a.values(),
        p.a.offset(),
        p.a.stride(),
        p.z.values(),
        p.z.offset(),
        p.z.stride(),
        found.w);
    for (int k = 0; k < p.depth; k++) {
      for (int n = 0; n < p.w.columns(); n++) {
        double sum = p.weight(p.firstInput + k, n);
        double size = Math.abs(sum);
        for (int r = 0; r < p.rows; r++) {
          double term = (double) p.a.get(r, k) * p.z.get(r, n);
          sum += term;
          size += Math.abs(term);
        }
        float g = found.weight(p.firstInput + k, n);
        near(p, "g[" + k + "][" + n + "]", sum, g, (p.rows + 2) * U * size);
      }
    }
  }

  @Property
  void accumulateBiasIsWithinItsBound(@ForAll KernelCase any) {
    ProductCase p = new ProductCase(any.ordinary());
    ProductCase found = new ProductCase(any.ordinary());
    KERNELS.accumulateBias(
        p.rows, 0, p.w.panels(), p.z.values(), p.z.offset(), p.z.stride(), found.w);
    for (int n = 0; n < p.w.columns(); n++) {
      double sum = p.bias(n);
      double size = Math.abs(sum);
      for (int r = 0; r < p.rows; r++) {
        sum += p.z.get(r, n);
        size += Math.abs(p.z.get(r, n));
      }
      near(p, "bias[" + n + "]", sum, found.bias(n), (p.rows + 2) * U * size);
    }
  }

  /** Each step from the float results of the step before. */
  @Property
  void lstmForwardIsWithinItsBound(@ForAll KernelCase any) {
    GateCase before = new GateCase(any.ordinary());
    GateCase g = new GateCase(any.ordinary());
    KERNELS.lstmForward(
        g.rows,
        0,
        g.units / Packed.BLOCK,
        g.cPrevious.values(),
        g.cPrevious.offset(),
        g.c.values(),
        g.c.offset(),
        g.stride,
        g.tanhC.values(),
        g.tanhC.offset(),
        g.h.values(),
        g.h.offset(),
        g.z.values(),
        g.z.offset(),
        g.z.stride());
    for (int r = 0; r < g.rows; r++) {
      for (int u = 0; u < g.units; u++) {
        String at = "[" + r + "][" + u + "]";
        double[] gates = new double[4];
        for (int gate = 0; gate < 4; gate++) {
          double z = before.z.get(r, GateCase.column(gate, u));
          double exact = gate == 2 ? Math.tanh(z) : 1 / (1 + Math.exp(-z));
          gates[gate] = g.z.get(r, GateCase.column(gate, u));
          near(before, "gate " + gate + at, exact, gates[gate], ACTIVATION * Math.abs(exact));
        }
        double kept = gates[1] * before.cPrevious.get(r, u);
        double added = gates[0] * gates[2];
        double size = Math.abs(kept) + Math.abs(added);
        double c = g.c.get(r, u);
        near(before, "c" + at, kept + added, c, 2 * U * size);
        double t = g.tanhC.get(r, u);
        near(before, "tanh c" + at, Math.tanh(c), t, ACTIVATION * Math.abs(t));
        near(before, "h" + at, gates[3] * t, g.h.get(r, u), U * Math.abs(t));
      }
    }
  }

  /** At most eight roundings in each result, relative to the sum of the magnitudes. */
  @Property
  void lstmBackwardIsWithinItsBound(@ForAll KernelCase any) {
    GateCase before = new GateCase(any.ordinary());
    GateCase g = new GateCase(any.ordinary());
    KERNELS.lstmBackward(
        g.rows,
        0,
        g.units / Packed.BLOCK,
        g.dh.values(),
        g.dh.offset(),
        g.dh.stride(),
        g.cPrevious.values(),
        g.cPrevious.offset(),
        g.stride,
        g.tanhC.values(),
        g.tanhC.offset(),
        g.dc.values(),
        g.dc.offset(),
        g.z.values(),
        g.z.offset(),
        g.z.stride());
    for (int r = 0; r < g.rows; r++) {
      for (int u = 0; u < g.units; u++) {
        String at = "[" + r + "][" + u + "]";
        double i = before.z.get(r, GateCase.column(0, u));
        double f = before.z.get(r, GateCase.column(1, u));
        double c = before.z.get(r, GateCase.column(2, u));
        double o = before.z.get(r, GateCase.column(3, u));
        double t = before.tanhC.get(r, u);
        double dh = before.dh.get(r, u);
        double dc = before.dc.get(r, u) + dh * o * (1 - t * t);
        double size = Math.abs(before.dc.get(r, u)) + Math.abs(dh * o) * (1 + t * t);
        double bound = 8 * U * size;
        double previous = before.cPrevious.get(r, u);
        near(before, "dc" + at, dc * f, g.dc.get(r, u), bound * Math.abs(f));
        double[] exact = {
          dc * c * i * (1 - i),
          dc * previous * f * (1 - f),
          dc * i * (1 - c * c),
          dh * t * o * (1 - o)
        };
        double[] factors = {
          size * Math.abs(c * i) * (1 + Math.abs(i)),
          size * Math.abs(previous * f) * (1 + Math.abs(f)),
          size * Math.abs(i) * (1 + c * c),
          Math.abs(dh * t * o) * (1 + Math.abs(o))
        };
        for (int index = 0; index < 4; index++) {
          double found = g.z.get(r, GateCase.column(index, u));
          near(before, "dz " + index + at, exact[index], found, 12 * U * factors[index]);
        }
      }
    }
  }

  /**
   * Relative: the argument of exp is off by u |x - max|, exp by 3 u, the sum by u for each level of
   * additions, its inverse and the product by 2 u.
   */
  @Property
  void softmaxIsWithinItsBound(@ForAll KernelCase any) {
    KernelCase c = any.ordinary();
    Matrix x = Matrix.draw(c.random(), c.values(), c.rows(), Packed.padded(c.columns()));
    Matrix y = x.copy();
    KERNELS.softmax(c.rows(), c.columns(), y.values(), y.offset(), y.stride());
    double bound = 2 * (4 + 3) * U + (c.columns() / 16.0 + 5 + 2) * U;
    for (int r = 0; r < c.rows(); r++) {
      double logSum = logSum(c, x, r);
      for (int n = 0; n < Packed.padded(c.columns()); n++) {
        double exact = n < c.columns() ? Math.exp(x.get(r, n) - logSum) : 0;
        near(c, "y[" + r + "][" + n + "]", exact, y.get(r, n), bound * exact);
      }
    }
  }

  @Property
  void softmaxCrossEntropyIsWithinItsBound(@ForAll KernelCase any) {
    KernelCase c = any.ordinary();
    Matrix x = Matrix.draw(c.random(), c.values(), c.rows(), Packed.padded(c.columns()));
    Matrix y = x.copy();
    int[] targets = c.random().ints(c.rows(), -1, c.columns()).toArray();
    double[] losses = new double[c.rows()];
    float scale = 0.25f;
    KERNELS.softmaxCrossEntropy(
        c.rows(), c.columns(), targets, 0, scale, losses, 0, y.values(), y.offset(), y.stride());
    double bound = 2 * (4 + 3) * U + (c.columns() / 16.0 + 5 + 2) * U;
    for (int r = 0; r < c.rows(); r++) {
      double logSum = logSum(c, x, r);
      boolean counts = targets[r] >= 0;
      double loss = counts ? logSum - x.get(r, targets[r]) : 0;
      near(c, "losses[" + r + "]", loss, losses[r], bound);
      for (int n = 0; n < Packed.padded(c.columns()); n++) {
        double exact = 0;
        if (counts && n < c.columns()) {
          exact = scale * (Math.exp(x.get(r, n) - logSum) - (n == targets[r] ? 1 : 0));
        }
        near(c, "dy[" + r + "][" + n + "]", exact, y.get(r, n), bound * scale);
      }
    }
  }

  /** Whatever the logits are, infinite or NaN too. */
  @Property
  void softmaxLeavesZeroInThePadding(@ForAll KernelCase c) {
    int padded = Packed.padded(c.columns());
    Matrix y = Matrix.draw(c.random(), c.values(), c.rows(), padded);
    Matrix dy = y.copy();
    KERNELS.softmax(c.rows(), c.columns(), y.values(), y.offset(), y.stride());
    KERNELS.softmaxCrossEntropy(
        c.rows(),
        c.columns(),
        new int[c.rows()],
        0,
        1f,
        new double[c.rows()],
        0,
        dy.values(),
        dy.offset(),
        dy.stride());
    for (int r = 0; r < c.rows(); r++) {
      for (int n = c.columns(); n < padded; n++) {
        near(c, "y[" + r + "][" + n + "]", 0, y.get(r, n), 0);
        near(c, "dy[" + r + "][" + n + "]", 0, dy.get(r, n), 0);
      }
    }
  }

  private static double logSum(KernelCase c, Matrix x, int row) {
    double sum = 0;
    for (int n = 0; n < c.columns(); n++) {
      sum += Math.exp(x.get(row, n));
    }
    return Math.log(sum);
  }

  @Property
  void sumOfSquaresIsWithinItsBound(@ForAll KernelCase any) {
    Values finite = any.values() == Values.ANY ? Values.ORDINARY : any.values();
    float[] x = finite.array(any.random(), 10 * any.depth());
    double sum = 0;
    for (float value : x) {
      sum += (double) value * value;
    }
    double[] partials = new double[16];
    KERNELS.accumulateSquares(x.length, x, 0, partials, 0);
    double found = KERNELS.sumOfPartials(partials, 0);
    near(any, "sum", sum, found, 2 * x.length * 0x1p-53 * sum);
  }

  private static void near(Object where, String name, double expected, double found, double bound) {
    // The smallest float counts too: a result that small is rounded to a multiple of it.
    if (!(Math.abs(expected - found) <= bound + Float.MIN_VALUE)) {
      throw new AssertionError(
          "%s: expected %s, found %s, off by %.1e, allowed %.1e in %s"
              .formatted(name, expected, found, Math.abs(expected - found), bound, where));
    }
  }
}
