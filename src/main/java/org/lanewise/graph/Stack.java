package org.lanewise.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;

/**
 * A graph that is in truth a network of this library: vectors or embedded tokens, recurrent layers
 * of one kind and size, a head, a linear output. Such a network runs step by step, is trained on
 * and is saved like any other.
 *
 * <pre>{@code
 * Model model = Model.of(Stack.of(graph).parameters());
 * }</pre>
 *
 * <p>Every value of the graph is followed by what its axes mean, so it does not matter by which
 * operators an exporter has expressed the stack. States before the first step must be zero, or
 * inputs of the graph: these are then the states that a session keeps.
 *
 * @param parameters the network
 * @param batchFirst whether the graph's main input is {@code [batch, time, …]}
 * @param softmax what the graph does with the linear output at the end: {@code ""} for nothing,
 *     {@code "softmax"} or {@code "log_softmax"}; a network gives the linear output itself
 */
public record Stack(Parameters parameters, boolean batchFirst, String softmax) {

  /**
   * Finds the network in a graph.
   *
   * @param graph the graph
   * @return the network
   * @throws IllegalArgumentException if no network of this library computes the graph; says why.
   *     The graph itself can still run
   */
  public static Stack of(Graph graph) {
    return new Finder(graph).find();
  }

  /** What an axis means, or what a value is when it is none of sequences. */
  private enum Axis {
    /** The axes of the input before it is known which of them is time. */
    FIRST,
    SECOND,
    /** One per direction. */
    DIRECTION,
    /** One dimension. */
    ONE,
    /** Hidden units of one direction, or of both joined, or the values of an input. */
    VALUES
  }

  /** What part of the network a value is. */
  private enum Part {
    /** The input, or its embedding. */
    INPUT,
    /** Outputs of a layer. */
    OUTPUT,
    /** The states of a layer after its last step. */
    STATE,
    /** One direction of such states. */
    FORWARD_STATE,
    REVERSE_STATE,
    /** What a head other than the steps picks. */
    PICKED,
    /** The linear output, or that through softmax. */
    RESULT,
    /** Depends on the shapes alone, or holds zeros, or states that are given. */
    SHAPE,
    ZERO,
    GIVEN
  }

  /** A value as a part of the network, with what its axes mean. */
  private record Meaning(Part part, int layer, List<Axis> axes) {
    Meaning with(List<Axis> other) {
      return new Meaning(part, layer, other);
    }

    Meaning as(Part other, List<Axis> otherAxes) {
      return new Meaning(other, layer, otherAxes);
    }
  }

  private static final class Finder {
    private final Graph graph;
    private final Map<String, Meaning> meanings = new HashMap<>();
    private final List<Recurrent> layers = new ArrayList<>();
    private final List<Value[]> weights = new ArrayList<>();
    private Value table;
    private int features;
    private Axis time;
    private Head head = Head.STEPS;
    private boolean sum;
    private Value matrix;
    private Value bias;
    private String softmax = "";
    private Node node;

    Finder(Graph graph) {
      this.graph = graph;
    }

    Stack find() {
      for (Port input : graph.inputs()) {
        Part part = meanings.isEmpty() ? Part.INPUT : Part.GIVEN;
        List<Axis> axes = new ArrayList<>();
        if (part == Part.INPUT) {
          axes.addAll(List.of(Axis.FIRST, Axis.SECOND));
          if (!input.integer()) {
            axes.add(Axis.VALUES);
          }
          if (input.shape() != null && input.shape().size() != axes.size()) {
            throw new IllegalArgumentException(
                "no network: input " + input + ", expected " + axes.size() + " axes");
          }
        }
        meanings.put(input.name(), new Meaning(part, -1, axes));
      }
      for (Node next : graph.running()) {
        node = next;
        try {
          follow();
        } catch (IllegalArgumentException | ArithmeticException e) {
          throw e.getMessage().startsWith("no network") ? e : no(e.getMessage());
        }
      }
      Meaning result = null;
      for (Port output : graph.outputs()) {
        Meaning meaning = meanings.get(output.name());
        boolean state = meaning != null && meaning.part() == Part.STATE;
        if (meaning != null && !state && result == null) {
          result = meaning;
        } else if (!state) {
          throw new IllegalArgumentException(
              "no network: output " + output.name() + ", expected one result");
        }
      }
      boolean headed = result != null && result.part() == Part.RESULT;
      boolean bare = result != null && result.part() == Part.OUTPUT && matrix == null;
      if (layers.isEmpty() || !(headed || bare) || !flat(result)) {
        throw new IllegalArgumentException(
            "no network: expected recurrent layers and a linear output at most behind them");
      }
      return new Stack(parameters(), time == Axis.SECOND, softmax);
    }

