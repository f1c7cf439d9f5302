package org.lanewise.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lanewise.format.FormatException;
import org.lanewise.format.Tensor;
import org.lanewise.graph.Binary;
import org.lanewise.graph.Filling;
import org.lanewise.graph.Node;
import org.lanewise.graph.Nonlinearity;
import org.lanewise.graph.Operator;
import org.lanewise.graph.Products;
import org.lanewise.graph.Recurrent;
import org.lanewise.graph.Reduction;
import org.lanewise.graph.Reshaping;
import org.lanewise.graph.Selection;
import org.lanewise.graph.Softmax;
import org.lanewise.graph.Unary;
import org.lanewise.onnx.Proto.RawNode;

/** From ONNX's operators, each as its operator set defines it, to those of a graph. */
final class Translator {
  private final ProtoReader in;
  private final int opset;
  private final Map<String, Tensor> initializers;
  private final List<Tensor> constants;
  private final List<Node> nodes = new ArrayList<>();
  private final List<String> inputs = new ArrayList<>();

  Translator(ProtoReader in, int opset, Map<String, Tensor> initializers) {
    this.in = in;
    this.opset = opset;
    this.initializers = initializers;
    this.constants = new ArrayList<>(initializers.values());
  }

  List<Tensor> constants() {
    return constants;
  }

  List<Node> nodes() {
    return nodes;
  }

