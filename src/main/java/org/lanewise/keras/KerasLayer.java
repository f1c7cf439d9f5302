package org.lanewise.keras;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** One layer between the input and the output of a model, under the names that Keras gives it. */
sealed interface KerasLayer {

  /** The name that the configuration gives the layer. */
  String name();

  /** The class of the layer in Keras. */
  String className();

  /** The class as Keras writes it in paths of weights: {@code SimpleRNN} is {@code simple_rnn}. */
  default String pathName() {
    return className()
        .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
        .replaceAll("([a-z])([A-Z])", "$1_$2")
        .toLowerCase(Locale.ROOT);
  }

  /** Values of the output at each step, given those of the input. */
  int width(int inputWidth);

  /** The variables, in the order of their paths. */
  default List<Variable> variables(int inputWidth) {
    return List.of();
  }

  /** A variable, and the path to it from that of its layer. */
  record Variable(String path, List<Integer> shape) {}

  /** Rows of a table, one for each token. */
  record Embedding(String name, int tokens, int size) implements KerasLayer {
    @Override
    public String className() {
      return "Embedding";
    }

    @Override
    public int width(int inputWidth) {
      return size;
    }

    @Override
    public List<Variable> variables(int inputWidth) {
      return List.of(new Variable("vars/0", List.of(tokens, size)));
    }
  }

  /** The recurrent cells of Keras; gates in the order of its kernels. */
  enum Kind {
    /** One gate. */
    SIMPLE_RNN("SimpleRNN", 1),
    /** Gates i f c o. */
    LSTM("LSTM", 4),
    /** Gates z r h. */
    GRU("GRU", 3);

    final String className;
    final int gates;

    Kind(String className, int gates) {
      this.className = className;
      this.gates = gates;
    }
  }

  /**
   * One recurrent layer in one direction.
   *
   * @param recurrentActivation of the gates; empty for a cell that has none
   * @param resetAfter whether the reset gate of a GRU works on the product and not on the state
   * @param sequences whether the output has all steps, in the order in which they were computed,
   *     and not the last alone
   * @param backwards whether the steps are computed from the last to the first
   */
  record Recurrent(
      String name,
      Kind kind,
      int units,
      String activation,
      String recurrentActivation,
      boolean bias,
      boolean resetAfter,
      boolean sequences,
      boolean backwards)
      implements KerasLayer {
    @Override
    public String className() {
      return kind.className;
    }

    @Override
    public int width(int inputWidth) {
      return units;
    }

    @Override
    public List<Variable> variables(int inputWidth) {
      int rows = kind.gates * units;
      Variable kernel = new Variable("cell/vars/0", List.of(inputWidth, rows));
      Variable recurrent = new Variable("cell/vars/1", List.of(units, rows));
      return bias
          ? List.of(kernel, recurrent, new Variable("cell/vars/2", biasShape(rows)))
          : List.of(kernel, recurrent);
    }

    private List<Integer> biasShape(int rows) {
      return kind == Kind.GRU && resetAfter ? List.of(2, rows) : List.of(rows);
    }

    /** The same but for the name and the direction. */
    boolean mirrors(Recurrent other) {
      return equals(
          new Recurrent(
              name,
              other.kind,
              other.units,
              other.activation,
              other.recurrentActivation,
              other.bias,
              other.resetAfter,
              other.sequences,
              !other.backwards));
    }
  }

  /** Two recurrent layers over the same input, one in each direction. */
  record Bidirectional(String name, Recurrent forward, Recurrent backward, String merge)
      implements KerasLayer {
    @Override
    public String className() {
      return "Bidirectional";
    }

    @Override
    public int width(int inputWidth) {
      return merge.equals("concat") ? Math.addExact(forward.units, backward.units) : forward.units;
    }

    @Override
    public List<Variable> variables(int inputWidth) {
      return Stream.concat(
              within("forward_layer", forward, inputWidth),
              within("backward_layer", backward, inputWidth))
          .toList();
    }

    private static Stream<Variable> within(String direction, Recurrent layer, int inputWidth) {
      return layer.variables(inputWidth).stream()
          .map(variable -> new Variable(direction + "/" + variable.path, variable.shape));
    }
  }

  /** A linear layer with an activation. */
  record Dense(String name, int units, String activation, boolean bias) implements KerasLayer {
    @Override
    public String className() {
      return "Dense";
    }

    @Override
    public int width(int inputWidth) {
      return units;
    }

    @Override
    public List<Variable> variables(int inputWidth) {
      Variable kernel = new Variable("vars/0", List.of(inputWidth, units));
      return bias ? List.of(kernel, new Variable("vars/1", List.of(units))) : List.of(kernel);
    }
  }

  /** An activation on its own. */
  record Activation(String name, String activation) implements KerasLayer {
    @Override
    public String className() {
      return "Activation";
    }

    @Override
    public int width(int inputWidth) {
      return inputWidth;
    }
  }

  /** The mean, or the largest value, over the steps. */
  record Pooling(String name, boolean mean) implements KerasLayer {
    @Override
    public String className() {
      return mean ? "GlobalAveragePooling1D" : "GlobalMaxPooling1D";
    }

    @Override
    public int width(int inputWidth) {
      return inputWidth;
    }
  }

  /** A layer that does nothing when a model is run, such as dropout. */
  record Identity(String name, String className) implements KerasLayer {
    @Override
    public int width(int inputWidth) {
      return inputWidth;
    }
  }
}