    private static boolean flat(Meaning meaning) {
      List<Axis> axes = meaning.axes();
      return axes.get(axes.size() - 1) == Axis.VALUES
          && axes.stream().noneMatch(axis -> axis == Axis.DIRECTION || axis == Axis.ONE);
    }

    private IllegalArgumentException no(String why) {
      return new IllegalArgumentException(
          "no network: node "
              + node.name()
              + " ("
              + node.operator().getClass().getSimpleName()
              + "): "
              + why
              + "; the graph can still run as a whole");
    }

    private Meaning meaning(int input) {
      String name = name(input);
      return name.isEmpty() ? null : meanings.get(name);
    }

    private String name(int input) {
      return input < node.inputs().size() ? node.inputs().get(input) : "";
    }

    private Value constant(int input) {
      return graph.constant(name(input));
    }

    private void give(Meaning meaning) {
      meanings.put(node.outputs().get(0), meaning);
    }

    @SuppressWarnings("IfChainToSwitch") // The formatter does not know such switches yet.
    private void follow() {
      Meaning x = meaning(0);
      Operator operator = node.operator();
      if (operator instanceof Recurrent layer) {
        recurrent(layer, x);
        return;
      }
      if (side()) {
        return;
      }
      boolean constantFirst = operator instanceof Selection || operator instanceof Binary;
      if (x == null && !constantFirst) {
        throw no("not a part of a network");
      }
      if (operator instanceof Filling filling
          && (filling.kind() == Filling.Kind.IDENTITY || filling.kind() == Filling.Kind.DROPOUT)) {
        give(x);
      } else if (operator instanceof Selection selection) {
        selection(selection, x);
      } else if (operator instanceof Reshaping reshaping) {
        reshaping(reshaping, x);
      } else if (operator instanceof Reduction reduction) {
        reduction(reduction, x);
      } else if (operator instanceof Products products) {
        linear(products, x);
      } else if (operator instanceof Binary binary) {
        addBias(binary);
      } else if (operator instanceof Softmax function) {
        boolean last =
            (!function.rest() && function.axis() == -1) || function.axis() == x.axes().size() - 1;
        if (x.part() != Part.RESULT || !last || !softmax.isEmpty()) {
          throw no("expected it over the values of the result, at the end");
        }
        softmax = function.log() ? "log_softmax" : "softmax";
        give(x);
      } else {
        throw no("an operator that no network of this library has there");
      }
    }

    /** Follows shapes, zeros and given states, which say nothing about the sequences. */
    private boolean side() {
      boolean shapes = true;
      boolean zeros = true;
      boolean given = true;
      for (int i = 0; i < node.inputs().size(); i++) {
        Meaning meaning = meaning(i);
        Value constant = constant(i);
        shapes &= constant != null || (meaning != null && meaning.part() == Part.SHAPE);
        zeros &=
            (constant != null && (i > 0 || isZero(constant)))
                || (meaning != null
                    && (meaning.part() == Part.ZERO || (i > 0 && meaning.part() == Part.SHAPE)));
        given &= i == 0 ? meaning != null && meaning.part() == Part.GIVEN : constant != null;
      }
      boolean moves =
          node.operator() instanceof Selection
              || node.operator() instanceof Reshaping
              || node.operator() instanceof Filling;
      Part part = null;
      if (node.operator() instanceof Reshaping reshaping
          && reshaping.kind() == Reshaping.Kind.SHAPE) {
        part = Part.SHAPE;
      } else if (node.operator() instanceof Filling filling
          && filling.kind() == Filling.Kind.CONSTANT_OF_SHAPE
          && shapes) {
        part = isZero(Value.of(filling.constant())) ? Part.ZERO : null;
      } else if (moves && zeros) {
        part = Part.ZERO;
      } else if (moves && given) {
        part = Part.GIVEN;
      } else if (shapes && (moves || node.operator() instanceof Binary)) {
        part = Part.SHAPE;
      }
      if (part != null) {
        give(new Meaning(part, -1, List.of()));
      }
      return part != null;
    }

