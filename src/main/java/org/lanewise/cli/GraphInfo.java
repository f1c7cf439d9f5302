package org.lanewise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.lanewise.format.FormatException;
import org.lanewise.format.Json;
import org.lanewise.graph.Binary;
import org.lanewise.graph.Filling;
import org.lanewise.graph.Graph;
import org.lanewise.graph.Node;
import org.lanewise.graph.Operator;
import org.lanewise.graph.Port;
import org.lanewise.graph.Products;
import org.lanewise.graph.Recurrent;
import org.lanewise.graph.Reduction;
import org.lanewise.graph.Reshaping;
import org.lanewise.graph.Selection;
import org.lanewise.graph.Unary;
import org.lanewise.keras.KerasFile;
import org.lanewise.onnx.OnnxFile;
import org.lanewise.stream.ModelFormat;

/** What is in a model that only {@code lanewise run} takes. */
final class GraphInfo {
  private final Path path;
  private final Graph graph;
  private final String reason;

  /**
   * The graph of a file.
   *
   * @param refusal why it is not a network; is thrown where there can be no graph
   */
  GraphInfo(Path path, FormatException refusal) throws IOException {
    this.path = path;
    this.graph =
        switch (ModelFormat.of(path)) {
          case ONNX -> OnnxFile.read(path);
          case KERAS, KERAS_WEIGHTS -> KerasFile.read(path).graph();
          case SAFETENSORS -> throw refusal;
        };
    this.reason = refusal.getMessage().replace(path + ": ", "");
  }

  void print(PrintWriter out) throws IOException {
    out.printf(Locale.ROOT, "%s: %,d bytes, every check passed%n", path, Files.size(path));
    out.printf("  a graph, for `lanewise run` alone; %s%n", reason);
    graph.inputs().forEach(port -> out.printf("  %-12s %s%n", "input", shown(port.toString())));
    graph.outputs().forEach(port -> out.printf("  %-12s %s%n", "output", shown(port.toString())));
    out.printf(
        "  %-12s %s%n",
        "operators",
        operators().entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", ")));
  }

  String json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("architecture", null);
    all.put("reason", reason);
    all.put("inputs", ports(graph.inputs()));
    all.put("outputs", ports(graph.outputs()));
    all.put("operators", operators());
    return Json.write(all);
  }

  private static List<Map<String, Object>> ports(List<Port> ports) {
    return ports.stream()
        .map(
            port -> {
              Map<String, Object> one = new LinkedHashMap<>();
              one.put("name", port.name());
              one.put("type", port.integer() ? "integers" : "numbers");
              one.put("shape", port.shape());
              return one;
            })
        .toList();
  }

  /** How often each operator stands in the model. */
  private Map<String, Object> operators() {
    Map<String, Object> counts = new TreeMap<>();
    for (Node node : graph.nodes()) {
      counts.merge(name(node.operator()), 1, (a, b) -> (Integer) a + (Integer) b);
    }
    return counts;
  }

  private static String name(Operator operator) {
    Object kind = operator.getClass().getSimpleName();
    if (operator instanceof Recurrent layer) {
      return layer.kind() + " " + layer.direction().name().toLowerCase(Locale.ROOT);
    } else if (operator instanceof Products product) {
      kind = product.gemm() ? "gemm" : "matmul";
    } else if (operator instanceof Binary binary) {
      kind = binary.kind();
    } else if (operator instanceof Filling filling) {
      kind = filling.kind();
    } else if (operator instanceof Reduction reduction) {
      kind = "reduce_" + reduction.kind();
    } else if (operator instanceof Reshaping reshaping) {
      kind = reshaping.kind();
    } else if (operator instanceof Selection selection) {
      kind = selection.kind();
    } else if (operator instanceof Unary unary) {
      kind = unary.function();
    }
    return kind.toString().toLowerCase(Locale.ROOT);
  }

  private static String shown(String text) {
    return FormatException.shown(text);
  }
}
