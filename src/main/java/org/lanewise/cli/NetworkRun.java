package org.lanewise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.lanewise.format.FormatException;
import org.lanewise.format.ModelFile;
import org.lanewise.format.Tensor;
import org.lanewise.format.TensorFile;
import org.lanewise.graph.Activations;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Workspace;
import org.lanewise.stream.Batch;
import org.lanewise.stream.Model;
import org.lanewise.stream.ModelFormat;

/** One run of a network on stored tensors. */
final class NetworkRun {
  static final String INPUT = "input";
  private static final List<String> STATES = List.of("h0", "c0", "lengths");

  private final Model model;
  private final String activation;
  private final NetworkSpec spec;
  private final Path path;
  private final TensorFile tensors;
  private final boolean batchFirst;
  private int timeSteps;
  private int batch;

  /** Row of the file at each row of the batch, whose longest sequence comes first. */
  private Integer[] rows;

  private int[] lengths;

  NetworkRun(ModelFile model, Path path, TensorFile tensors, boolean batchFirst) {
    this.model = Model.of(model);
    this.activation = ModelFormat.activation(model);
    this.spec = model.parameters().spec();
    this.path = path;
    this.tensors = tensors;
    this.batchFirst = batchFirst;
  }

  /** Whether a tensor has one of the names that a network reads. */
  static boolean isName(String name) {
    return name.equals(INPUT) || STATES.contains(name);
  }

  List<Tensor> run() throws IOException {
    List<Input.Part> parts = spec.input().parts();
    List<String> names = new ArrayList<>(parts.stream().map(NetworkRun::name).toList());
    names.addAll(STATES);
    if (!spec.cell().hasCellState()) {
      names.remove("c0");
    }
    for (Tensor tensor : tensors.tensors().values()) {
      if (!names.contains(tensor.name())) {
        throw problem(tensor + ", expected only " + String.join(", ", names));
      }
    }
    sizes(parts.get(0));
    order();
    Batch run = model.batch(timeSteps, batch);
    int column = 0;
    int tokenInput = 0;
    for (Input.Part part : parts) {
      if (part.input().isToken()) {
        tokens(part, run.workspace().tokens(tokenInput++));
      } else {
        vectors(part, run.workspace(), column);
      }
      column += part.input().size();
    }
    int[] longestFirst = Arrays.stream(rows).mapToInt(row -> lengths[row]).toArray();
    run.run(longestFirst, state("h0", spec.stateSize()), state("c0", spec.hiddenSize()));
    return results(run);
  }

  private static String name(Input.Part part) {
    return part.name().isEmpty() ? INPUT : INPUT + "." + part.name();
  }

  private int[] shape(Input.Part part) {
    int first = batchFirst ? batch : timeSteps;
    int second = batchFirst ? timeSteps : batch;
    return part.input().isToken()
        ? new int[] {first, second}
        : new int[] {first, second, part.input().size()};
  }

  private void sizes(Input.Part part) throws FormatException {
    Tensor tensor = tensors.tensor(name(part));
    int[] shape = tensor.shape();
    int rank = part.input().isToken() ? 2 : 3;
    if (shape.length != rank || tensor.elements() == 0) {
      throw problem(
          tensor
              + ", expected "
              + (batchFirst ? "[batch, time" : "[time, batch")
              + (rank == 2 ? "] of tokens" : ", " + part.input().size() + "]")
              + (shape.length == rank ? ", none of them 0" : ""));
    }
    timeSteps = shape[batchFirst ? 1 : 0];
    batch = shape[batchFirst ? 0 : 1];
  }

  private void order() throws FormatException {
    lengths = new int[batch];
    Arrays.fill(lengths, timeSteps);
    if (tensors.tensors().containsKey("lengths")) {
      long[] given = tensors.require("lengths", batch).longs();
      for (int row = 0; row < batch; row++) {
        if (given[row] < 1 || given[row] > timeSteps) {
          throw problem(
              "lengths: found " + given[row] + " at " + row + ", expected 1 to " + timeSteps);
        }
        lengths[row] = (int) given[row];
      }
    }
    rows = IntStream.range(0, batch).boxed().toArray(Integer[]::new);
    Arrays.sort(rows, Comparator.comparingInt(row -> -lengths[row]));
  }