    private static boolean isZero(Value value) {
      if (value.isInteger()) {
        return false;
      }
      for (float element : value.floats) {
        if (element != 0) {
          return false;
        }
      }
      return true;
    }

    private void recurrent(Recurrent layer, Meaning x) {
      Part expected = layers.isEmpty() ? Part.INPUT : Part.OUTPUT;
      boolean sequence =
          x != null
              && x.part() == expected
              && x.layer() == layers.size() - 1
              && x.axes().size() == 3
              && x.axes().get(2) == Axis.VALUES;
      if (!sequence) {
        throw no("expected the sequences of the input or of the layer below");
      }
      Axis now = x.axes().get(layer.batchFirst() ? 1 : 0);
      Axis other = x.axes().get(layer.batchFirst() ? 0 : 1);
      if (time != null && time != now) {
        throw no("time and batch exchanged between layers");
      }
      time = now;
      for (int i = 4; i < 7; i++) {
        Meaning meaning = meaning(i);
        Value constant = constant(i);
        boolean fits =
            name(i).isEmpty()
                || (i > 4 && constant != null && isZero(constant))
                || (i > 4
                    && meaning != null
                    && (meaning.part() == Part.ZERO || meaning.part() == Part.GIVEN));
        if (!fits) {
          throw no(
              (i == 4 ? "sequence_lens" : "initial states")
                  + ", expected none, zeros or inputs of the graph");
        }
      }
      Value[] given = new Value[8];
      for (int i : new int[] {1, 2, 3, 7}) {
        given[i] = constant(i);
        if (given[i] == null && !name(i).isEmpty()) {
          throw no("weights that are not constant");
        }
      }
      layer.requireWeights(given);
      CellKind cell = layer.cell(0, given[7] != null);
      if (cell == null || layer.direction() == Recurrent.Direction.REVERSE) {
        throw no("a form that no cell of this library computes forward: " + layer);
      }
      if (!layers.isEmpty()) {
        Recurrent first = layers.get(0);
        if (first.cell(0, weights.get(0)[7] != null) != cell
            || first.hiddenSize() != layer.hiddenSize()
            || first.direction() != layer.direction()) {
          throw no("expected layers of one kind, size and direction");
        }
      }
      if (layer.direction().count() == 2 && layer.cell(1, given[7] != null) != cell) {
        throw no("expected the same activations in both directions");
      }
      layers.add(layer);
      weights.add(given);
      if (layers.size() == 1) {
        features = given[1].shape[2];
      }
      int k = layers.size() - 1;
      List<Axis> y =
          layer.batchFirst()
              ? List.of(other, time, Axis.DIRECTION, Axis.VALUES)
              : List.of(time, Axis.DIRECTION, other, Axis.VALUES);
      List<Axis> state =
          layer.batchFirst()
              ? List.of(other, Axis.DIRECTION, Axis.VALUES)
              : List.of(Axis.DIRECTION, other, Axis.VALUES);
      for (int i = 0; i < node.outputs().size(); i++) {
        Part part = i == 0 ? Part.OUTPUT : i == 1 ? Part.STATE : Part.SHAPE;
        // The last cell states may be an output of the graph, but nothing is made of them.
        if (!node.outputs().get(i).isEmpty()) {
          meanings.put(
              node.outputs().get(i),
              i < 2
                  ? new Meaning(part, k, i == 0 ? y : state)
                  : new Meaning(Part.STATE, -2, state));
        }
      }
    }

    private boolean isTop(Meaning x, Part part) {
      return x != null && x.part() == part && x.layer() == layers.size() - 1 && !layers.isEmpty();
    }

    private void selection(Selection selection, Meaning x) {
      switch (selection.kind()) {
        case GATHER -> gather(selection, x);
        case CONCAT -> concat(selection);
        case SLICE -> slice(x);
      }
    }

