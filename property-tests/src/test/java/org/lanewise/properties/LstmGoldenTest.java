package org.lanewise.properties;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.cell.CellKind;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Input;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;
import org.lanewise.network.RecurrentLayer;
import org.lanewise.network.Workspace;

/** LSTM layers of the library, in float, against PyTorch's results in double. */
class LstmGoldenTest {
  private static final double OUTPUT_TOLERANCE = 2e-6;
  private static final double GRADIENT_TOLERANCE = 5e-6;
  private static final double LOSS_TOLERANCE = 1e-5;
  private static final GoldenErrors ERRORS = new GoldenErrors("LSTM layers against PyTorch:");

  static List<GoldenFile> files() {
    return GoldenFile.ofKind("lstm uni");
  }

  @AfterAll
  static void report() {
    System.out.println(ERRORS);
  }

  @ParameterizedTest
  @MethodSource("files")
  void outputsAndGradientsEqualPyTorch(GoldenFile golden) {
    Kernels kernels = KernelProvider.kernels();
    int[] input = golden.shape("input");
    int[] state = golden.shape("h0");
    int timeSteps = input[0];
    int batch = input[1];
    int layers = state[0];
    int hiddenSize = state[2];
    Parameters parameters =
        new Parameters(
            new NetworkSpec(new Input.Features(input[2]), CellKind.LSTM, hiddenSize, layers, 0));
    for (Parameter p : parameters.slices()) {
      toFloats(golden.values(plainName(p)), parameters.values(), p.offset());
    }
    Network network = new Network(kernels, parameters, true);
    network.pack(parameters.values());
    Workspace workspace = new Workspace(network, timeSteps, batch, true);
    Rows x = new Rows(workspace.x, 0, workspace.xStride, input[2]);
    x.put(golden.values("input"));
    for (int layer = 0; layer < layers; layer++) {
      Tape tape = workspace.tape(layer);
      rows(tape, tape.h, 0, hiddenSize).put(layer(golden, "h0", layer));
      rows(tape, tape.c, 0, hiddenSize).put(layer(golden, "c0", layer));
    }

    network.forward(workspace, 0, batch);
    Tape top = workspace.tape(layers - 1);
    double[] output = rows(top, top.h, 1, hiddenSize).get(timeSteps * batch);
    outputs(golden, "output", golden.values("output"), output);
    double loss = dot(output, golden.values("R1"));
    for (int layer = 0; layer < layers; layer++) {
      Tape tape = workspace.tape(layer);
      double[] hn = rows(tape, tape.h, timeSteps, hiddenSize).get(batch);
      double[] cn = rows(tape, tape.c, timeSteps, hiddenSize).get(batch);
      outputs(golden, "hn", layer(golden, "hn", layer), hn);
      outputs(golden, "cn", layer(golden, "cn", layer), cn);
      loss += dot(hn, layer(golden, "R2", layer)) + dot(cn, layer(golden, "R3", layer));
    }
    ERRORS.check(golden, "losses", LOSS_TOLERANCE, "loss", golden.values("loss"), loss);

    backward(golden, network, workspace, hiddenSize);
    network.weightGradient(workspace, 0, 1, parameters.gradients());
    Map<String, double[]> found = NetworkCase.inDouble(parameters, parameters.gradients());
    for (Parameter p : parameters.slices()) {
      gradients(golden, plainName(p), golden.values("grad." + plainName(p)), found.get(p.name()));
    }
    Rows dx = new Rows(workspace.dx, 0, workspace.xStride, input[2]);
    gradients(golden, "input", golden.values("grad.input"), dx.get(timeSteps * batch));
    for (int layer = 0; layer < layers; layer++) {
      Tape tape = workspace.tape(layer);
      double[] dh0 = rows(tape, tape.dh, 0, hiddenSize).get(batch);
      double[] dc0 = rows(tape, tape.dc, 0, hiddenSize).get(batch);
      gradients(golden, "h0", layer(golden, "grad.h0", layer), dh0);
      gradients(golden, "c0", layer(golden, "grad.c0", layer), dc0);
    }
  }

  /**
   * Back through the layers, one by one, because the loss reaches into the last state of each:
   * dL/doutput = R1, dL/dhn = R2, dL/dcn = R3.
   */
  private static void backward(
      GoldenFile golden, Network network, Workspace workspace, int hiddenSize) {
    int timeSteps = workspace.timeSteps;
    int batch = workspace.batch;
    int layers = network.spec().layers();
    workspace.clearStateGradients();
    Tape top = workspace.tape(layers - 1);
    rows(top, top.dh, 1, hiddenSize).put(golden.values("R1"));
    for (int layer = layers - 1; layer >= 0; layer--) {
      RecurrentLayer recurrent = network.layer(layer, 0);
      Tape tape = workspace.tape(layer);
      rows(tape, tape.dh, timeSteps, hiddenSize).add(layer(golden, "R2", layer));
      rows(tape, tape.dc, 0, hiddenSize).put(layer(golden, "R3", layer));
      recurrent.backward(tape, workspace.timeline(), 0, batch);
      if (layer > 0) {
        Tape below = workspace.tape(layer - 1);
        recurrent.inputGradient(
            tape, workspace.timeline(), 0, batch, false, below.dh, below.at(1, 0), below.stride);
      } else {
        recurrent.inputGradient(
            tape, workspace.timeline(), 0, batch, false, workspace.dx, 0, workspace.xStride);
      }
    }
  }

  private static void outputs(GoldenFile golden, String name, double[] expected, double[] found) {
    ERRORS.check(golden, "outputs", OUTPUT_TOLERANCE, name, expected, found);
  }

  private static void gradients(GoldenFile golden, String name, double[] expected, double[] found) {
    ERRORS.check(golden, "gradients", GRADIENT_TOLERANCE, "grad." + name, expected, found);
  }

  /** The files have no prefix, as in a {@code torch.nn.LSTM} of its own. */
  private static String plainName(Parameter p) {
    return p.name().replace("lstm.", "");
  }

  /** The part of a tensor {@code [layers][batch][hiddenSize]} that belongs to one layer. */
  private static double[] layer(GoldenFile golden, String name, int layer) {
    double[] values = golden.values(name);
    int size = values.length / golden.shape(name)[0];
    double[] part = new double[size];
    System.arraycopy(values, layer * size, part, 0, size);
    return part;
  }

  private static Rows rows(Tape tape, float[] states, int slot, int hiddenSize) {
    return new Rows(states, tape.at(slot, 0), tape.stride, hiddenSize);
  }

  /** Padded rows in an array of floats, read and written as a dense array of doubles. */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  private record Rows(float[] floats, int offset, int stride, int columns) {
    int at(int i) {
      return offset + i / columns * stride + i % columns;
    }

    void put(double[] values) {
      for (int i = 0; i < values.length; i++) {
        floats[at(i)] = (float) values[i];
      }
    }

    void add(double[] values) {
      for (int i = 0; i < values.length; i++) {
        floats[at(i)] += (float) values[i];
      }
    }

    double[] get(int count) {
      double[] values = new double[count * columns];
      for (int i = 0; i < values.length; i++) {
        values[i] = floats[at(i)];
      }
      return values;
    }
  }

  private static void toFloats(double[] values, float[] floats, int offset) {
    for (int i = 0; i < values.length; i++) {
      floats[offset + i] = (float) values[i];
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