  /** Index of a step of a row of the batch among those of a tensor. */
  private int at(int time, int row) {
    return batchFirst ? rows[row] * timeSteps + time : time * batch + rows[row];
  }

  private void vectors(Input.Part part, Workspace workspace, int column) throws FormatException {
    int size = part.input().size();
    float[] values = tensors.require(name(part), shape(part)).floats();
    for (int time = 0; time < timeSteps; time++) {
      for (int row = 0; row < batch; row++) {
        int to = workspace.xAt(time, row) + column;
        System.arraycopy(values, at(time, row) * size, workspace.x, to, size);
      }
    }
  }

  private void tokens(Input.Part part, int[] tokens) throws FormatException {
    long[] values = tensors.require(name(part), shape(part)).longs();
    for (int time = 0; time < timeSteps; time++) {
      for (int row = 0; row < batch; row++) {
        long token = values[at(time, row)];
        if (time < lengths[rows[row]] && (token < 0 || token >= part.input().tokens())) {
          throw problem(
              String.format(
                  "%s: found token %d at step %d of sequence %d, expected 0 to %d",
                  name(part), token, time, rows[row], part.input().tokens() - 1));
        }
        tokens[time * batch + row] = time < lengths[rows[row]] ? (int) token : 0;
      }
    }
  }

  private int states() {
    return spec.layers() * spec.direction().count();
  }

  /** A state of the file in the order of the batch, or null. */
  private float[] state(String name, int size) throws FormatException {
    if (!tensors.tensors().containsKey(name)) {
      return null;
    }
    float[] values = tensors.require(name, states(), batch, size).floats();
    float[] ordered = new float[values.length];
    for (int k = 0; k < states(); k++) {
      for (int row = 0; row < batch; row++) {
        int from = (k * batch + rows[row]) * size;
        System.arraycopy(values, from, ordered, (k * batch + row) * size, size);
      }
    }
    return ordered;
  }

  private List<Tensor> results(Batch run) {
    int size = model.outputSize();
    boolean everyStep = spec.head().everyStep();
    float[] output = new float[Math.multiplyExact((everyStep ? timeSteps : 1) * batch, size)];
    for (int row = 0; row < batch; row++) {
      int steps = everyStep ? lengths[rows[row]] : 1;
      for (int time = 0; time < steps; time++) {
        int to = everyStep ? at(time, row) : rows[row];
        run.workspace().result(time, row, output, to * size);
        if (!activation.equals(Activations.LINEAR)) {
          float[] values = Arrays.copyOfRange(output, to * size, (to + 1) * size);
          System.arraycopy(Activations.apply(activation, values), 0, output, to * size, size);
        }
      }
    }
    float[] hn = new float[states() * batch * spec.stateSize()];
    float[] cn =
        spec.cell().hasCellState() ? new float[states() * batch * spec.hiddenSize()] : null;
    run.lastStates(hn, cn);
    int[] shape = new int[] {batch, size};
    if (everyStep) {
      shape = batchFirst ? new int[] {batch, timeSteps, size} : new int[] {timeSteps, batch, size};
    }
    List<Tensor> results = new ArrayList<>();
    results.add(Tensor.of("output", output, shape));
    results.add(stateTensor("hn", hn, spec.stateSize()));
    if (cn != null) {
      results.add(stateTensor("cn", cn, spec.hiddenSize()));
    }
    return results;
  }

  private Tensor stateTensor(String name, float[] values, int size) {
    float[] ordered = new float[values.length];
    for (int k = 0; k < states(); k++) {
      for (int row = 0; row < batch; row++) {
        int to = (k * batch + rows[row]) * size;
        System.arraycopy(values, (k * batch + row) * size, ordered, to, size);
      }
    }
    return Tensor.of(name, ordered, states(), batch, size);
  }

  private FormatException problem(String problem) {
    return new FormatException(path.toString(), problem);
  }
}
