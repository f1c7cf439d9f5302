package org.lanewise.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.cell.CellKind;
import org.lanewise.cell.Tape;
import org.lanewise.format.Safetensors;
import org.lanewise.format.TensorFile;
import org.lanewise.kernel.KernelProvider;

/**
 * GRU and vanilla RNN layers against PyTorch's results in double. Differences are relative to
 * max(1, max|x|) of the tensor.
 */
class RecurrentCellGoldenTest {
  private static final double OUTPUTS = 2e-6;
  private static final double GRADIENTS = 5e-6;

  @ParameterizedTest
  @ValueSource(strings = {"07_gru_L1_uni_I6_H8_B2_T9", "09_rnn_tanh_L2_uni_I6_H9_B2_T15"})
  void outputsAndGradientsEqualPyTorch(String name) throws IOException, URISyntaxException {
    Golden golden = new Golden(name);
    int timeSteps = golden.shape("input")[0];
    int batch = golden.shape("input")[1];
    int inputSize = golden.shape("input")[2];
    int layers = golden.shape("h0")[0];
    int hidden = golden.shape("h0")[2];
    CellKind kind = CellKind.parse(golden.file.metadata().get("kind"));
    Parameters parameters =
        new Parameters(new NetworkSpec(new Input.Features(inputSize), kind, hidden, layers, 0));
    for (Parameter p : parameters.slices()) {
      golden.read(plain(p), 0, p.size(), parameters.values(), p.offset(), p.size());
    }
    Network network = new Network(KernelProvider.kernels(), parameters, true);
    network.pack(parameters.values());
    Workspace workspace = new Workspace(network, timeSteps, batch, true);
    int steps = timeSteps * batch;
    golden.read("input", 0, steps * inputSize, workspace.x, 0, inputSize, workspace.xStride);
    for (int layer = 0; layer < layers; layer++) {
      Tape tape = workspace.tape(layer);
      int from = layer * batch * hidden;
      golden.read("h0", from, batch * hidden, tape.h, 0, hidden, tape.stride);
    }

    network.forward(workspace, timeSteps, 0, batch);
    Tape top = workspace.tape(layers - 1);
    golden.near("output", 0, OUTPUTS, steps, top.h, top.at(1, 0), hidden, top.stride);
    for (int layer = 0; layer < layers; layer++) {
      Tape tape = workspace.tape(layer);
      int from = layer * batch * hidden;
      golden.near("hn", from, OUTPUTS, batch, tape.h, tape.at(timeSteps, 0), hidden, tape.stride);
    }

    workspace.clearStateGradients();
    golden.read("R1", 0, steps * hidden, top.dh, top.at(1, 0), hidden, top.stride);
    for (int layer = layers - 1; layer >= 0; layer--) {
      Tape tape = workspace.tape(layer);
      float[] r2 = new float[batch * hidden];
      golden.read("R2", layer * r2.length, r2.length, r2, 0, r2.length);
      for (int i = 0; i < r2.length; i++) {
        tape.dh[tape.at(timeSteps, i / hidden) + i % hidden] += r2[i];
      }
      RecurrentLayer recurrent = network.layers().get(layer);
      recurrent.backward(tape, timeSteps, 0, batch);
      if (layer > 0) {
        Tape below = workspace.tape(layer - 1);
        recurrent.inputGradient(tape, timeSteps, 0, batch, below.dh, below.at(1, 0), below.stride);
      } else {
        recurrent.inputGradient(tape, timeSteps, 0, batch, workspace.dx, 0, workspace.xStride);
      }
      int from = layer * batch * hidden;
      golden.near("grad.h0", from, GRADIENTS, batch, tape.dh, 0, hidden, tape.stride);
    }
    golden.near("grad.input", 0, GRADIENTS, steps, workspace.dx, 0, inputSize, workspace.xStride);
    network.weightGradient(workspace, timeSteps, 0, 1, parameters.gradients());
    for (Parameter p : parameters.slices()) {
      golden.near(
          "grad." + plain(p),
          0,
          GRADIENTS,
          1,
          parameters.gradients(),
          p.offset(),
          p.size(),
          p.size());
    }
    System.out.println(golden);
  }

  /** The files have no prefix, as in a PyTorch module of its own. */
  private static String plain(Parameter p) {
    return p.name().substring(p.name().indexOf('.') + 1);
  }

  /** A golden file, and the worst errors found against it. */
  private static final class Golden {
    final TensorFile file;
    private final String name;
    private double worstOutput;
    private double worstGradient;

    Golden(String name) throws IOException, URISyntaxException {
      String path = "/golden/" + name + ".safetensors";
      this.name = name;
      this.file =
          Safetensors.read(
              Path.of(Objects.requireNonNull(Golden.class.getResource(path), path).toURI()));
    }

    int[] shape(String tensor) throws IOException {
      return file.tensor(tensor).shape();
    }

    void read(String tensor, int from, int n, float[] to, int at, int columns) throws IOException {
      read(tensor, from, n, to, at, columns, columns);
    }

    /** Copies n elements into rows of so many columns. */
    void read(String tensor, int from, int n, float[] to, int at, int columns, int stride)
        throws IOException {
      float[] values = file.tensor(tensor).floats();
      for (int i = 0; i < n; i++) {
        to[at + i / columns * stride + i % columns] = values[from + i];
      }
    }

    void near(
        String tensor,
        int from,
        double tolerance,
        int rows,
        float[] found,
        int at,
        int columns,
        int stride)
        throws IOException {
      double[] expected = file.tensor(tensor).doubles();
      double scale = 1;
      for (double value : expected) {
        scale = Math.max(scale, Math.abs(value));
      }
      if (from == 0 && rows == 1) {
        assertEquals(expected.length, columns, tensor);
      }
      for (int i = 0; i < rows * columns; i++) {
        float value = found[at + i / columns * stride + i % columns];
        double error = Math.abs(expected[from + i] - value) / scale;
        String message =
            "%s: %s[%d]: expected %s, found %s"
                .formatted(name, tensor, from + i, expected[from + i], value);
        assertTrue(error <= tolerance, message);
        if (tensor.startsWith("grad.")) {
          worstGradient = Math.max(worstGradient, error);
        } else {
          worstOutput = Math.max(worstOutput, error);
        }
      }
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s: worst error %.1e in outputs, %.1e in gradients",
          name,
          worstOutput,
          worstGradient);
    }
  }
}