    private void gather(Selection selection, Meaning x) {
      Value rows = constant(0);
      Meaning tokens = meaning(1);
      if (rows != null) {
        boolean fits =
            rows.rank() == 2
                && Shapes.axis(selection.axis(), 2) == 0
                && tokens != null
                && tokens.part() == Part.INPUT
                && tokens.axes().size() == 2
                && table == null
                && !rows.isInteger();
        if (!fits) {
          throw no("expected an embedding of the input's tokens");
        }
        table = rows;
        give(tokens.with(List.of(Axis.FIRST, Axis.SECOND, Axis.VALUES)));
        return;
      }
      Value index = constant(1);
      if (x == null || index == null || index.size() != 1 || index.rank() > 1) {
        throw no("expected one constant index");
      }
      int at = Shapes.axis(selection.axis(), x.axes().size());
      List<Axis> axes = new ArrayList<>(x.axes());
      if (index.rank() == 0) {
        axes.remove(at);
      } else {
        axes.set(at, Axis.ONE);
      }
      pick(x, x.axes().get(at), index.longs[0], axes);
    }

    private void slice(Meaning x) {
      Value starts = constant(1);
      Value ends = constant(2);
      Value axesOf = constant(3);
      Value steps = constant(4);
      boolean one =
          starts != null
              && ends != null
              && starts.size() == 1
              && (axesOf != null || name(3).isEmpty())
              && (name(4).isEmpty() || (steps != null && steps.longs[0] == 1));
      if (!one || x == null || x.axes().isEmpty()) {
        throw no("expected one index along one axis");
      }
      int at = Shapes.axis(axesOf == null ? 0 : axesOf.longs[0], x.axes().size());
      long start = starts.longs[0];
      long end = ends.longs[0];
      boolean single = end == start + 1 || (start == -1 && end >= Integer.MAX_VALUE);
      if (!single) {
        throw no("expected one index along one axis");
      }
      List<Axis> axes = new ArrayList<>(x.axes());
      axes.set(at, Axis.ONE);
      pick(x, x.axes().get(at), start, axes);
    }

    /** The last step, the last states, or one direction of them. */
    private void pick(Meaning x, Axis axis, long index, List<Axis> axes) {
      int directions = layers.isEmpty() ? 1 : layers.get(0).direction().count();
      if (isTop(x, Part.OUTPUT) && axis == time && index == -1 && directions == 1) {
        head(Head.LAST);
        give(x.as(Part.PICKED, axes));
        return;
      }
      // Several layers' states may lie behind one another; those of the top are the last.
      boolean ofTop = isTop(x, Part.STATE) && axis == Axis.DIRECTION;
      if (ofTop && directions == 1 && (index == -1 || (index == 0 && layers.size() == 1))) {
        head(Head.LAST);
        give(x.as(Part.PICKED, axes));
      } else if (ofTop && directions == 2 && (index == -1 || index == -2)) {
        give(x.as(index == -1 ? Part.REVERSE_STATE : Part.FORWARD_STATE, axes));
      } else {
        throw no("expected the last step or the last states");
      }
    }

    private void head(Head found) {
      if (head != Head.STEPS && head != found) {
        throw no("a second head");
      }
      head = found;
    }

    private void concat(Selection selection) {
      List<Meaning> parts = node.inputs().stream().map(meanings::get).toList();
      Meaning first = parts.get(0);
      if (parts.stream().allMatch(part -> part != null && part.part() == Part.STATE)) {
        // Those of the top layer count, which are the last.
        Meaning last = parts.get(parts.size() - 1);
        int at = Shapes.axis(selection.axis(), last.axes().size());
        if (last.axes().get(at) == Axis.DIRECTION) {
          give(last);
          return;
        }
      }
      boolean both =
          parts.size() == 2
              && isTop(first, Part.FORWARD_STATE)
              && isTop(parts.get(1), Part.REVERSE_STATE)
              && first.axes().equals(parts.get(1).axes())
              && first.axes().get(Shapes.axis(selection.axis(), first.axes().size()))
                  == Axis.VALUES;
      if (!both) {
        throw no("expected the last states, forward before reverse");
      }
      head(Head.LAST);
      give(first.as(Part.PICKED, first.axes()));
    }

