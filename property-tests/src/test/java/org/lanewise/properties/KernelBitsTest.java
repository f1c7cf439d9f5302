package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;

/**
 * The Vector API gives the bits of plain Java, for every kernel, and neither writes where it should
 * not. A property has the name of its kernel.
 */
@Tag("bits")
@Domain(Generators.class)
@AddLifecycleHook(AllKernels.NeedsVectors.class)
class KernelBitsTest {

  @Property
  void affine(@ForAll KernelCase c) {
    products(
        c,
        (kernels, p) ->
            kernels.affine(
                p.rows,
                p.w,
                p.depth,
                p.panelBegin,
                p.panelEnd,
                p.a.values(),
                p.a.offset(),
                p.a.stride(),
                p.z.values(),
                p.z.offset(),
                p.z.stride()),
        ProductCase::zRegion,
        p -> new BitSet());
  }

  @Property
  void product(@ForAll KernelCase c) {
    products(
        c,
        (kernels, p) ->
            kernels.product(
                p.rows,
                p.w,
                p.firstInput,
                p.depth,
                p.panelBegin,
                p.panelEnd,
                p.a.values(),
                p.a.offset(),
                p.a.stride(),
                p.z.values(),
                p.z.offset(),
                p.z.stride()),
        ProductCase::zRegion,
        p -> new BitSet());
  }

  @Property
  void lookup(@ForAll KernelCase c) {
    products(
        c,
        (kernels, p) ->
            kernels.lookup(
                p.rows,
                p.w,
                p.panelBegin,
                p.panelEnd,
                p.index,
                p.indexOffset,
                p.z.values(),
                p.z.offset(),
                p.z.stride()),
        ProductCase::zRegion,
        p -> new BitSet());
  }

  @Property
  void accumulateOuter(@ForAll KernelCase c) {
    products(
        c,
        (kernels, p) ->
            kernels.accumulateOuter(
                p.rows,
                p.firstInput,
                p.depth,
                p.panelBegin,
                p.panelEnd,
                p.a.values(),
                p.a.offset(),
                p.a.stride(),
                p.z.values(),
                p.z.offset(),
                p.z.stride(),
                p.w),
        p -> new BitSet(),
        p -> p.wRegion(1 + p.firstInput, 1 + p.firstInput + p.depth));
  }

  /** More rows than the kernel sums at once. */
  @Property(tries = 20)
  void accumulateOuterOfManyRows(@ForAll KernelCase c) {
    accumulateOuter(
        new KernelCase(110 + 9 * c.rows(), c.depth() % 9, c.columns(), c.values(), c.seed()));
  }

  @Property
  void accumulateLookup(@ForAll KernelCase c) {
    products(
        c,
        (kernels, p) ->
            kernels.accumulateLookup(
                p.rows,
                p.panelBegin,
                p.panelEnd,
                p.index,
                p.indexOffset,
                p.z.values(),
                p.z.offset(),
                p.z.stride(),
                p.w),
        p -> new BitSet(),
        p -> p.wRegion(1, 1 + p.w.depth()));
  }

  @Property
  void accumulateBias(@ForAll KernelCase c) {
    products(
        c,
        (kernels, p) ->
            kernels.accumulateBias(
                p.rows, p.panelBegin, p.panelEnd, p.z.values(), p.z.offset(), p.z.stride(), p.w),
        p -> new BitSet(),
        p -> p.wRegion(0, 1));
  }

  @Property
  void lstmForward(@ForAll KernelCase c) {
    gates(
        c,
        (kernels, g) ->
            kernels.lstmForward(
                g.rows,
                g.blockBegin,
                g.blockEnd,
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
                g.z.stride()),
        g -> Set.of(g.c, g.tanhC, g.h));
  }

  @Property
  void lstmBackward(@ForAll KernelCase c) {
    gates(
        c,
        (kernels, g) ->
            kernels.lstmBackward(
                g.rows,
                g.blockBegin,
                g.blockEnd,
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
                g.z.stride()),
        g -> Set.of(g.dc));
  }

