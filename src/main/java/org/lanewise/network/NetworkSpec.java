package org.lanewise.network;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lanewise.cell.Cell;
import org.lanewise.cell.CellKind;
import org.lanewise.kernel.Kernels;

/**
 * The architecture of a network: an input, a stack of recurrent layers of one kind and size, a head
 * that picks what the result is made of, and a linear output.
 *
 * @param input what is read at each step
 * @param cell kind of the recurrent layers
 * @param hiddenSize hidden units of each layer
 * @param projectionSize values that the units of an LSTM are projected onto at every step, fewer
 *     than units, to be the hidden state and the output; 0 for no projection
 * @param layers number of recurrent layers
 * @param direction in which directions the layers run over time
 * @param head which of the top layer's outputs the result is made of
 * @param dropout share of the values that are set to zero, in training only, between the layers and
 *     before the linear output; the others are scaled up by {@code 1 / (1 - dropout)}
 * @param trainedState whether the states before the first step are parameters; else they are zero
 * @param outputSize values of the linear output; 0 for none, which makes what the head picks the
 *     result
 */
public record NetworkSpec(
    Input input,
    CellKind cell,
    int hiddenSize,
    int projectionSize,
    int layers,
    Direction direction,
    Head head,
    double dropout,
    boolean trainedState,
    int outputSize) {

  /** Checks the sizes. */
  public NetworkSpec {
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(cell, "cell");
    Shapes.positive("hidden size", hiddenSize);
    checkProjection(cell, hiddenSize, projectionSize);
    Shapes.positive("layers", layers);
    Objects.requireNonNull(direction, "direction");
    Objects.requireNonNull(head, "head");
    Shapes.atLeast("output size", 0, outputSize);
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "dropout: found " + dropout + ", expected a share from 0 to below 1");
    }
  }

  /**
   * A stack that runs forward and gives a result at every step.
   *
   * @param input what is read at each step
   * @param cell kind of the recurrent layers
   * @param hiddenSize hidden units of each layer
   * @param layers number of recurrent layers
   * @param outputSize values of the linear output; 0 for none
   */
  public NetworkSpec(Input input, CellKind cell, int hiddenSize, int layers, int outputSize) {
    this(input, cell, hiddenSize, 0, layers, Direction.FORWARD, Head.STEPS, 0, false, outputSize);
  }

  private static void checkProjection(CellKind cell, int hiddenSize, int projectionSize) {
    if (projectionSize < 0 || projectionSize >= hiddenSize) {
      throw new IllegalArgumentException(
          "projection size: found "
              + projectionSize
              + ", expected 0 for none or 1 to "
              + (hiddenSize - 1)
              + ", below the hidden size");
    }
    if (projectionSize > 0 && !cell.canProject()) {
      throw new IllegalArgumentException(
          "projection size: found " + projectionSize + " for cell " + cell.text() + ", expected 0");
    }
  }

  /**
   * The size of the hidden state, which is the output of one direction of a layer.
   *
   * @return the projection size, or the hidden size when nothing is projected
   */
  public int stateSize() {
    return projectionSize > 0 ? projectionSize : hiddenSize;
  }

  /**
   * A cell of the recurrent layers.
   *
   * @param kernels arithmetic
   * @return the cell
   */
  public Cell newCell(Kernels kernels) {
    return cell.cell(kernels, hiddenSize, projectionSize);
  }

  /**
   * The width of a layer's output, its directions joined.
   *
   * @return values per step
   */
  public int width() {
    return direction.width(stateSize());
  }

  /**
   * The input size of a layer.
   *
   * @param layer index of the layer
   * @return the network's input size for the first layer, the width of a layer's output above
   */
  public int inputSize(int layer) {
    return layer == 0 ? input.size() : width();
  }

  /**
   * The number of values of a result.
   *
   * @return the output size, or the width of a layer when there is no linear output
   */
  public int resultSize() {
    return outputSize == 0 ? width() : outputSize;
  }

  /**
   * The architecture as text, for the metadata of a model file.
   *
   * @return keys and values that {@link #fromMetadata} reads
   */
  public Map<String, String> toMetadata() {
    Map<String, String> text = new LinkedHashMap<>();
    if (input instanceof Input.Joined joined) {
      text.put("input", "joined");
      for (int i = 0; i < joined.parts().size(); i++) {
        Input.Part part = joined.parts().get(i);
        text.put("input." + i + ".name", part.name());
        put(text, "input." + i + ".", part.input());
      }
    } else {
      put(text, "", input);
    }
    text.put("cell", cell.text());
    text.put("hidden_size", Integer.toString(hiddenSize));
    if (projectionSize > 0) {
      text.put("proj_size", Integer.toString(projectionSize));
    }
    text.put("num_layers", Integer.toString(layers));
    text.put("direction", direction.text());
    text.put("head", head.text());
    text.put("dropout", Double.toString(dropout));
    text.put("trained_state", Boolean.toString(trainedState));
    text.put("output_size", Integer.toString(outputSize));
    return text;
  }

  private static void put(Map<String, String> text, String prefix, Input input) {
    if (input instanceof Input.Embedding) {
      text.put(prefix + "input", "embedding");
      text.put(prefix + "tokens", Integer.toString(input.tokens()));
    } else {
      text.put(prefix + "input", input instanceof Input.OneHot ? "one-hot" : "features");
    }
    text.put(prefix + "input_size", Integer.toString(input.size()));
  }

  /**
   * Reads what {@link #toMetadata} wrote.
   *
   * @param text metadata of a model file; other keys are ignored
   * @return the architecture
   * @throws IllegalArgumentException if a key is missing or its value is not understood
   */
  public static NetworkSpec fromMetadata(Map<String, String> text) {
    Input input;
    if (value(text, "input").equals("joined")) {
      List<Input.Part> parts = new ArrayList<>();
      for (int i = 0; text.containsKey("input." + i + ".name"); i++) {
        String prefix = "input." + i + ".";
        parts.add(new Input.Part(value(text, prefix + "name"), input(text, prefix)));
      }
      input = new Input.Joined(parts);
    } else {
      input = input(text, "");
    }
    return new NetworkSpec(
        input,
        CellKind.parse(value(text, "cell")),
        number(text, "hidden_size"),
        text.containsKey("proj_size") ? number(text, "proj_size") : 0,
        number(text, "num_layers"),
        Direction.parse(text.getOrDefault("direction", Direction.FORWARD.text())),
        Head.parse(text.getOrDefault("head", Head.STEPS.text())),
        share(text),
        truth(text, "trained_state"),
        number(text, "output_size"));
  }

  private static Input input(Map<String, String> text, String prefix) {
    int size = number(text, prefix + "input_size");
    String kind = value(text, prefix + "input");
    return switch (kind) {
      case "features" -> new Input.Features(size);
      case "one-hot" -> new Input.OneHot(size);
      case "embedding" -> new Input.Embedding(number(text, prefix + "tokens"), size);
      default ->
          throw new IllegalArgumentException(
              "input: found \"" + kind + "\", expected features, one-hot, embedding or joined");
    };
  }

  private static String value(Map<String, String> text, String key) {
    String value = text.get(key);
    if (value == null) {
      throw new IllegalArgumentException("metadata: no \"" + key + "\"; found " + text.keySet());
    }
    return value;
  }

  private static boolean truth(Map<String, String> text, String key) {
    String value = text.getOrDefault(key, "false");
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              "metadata: " + key + ": found \"" + value + "\", expected true or false");
    };
  }

  private static double share(Map<String, String> text) {
    String value = text.getOrDefault("dropout", "0");
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "metadata: dropout: found \"" + value + "\", expected a number", e);
    }
  }

  private static int number(Map<String, String> text, String key) {
    String value = value(text, key);
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "metadata: " + key + ": found \"" + value + "\", expected a whole number", e);
    }
  }
}
