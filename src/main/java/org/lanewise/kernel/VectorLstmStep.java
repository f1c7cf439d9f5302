package org.lanewise.kernel;

import static org.lanewise.kernel.Packed.BLOCK;
import static org.lanewise.kernel.Packed.PANEL;
import static org.lanewise.kernel.VectorTiles.S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Kernels#lstmStep} on the Vector API for layers of one group: product and gates in one, so
 * that the sums of the input gate and of the candidate do not go through memory between them. Such
 * a step waits for results and not for units: with one input, one of 8 units takes 57 ns so and not
 * 63, one of 16 units 70 and not 75 (AMD Zen 5). Half of that is due to the short list of
 * arguments: the loop over the weights fills the front end of the core, and every instruction
 * counts.
 *
 * <p>The gates are those of {@link VectorGates}. Only the first sigmoid begins with a register, the
 * one that the others have to wait for: a loop that hands on all of them in registers makes C2
 * allocate an object for each. Nor can the product be unrolled: with four more loads, C2 no longer
 * inlines the second activation, see {@link VectorMath}.
 */
final class VectorLstmStep {
  private VectorLstmStep() {}

  static void run(
      StepWeights w,
      int inputs,
      float[] x,
      int x0,
      int hidden,
      float[] h,
      float[] c,
      int before,
      int after,
      float[] tanhC,
      float[] z) {
    MemorySegment values = w.values;
    float[] biases = w.packed.values();
    FloatVector zi = FloatVector.fromArray(S, biases, 0);
    FloatVector zf = FloatVector.fromArray(S, biases, BLOCK);
    FloatVector zg = FloatVector.fromArray(S, biases, 2 * BLOCK);
    FloatVector zo = FloatVector.fromArray(S, biases, 3 * BLOCK);
    float[] a = x;
    int a0 = x0;
    int depth = inputs;
    long at = 4L * PANEL;
    for (int part = 0; part < 2; part++) {
      int k = a0;
      for (long end = at + depth * (4L * PANEL); at != end; at += 4L * PANEL) {
        FloatVector v = FloatVector.broadcast(S, a[k++]);
        zi = v.fma(VectorStep.floats(values, at), zi);
        zf = v.fma(VectorStep.floats(values, at + 4L * BLOCK), zf);
        zg = v.fma(VectorStep.floats(values, at + 8L * BLOCK), zg);
        zo = v.fma(VectorStep.floats(values, at + 12L * BLOCK), zo);
      }
      a = h;
      a0 = before;
      depth = hidden;
    }
    zf.intoArray(z, BLOCK);
    zo.intoArray(z, 3 * BLOCK);
    FloatVector y = zi;
    for (int gate = 0; gate < 3; gate++) {
      VectorMath.sigmoid(y).intoArray(z, (gate < 2 ? gate : gate + 1) * BLOCK);
      y = FloatVector.fromArray(S, z, (gate < 1 ? 1 : 3) * BLOCK);
    }
    y = zg;
    for (int part = 0; part < 2; part++) {
      FloatVector t = VectorMath.tanh(y);
      if (part == 0) {
        FloatVector i = FloatVector.fromArray(S, z, 0);
        FloatVector f = FloatVector.fromArray(S, z, BLOCK);
        t.intoArray(z, 2 * BLOCK);
        y = f.fma(FloatVector.fromArray(S, c, before), i.mul(t));
        y.intoArray(c, after);
      } else {
        FloatVector o = FloatVector.fromArray(S, z, 3 * BLOCK);
        t.intoArray(tanhC, 0);
        o.mul(t).intoArray(h, after);
      }
    }
  }
}
