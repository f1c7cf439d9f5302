package org.lanewise.keras;

import static org.lanewise.format.FormatException.shown;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lanewise.format.FormatException;

/**
 * A model that runs from one input through a chain of layers.
 *
 * @param name name of the model
 * @param input name of the input
 * @param steps steps of the input; 0 for any number
 * @param features values of the input at each step; 0 for one token
 * @param layers the layers, in the order in which they run
 */
record Architecture(String name, String input, int steps, int features, List<KerasLayer> layers) {
  /** How many leftovers a message names. */
  private static final int NAMES_SHOWN = 12;

  Architecture {
    layers = List.copyOf(layers);
  }

  /** A layer, the path of its weights, and the width of its input. */
  record Placed(KerasLayer layer, String path, int inputWidth) {}

  /**
   * The layers with the paths that Keras gives them in a file: the class, and a number from the
   * second of a class on.
   */
  List<Placed> placed() {
    List<Placed> all = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    int width = features;
    for (KerasLayer layer : layers) {
      int before = seen.merge(layer.pathName(), 1, Integer::sum) - 1;
      String path = "layers/" + layer.pathName() + (before == 0 ? "" : "_" + before);
      all.add(new Placed(layer, path, width));
      width = layer.width(width);
    }
    return all;
  }

  /**
   * Checks that the layers fit each other: steps where a layer reads steps, a token only where a
   * table turns it into values.
   *
   * @param file for messages
   * @throws FormatException if they do not
   */
  void check(String file) throws FormatException {
    boolean everyStep = true;
    boolean token = features == 0;
    for (KerasLayer layer : layers) {
      boolean reads = !(layer instanceof KerasLayer.Identity);
      if (reads && token != layer instanceof KerasLayer.Embedding) {
        throw misfit(file, layer, token ? "one token a step" : "values", token);
      }
      if (reads) {
        token = false;
      }
      boolean overSteps =
          layer instanceof KerasLayer.Recurrent
              || layer instanceof KerasLayer.Bidirectional
              || layer instanceof KerasLayer.Pooling;
      if (overSteps && !everyStep) {
        throw new FormatException(
            file,
            layer.className()
                + " "
                + shown(layer.name())
                + ": found one result per sequence before it, expected all steps");
      }
      everyStep &= !overSteps || sequences(layer);
    }
    if (token) {
      throw new FormatException(file, "found a model that reads tokens, expected an Embedding");
    }
  }

  private static FormatException misfit(
      String file, KerasLayer layer, String found, boolean token) {
    return new FormatException(
        file,
        layer.className()
            + " "
            + shown(layer.name())
            + ": found "
            + found
            + " before it, expected "
            + (token ? "an Embedding" : "one token a step"));
  }

  static boolean sequences(KerasLayer layer) {
    if (layer instanceof KerasLayer.Recurrent recurrent) {
      return recurrent.sequences();
    }
    return layer instanceof KerasLayer.Bidirectional both && both.forward().sequences();
  }

  /**
   * Checks the content of a file: every variable of the layers is there, in its shape, of finite
   * numbers, and nothing else is, but the state of an optimizer and of random numbers.
   *
   * @param file for messages
   * @param weights the datasets by path
   * @return the variables of the layers by path
   * @throws FormatException if that is not so
   */
  Map<String, Weight> require(String file, Map<String, Weight> weights) throws FormatException {
    Map<String, Weight> found = new LinkedHashMap<>();
    for (Placed placed : placed()) {
      for (KerasLayer.Variable variable : placed.layer.variables(placed.inputWidth)) {
        String path = placed.path + "/" + variable.path();
        found.put(path, require(file, weights, placed.layer, path, variable.shape()));
      }
    }
    Set<String> left = new HashSet<>(weights.keySet());
    left.removeAll(found.keySet());
    left.removeIf(path -> path.startsWith("optimizer/") || path.contains("/seed_generator/vars/"));
    if (!left.isEmpty()) {
      throw new FormatException(
          file,
          "found weights that no layer of the configuration has: "
              + left.stream().sorted().limit(NAMES_SHOWN).map(FormatException::shown).toList()
              + (left.size() > NAMES_SHOWN ? " and " + (left.size() - NAMES_SHOWN) + " more" : ""));
    }
    return found;
  }

  private static Weight require(
      String file, Map<String, Weight> weights, KerasLayer layer, String path, List<Integer> shape)
      throws FormatException {
    Weight weight = weights.get(path);
    String what = path + " of " + layer.className() + " " + shown(layer.name());
    if (weight == null) {
      throw new FormatException(
          file,
          what
              + ": not found, expected shape "
              + shape
              + "; the file has "
              + weights.keySet().stream().limit(NAMES_SHOWN).map(FormatException::shown).toList());
    }
    if (!weight.isFloat() || !Arrays.stream(weight.shape()).boxed().toList().equals(shape)) {
      throw new FormatException(file, what + ": found " + weight + ", expected float32 " + shape);
    }
    float[] values = weight.values();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new FormatException(
            file, what + ": element " + i + " is " + values[i] + ", expected a finite number");
      }
    }
    return weight;
  }
}
