package org.lanewise.kernel;

import static org.lanewise.kernel.VectorTiles.N;
import static org.lanewise.kernel.VectorTiles.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link RowKernels} on the Vector API. */
final class VectorRows implements RowKernels {

  @Override
  public void add(int n, float[] x, int xOffset, float[] y, int yOffset, float[] z, int zOffset) {
    for (int i = 0; i < n; i += N) {
      FloatVector.fromArray(S, x, xOffset + i)
          .add(FloatVector.fromArray(S, y, yOffset + i))
          .intoArray(z, zOffset + i);
    }
  }

  @Override
  public void scale(int n, float factor, float[] x, int offset) {
    for (int i = 0; i < n; i += N) {
      FloatVector.fromArray(S, x, offset + i).mul(factor).intoArray(x, offset + i);
    }
  }

  @Override
  public float max(int n, float[] x, int offset) {
    FloatVector max = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < n; i += N) {
      max = max.max(FloatVector.fromArray(S, x, offset + i));
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  @Override
  public void expShifted(int n, float shift, float[] x, int offset) {
    for (int i = 0; i < n; i += N) {
      VectorMath.exp(FloatVector.fromArray(S, x, offset + i).sub(shift)).intoArray(x, offset + i);
    }
  }

  @Override
  public float sum(int n, float[] x, int offset) {
    return N == 16 ? sum16(n, x, offset) : N == 8 ? sum8(n, x, offset) : sum4(n, x, offset);
  }

  private static float sum16(int n, float[] x, int offset) {
    FloatVector p = FloatVector.zero(S);
    for (int i = 0; i < n; i += 16) {
      p = p.add(FloatVector.fromArray(S, x, offset + i));
    }
    return Reductions.combine(
        p.lane(0) + p.lane(8),
        p.lane(1) + p.lane(9),
        p.lane(2) + p.lane(10),
        p.lane(3) + p.lane(11),
        p.lane(4) + p.lane(12),
        p.lane(5) + p.lane(13),
        p.lane(6) + p.lane(14),
        p.lane(7) + p.lane(15));
  }

  /** With fewer lanes, the partial sums lie in several vectors and the first levels add those. */
  private static float sum8(int n, float[] x, int offset) {
    FloatVector p = FloatVector.zero(S);
    FloatVector q = p;
    for (int i = 0; i < n; i += 16) {
      p = p.add(FloatVector.fromArray(S, x, offset + i));
      q = q.add(FloatVector.fromArray(S, x, offset + i + 8));
    }
    p = p.add(q);
    return Reductions.combine(
        p.lane(0) + p.lane(4), p.lane(1) + p.lane(5), p.lane(2) + p.lane(6), p.lane(3) + p.lane(7));
  }

  private static float sum4(int n, float[] x, int offset) {
    FloatVector p = FloatVector.zero(S);
    FloatVector q = p;
    FloatVector r = p;
    FloatVector s = p;
    for (int i = 0; i < n; i += 16) {
      p = p.add(FloatVector.fromArray(S, x, offset + i));
      q = q.add(FloatVector.fromArray(S, x, offset + i + 4));
      r = r.add(FloatVector.fromArray(S, x, offset + i + 8));
      s = s.add(FloatVector.fromArray(S, x, offset + i + 12));
    }
    p = p.add(r).add(q.add(s));
    return Reductions.combine(p.lane(0), p.lane(1), p.lane(2), p.lane(3));
  }
}