  @Property
  void softmax(@ForAll KernelCase c) {
    Matrix before = logits(c);
    Matrix plain = before.copy();
    Matrix vector = before.copy();
    AllKernels.PLAIN.softmax(c.rows(), c.columns(), plain.values(), plain.offset(), plain.stride());
    AllKernels.vector()
        .softmax(c.rows(), c.columns(), vector.values(), vector.offset(), vector.stride());
    Bits.same(c, "y", plain.values(), vector.values());
    BitSet written = before.region(c.rows(), 0, Packed.padded(c.columns()));
    Bits.sameOutside(c, "y untouched", written, before.values(), plain.values());
  }

  @Property
  void softmaxCrossEntropy(@ForAll KernelCase c) {
    Matrix before = logits(c);
    int[] targets = new SplittableRandom(c.seed()).ints(c.rows() + 3, -1, c.columns()).toArray();
    float scale = 1f / (1 + Math.floorMod(c.seed(), 7));
    Matrix plain = before.copy();
    double[] plainLosses = new double[c.rows() + 5];
    Matrix vector = before.copy();
    double[] vectorLosses = plainLosses.clone();
    crossEntropy(AllKernels.PLAIN, c, targets, scale, plainLosses, plain);
    crossEntropy(AllKernels.vector(), c, targets, scale, vectorLosses, vector);
    Bits.same(c, "y", plain.values(), vector.values());
    Bits.same(c, "losses", plainLosses, vectorLosses);
    BitSet written = before.region(c.rows(), 0, Packed.padded(c.columns()));
    Bits.sameOutside(c, "y untouched", written, before.values(), plain.values());
    BitSet losses = new BitSet();
    losses.set(2, 2 + c.rows());
    Bits.sameOutside(c, "losses untouched", losses, new double[c.rows() + 5], plainLosses);
  }

  private static void crossEntropy(
      Kernels kernels, KernelCase c, int[] targets, float scale, double[] losses, Matrix y) {
    kernels.softmaxCrossEntropy(
        c.rows(), c.columns(), targets, 3, scale, losses, 2, y.values(), y.offset(), y.stride());
  }

  private static Matrix logits(KernelCase c) {
    return Matrix.draw(c.random(), c.values(), c.rows(), Packed.padded(c.columns()));
  }

  @Property
  void accumulateSquares(@ForAll KernelCase c) {
    Matrix x = logits(c);
    int n = c.random().nextInt(x.values().length - x.offset() + 1);
    double[] plain = new SplittableRandom(c.seed()).doubles(19).toArray();
    double[] before = plain.clone();
    double[] vector = plain.clone();
    AllKernels.PLAIN.accumulateSquares(n, x.values(), x.offset(), plain, 2);
    AllKernels.vector().accumulateSquares(n, x.values(), x.offset(), vector, 2);
    Bits.same(c, "partial sums", plain, vector);
    BitSet written = new BitSet();
    written.set(2, 18);
    Bits.sameOutside(c, "untouched", written, before, plain);
  }

  /** What the norm of a gradient that is zero in most places relies on. */
  @Property
  void accumulateSquaresOfManyRows(@ForAll KernelCase c) {
    float[] x = c.values().array(c.random(), 16 * (1 + c.depth()));
    SplittableRandom random = c.random();
    double[] whole = new double[16];
    double[] parts = new double[16];
    for (int group = 0; group < x.length; group += 16) {
      if (random.nextBoolean()) {
        Arrays.fill(x, group, group + 16, 0f);
      } else {
        AllKernels.vector().accumulateSquares(16, x, group, parts, 0);
      }
    }
    AllKernels.vector().accumulateSquares(x.length, x, 0, whole, 0);
    Bits.same(c, "partial sums without the zeros", whole, parts);
  }

  @Property
  void sumOfPartials(@ForAll KernelCase c) {
    double[] partials = c.random().doubles(20).toArray();
    double vector = AllKernels.vector().sumOfPartials(partials.clone(), 3);
    Bits.same(c, "sum", AllKernels.PLAIN.sumOfPartials(partials, 3), vector);
  }

