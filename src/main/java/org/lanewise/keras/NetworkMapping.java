package org.lanewise.keras;

import static org.lanewise.format.FormatException.shown;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lanewise.cell.CellKind;
import org.lanewise.format.FormatException;
import org.lanewise.graph.Activations;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;

/**
 * Between the layers of Keras and the networks of this library. A kernel of Keras has the inputs in
 * its rows and the gates in its columns, PyTorch's the other way round; the gates of an LSTM stand
 * in the same order, i f c o, those of a GRU as z r h in Keras and as r z n in PyTorch; and where
 * PyTorch adds two biases, Keras has one, but for a GRU whose reset gate works on the product.
 */
final class NetworkMapping {
  /** One-hot tokens become rows of a unit matrix, which must not be the largest part of a file. */
  private static final int MAX_ONE_HOT = 4096;

  private NetworkMapping() {}

  /**
   * The network that a chain of layers is.
   *
   * @param spec the network
   * @param activation what Keras applies to its linear output
   */
  record Found(NetworkSpec spec, String activation) {}

  /**
   * The network that gives what the layers give.
   *
   * @throws FormatException if there is none; names the first layer that does not fit
   */
  static Found network(String file, Architecture architecture) throws FormatException {
    return new Reader(file, architecture).read();
  }

  /** Takes the layers one after the other. */
  private static final class Reader {
    private final String file;
    private final Architecture architecture;
    private final Iterator<KerasLayer> rest;
    private KerasLayer next;

    Reader(String file, Architecture architecture) {
      this.file = file;
      this.architecture = architecture;
      this.rest =
          architecture.layers().stream()
              .filter(layer -> !(layer instanceof KerasLayer.Identity))
              .iterator();
      step();
    }

    private void step() {
      next = rest.hasNext() ? rest.next() : null;
    }

    Found read() throws FormatException {
      Input input;
      if (next instanceof KerasLayer.Embedding table) {
        input = new Input.Embedding(table.tokens(), table.size());
        step();
      } else {
        input = new Input.Features(architecture.features());
      }
      KerasLayer first = next;
      KerasLayer last = next;
      int layers = 0;
      CellKind cell = cell(first);
      while (next != null && isRecurrent(next)) {
        if (!sameBut(first, next)) {
          throw misfit("another kind, size or direction than the first layer");
        }
        last = next;
        layers++;
        step();
      }
      Head head = Architecture.sequences(last) ? Head.STEPS : Head.LAST;
      if (next instanceof KerasLayer.Pooling pooling) {
        head = pooling.mean() ? Head.MEAN : Head.MAX;
        step();
      }
      int outputs = 0;
      String activation = "linear";
      if (next instanceof KerasLayer.Dense dense) {
        outputs = dense.units();
        activation = dense.activation();
        step();
        if (activation.equals("linear") && next instanceof KerasLayer.Activation own) {
          activation = own.activation();
          step();
        }
      }
      if (next != null) {
        throw misfit("nothing more");
      }
      int units = forward(first).units();
      return new Found(
          new NetworkSpec(input, cell, units, 0, layers, direction(first), head, 0, false, outputs),
          activation);
    }

    private static Direction direction(KerasLayer layer) {
      if (!(layer instanceof KerasLayer.Bidirectional both)) {
        return Direction.FORWARD;
      }
      return both.merge().equals("sum") ? Direction.BIDIRECTIONAL_SUM : Direction.BIDIRECTIONAL;
    }

