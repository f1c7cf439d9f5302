package org.lanewise.properties;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.domains.Domain;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;

/**
 * The order of accumulation is that of the law, however the work is cut: by depth, rows or panels.
 * Each law is held against both implementations.
 */
@Tag("bits")
@Domain(Generators.class)
class KernelChainTest {

  @Property
  void productInTwoDepthsEqualsOne(@ForAll KernelCase c) {
    for (Kernels kernels : AllKernels.all()) {
      ProductCase whole = new ProductCase(c);
      ProductCase parts = new ProductCase(c);
      int cut = c.random().nextInt(whole.depth + 1);
      product(kernels, whole, 0, whole.depth);
      product(kernels, parts, 0, cut);
      product(kernels, parts, cut, whole.depth - cut);
      Bits.same(whole, "z", whole.z.values(), parts.z.values());
    }
  }

  @Property
  void affineInTwoDepthsEqualsOne(@ForAll KernelCase c) {
    for (Kernels kernels : AllKernels.all()) {
      ProductCase whole = new ProductCase(c);
      ProductCase parts = new ProductCase(c);
      int cut = c.random().nextInt(whole.depth + 1);
      int all = whole.w.panels();
      affine(kernels, whole, 0, whole.rows, whole.depth, 0, all);
      affine(kernels, parts, 0, parts.rows, cut, 0, all);
      kernels.product(
          parts.rows,
          parts.w,
          cut,
          parts.depth - cut,
          0,
          all,
          parts.a.values(),
          parts.a.at(0, cut),
          parts.a.stride(),
          parts.z.values(),
          parts.z.offset(),
          parts.z.stride());
      Bits.same(whole, "z", whole.z.values(), parts.z.values());
    }
  }

  @Property
  void rowsOneByOneEqualAllRows(@ForAll KernelCase c) {
    for (Kernels kernels : AllKernels.all()) {
      ProductCase whole = new ProductCase(c);
      ProductCase parts = new ProductCase(c);
      affine(kernels, whole, 0, whole.rows, whole.depth, whole.panelBegin, whole.panelEnd);
      for (int r = 0; r < parts.rows; r++) {
        affine(kernels, parts, r, 1, parts.depth, parts.panelBegin, parts.panelEnd);
      }
      Bits.same(whole, "z", whole.z.values(), parts.z.values());
    }
  }

  @Property
  void panelsSplitEqualWhole(@ForAll KernelCase c) {
    for (Kernels kernels : AllKernels.all()) {
      ProductCase whole = new ProductCase(c);
      ProductCase parts = new ProductCase(c);
      int cut = c.random().nextInt(whole.panelBegin, whole.panelEnd + 1);
      affine(kernels, whole, 0, whole.rows, whole.depth, whole.panelBegin, whole.panelEnd);
      affine(kernels, parts, 0, parts.rows, parts.depth, cut, parts.panelEnd);
      affine(kernels, parts, 0, parts.rows, parts.depth, parts.panelBegin, cut);
      Bits.same(whole, "z", whole.z.values(), parts.z.values());
    }
  }

  /** For finite weights: a product by zero gives zero. */
  @Property
  void lookupEqualsAffineOnOneHotVectors(@ForAll KernelCase any) {
    KernelCase c = any.ordinary();
    for (Kernels kernels : AllKernels.all()) {
      ProductCase looked = new ProductCase(c);
      ProductCase multiplied = new ProductCase(c);
      int inputs = looked.w.depth();
      kernels.lookup(
          looked.rows,
          looked.w,
          looked.panelBegin,
          looked.panelEnd,
          looked.index,
          looked.indexOffset,
          looked.z.values(),
          looked.z.offset(),
          looked.z.stride());
      kernels.affine(
          multiplied.rows,
          multiplied.w,
          inputs,
          multiplied.panelBegin,
          multiplied.panelEnd,
          oneHot(multiplied),
          0,
          inputs,
          multiplied.z.values(),
          multiplied.z.offset(),
          multiplied.z.stride());
      Bits.same(looked, "z", multiplied.z.values(), looked.z.values());
    }
  }

  /** For finite error terms: a product by zero gives zero. */
  @Property
  void accumulateLookupEqualsAccumulateOuterOfOneHotVectors(@ForAll KernelCase any) {
    KernelCase c = any.ordinary();
    for (Kernels kernels : AllKernels.all()) {
      ProductCase looked = new ProductCase(c);
      ProductCase multiplied = new ProductCase(c);
      int inputs = looked.w.depth();
      accumulateLookup(kernels, looked, 0, looked.rows);
      kernels.accumulateOuter(
          multiplied.rows,
          0,
          inputs,
          multiplied.panelBegin,
          multiplied.panelEnd,
          oneHot(multiplied),
          0,
          inputs,
          multiplied.z.values(),
          multiplied.z.offset(),
          multiplied.z.stride(),
          multiplied.w);
      Bits.same(looked, "g", multiplied.w.values(), looked.w.values());
    }
  }

  private static float[] oneHot(ProductCase p) {
    float[] vectors = new float[p.rows * p.w.depth()];
    for (int r = 0; r < p.rows; r++) {
      vectors[r * p.w.depth() + p.index[p.indexOffset + r]] = 1f;
    }
    return vectors;
  }

