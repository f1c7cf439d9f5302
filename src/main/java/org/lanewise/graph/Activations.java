package org.lanewise.graph;

import java.util.List;
import org.lanewise.network.NetworkSpec;

/**
 * The activations that models of other libraries apply to their linear output, under Keras's names
 * and with its constants.
 */
public final class Activations {
  /** The name for no activation. */
  public static final String LINEAR = "linear";

  private static final List<String> NAMES =
      List.of(
          "softmax",
          "log_softmax",
          "sigmoid",
          "tanh",
          "relu",
          "elu",
          "hard_sigmoid",
          "leaky_relu",
          "softplus",
          "softsign");

  private Activations() {}

  /**
   * The operator of a name, over the last axis where it is over several values.
   *
   * @param name Keras's name, such as {@code softmax}
   * @return a {@link Softmax} or a {@link Unary}
   * @throws IllegalArgumentException if there is none of this name; also for {@value #LINEAR}
   */
  public static Operator of(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "activation behind the linear output: found " + name + ", expected one of " + NAMES);
    }
    return switch (name) {
      case "softmax", "log_softmax" -> new Softmax(-1, false, name.startsWith("log"));
      case "hard_sigmoid" -> new Unary(Nonlinearity.HARD_SIGMOID, 1 / 6f, 0.5f);
      case "leaky_relu" -> new Unary(Nonlinearity.LEAKY_RELU, 0.2f, 0);
      default -> new Unary(Nonlinearity.parse(name));
    };
  }

  /**
   * Checks that an activation can be written behind a network.
   *
   * @param name Keras's name, or {@value #LINEAR}
   * @param spec the network
   * @throws IllegalArgumentException if there is no activation of this name, or no linear output
   */
  public static void require(String name, NetworkSpec spec) {
    if (!name.equals(LINEAR)) {
      of(name);
      if (spec.outputSize() == 0) {
        throw new IllegalArgumentException(
            "activation " + name + ": found no linear output, expected one before it");
      }
    }
  }

  /** The name of an operator, whatever the axis, or null. */
  static String name(Operator operator) {
    Operator own = operator instanceof Softmax max ? new Softmax(-1, false, max.log()) : operator;
    return NAMES.stream().filter(name -> of(name).equals(own)).findAny().orElse(null);
  }

  /**
   * Some values after an activation.
   *
   * @param name Keras's name
   * @param values the linear output, left as it is
   * @return as many values
   * @throws IllegalArgumentException if there is no activation of this name
   */
  public static float[] apply(String name, float... values) {
    return of(name).run(new Value(values, values.length))[0].floats;
  }
}