    private CellKind cell(KerasLayer layer) throws FormatException {
      if (layer == null || !isRecurrent(layer)) {
        throw misfit("SimpleRNN, LSTM, GRU or Bidirectional");
      }
      if (layer instanceof KerasLayer.Bidirectional both
          && !(both.merge().matches("concat|sum") && both.forward().mirrors(both.backward()))) {
        throw misfit("both directions alike, merged by concat or sum");
      }
      KerasLayer.Recurrent recurrent = forward(layer);
      boolean usual =
          recurrent.kind() == KerasLayer.Kind.SIMPLE_RNN
              ? recurrent.activation().matches("tanh|relu")
              : recurrent.activation().equals("tanh")
                  && recurrent.recurrentActivation().equals("sigmoid");
      if (!usual || (recurrent.kind() == KerasLayer.Kind.GRU && !recurrent.resetAfter())) {
        throw misfit("the usual activations, and reset_after in a GRU");
      }
      if (recurrent.backwards()) {
        throw misfit("go_backwards false");
      }
      return switch (recurrent.kind()) {
        case LSTM -> CellKind.LSTM;
        case GRU -> CellKind.GRU;
        case SIMPLE_RNN ->
            recurrent.activation().equals("tanh") ? CellKind.RNN_TANH : CellKind.RNN_RELU;
      };
    }

    private boolean sameBut(KerasLayer first, KerasLayer layer) throws FormatException {
      return first.getClass() == layer.getClass()
          && cell(first) == cell(layer)
          && direction(first) == direction(layer)
          && forward(first).units() == forward(layer).units();
    }

    private FormatException misfit(String expected) {
      return new FormatException(
          file,
          "no network to run step by step: found "
              + (next == null
                  ? "the end of the layers"
                  : next.className() + " " + shown(next.name()))
              + ", expected "
              + expected);
    }
  }

  private static boolean isRecurrent(KerasLayer layer) {
    return layer instanceof KerasLayer.Recurrent || layer instanceof KerasLayer.Bidirectional;
  }

  private static KerasLayer.Recurrent forward(KerasLayer layer) {
    return layer instanceof KerasLayer.Bidirectional both
        ? both.forward()
        : (KerasLayer.Recurrent) layer;
  }

  /**
   * Fills the arena of a network.
   *
   * @param spec what {@link #network} found
   * @param architecture the layers
   * @param weights their variables, all of them
   */
  static Parameters parameters(
      NetworkSpec spec, Architecture architecture, Map<String, Weight> weights) {
    Parameters parameters = new Parameters(spec);
    int depth = 0;
    for (Architecture.Placed placed : architecture.placed()) {
      KerasLayer layer = placed.layer();
      if (layer instanceof KerasLayer.Embedding) {
        put(parameters, "embedding.weight", weights.get(placed.path() + "/vars/0"));
      } else if (layer instanceof KerasLayer.Dense) {
        put(parameters, "linear.weight", weights.get(placed.path() + "/vars/0").transposed());
        put(parameters, "linear.bias", weights.get(placed.path() + "/vars/1"));
      } else if (layer instanceof KerasLayer.Recurrent recurrent) {
        putCell(parameters, "_l" + depth, recurrent, placed.path(), weights);
        depth++;
      } else if (layer instanceof KerasLayer.Bidirectional both) {
        String forward = placed.path() + "/forward_layer";
        putCell(parameters, "_l" + depth, both.forward(), forward, weights);
        String backward = placed.path() + "/backward_layer";
        putCell(parameters, "_l" + depth + "_reverse", both.backward(), backward, weights);
        depth++;
      }
    }
    return parameters;
  }

  private static void putCell(
      Parameters parameters,
      String suffix,
      KerasLayer.Recurrent layer,
      String path,
      Map<String, Weight> weights) {
    String module = parameters.spec().cell().module() + ".";
    int units = layer.units();
    for (int i = 0; i < 2; i++) {
      Weight kernel = weights.get(path + "/cell/vars/" + i).transposed();
      String name = module + (i == 0 ? "weight_ih" : "weight_hh") + suffix;
      put(parameters, name, gatesExchanged(layer.kind(), units, kernel));
    }
    Weight bias = weights.get(path + "/cell/vars/2");
    if (bias == null) {
      return;
    }
    if (layer.kind() == KerasLayer.Kind.GRU) {
      put(
          parameters,
          module + "bias_ih" + suffix,
          gatesExchanged(layer.kind(), units, row(bias, 0)));
      put(
          parameters,
          module + "bias_hh" + suffix,
          gatesExchanged(layer.kind(), units, row(bias, 1)));
    } else {
      put(parameters, module + "bias_ih" + suffix, bias);
    }
  }