    private void reshaping(Reshaping reshaping, Meaning x) {
      Value given = constant(1);
      if (given == null && !name(1).isEmpty()) {
        throw no("a shape that is not constant");
      }
      List<Axis> axes = new ArrayList<>(x.axes());
      switch (reshaping.kind()) {
        case TRANSPOSE -> {
          List<Axis> from = List.copyOf(axes);
          List<Integer> order = reshaping.numbers();
          boolean whole = order.stream().distinct().count() == from.size();
          if (!order.isEmpty() && !(whole && order.size() == from.size())) {
            throw no("expected an order of the axes " + from);
          }
          for (int i = 0; i < axes.size(); i++) {
            int axis =
                reshaping.numbers().isEmpty() ? axes.size() - 1 - i : reshaping.numbers().get(i);
            axes.set(i, from.get(axis));
          }
          give(x.with(axes));
        }
        case UNSQUEEZE -> {
          for (int axis : Shapes.axes(given.longs, axes.size() + given.size())) {
            axes.add(axis, Axis.ONE);
          }
          give(x.with(axes));
        }
        case SQUEEZE -> squeeze(x, given, axes);
        case RESHAPE -> joined(x, given, axes);
        default -> throw no("not a part of a network");
      }
    }

    private void squeeze(Meaning x, Value given, List<Axis> axes) {
      boolean single = !layers.isEmpty() && layers.get(0).direction().count() == 1;
      if (given == null) {
        throw no("expected axes: sizes may be 1 by chance");
      }
      int[] gone = Shapes.axes(given.longs, axes.size());
      Part part = x.part();
      for (int i = gone.length - 1; i >= 0; i--) {
        Axis axis = axes.remove(gone[i]);
        if (axis == Axis.DIRECTION && single && part == Part.STATE && isTop(x, Part.STATE)) {
          head(Head.LAST);
          part = Part.PICKED;
        } else if (axis != Axis.ONE && !(axis == Axis.DIRECTION && single)) {
          throw no("expected an axis of dimension 1");
        }
      }
      give(x.as(part, axes));
    }

    /** Directions and units become one axis: all axes before are kept, by 0 or by their order. */
    private void joined(Meaning x, Value given, List<Axis> axes) {
      int n = axes.size();
      boolean ends = n > 2 && axes.get(n - 2) == Axis.DIRECTION && axes.get(n - 1) == Axis.VALUES;
      boolean fits = ends && !layers.isEmpty() && given.size() == n - 1;
      for (int i = 0; fits && i < n - 2; i++) {
        fits = given.longs[i] == 0;
      }
      int width =
          layers.isEmpty() ? 0 : layers.get(0).hiddenSize() * layers.get(0).direction().count();
      fits = fits && (given.longs[n - 2] == -1 || given.longs[n - 2] == width);
      if (!fits) {
        throw no("expected directions and units to be joined");
      }
      axes.remove(n - 2);
      Part part = x.part();
      if (isTop(x, Part.STATE)) {
        head(Head.LAST);
        part = Part.PICKED;
      }
      give(x.as(part, axes));
    }

    private void reduction(Reduction reduction, Meaning x) {
      Value given = constant(1);
      if (x == null || given == null || given.size() != 1 || reduction.keep()) {
        throw no("expected one axis that goes");
      }
      List<Axis> axes = new ArrayList<>(x.axes());
      Axis axis = axes.remove(Shapes.axis(given.longs[0], axes.size()));
      boolean added = reduction.kind() == Reduction.Kind.SUM && axis == Axis.DIRECTION;
      if (added && (x.part() == Part.OUTPUT || isTop(x, Part.STATE))) {
        if (layers.get(0).direction().count() == 2) {
          sum = true;
        }
        if (x.part() == Part.STATE) {
          head(Head.LAST);
        }
        give(x.part() == Part.STATE ? x.as(Part.PICKED, axes) : x.with(axes));
      } else if (isTop(x, Part.OUTPUT) && axis == time && reduction.kind() != Reduction.Kind.SUM) {
        head(reduction.kind() == Reduction.Kind.MEAN ? Head.MEAN : Head.MAX);
        give(x.as(Part.PICKED, axes));
      } else {
        throw no("expected the mean or the largest over time, or the sum of directions");
      }
    }