  @Property
  void accumulateRows(@ForAll KernelCase c) {
    Matrix dz = logits(c);
    Matrix before = Matrix.draw(c.random(), c.values(), 7, Packed.padded(c.columns()));
    Matrix plain = before.copy();
    Matrix vector = before.copy();
    SplittableRandom random = c.random();
    int[] index = random.ints(c.rows() + 3, 0, 7).toArray();
    int blocks = Packed.padded(c.columns()) / Packed.BLOCK;
    int begin = random.nextInt(blocks + 1) * Packed.BLOCK;
    int end = random.nextInt(begin / Packed.BLOCK, blocks + 1) * Packed.BLOCK;
    accumulateRows(AllKernels.PLAIN, c, begin, end, index, dz, plain);
    accumulateRows(AllKernels.vector(), c, begin, end, index, dz, vector);
    Bits.same(c, "s", plain.values(), vector.values());
    BitSet written = before.region(7, begin, end);
    Bits.sameOutside(c, "s untouched", written, before.values(), plain.values());
  }

  private static void accumulateRows(
      Kernels kernels, KernelCase c, int begin, int end, int[] index, Matrix dz, Matrix s) {
    kernels.accumulateRows(
        c.rows(),
        begin,
        end,
        index,
        3,
        dz.values(),
        dz.offset(),
        dz.stride(),
        s.values(),
        s.offset(),
        s.stride());
  }

  @Property
  void sgd(@ForAll KernelCase c) {
    updates(c, (kernels, u) -> kernels.sgd(u.n, u.factor, u.decay, 0.3f, u.g, u.p, u.offset));
  }

  @Property
  void momentum(@ForAll KernelCase c) {
    updates(
        c,
        (kernels, u) ->
            kernels.momentum(u.n, u.factor, u.decay, 0.3f, 0.9f, u.g, u.m, u.p, u.offset));
  }

  @Property
  void adam(@ForAll KernelCase c) {
    updates(
        c,
        (kernels, u) -> {
          for (int i = 0; i < u.v.length; i++) {
            u.v[i] = Math.abs(u.v[i]);
          }
          kernels.adam(
              u.n, u.factor, u.decay, 0.3f, 0.1f, 0.999f, 0.001f, 1.7f, 1e-8f, u.g, u.m, u.v, u.p,
              u.offset);
        });
  }

  /** Operands of an update. */
  private static final class Update {
    final int offset;
    final int n;
    final float factor;
    final float decay;
    final float[] g;
    final float[] m;
    final float[] v;
    final float[] p;

    Update(KernelCase c) {
      SplittableRandom random = c.random();
      this.offset = random.nextInt(20);
      this.n = random.nextInt(c.columns() + 1);
      this.factor = random.nextBoolean() ? 1f : (float) random.nextDouble();
      this.decay = random.nextBoolean() ? 0f : (float) random.nextDouble();
      int length = offset + n + random.nextInt(20);
      this.g = c.values().array(random, length);
      this.m = c.values().array(random, length);
      this.v = c.values().array(random, length);
      this.p = c.values().array(random, length);
    }
  }

  private static void updates(KernelCase c, BiConsumer<Kernels, Update> call) {
    Update before = new Update(c);
    Update plain = new Update(c);
    Update vector = new Update(c);
    call.accept(AllKernels.PLAIN, plain);
    call.accept(AllKernels.vector(), vector);
    Bits.same(c, "p", plain.p, vector.p);
    Bits.same(c, "m", plain.m, vector.m);
    Bits.same(c, "v", plain.v, vector.v);
    Bits.same(c, "g", before.g, vector.g);
    BitSet written = new BitSet();
    written.set(before.offset, before.offset + before.n);
    Bits.sameOutside(c, "p untouched", written, before.p, plain.p);
    Bits.sameOutside(c, "m untouched", written, before.m, plain.m);
  }

  @Property
  void exp(@ForAll KernelCase c) {
    elements(c, Kernels::exp);
  }

  @Property
  void sigmoid(@ForAll KernelCase c) {
    elements(c, Kernels::sigmoid);
  }

