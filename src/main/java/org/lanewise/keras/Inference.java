package org.lanewise.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lanewise.cell.CellKind;
import org.lanewise.format.FormatException;
import org.lanewise.format.LoadOptions;
import org.lanewise.network.Head;

/**
 * The architecture of a file that holds weights alone, from names and shapes: at most one
 * Embedding, then SimpleRNN, LSTM or GRU layers or Bidirectional ones, whose results are
 * concatenated, then at most one Dense. Shapes do not say whether the last recurrent layer returns
 * all steps, the activations of a SimpleRNN, and without biases when a GRU resets: options do, as
 * for a state dict. The Dense is taken to be linear, since nothing says what it applies to its
 * values.
 */
final class Inference {
  private final String file;
  private final Map<String, Weight> weights;
  private final LoadOptions options;

  private Inference(String file, Map<String, Weight> weights, LoadOptions options) {
    this.file = file;
    this.weights = weights;
    this.options = options;
  }

  static Architecture infer(String file, Map<String, Weight> weights, LoadOptions options)
      throws FormatException {
    LoadOptions used = LoadOptions.NONE.withHead(options.head());
    if (!options.equals(options.cell().map(used::withCell).orElse(used))) {
      throw new FormatException(
          file, "weights of Keras: found other options than cell and head, expected these alone");
    }
    return new Inference(file, weights, options).infer();
  }

  private Architecture infer() throws FormatException {
    List<KerasLayer> layers = new ArrayList<>();
    if (weights.containsKey("layers/embedding/vars/0")) {
      int[] table = matrix("layers/embedding/vars/0");
      layers.add(new KerasLayer.Embedding("embedding", table[0], table[1]));
    }
    String name =
        Stream.of("lstm", "gru", "simple_rnn", "bidirectional")
            .filter(one -> weights.containsKey(cell(one, 0) + 0))
            .findFirst()
            .orElseThrow(() -> ambiguous("no SimpleRNN, LSTM, GRU or Bidirectional of these"));
    int features = layers.isEmpty() ? matrix(cell(name, 0) + 0)[0] : 0;
    int depth = 1;
    while (weights.containsKey(cell(name, depth) + 0)) {
      depth++;
    }
    for (int i = 0; i < depth; i++) {
      boolean all = i < depth - 1 || options.head() != Head.LAST;
      String own = numbered(name, i);
      String path = cell(name, i);
      KerasLayer.Recurrent forward = recurrent(own, path, all, false);
      if (name.equals("bidirectional")) {
        String other = path.replace("/forward_layer/", "/backward_layer/");
        KerasLayer.Recurrent backward = recurrent("backward_" + own, other, all, true);
        layers.add(new KerasLayer.Bidirectional(own, forward, backward, "concat"));
      } else {
        layers.add(forward);
      }
    }
    if (options.head() == Head.MEAN || options.head() == Head.MAX) {
      layers.add(new KerasLayer.Pooling("pooling", options.head() == Head.MEAN));
    }
    if (weights.containsKey("layers/dense/vars/0")) {
      boolean bias = weights.containsKey("layers/dense/vars/1");
      layers.add(new KerasLayer.Dense("dense", matrix("layers/dense/vars/0")[1], "linear", bias));
    }
    return new Architecture("model", "input", 0, features, layers);
  }

  private static String numbered(String name, int index) {
    return name + (index == 0 ? "" : "_" + index);
  }

  /** Where the variables of a cell are, in two directions of that which runs forward. */
  private static String cell(String name, int index) {
    String within = name.equals("bidirectional") ? "/forward_layer" : "";
    return "layers/" + numbered(name, index) + within + "/cell/vars/";
  }

  private KerasLayer.Recurrent recurrent(
      String name, String path, boolean sequences, boolean backwards) throws FormatException {
    int[] shape = matrix(path + 1);
    KerasLayer.Kind kind = null;
    for (KerasLayer.Kind one : KerasLayer.Kind.values()) {
      if (shape[1] == (long) one.gates * shape[0]) {
        kind = one;
      }
    }
    if (kind == null) {
      throw new FormatException(
          file,
          path
              + "1: found "
              + weights.get(path + 1)
              + ", expected 1, 3 or 4 times as many columns");
    }
    boolean bias = weights.containsKey(path + 2);
    boolean gru = kind == KerasLayer.Kind.GRU;
    if (gru && !bias && options.cell().isEmpty()) {
      throw ambiguous(
          "a GRU that does not show reset_after: tell the cell, gru, if it resets after");
    }
    return new KerasLayer.Recurrent(
        name,
        kind,
        shape[0],
        told(kind) == CellKind.RNN_RELU ? "relu" : "tanh",
        kind == KerasLayer.Kind.SIMPLE_RNN ? "" : "sigmoid",
        bias,
        gru && (!bias || weights.get(path + 2).shape().length == 2),
        sequences,
        backwards);
  }

  /** The kind of cell that the options tell, which must be that of the shapes. */
  private CellKind told(KerasLayer.Kind kind) throws FormatException {
    List<CellKind> kinds =
        switch (kind) {
          case LSTM -> List.of(CellKind.LSTM);
          case GRU -> List.of(CellKind.GRU);
          case SIMPLE_RNN -> List.of(CellKind.RNN_TANH, CellKind.RNN_RELU);
        };
    CellKind told = options.cell().orElse(kinds.size() == 1 ? kinds.get(0) : null);
    if (told == null) {
      throw ambiguous("a SimpleRNN, with tanh or relu: tell the cell, rnn_tanh or rnn_relu");
    }
    if (!kinds.contains(told)) {
      throw new FormatException(
          file,
          kind.className
              + ": found cell "
              + told.text()
              + ", expected "
              + kinds.stream().map(CellKind::text).collect(Collectors.joining(" or ")));
    }
    return told;
  }

  /** The dimensions of a matrix that a model may have. */
  private int[] matrix(String path) throws FormatException {
    Weight weight = weights.get(path);
    int[] shape = weight == null ? new int[0] : weight.shape();
    if (shape.length == 2
        && Attributes.isSize((long) shape[0])
        && Attributes.isSize((long) shape[1])) {
      return shape;
    }
    throw new FormatException(file, path + ": found " + weight + ", expected a matrix");
  }

  private FormatException ambiguous(String found) {
    return new FormatException(
        file,
        "weights alone, and "
            + found
            + "; expected an architecture with them: a .keras file, or in Java a NetworkSpec or a"
            + " config.json");
  }
}