    private void linear(Products products, Meaning x) {
      Value b = constant(1);
      boolean behind = (isTop(x, Part.OUTPUT) && head == Head.STEPS) || isTop(x, Part.PICKED);
      if (!behind || !flat(x) || b == null || b.rank() != 2 || matrix != null) {
        throw no("expected one linear output, of the top layer or of what the head picks");
      }
      if (products.alpha() != 1 || products.transA()) {
        throw no("expected a product with factor 1");
      }
      matrix = products.transB() ? new Reshaping(Reshaping.Kind.TRANSPOSE).run(b)[0] : b;
      if (!name(2).isEmpty()) {
        setBias(constant(2), products.beta());
      }
      give(x.as(Part.RESULT, x.axes()));
    }

    private void addBias(Binary binary) {
      int result = meaning(0) == null ? 1 : 0;
      Meaning x = meaning(result);
      boolean fits =
          binary.kind() == Binary.Kind.ADD
              && x != null
              && x.part() == Part.RESULT
              && softmax.isEmpty()
              && bias == null;
      if (!fits) {
        throw no("expected the bias of the linear output");
      }
      setBias(constant(1 - result), 1);
      give(x);
    }

    private void setBias(Value value, float factor) {
      boolean vector =
          value != null && value.rank() > 0 && value.size() == value.shape[value.rank() - 1];
      if (!vector || value.size() != matrix.shape[1] || factor != 1) {
        throw no("expected a constant bias of " + matrix.shape[1] + " values");
      }
      bias = value;
    }

    private Parameters parameters() {
      Recurrent first = layers.get(0);
      boolean both = first.direction().count() == 2;
      Direction direction =
          !both ? Direction.FORWARD : sum ? Direction.BIDIRECTIONAL_SUM : Direction.BIDIRECTIONAL;
      Input input =
          table == null
              ? new Input.Features(features)
              : new Input.Embedding(table.shape[0], table.shape[1]);
      NetworkSpec spec =
          new NetworkSpec(
              input,
              first.cell(0, weights.get(0)[7] != null),
              first.hiddenSize(),
              0,
              layers.size(),
              direction,
              head,
              0,
              false,
              matrix == null ? 0 : matrix.shape[1]);
      Parameters parameters = new Parameters(spec);
      if (table != null) {
        copy(table, parameters, "embedding.weight");
      }
      for (int layer = 0; layer < layers.size(); layer++) {
        Value[] given = weights.get(layer);
        if (given[1].shape[2] != spec.inputSize(layer)) {
          throw new IllegalArgumentException(
              "no network: W of layer "
                  + layer
                  + " "
                  + given[1]
                  + ", expected input size "
                  + spec.inputSize(layer));
        }
        for (int way = 0; way < direction.count(); way++) {
          String end = "_l" + layer + (way == 1 ? "_reverse" : "");
          String[] names = {"weight_ih", "weight_hh", "bias_ih", "bias_hh", "peephole"};
          int[] offsets = new int[given[7] == null ? 4 : 5];
          for (int i = 0; i < offsets.length; i++) {
            offsets[i] = parameters.slice(spec.cell().module() + "." + names[i] + end).offset();
          }
          layers.get(layer).copyWeights(given, way, parameters.values(), offsets);
        }
      }
      if (matrix != null) {
        if (matrix.shape[0] != spec.width()) {
          throw new IllegalArgumentException(
              "no network: linear output " + matrix + ", expected " + spec.width() + " inputs");
        }
        Value rows = new Reshaping(Reshaping.Kind.TRANSPOSE).run(matrix)[0];
        copy(rows, parameters, "linear.weight");
        if (bias != null) {
          copy(bias, parameters, "linear.bias");
        }
      }
      for (float value : parameters.values()) {
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException("no network: a weight is " + value);
        }
      }
      return parameters;
    }

    private static void copy(Value value, Parameters parameters, String name) {
      Parameter p = parameters.slice(name);
      int[] shape = p.shape().stream().mapToInt(Integer::intValue).toArray();
      if (value.size() != p.size()) {
        throw new IllegalArgumentException(
            "no network: " + name + " " + value + ", expected " + Arrays.toString(shape));
      }
      System.arraycopy(value.floats, 0, parameters.values(), p.offset(), p.size());
    }
  }
}
