package org.lanewise.network;

import org.lanewise.kernel.Packed;

/**
 * What the first layer computes once for each distinct token of a window when an embedding is all
 * it reads, and not once for each time the token is there.
 *
 * <pre>
 * forward   P[v] = b + W_ih e_v           z[t] = P[token] + W_hh h'
 * backward  S[v] = Σ δz over all (half, t, row) with token v, as in LayerGradients
 *           δW_ih = Σ_v S[v] e_vᵀ         δe_v = W_ihᵀ S[v]             v ascending
 * </pre>
 *
 * <p>Forward, the bits are those of projecting each step. Backward, this order of summation is the
 * law of such an input, for any size of vocabulary.
 */
final class TokenProjection {
  /** Rows e_v of the table {@code [distinct][size]}. */
  final float[] x;

  /** Gradients of x; empty for inference. */
  final float[] dx;

  /** Row stride of x and dx. */
  final int xStride;

  /** P, for each direction {@code [distinct][columns]}. */
  final float[][] z;

  /** S, for each direction {@code [distinct][columns]}; empty for inference. */
  final float[][] dz;

  /** Row stride of z and dz. */
  final int zStride;

  /**
   * Room for a window.
   *
   * @param rows the largest number of distinct tokens
   * @param size length of an embedding
   * @param columns packed columns of the first layer
   * @param directions one or two
   * @param training whether there are gradients
   */
  TokenProjection(int rows, int size, int columns, int directions, boolean training) {
    this.xStride = Packed.stride(size);
    this.zStride = Packed.stride(columns);
    this.x = new float[Math.multiplyExact(rows, xStride)];
    this.dx = new float[training ? x.length : 0];
    this.z = new float[directions][Math.multiplyExact(rows, zStride)];
    this.dz = new float[directions][training ? rows * zStride : 0];
  }

  /** Bytes of the arrays. */
  static long bytes(long rows, int size, int columns, int directions, boolean training) {
    long row = Packed.stride(size) + (long) directions * Packed.stride(columns);
    return Float.BYTES * rows * row * (training ? 2 : 1);
  }
}
