package org.lanewise.properties;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.domains.DomainContext;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;
import org.lanewise.kernel.StepWeights;

/** The kernels of a step equal those that they are made of. */
@Tag("bits")
@Domain(Generators.class)
@Domain(DomainContext.Global.class)
class StepKernelTest {

  /** Every implementation rounds to the same numbers, and what is rounded stays as it is. */
  @Property
  void stepWeights(@ForAll KernelCase c, @ForAll StepWeights.Format format) {
    Packed expected = packed(c.random(), Values.ORDINARY, c.depth(), c.columns());
    float[] drawn = expected.values().clone();
    AllKernels.PLAIN.stepWeights(expected, format);
    for (Kernels kernels : AllKernels.all()) {
      Packed found = new Packed(expected.depth(), expected.columns());
      System.arraycopy(drawn, 0, found.values(), 0, drawn.length);
      kernels.stepWeights(found, format);
      Bits.same(c + " " + format, "rounded", expected.values(), found.values());
      kernels.stepWeights(found, format);
      Bits.same(c + " " + format, "rounded again", expected.values(), found.values());
    }
  }

  /** In every format, on the weights that rounding leaves, and in every implementation. */
  @Property
  void step(@ForAll KernelCase c, @ForAll StepWeights.Format format, @ForAll boolean fromBias) {
    Values values =
        format == StepWeights.Format.FLOAT32 || c.values() != Values.ANY
            ? c.values()
            : Values.ORDINARY;
    SplittableRandom random = c.random();
    int inputs = c.depth();
    int hidden = random.nextInt(40);
    int firstInput = random.nextInt(2) * random.nextInt(5);
    Packed w = packed(random, values, firstInput + inputs + hidden, c.columns());
    AllKernels.PLAIN.stepWeights(w, format);
    int begin = random.nextInt(w.panels() + 1);
    int end = random.nextInt(begin, w.panels() + 1);
    Matrix x = Matrix.draw(random, c.values(), 1, inputs);
    Matrix h = Matrix.draw(random, c.values(), 1, hidden);
    Matrix z = Matrix.draw(random, c.values(), 1, w.columns());
    boolean atStart = random.nextBoolean();
    Matrix expected = z.copy();
    product(AllKernels.PLAIN, fromBias, w, firstInput, inputs, begin, end, x, expected);
    product(AllKernels.PLAIN, false, w, firstInput + inputs, hidden, begin, end, h, expected);
    for (Kernels kernels : AllKernels.all()) {
      Matrix found = z.copy();
      float[] outputs = found.values();
      int offset = found.offset();
      if (atStart) {
        outputs = Arrays.copyOfRange(outputs, offset, offset + w.columns());
        offset = 0;
      }
      kernels.step(
          kernels.stepWeights(w, format),
          fromBias,
          begin,
          end,
          firstInput,
          inputs,
          x.values(),
          x.offset(),
          hidden,
          h.values(),
          h.offset(),
          outputs,
          offset);
      System.arraycopy(outputs, offset, found.values(), found.offset(), w.columns());
      Bits.same(c + " " + format, "z", expected.values(), found.values());
    }
  }

  /** A step of an LSTM equals its product and its gates, whether or not kernels join them. */
  @Property
  void lstmStep(@ForAll KernelCase c, @ForAll StepWeights.Format format) {
    SplittableRandom random = c.random();
    Values values = format == StepWeights.Format.FLOAT32 ? c.values() : Values.ORDINARY;
    int inputs = c.depth();
    int blocks = 1 + random.nextInt(2) * random.nextInt(3);
    int stride = blocks * Packed.BLOCK;
    int hidden = stride - random.nextInt(Packed.BLOCK);
    Packed w = packed(random, values, inputs + hidden, blocks * Packed.PANEL);
    AllKernels.PLAIN.stepWeights(w, format);
    Matrix x = Matrix.draw(random, c.values(), 1, inputs);
    int slot = random.nextInt(2);
    int before = random.nextInt(20) + slot * stride;
    int after = before + (slot == 0 ? stride : -stride);
    float[] h = c.values().array(random, 2 * stride + 40);
    float[] cells = c.values().array(random, h.length);
    float[] tanhC = c.values().array(random, stride + random.nextInt(20));
    float[] z = c.values().array(random, w.columns() + random.nextInt(20));
    float[] expectedZ = z.clone();
    float[] expectedC = cells.clone();
    float[] expectedH = h.clone();
    float[] expectedTanhC = tanhC.clone();
    AllKernels.PLAIN.step(
        AllKernels.PLAIN.stepWeights(w, format),
        true,
        0,
        blocks,
        0,
        inputs,
        x.values(),
        x.offset(),
        hidden,
        h,
        before,
        expectedZ,
        0);
    AllKernels.PLAIN.lstmForward(
        1,
        0,
        blocks,
        cells,
        before,
        expectedC,
        after,
        stride,
        expectedTanhC,
        0,
        expectedH,
        after,
        expectedZ,
        0,
        0);
    for (Kernels kernels : AllKernels.all()) {
      float[] foundZ = z.clone();
      float[] foundC = cells.clone();
      float[] foundH = h.clone();
      float[] foundTanhC = tanhC.clone();
      kernels.lstmStep(
          kernels.stepWeights(w, format),
          inputs,
          x.values(),
          x.offset(),
          hidden,
          foundH,
          foundC,
          before,
          after,
          foundTanhC,
          foundZ);
      String where = c + " " + format + ", " + blocks + " blocks";
      Bits.same(where, "z", expectedZ, foundZ);
      Bits.same(where, "c", expectedC, foundC);
      Bits.same(where, "h", expectedH, foundH);
      Bits.same(where, "tanh c", expectedTanhC, foundTanhC);
    }
  }

  private static void product(
      Kernels kernels,
      boolean fromBias,
      Packed w,
      int firstInput,
      int depth,
      int begin,
      int end,
      Matrix a,
      Matrix z) {
    for (int n = w.column(begin); n < w.column(end) && fromBias; n++) {
      z.values()[z.at(0, n)] = w.values()[w.index(0, n)];
    }
    kernels.product(
        1,
        w,
        firstInput,
        depth,
        begin,
        end,
        a.values(),
        a.offset(),
        a.stride(),
        z.values(),
        z.offset(),
        z.stride());
  }

  static Packed packed(SplittableRandom random, Values values, int depth, int columns) {
    Packed w = new Packed(Math.max(1, depth), columns);
    for (int i = 0; i < w.values().length; i++) {
      w.values()[i] = values.next(random);
    }
    return w;
  }
}