  @Property
  void tanh(@ForAll KernelCase c) {
    elements(c, Kernels::tanh);
  }

  @Example
  void everyKernelHasItsProperty() {
    assertEquals(
        Arrays.stream(Kernels.class.getDeclaredMethods())
            .map(method -> method.getName())
            .collect(Collectors.toSet()),
        Stream.of(
                KernelBitsTest.class,
                RecurrentCellKernelTest.class,
                PeepholeKernelTest.class,
                StepKernelTest.class)
            .flatMap(test -> Arrays.stream(test.getDeclaredMethods()))
            .filter(method -> method.isAnnotationPresent(Property.class))
            .map(method -> method.getName())
            .filter(name -> !name.endsWith("OfManyRows"))
            .collect(Collectors.toSet()));
  }

  private static void products(
      KernelCase c,
      BiConsumer<Kernels, ProductCase> call,
      Function<ProductCase, BitSet> zWritten,
      Function<ProductCase, BitSet> wWritten) {
    ProductCase before = new ProductCase(c);
    ProductCase plain = new ProductCase(c);
    ProductCase vector = new ProductCase(c);
    call.accept(AllKernels.PLAIN, plain);
    call.accept(AllKernels.vector(), vector);
    Bits.same(before, "z", plain.z.values(), vector.z.values());
    Bits.same(before, "w", plain.w.values(), vector.w.values());
    Bits.same(before, "a", before.a.values(), vector.a.values());
    Bits.sameOutside(
        before, "z untouched", zWritten.apply(before), before.z.values(), plain.z.values());
    Bits.sameOutside(
        before, "w untouched", wWritten.apply(before), before.w.values(), plain.w.values());
  }

  private static void gates(
      KernelCase c, BiConsumer<Kernels, GateCase> call, Function<GateCase, Set<Matrix>> written) {
    GateCase before = new GateCase(c);
    GateCase plain = new GateCase(c);
    GateCase vector = new GateCase(c);
    call.accept(AllKernels.PLAIN, plain);
    call.accept(AllKernels.vector(), vector);
    Bits.same(before, "z", plain.z.values(), vector.z.values());
    Bits.sameOutside(before, "z untouched", before.zRegion(), before.z.values(), plain.z.values());
    String[] names = {"c'", "c", "tanh c", "h", "dh", "dc"};
    for (int i = 0; i < names.length; i++) {
      Bits.same(before, names[i], states(plain)[i].values(), states(vector)[i].values());
      Matrix state = states(before)[i];
      BitSet places = written.apply(before).contains(state) ? before.region(state) : new BitSet();
      Bits.sameOutside(
          before, names[i] + " untouched", places, state.values(), states(plain)[i].values());
    }
  }

  private static Matrix[] states(GateCase g) {
    return new Matrix[] {g.cPrevious, g.c, g.tanhC, g.h, g.dh, g.dc};
  }

  /** An element-wise kernel. */
  private interface Elements {
    void apply(Kernels kernels, int n, float[] x, int xOffset, float[] y, int yOffset);
  }

  private static void elements(KernelCase c, Elements kernel) {
    SplittableRandom random = c.random();
    int n = random.nextInt(c.columns() + 1);
    Matrix x = Matrix.draw(random, c.values(), 1, n);
    boolean inPlace = random.nextInt(3) == 0;
    Matrix y = inPlace ? x : Matrix.draw(random, c.values(), 1, n);
    Matrix plain = y.copy();
    Matrix vector = y.copy();
    float[] plainX = inPlace ? plain.values() : x.values();
    float[] vectorX = inPlace ? vector.values() : x.values();
    kernel.apply(AllKernels.PLAIN, n, plainX, x.offset(), plain.values(), plain.offset());
    kernel.apply(AllKernels.vector(), n, vectorX, x.offset(), vector.values(), vector.offset());
    Bits.same(c, "y", plain.values(), vector.values());
    Bits.sameOutside(c, "y untouched", y.region(1, 0, n), y.values(), plain.values());
  }
}
