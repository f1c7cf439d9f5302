package org.lanewise.properties;

import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.lanewise.kernel.Activation;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;
import org.lanewise.kernel.Packed;
import org.lanewise.kernel.PlainKernels;

/** The gates of GRU and vanilla RNN have the same bits on lanes and without. */
@Tag("bits")
class RecurrentCellKernelTest {

  @Property(tries = 300)
  void rnnForward(
      @ForAll Activation activation,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 9) int blocks,
      @ForAll long seed) {
    same(
        seed,
        rows,
        blocks,
        (kernels, c) ->
            kernels.rnnForward(
                activation,
                rows,
                c.blockBegin,
                c.blockEnd,
                c.z,
                c.zOffset,
                c.zStride,
                c.h,
                c.offset,
                c.stride));
  }

  @Property(tries = 300)
  void rnnBackward(
      @ForAll Activation activation,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 9) int blocks,
      @ForAll long seed) {
    same(
        seed,
        rows,
        blocks,
        (kernels, c) ->
            kernels.rnnBackward(
                activation,
                rows,
                c.blockBegin,
                c.blockEnd,
                c.h,
                c.offset,
                c.dh,
                c.offset,
                c.stride,
                c.z,
                c.zOffset,
                c.zStride));
  }

  @Property(tries = 300)
  void gruForward(
      @ForAll boolean inPlace,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 9) int blocks,
      @ForAll long seed) {
    same(
        seed,
        rows,
        blocks,
        (kernels, c) ->
            kernels.gruForward(
                rows,
                c.blockBegin,
                c.blockEnd,
                inPlace ? c.h : c.hPrevious,
                c.offset,
                c.h,
                c.offset,
                c.stride,
                c.z,
                c.zOffset,
                c.zStride));
  }

  @Property(tries = 300)
  void gruBackward(
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 9) int blocks,
      @ForAll long seed) {
    same(
        seed,
        rows,
        blocks,
        (kernels, c) ->
            kernels.gruBackward(
                rows,
                c.blockBegin,
                c.blockEnd,
                c.hPrevious,
                c.offset,
                c.dh,
                c.offset,
                c.stride,
                c.dhPrevious,
                c.offset,
                c.z,
                c.zOffset,
                c.zStride));
  }

  /** Runs a kernel of both implementations on equal operands and compares all arrays. */
  private static void same(long seed, int rows, int blocks, BiConsumer<Kernels, Operands> kernel) {
    Operands plain = new Operands(seed, rows, blocks);
    Operands vector = new Operands(seed, rows, blocks);
    kernel.accept(new PlainKernels(), plain);
    kernel.accept(KernelProvider.kernels(), vector);
    Bits.same("seed " + seed, "h'", plain.hPrevious, vector.hPrevious);
    Bits.same("seed " + seed, "h", plain.h, vector.h);
    Bits.same("seed " + seed, "dh", plain.dh, vector.dh);
    Bits.same("seed " + seed, "dh'", plain.dhPrevious, vector.dhPrevious);
    Bits.same("seed " + seed, "z", plain.z, vector.z);
  }

  /** Everything that the gates read and write, some of it NaN, infinite or zero. */
  private static final class Operands {
    final SplittableRandom random;
    final int blockBegin;
    final int blockEnd;
    final int offset;
    final int stride;
    final int zOffset;
    final int zStride;
    final float[] hPrevious;
    final float[] h;
    final float[] dh;
    final float[] dhPrevious;
    final float[] z;

    Operands(long seed, int rows, int blocks) {
      random = new SplittableRandom(seed);
      blockBegin = random.nextInt(blocks);
      blockEnd = random.nextInt(blockBegin, blocks) + 1;
      offset = random.nextInt(20);
      stride = blocks * Packed.BLOCK + random.nextInt(20);
      zOffset = random.nextInt(20);
      zStride = blocks * Packed.PANEL + random.nextInt(20);
      hPrevious = draw(offset + rows * stride);
      h = draw(offset + rows * stride);
      dh = draw(offset + rows * stride);
      dhPrevious = draw(offset + rows * stride);
      z = draw(zOffset + rows * zStride);
    }

    private float[] draw(int n) {
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] =
            switch (random.nextInt(12)) {
              case 0 -> Float.intBitsToFloat(random.nextInt());
              case 1 -> random.nextBoolean() ? 0f : -0f;
              default -> (float) (8 * random.nextDouble() - 4);
            };
      }
      return values;
    }
  }
}
