package org.lanewise.properties;

import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;

/** The kernels of peepholes have the same bits on lanes and without. */
@Tag("bits")
@Domain(Generators.class)
@AddLifecycleHook(AllKernels.NeedsVectors.class)
class PeepholeKernelTest {

  /** The operands of an LSTM's gates, and peepholes. */
  private static final class Operands {
    final GateCase gates;
    final Packed peephole;

    Operands(KernelCase c) {
      gates = new GateCase(c);
      peephole = new Packed(0, 3 * gates.units);
      Matrix drawn = Matrix.draw(c.random(), c.values(), 1, 3 * gates.units);
      System.arraycopy(
          drawn.values(), drawn.offset(), peephole.values(), 0, peephole.values().length);
    }

    Matrix[] matrices() {
      return new Matrix[] {
        gates.z, gates.cPrevious, gates.c, gates.tanhC, gates.h, gates.dh, gates.dc
      };
    }
  }

  @Property
  void peepholeForward(@ForAll KernelCase c) {
    same(
        c,
        (kernels, o) ->
            kernels.peepholeForward(
                o.gates.rows,
                o.gates.blockBegin,
                o.gates.blockEnd,
                o.peephole,
                o.gates.cPrevious.values(),
                o.gates.cPrevious.offset(),
                o.gates.c.values(),
                o.gates.c.offset(),
                o.gates.stride,
                o.gates.tanhC.values(),
                o.gates.tanhC.offset(),
                o.gates.h.values(),
                o.gates.h.offset(),
                o.gates.z.values(),
                o.gates.z.offset(),
                o.gates.z.stride()));
  }

  @Property
  void peepholeBackward(@ForAll KernelCase c) {
    same(
        c,
        (kernels, o) ->
            kernels.peepholeBackward(
                o.gates.rows,
                o.gates.blockBegin,
                o.gates.blockEnd,
                o.peephole,
                o.gates.dh.values(),
                o.gates.dh.offset(),
                o.gates.dh.stride(),
                o.gates.cPrevious.values(),
                o.gates.cPrevious.offset(),
                o.gates.stride,
                o.gates.tanhC.values(),
                o.gates.tanhC.offset(),
                o.gates.dc.values(),
                o.gates.dc.offset(),
                o.gates.z.values(),
                o.gates.z.offset(),
                o.gates.z.stride()));
  }

  @Property
  void accumulateScale(@ForAll KernelCase c) {
    SplittableRandom random = c.random();
    Matrix a = Matrix.draw(random, c.values(), c.rows(), Packed.BLOCK);
    Matrix dz = Matrix.draw(random, c.values(), c.rows(), Packed.BLOCK);
    Matrix before = Matrix.draw(random, c.values(), 1, Packed.BLOCK);
    Matrix plain = before.copy();
    Matrix vector = before.copy();
    scale(AllKernels.PLAIN, c.rows(), a, dz, plain);
    scale(AllKernels.vector(), c.rows(), a, dz, vector);
    Bits.same(c, "g", plain.values(), vector.values());
    Bits.sameOutside(
        c, "g untouched", before.region(1, 0, Packed.BLOCK), before.values(), plain.values());
  }

  private static void scale(Kernels kernels, int rows, Matrix a, Matrix dz, Matrix g) {
    kernels.accumulateScale(
        rows,
        a.values(),
        a.offset(),
        a.stride(),
        dz.values(),
        dz.offset(),
        dz.stride(),
        g.values(),
        g.offset());
  }

  private static void same(KernelCase c, BiConsumer<Kernels, Operands> call) {
    Operands plain = new Operands(c);
    Operands vector = new Operands(c);
    call.accept(AllKernels.PLAIN, plain);
    call.accept(AllKernels.vector(), vector);
    for (int i = 0; i < plain.matrices().length; i++) {
      Bits.same(c, "matrix " + i, plain.matrices()[i].values(), vector.matrices()[i].values());
    }
  }
}
