package org.lanewise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lanewise.format.FormatException;
import org.lanewise.format.Tensor;
import org.lanewise.format.TensorFile;
import org.lanewise.graph.Graph;
import org.lanewise.graph.Port;

/**
 * One run of a graph on stored tensors, under the graph's own names; or with {@code input} for its
 * only input that has no tensor, and {@code output} for its first output. A graph whose own input
 * is {@code input} gives its first output under both names, unless it is to be swapped.
 */
final class GraphRun {
  private final Graph graph;
  private final Path path;
  private final TensorFile tensors;

  GraphRun(Graph graph, Path path, TensorFile tensors) {
    this.graph = graph;
    this.path = path;
    this.tensors = tensors;
  }

  /**
   * Runs the graph.
   *
   * @param swap whether time and batch of {@code input} and {@code output} are the other way round
   *     than in the graph
   */
  Collection<Tensor> run(boolean swap) throws IOException {
    Map<String, Tensor> given = new LinkedHashMap<>(tensors.tensors());
    // To be swapped, `input` is ours, also where the graph has this name for its own.
    List<String> open =
        graph.inputs().stream()
            .map(Port::name)
            .filter(name -> !given.containsKey(name) || (swap && name.equals(NetworkRun.INPUT)))
            .toList();
    boolean own =
        !swap && graph.inputs().stream().anyMatch(port -> port.name().equals(NetworkRun.INPUT));
    boolean named = own || open.size() != 1 || !given.containsKey(NetworkRun.INPUT);
    try {
      if (!named) {
        Tensor input = given.remove(NetworkRun.INPUT);
        given.put(open.get(0), swap ? swapped(input, open.get(0)) : input);
      }
      begin(given);
      Collection<Tensor> results = graph.run(given).values();
      if (!named) {
        return renamed(results, swap);
      }
      return given.containsKey(NetworkRun.INPUT) ? withOutput(results) : results;
    } catch (IllegalArgumentException | ArithmeticException e) {
      FormatException problem = new FormatException(path.toString(), e.getMessage());
      problem.initCause(e);
      throw problem;
    }
  }

  /** States that a graph reads under our names, and that are not given, are zero. */
  private void begin(Map<String, Tensor> given) {
    Map<String, Integer> sizes = new HashMap<>();
    for (Port port : graph.inputs()) {
      Tensor tensor = given.get(port.name());
      for (int i = 0; tensor != null && port.shape() != null && i < tensor.shape().length; i++) {
        if (i < port.shape().size()) {
          sizes.put(port.shape().get(i), tensor.shape()[i]);
        }
      }
    }
    for (Port port : graph.inputs()) {
      boolean state = port.name().equals("h0") || port.name().equals("c0");
      if (state && !given.containsKey(port.name()) && port.shape() != null) {
        int[] shape =
            port.shape().stream()
                .mapToInt(
                    size ->
                        size.matches("[0-9]{1,6}")
                            ? Integer.parseInt(size)
                            : sizes.getOrDefault(size, 0))
                .toArray();
        int elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        given.put(port.name(), Tensor.of(port.name(), new float[elements], shape));
      }
    }
  }

  /** With the first result as {@code output} too, where none has this name. */
  private static Collection<Tensor> withOutput(Collection<Tensor> results) {
    if (results.isEmpty() || results.stream().anyMatch(result -> result.name().equals("output"))) {
      return results;
    }
    List<Tensor> more = new ArrayList<>(results);
    Tensor first = more.get(0);
    more.add(Tensor.ofBytes("output", first.dtype(), first.bytes(), first.shape()));
    return more;
  }

  private static List<Tensor> renamed(Collection<Tensor> results, boolean swap) {
    List<Tensor> renamed = new ArrayList<>(results);
    Tensor first = renamed.get(0);
    renamed.set(
        0,
        swap && first.shape().length == 3
            ? swapped(first, "output")
            : Tensor.ofBytes("output", first.dtype(), first.bytes(), first.shape()));
    return renamed;
  }

  /** The first two dimensions the other way round. */
  private static Tensor swapped(Tensor tensor, String name) {
    int[] shape = tensor.shape();
    if (shape.length < 2) {
      throw new IllegalArgumentException(tensor + ", expected time and batch");
    }
    byte[] bytes = tensor.bytes();
    byte[] other = new byte[bytes.length];
    int size = bytes.length / Math.max(1, shape[0] * shape[1]);
    for (int i = 0; bytes.length > 0 && i < shape[0]; i++) {
      for (int j = 0; j < shape[1]; j++) {
        System.arraycopy(bytes, (i * shape[1] + j) * size, other, (j * shape[0] + i) * size, size);
      }
    }
    int rows = shape[0];
    shape[0] = shape[1];
    shape[1] = rows;
    return Tensor.ofBytes(name, tensor.dtype(), other, shape);
  }
}
