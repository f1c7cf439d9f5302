package org.lanewise.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lanewise.format.FormatException;

/**
 * The architecture of a file that holds weights alone, where the names and shapes leave no choice:
 * at most one Embedding, then LSTM layers, or GRU layers whose two biases show {@code reset_after},
 * then at most one Dense. What the shapes do not say is whether the last recurrent layer returns
 * all steps, and what the Dense applies to its values; a result at every step, and linear, contain
 * the other answers. In two directions they do not.
 */
final class Inference {
  private final String file;
  private final Map<String, Weight> weights;

  private Inference(String file, Map<String, Weight> weights) {
    this.file = file;
    this.weights = weights;
  }

  static Architecture infer(String file, Map<String, Weight> weights) throws FormatException {
    return new Inference(file, weights).infer();
  }

  private Architecture infer() throws FormatException {
    List<KerasLayer> layers = new ArrayList<>();
    int features = 0;
    if (weights.containsKey("layers/embedding/vars/0")) {
      int[] table = matrix("layers/embedding/vars/0");
      layers.add(new KerasLayer.Embedding("embedding", table[0], table[1]));
    }
    boolean lstm = weights.containsKey("layers/lstm/cell/vars/0");
    if (!lstm && !weights.containsKey("layers/gru/cell/vars/0")) {
      throw ambiguous("no LSTM and no GRU in one direction");
    }
    String name = lstm ? "lstm" : "gru";
    for (int i = 0; ; i++) {
      String own = name + (i == 0 ? "" : "_" + i);
      String path = "layers/" + own + "/cell/vars/";
      if (!weights.containsKey(path + 0)) {
        break;
      }
      if (layers.isEmpty()) {
        features = matrix(path + 0)[0];
      }
      boolean bias = weights.containsKey(path + 2);
      if (!lstm && (!bias || weights.get(path + 2).shape().length != 2)) {
        throw ambiguous("a GRU that does not show reset_after");
      }
      layers.add(
          new KerasLayer.Recurrent(
              own,
              lstm ? KerasLayer.Kind.LSTM : KerasLayer.Kind.GRU,
              matrix(path + 1)[0],
              "tanh",
              "sigmoid",
              bias,
              !lstm,
              true,
              false));
    }
    if (weights.containsKey("layers/dense/vars/0")) {
      boolean bias = weights.containsKey("layers/dense/vars/1");
      layers.add(new KerasLayer.Dense("dense", matrix("layers/dense/vars/0")[1], "linear", bias));
    }
    return new Architecture("model", "input", 0, features, layers);
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
