package org.lanewise.graph;

import java.util.Arrays;

/**
 * Matrix products. Every element is one chain of fused multiply-adds, inputs in ascending order,
 * from C when {@code alpha} and {@code beta} are 1, else from +0.
 *
 * <p>{@code Y = A B}, the outer dimensions broadcast; or, with {@code gemm}, {@code Y = alpha op(A)
 * op(B) + beta C} of matrices, C optional and broadcast.
 *
 * @param gemm whether this is ONNX's Gemm and not its MatMul
 * @param alpha factor of the product; 1 for MatMul
 * @param beta factor of C; 1 for MatMul
 * @param transA whether A is transposed; false for MatMul
 * @param transB whether B is transposed; false for MatMul
 */
public record Products(boolean gemm, float alpha, float beta, boolean transA, boolean transB)
    implements Operator {

  /**
   * The product of ONNX's MatMul.
   *
   * @return {@code Y = A B}
   */
  public static Products matMul() {
    return new Products(false, 1, 1, false, false);
  }

  @Override
  public Value[] run(Value... inputs) {
    return new Value[] {gemm ? gemm(inputs) : product(inputs[0], inputs[1], null)};
  }

  private Value gemm(Value... inputs) {
    requireMatrix("A", inputs[0]);
    requireMatrix("B", inputs[1]);
    Value a = transA ? transposed(inputs[0]) : inputs[0];
    Value b = transB ? transposed(inputs[1]) : inputs[1];
    Value c = inputs.length > 2 ? inputs[2] : null;
    if (alpha == 1 && (c == null || beta == 1)) {
      return product(a, b, c);
    }
    Value y = product(a, b, null);
    Value sum = c == null ? null : broadcast(c, y.shape);
    for (int i = 0; i < y.floats.length; i++) {
      float product = alpha * y.floats[i];
      y.floats[i] = sum == null ? product : product + beta * sum.floats[i];
    }
    return y;
  }

  /** A value of its own with the elements of C. */
  private static Value broadcast(Value c, int... shape) {
    c.numbers("C");
    if (!Arrays.equals(Shapes.broadcast(c.shape, shape), shape)) {
      throw new IllegalArgumentException(
          "C " + c + ", expected to broadcast to " + Arrays.toString(shape));
    }
    return Shapes.pick(c, Shapes.places(0, Shapes.strides(c.shape, shape), shape), shape);
  }

  private static void requireMatrix(String what, Value value) {
    if (value.rank() != 2) {
      throw new IllegalArgumentException(what + " " + value + ", expected a matrix");
    }
  }

  private static Value transposed(Value matrix) {
    return new Reshaping(Reshaping.Kind.TRANSPOSE, false, 1, 0).run(matrix)[0];
  }

  /** {@code A B + C}, C null for none. */
  static Value product(Value a, Value b, Value c) {
    if (a.rank() == 0 || b.rank() == 0) {
      throw new IllegalArgumentException(a + " and " + b + ", expected vectors or matrices");
    }
    int[] left = a.rank() == 1 ? new int[] {1, a.shape[0]} : a.shape;
    int[] right = b.rank() == 1 ? new int[] {b.shape[0], 1} : b.shape;
    int rows = left[left.length - 2];
    int depth = left[left.length - 1];
    int columns = right[right.length - 1];
    if (depth != right[right.length - 2]) {
      throw new IllegalArgumentException(a + " and " + b + ", expected equal inner dimensions");
    }
    int[] leftOuter = Arrays.copyOf(left, left.length - 2);
    int[] rightOuter = Arrays.copyOf(right, right.length - 2);
    int[] outer = Shapes.broadcast(leftOuter, rightOuter);
    int[] shape = Arrays.copyOf(outer, outer.length + 2);
    shape[outer.length] = rows;
    shape[outer.length + 1] = columns;
    Value y = c == null ? Value.zeros(false, shape) : broadcast(c, shape);
    int[] aAt = Shapes.places(0, Shapes.strides(leftOuter, outer), outer);
    int[] bAt = Shapes.places(0, Shapes.strides(rightOuter, outer), outer);
    for (int i = 0; i < aAt.length; i++) {
      product(
          rows,
          depth,
          columns,
          a.numbers("A"),
          aAt[i] * rows * depth,
          b.numbers("B"),
          bAt[i] * depth * columns,
          y.floats,
          i * rows * columns);
    }
    if (a.rank() > 1 && b.rank() > 1) {
      return y;
    }
    int[] kept = outer;
    if (a.rank() > 1 || b.rank() > 1) {
      kept = Arrays.copyOf(outer, outer.length + 1);
      kept[outer.length] = a.rank() > 1 ? rows : columns;
    }
    return y.reshaped(kept);
  }

  private static void product(
      int rows,
      int depth,
      int columns,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] y,
      int yAt) {
    for (int row = 0; row < rows; row++) {
      int to = yAt + row * columns;
      for (int k = 0; k < depth; k++) {
        float factor = a[aAt + row * depth + k];
        int from = bAt + k * columns;
        for (int n = 0; n < columns; n++) {
          y[to + n] = Math.fma(factor, b[from + n], y[to + n]);
        }
      }
    }
  }

  @Override
  public int leastInputs() {
    return 2;
  }

  @Override
  public int mostInputs() {
    return gemm ? 3 : 2;
  }
}