  @Property
  void accumulateOuterInTwoRowRangesEqualsOne(@ForAll KernelCase c) {
    inTwoRowRanges(
        c,
        (kernels, p, begin, end) ->
            kernels.accumulateOuter(
                end - begin,
                p.firstInput,
                p.depth,
                p.panelBegin,
                p.panelEnd,
                p.a.values(),
                p.a.at(begin, 0),
                p.a.stride(),
                p.z.values(),
                p.z.at(begin, 0),
                p.z.stride(),
                p.w));
  }

  @Property
  void accumulateLookupInTwoRowRangesEqualsOne(@ForAll KernelCase c) {
    inTwoRowRanges(c, KernelChainTest::accumulateLookup);
  }

  @Property
  void accumulateBiasInTwoRowRangesEqualsOne(@ForAll KernelCase c) {
    inTwoRowRanges(
        c,
        (kernels, p, begin, end) ->
            kernels.accumulateBias(
                end - begin,
                p.panelBegin,
                p.panelEnd,
                p.z.values(),
                p.z.at(begin, 0),
                p.z.stride(),
                p.w));
  }

  /** Some rows of an accumulation. */
  private interface Accumulation {
    void run(Kernels kernels, ProductCase p, int rowBegin, int rowEnd);
  }

  private static void inTwoRowRanges(KernelCase c, Accumulation accumulation) {
    for (Kernels kernels : AllKernels.all()) {
      ProductCase whole = new ProductCase(c);
      ProductCase parts = new ProductCase(c);
      int cut = c.random().nextInt(whole.rows + 1);
      accumulation.run(kernels, whole, 0, whole.rows);
      accumulation.run(kernels, parts, 0, cut);
      accumulation.run(kernels, parts, cut, parts.rows);
      Bits.same(whole, "g", whole.w.values(), parts.w.values());
    }
  }

  @Property
  void gatesOfOneRowAndOneBlockAtATimeEqualAll(@ForAll KernelCase c) {
    for (Kernels kernels : AllKernels.all()) {
      GateCase whole = new GateCase(c);
      GateCase parts = new GateCase(c);
      forward(kernels, whole, 0, whole.rows, whole.blockBegin, whole.blockEnd);
      for (int block = parts.blockBegin; block < parts.blockEnd; block++) {
        for (int r = 0; r < parts.rows; r++) {
          forward(kernels, parts, r, 1, block, block + 1);
        }
      }
      Bits.same(whole, "z", whole.z.values(), parts.z.values());
      Bits.same(whole, "c", whole.c.values(), parts.c.values());
      Bits.same(whole, "tanh c", whole.tanhC.values(), parts.tanhC.values());
      Bits.same(whole, "h", whole.h.values(), parts.h.values());
    }
  }

  @Property
  void softmaxOfOneRowAtATimeEqualsAll(@ForAll KernelCase c) {
    for (Kernels kernels : AllKernels.all()) {
      SplittableRandom random = c.random();
      Matrix whole = Matrix.draw(random, c.values(), c.rows(), Packed.padded(c.columns()));
      Matrix parts = whole.copy();
      kernels.softmax(c.rows(), c.columns(), whole.values(), whole.offset(), whole.stride());
      for (int r = 0; r < c.rows(); r++) {
        kernels.softmax(1, c.columns(), parts.values(), parts.at(r, 0), parts.stride());
      }
      Bits.same(c, "y", whole.values(), parts.values());
    }
  }

  private static void product(Kernels kernels, ProductCase p, int from, int depth) {
    kernels.product(
        p.rows,
        p.w,
        p.firstInput + from,
        depth,
        p.panelBegin,
        p.panelEnd,
        p.a.values(),
        p.a.at(0, from),
        p.a.stride(),
        p.z.values(),
        p.z.offset(),
        p.z.stride());
  }

  private static void affine(
      Kernels kernels,
      ProductCase p,
      int firstRow,
      int rows,
      int depth,
      int panelBegin,
      int panelEnd) {
    kernels.affine(
        rows,
        p.w,
        depth,
        panelBegin,
        panelEnd,
        p.a.values(),
        p.a.at(firstRow, 0),
        p.a.stride(),
        p.z.values(),
        p.z.at(firstRow, 0),
        p.z.stride());
  }

  private static void accumulateLookup(Kernels kernels, ProductCase p, int begin, int end) {
    kernels.accumulateLookup(
        end - begin,
        p.panelBegin,
        p.panelEnd,
        p.index,
        p.indexOffset + begin,
        p.z.values(),
        p.z.at(begin, 0),
        p.z.stride(),
        p.w);
  }

  private static void forward(
      Kernels kernels, GateCase g, int firstRow, int rows, int blockBegin, int blockEnd) {
    kernels.lstmForward(
        rows,
        blockBegin,
        blockEnd,
        g.cPrevious.values(),
        g.cPrevious.at(firstRow, 0),
        g.c.values(),
        g.c.at(firstRow, 0),
        g.stride,
        g.tanhC.values(),
        g.tanhC.at(firstRow, 0),
        g.h.values(),
        g.h.at(firstRow, 0),
        g.z.values(),
        g.z.at(firstRow, 0),
        g.z.stride());
  }
}