  /** Copies values into the arena; what Keras leaves out stays 0. */
  private static void put(Parameters parameters, String name, Weight weight) {
    if (weight != null) {
      Parameter slice = parameters.slice(name);
      System.arraycopy(weight.values(), 0, parameters.values(), slice.offset(), slice.size());
    }
  }

  private static Weight row(Weight matrix, int row) {
    int columns = matrix.shape()[1];
    float[] values = new float[columns];
    System.arraycopy(matrix.values(), row * columns, values, 0, columns);
    return new Weight(new int[] {columns}, values);
  }

  /** The first two gates of a GRU, z r or r z, change places; other cells stay as they are. */
  private static Weight gatesExchanged(KerasLayer.Kind kind, int units, Weight byRows) {
    if (kind != KerasLayer.Kind.GRU) {
      return byRows;
    }
    float[] from = byRows.values();
    float[] to = from.clone();
    int block = units * (from.length / byRows.shape()[0]);
    System.arraycopy(from, 0, to, block, block);
    System.arraycopy(from, block, to, 0, block);
    return new Weight(byRows.shape(), to);
  }

  /**
   * The layers of a network.
   *
   * @throws IllegalArgumentException if Keras has none that give the same; says what it lacks
   */
  static Architecture architecture(NetworkSpec spec) {
    return architecture(spec, Activations.LINEAR);
  }

  /** The layers of a network with an activation behind its linear output. */
  static Architecture architecture(NetworkSpec spec, String activation) {
    Activations.require(activation, spec);
    boolean joined = spec.input() instanceof Input.Joined;
    boolean peepholes = spec.cell() == CellKind.LSTM_PEEPHOLE;
    refuse(joined, "a joined input");
    refuse(peepholes, "an LSTM with peepholes");
    refuse(spec.projectionSize() > 0, "an LSTM with projection");
    refuse(spec.trainedState(), "a trained state");
    List<KerasLayer> layers = new ArrayList<>();
    boolean token = spec.input().isToken();
    if (token) {
      boolean oneHot = spec.input() instanceof Input.OneHot;
      refuse(
          oneHot && spec.input().tokens() > MAX_ONE_HOT,
          "one-hot tokens but as a table, and one for more than " + MAX_ONE_HOT + " is too large");
      layers.add(new KerasLayer.Embedding("embedding", spec.input().tokens(), spec.input().size()));
    }
    for (int layer = 0; layer < spec.layers(); layer++) {
      boolean all = layer < spec.layers() - 1 || spec.head() != Head.LAST;
      String name = spec.cell().module() + "_l" + layer;
      layers.add(
          spec.direction() == Direction.FORWARD
              ? recurrent(spec, name, all, false)
              : new KerasLayer.Bidirectional(
                  name,
                  recurrent(spec, "forward_" + name, all, false),
                  recurrent(spec, "backward_" + name, all, true),
                  spec.direction() == Direction.BIDIRECTIONAL ? "concat" : "sum"));
    }
    if (spec.head() == Head.MEAN || spec.head() == Head.MAX) {
      layers.add(new KerasLayer.Pooling("pooling", spec.head() == Head.MEAN));
    }
    if (spec.outputSize() > 0) {
      layers.add(new KerasLayer.Dense("linear", spec.outputSize(), activation, true));
    }
    return new Architecture("lanewise", "input", 0, token ? 0 : spec.input().size(), layers);
  }

  private static void refuse(boolean found, String what) {
    if (found) {
      throw new IllegalArgumentException("Keras has no layer for this: found " + what);
    }
  }

