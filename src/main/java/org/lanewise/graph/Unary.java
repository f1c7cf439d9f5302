package org.lanewise.graph;

import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;

/**
 * {@code y = f(x)}, element by element.
 *
 * @param function f
 * @param alpha its first parameter
 * @param beta its second parameter
 */
public record Unary(Nonlinearity function, float alpha, float beta) implements Operator {
  /**
   * A function with its usual parameters.
   *
   * @param function f
   */
  public Unary(Nonlinearity function) {
    this(function, function.alpha(), function.beta());
  }

  @Override
  public Value[] run(Value... inputs) {
    float[] x = inputs[0].numbers("input");
    Value y = Value.zeros(false, inputs[0].shape);
    Kernels kernels = KernelProvider.kernels();
    switch (function) {
      case SIGMOID -> kernels.sigmoid(x.length, x, 0, y.floats, 0);
      case TANH -> kernels.tanh(x.length, x, 0, y.floats, 0);
      case EXP -> kernels.exp(x.length, x, 0, y.floats, 0);
      default -> {
        for (int i = 0; i < x.length; i++) {
          y.floats[i] = function.apply(x[i], alpha, beta);
        }
      }
    }
    return new Value[] {y};
  }

  @Override
  public int leastInputs() {
    return 1;
  }

  @Override
  public int mostInputs() {
    return 1;
  }
}