  void translate(RawNode node) throws FormatException {
    String described = "node " + node.shown() + " (" + node.operator() + ")";
    if (!ModelReader.isOwn(node.domain())) {
      throw in.problem(described + ": operator domain " + node.domain() + ", which is not known");
    }
    try {
      Attributes attributes = new Attributes(node.attributes());
      inputs.clear();
      inputs.addAll(node.inputs());
      Operator operator = null;
      if (node.operator().equals("Constant")) {
        constant(node, attributes);
      } else {
        operator = operator(node, attributes);
      }
      attributes.requireNoneLeft();
      if (operator != null) {
        // Behind what a node reads, absent inputs may be spelled out.
        while (!inputs.isEmpty() && inputs.get(inputs.size() - 1).isEmpty()) {
          inputs.remove(inputs.size() - 1);
        }
        List<String> outputs = new ArrayList<>(node.outputs());
        while (outputs.size() > 1 && outputs.get(outputs.size() - 1).isEmpty()) {
          outputs.remove(outputs.size() - 1);
        }
        nodes.add(new Node(node.shown(), operator, inputs, outputs));
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw in.problem(described + ": " + e.getMessage());
    }
  }

  private void constant(RawNode node, Attributes attributes) {
    Tensor value = attributes.tensor("value");
    String name = node.outputs().get(0);
    if (value != null) {
      constants.add(Tensor.ofBytes(name, value.dtype(), value.bytes(), value.shape()));
    } else if (attributes.has("value_float")) {
      constants.add(Tensor.of(name, new float[] {attributes.number("value_float", 0)}));
    } else if (attributes.has("value_int")) {
      constants.add(Tensor.of(name, new long[] {attributes.integer("value_int", 0)}));
    } else if (attributes.has("value_floats")) {
      float[] values = attributes.numbers("value_floats");
      constants.add(Tensor.of(name, values, values.length));
    } else if (attributes.has("value_ints")) {
      long[] values = attributes.integers("value_ints");
      constants.add(Tensor.of(name, values, values.length));
    } else {
      attributes.requireNoneLeft();
      throw new IllegalArgumentException("no value");
    }
    if (!node.inputs().isEmpty() || node.outputs().size() > 1) {
      throw new IllegalArgumentException("inputs or several outputs, expected one output alone");
    }
  }

  private Operator operator(RawNode node, Attributes a) {
    String name = node.operator();
    return switch (name) {
      case "Add", "Sub", "Mul", "Div" ->
          new Binary(Binary.Kind.valueOf(name.toUpperCase(Locale.ROOT)));
      case "Relu", "Tanh", "Sigmoid", "Softsign", "Softplus", "Abs", "Neg", "Exp" ->
          new Unary(Nonlinearity.parse(name));
      case "Elu", "LeakyRelu", "ThresholdedRelu", "HardSigmoid" -> {
        Nonlinearity function = Nonlinearity.parse(name);
        float alpha = a.number("alpha", function.alpha());
        yield new Unary(
            function, alpha, function.parameters() > 1 ? a.number("beta", function.beta()) : 0);
      }
      case "MatMul" -> Products.matMul();
      case "Gemm" ->
          new Products(
              true,
              a.number("alpha", 1),
              a.number("beta", 1),
              a.truth("transA", false),
              a.truth("transB", false));
      case "Softmax", "LogSoftmax" ->
          new Softmax(a.small("axis", opset < 13 ? 1 : -1), opset < 13, name.equals("LogSoftmax"));
      case "ReduceMean", "ReduceMax", "ReduceSum" -> reduction(name, a);
      case "Gather" -> new Selection(Selection.Kind.GATHER, a.small("axis", 0));
      case "Concat" -> {
        requirePresent(a, "axis");
        yield new Selection(Selection.Kind.CONCAT, a.small("axis", 0));
      }
      case "Slice" -> slice(a);
      case "Transpose" -> {
        long[] order = a.integers("perm");
        yield new Reshaping(
            Reshaping.Kind.TRANSPOSE,
            false,
            order == null ? new int[0] : Arrays.stream(order).mapToInt(Math::toIntExact).toArray());
      }
      case "Reshape" ->
          new Reshaping(Reshaping.Kind.RESHAPE, opset >= 14 && a.truth("allowzero", false));
      case "Flatten" -> new Reshaping(Reshaping.Kind.FLATTEN, false, a.small("axis", 1));
      case "Squeeze", "Unsqueeze" -> {
        axes(13, name.equals("Unsqueeze"), a);
        yield new Reshaping(Reshaping.Kind.valueOf(name.toUpperCase(Locale.ROOT)));
      }
      case "Shape" ->
          opset >= 15 && (a.has("start") || a.has("end"))
              ? new Reshaping(
                  Reshaping.Kind.SHAPE,
                  false,
                  a.small("start", 0),
                  a.small("end", Integer.MAX_VALUE))
              : new Reshaping(Reshaping.Kind.SHAPE);
      case "Expand" -> {
        requireOpset(8);
        yield new Filling(Filling.Kind.EXPAND);
      }
      case "ConstantOfShape" -> {
        requireOpset(9);
        Tensor value = a.tensor("value");
        yield new Filling(
            Filling.Kind.CONSTANT_OF_SHAPE, value == null ? Tensor.of("", new float[1], 1) : value);
      }
      case "ConstantFill" -> constantFill(a);
      case "Cast" -> {
        a.ignore("saturate");
        yield cast(a.small("to", 0));
      }
      case "Identity" -> new Filling(Filling.Kind.IDENTITY);
      case "Dropout" -> dropout(a);
      case "LSTM", "GRU", "RNN" -> recurrent(Recurrent.Kind.valueOf(name), a);
      default ->
          throw new IllegalArgumentException(
              "an operator that is not supported in operator set " + opset);
    };
  }

  private void requireOpset(int first) {
    if (opset < first) {
      throw new IllegalArgumentException("an operator that operator set " + opset + " has not");
    }
  }

  private static void requirePresent(Attributes a, String name) {
    if (!a.has(name)) {
      throw new IllegalArgumentException("no attribute " + name);
    }
  }

  /** Adds a constant and gives the name under which a node reads it. */
  private String constant(long... values) {
    // No file has such a name: names are C identifiers.
    String name = "\0constant " + constants.size();
    constants.add(Tensor.of(name, values, values.length));
    return name;
  }

  /** Moves the attribute of older operator sets to the second input, where the newer have it. */
  private void axes(int first, boolean required, Attributes a) {
    if (opset >= first) {
      return;
    }
    if (inputs.size() > 1) {
      throw new IllegalArgumentException("two inputs, expected one before operator set " + first);
    }
    long[] axes = a.integers("axes");
    if (axes == null && required) {
      throw new IllegalArgumentException("no attribute axes");
    }
    if (axes != null) {
      inputs.add(constant(axes));
    }
  }

  private Reduction reduction(String name, Attributes a) {
    axes(name.equals("ReduceSum") ? 13 : 18, false, a);
    boolean none = a.truth("noop_with_empty_axes", false);
    if (none && inputs.size() < 2) {
      inputs.add(constant());
    }
    return new Reduction(
        Reduction.Kind.valueOf(name.substring("Reduce".length()).toUpperCase(Locale.ROOT)),
        a.truth("keepdims", true),
        !none);
  }

  private Selection slice(Attributes a) {
    if (opset < 10) {
      if (inputs.size() > 1) {
        throw new IllegalArgumentException("several inputs, expected one before operator set 10");
      }
      requirePresent(a, "starts");
      requirePresent(a, "ends");
      inputs.add(constant(a.integers("starts")));
      inputs.add(constant(a.integers("ends")));
      long[] axes = a.integers("axes");
      if (axes != null) {
        inputs.add(constant(axes));
      }
    }
    return new Selection(Selection.Kind.SLICE, 0);
  }

  /** What PyTorch writes before operator set 9 for zeros of a shape that it computes. */
  private Filling constantFill(Attributes a) {
    if (opset >= 9) {
      throw new IllegalArgumentException("an operator that operator set " + opset + " has not");
    }
    if (!a.truth("input_as_shape", false) || a.small("dtype", Proto.FLOAT) != Proto.FLOAT) {
      throw new IllegalArgumentException("expected input_as_shape 1 and dtype FLOAT");
    }
    float[] value = {a.number("value", 0)};
    return new Filling(Filling.Kind.CONSTANT_OF_SHAPE, Tensor.of("", value, 1));
  }

  private static Filling cast(int to) {
    return switch (to) {
      case Proto.FLOAT -> new Filling(Filling.Kind.TO_FLOAT);
      case Proto.INT32 -> new Filling(Filling.Kind.TO_INT);
      case Proto.INT64 -> new Filling(Filling.Kind.TO_LONG);
      default ->
          throw new IllegalArgumentException(
              "to " + Proto.dataType(to) + ", expected FLOAT, INT32 or INT64");
    };
  }

  private Filling dropout(Attributes a) {
    a.ignore("ratio");
    a.ignore("seed");
    if (opset >= 12 && inputs.size() > 2 && !inputs.get(2).isEmpty()) {
      String training = inputs.get(2);
      Tensor value =
          constants.stream().filter(c -> c.name().equals(training)).findAny().orElse(null);
      if (value == null || value.bytes().length != 1 || value.bytes()[0] != 0) {
        throw new IllegalArgumentException("training_mode, expected a constant that is false");
      }
    }
    while (inputs.size() > 1) {
      inputs.remove(inputs.size() - 1);
    }
    return new Filling(Filling.Kind.DROPOUT);
  }

  private Recurrent recurrent(Recurrent.Kind kind, Attributes a) {
    String direction = a.text("direction", "forward");
    Recurrent.Direction ways =
        switch (direction) {
          case "forward" -> Recurrent.Direction.FORWARD;
          case "reverse" -> Recurrent.Direction.REVERSE;
          case "bidirectional" -> Recurrent.Direction.BIDIRECTIONAL;
          default ->
              throw new IllegalArgumentException(
                  "direction " + direction + ", expected forward, reverse or bidirectional");
        };
    boolean lstm = kind == Recurrent.Kind.LSTM;
    Recurrent usual = new Recurrent(kind, ways, hiddenSize(a));
    return new Recurrent(
        kind,
        ways,
        usual.hiddenSize(),
        activations(usual, a),
        a.number("clip", Float.POSITIVE_INFINITY),
        lstm && a.truth("input_forget", false),
        kind == Recurrent.Kind.GRU && a.truth("linear_before_reset", false),
        opset >= 14 && a.truth("layout", false));
  }

  private int hiddenSize(Attributes a) {
    if (a.has("hidden_size")) {
      return a.small("hidden_size", 0);
    }
    Tensor r = inputs.size() > 2 ? initializers.get(inputs.get(2)) : null;
    if (r == null || r.shape().length != 3) {
      throw new IllegalArgumentException("no attribute hidden_size");
    }
    return r.shape()[2];
  }

  /** Alphas and betas are consumed, in the order of the activations, by those that take any. */
  private static List<Recurrent.Function> activations(Recurrent usual, Attributes a) {
    List<String> names = a.texts("activations");
    float[] alphas = a.numbers("activation_alpha");
    float[] betas = a.numbers("activation_beta");
    List<Recurrent.Function> functions = new ArrayList<>();
    int alpha = 0;
    int beta = 0;
    int count = names == null ? usual.activations().size() : names.size();
    for (int i = 0; i < count; i++) {
      Nonlinearity of =
          names == null ? usual.activations().get(i).of() : Nonlinearity.parse(names.get(i));
      if (of == Nonlinearity.ABS || of == Nonlinearity.NEG || of == Nonlinearity.EXP) {
        throw new IllegalArgumentException("activation " + of + ", which ONNX has not");
      }
      boolean hasAlpha = of.parameters() > 0 && alpha < alphas.length;
      boolean hasBeta = of.parameters() > 1 && beta < betas.length;
      boolean needs = of == Nonlinearity.AFFINE || of == Nonlinearity.SCALED_TANH;
      if (needs && !(hasAlpha && hasBeta)) {
        throw new IllegalArgumentException(
            "activation " + names.get(i) + ": expected its alpha and beta");
      }
      functions.add(
          new Recurrent.Function(
              of, hasAlpha ? alphas[alpha++] : of.alpha(), hasBeta ? betas[beta++] : of.beta()));
    }
    return functions;
  }
}