  private static KerasLayer.Recurrent recurrent(
      NetworkSpec spec, String name, boolean sequences, boolean backwards) {
    KerasLayer.Kind kind =
        switch (spec.cell()) {
          case LSTM -> KerasLayer.Kind.LSTM;
          case GRU -> KerasLayer.Kind.GRU;
          case RNN_TANH, RNN_RELU -> KerasLayer.Kind.SIMPLE_RNN;
          default -> throw new IllegalArgumentException("Keras has no " + spec.cell().text());
        };
    return new KerasLayer.Recurrent(
        name,
        kind,
        spec.hiddenSize(),
        spec.cell() == CellKind.RNN_RELU ? "relu" : "tanh",
        kind == KerasLayer.Kind.SIMPLE_RNN ? "" : "sigmoid",
        true,
        kind == KerasLayer.Kind.GRU,
        sequences,
        backwards);
  }

  /**
   * The variables of a network's layers.
   *
   * @param parameters the arena
   * @param architecture what {@link #architecture} made of its spec
   */
  static Map<String, Weight> weights(Parameters parameters, Architecture architecture) {
    Map<String, Weight> weights = new LinkedHashMap<>();
    int depth = 0;
    for (Architecture.Placed placed : architecture.placed()) {
      KerasLayer layer = placed.layer();
      if (layer instanceof KerasLayer.Embedding) {
        weights.put(
            placed.path() + "/vars/0",
            parameters.spec().input() instanceof Input.OneHot oneHot
                ? unitMatrix(oneHot.tokens())
                : weight(parameters, "embedding.weight"));
      } else if (layer instanceof KerasLayer.Dense) {
        weights.put(placed.path() + "/vars/0", weight(parameters, "linear.weight").transposed());
        weights.put(placed.path() + "/vars/1", weight(parameters, "linear.bias"));
      } else if (layer instanceof KerasLayer.Recurrent recurrent) {
        cell(parameters, "_l" + depth, recurrent, placed.path(), weights);
        depth++;
      } else if (layer instanceof KerasLayer.Bidirectional both) {
        String forward = placed.path() + "/forward_layer";
        cell(parameters, "_l" + depth, both.forward(), forward, weights);
        String backward = placed.path() + "/backward_layer";
        cell(parameters, "_l" + depth + "_reverse", both.backward(), backward, weights);
        depth++;
      }
    }
    return weights;
  }

  private static void cell(
      Parameters parameters,
      String suffix,
      KerasLayer.Recurrent layer,
      String path,
      Map<String, Weight> weights) {
    String module = parameters.spec().cell().module() + ".";
    KerasLayer.Kind kind = layer.kind();
    int units = layer.units();
    for (int i = 0; i < 2; i++) {
      String name = module + (i == 0 ? "weight_ih" : "weight_hh") + suffix;
      Weight byRows = gatesExchanged(kind, units, weight(parameters, name));
      weights.put(path + "/cell/vars/" + i, byRows.transposed());
    }
    Weight input = gatesExchanged(kind, units, weight(parameters, module + "bias_ih" + suffix));
    Weight hidden = gatesExchanged(kind, units, weight(parameters, module + "bias_hh" + suffix));
    int rows = kind.gates * units;
    float[] values = new float[kind == KerasLayer.Kind.GRU ? 2 * rows : rows];
    for (int r = 0; r < rows; r++) {
      if (kind == KerasLayer.Kind.GRU) {
        values[r] = input.values()[r];
        values[rows + r] = hidden.values()[r];
      } else {
        // Rounded once, as it is when the weights are packed: a step has the same bits.
        values[r] = input.values()[r] + hidden.values()[r];
      }
    }
    int[] shape = kind == KerasLayer.Kind.GRU ? new int[] {2, rows} : new int[] {rows};
    weights.put(path + "/cell/vars/2", new Weight(shape, values));
  }

  private static Weight weight(Parameters parameters, String name) {
    Parameter slice = parameters.slice(name);
    float[] values = new float[slice.size()];
    System.arraycopy(parameters.values(), slice.offset(), values, 0, values.length);
    return new Weight(slice.shape().stream().mapToInt(Integer::intValue).toArray(), values);
  }

  private static Weight unitMatrix(int size) {
    float[] values = new float[size * size];
    for (int i = 0; i < size; i++) {
      values[i * size + i] = 1;
    }
    return new Weight(new int[] {size, size}, values);
  }
}
