package org.lanewise.properties;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.cell.CellKind;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Packed;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;
import org.lanewise.network.RecurrentLayer;
import org.lanewise.network.Workspace;

/**
 * Recurrent layers of the library, in float, against PyTorch's results in double: every cell, one
 * way and both ways, with one length and with many.
 */
class RecurrentLayerGoldenTest {
  private static final double OUTPUT_TOLERANCE = 2e-6;
  private static final double GRADIENT_TOLERANCE = 5e-6;
  private static final double LOSS_TOLERANCE = 1e-5;
  private static final GoldenErrors ERRORS = new GoldenErrors("Recurrent layers against PyTorch:");

  static List<GoldenFile> files() {
    List<String> cells = Arrays.stream(CellKind.values()).map(CellKind::text).toList();
    return GoldenFile.all().stream()
        .filter(file -> cells.contains(file.kind().split(" ", -1)[0]))
        .toList();
  }

  @AfterAll
  static void report() {
    System.out.println(ERRORS);
  }

  @ParameterizedTest
  @MethodSource("files")
  void outputsAndGradientsEqualPyTorch(GoldenFile golden) {
    Layers layers = new Layers(golden);
    layers.forward();
    layers.checkOutputs();
    layers.backward();
    layers.checkGradients();
  }

  /** The layers of one file. Row r of the batch is sequence {@code order[r]} of the file. */
  private static final class Layers {
    private final GoldenFile golden;
    private final NetworkSpec spec;
    private final Parameters parameters;
    private final Network network;
    private final Workspace workspace;
    private final int timeSteps;
    private final int batch;
    private final int[] lengths;
    private final int[] order;

    Layers(GoldenFile golden) {
      this.golden = golden;
      int[] input = golden.shape("input");
      int[] output = golden.shape("output");
      int[] state = golden.shape("h0");
      boolean projected = golden.kind().contains("proj");
      boolean both = golden.kind().contains(" bi");
      this.timeSteps = input[0];
      this.batch = input[1];
      this.spec =
          new NetworkSpec(
              new Input.Features(input[2]),
              CellKind.parse(golden.kind().split(" ", -1)[0]),
              projected ? golden.shape("c0")[2] : state[2],
              projected ? state[2] : 0,
              state[0] / (output[2] / state[2]),
              both ? Direction.BIDIRECTIONAL : Direction.FORWARD,
              Head.STEPS,
              0,
              false,
              0);
      this.lengths = new int[batch];
      Arrays.fill(lengths, timeSteps);
      if (golden.kind().contains("packed")) {
        double[] given = golden.values("lengths");
        Arrays.setAll(lengths, i -> (int) given[i]);
      }
      this.order =
          IntStream.range(0, batch)
              .boxed()
              .sorted(Comparator.comparingInt(i -> -lengths[i]))
              .mapToInt(Integer::intValue)
              .toArray();
      this.parameters = new Parameters(spec);
      for (Parameter p : parameters.slices()) {
        double[] values = golden.values(plainName(p));
        for (int i = 0; i < values.length; i++) {
          parameters.values()[p.offset() + i] = (float) values[i];
        }
      }
      this.network = new Network(KernelProvider.kernels(), parameters, true);
      network.pack(parameters.values());
      this.workspace = Workspace.withInputGradients(network, timeSteps, batch, 0);
    }

    /** The files have no prefix, as in a {@code torch.nn.LSTM} of its own. */
    private String plainName(Parameter p) {
      return p.name().replace(spec.cell().module() + ".", "");
    }

    private int length(int row) {
      return lengths[order[row]];
    }

    void forward() {
      int[] ordered = new int[batch];
      Arrays.setAll(ordered, this::length);
      workspace.timeline().set(ordered);
      double[][][] x = golden.cube("input");
      forEachStep((time, row) -> put(x[time][order[row]], workspace.x, xAt(time, row), 1));
      forEachState(
          (layer, direction, k, row) -> {
            Tape tape = workspace.tape(layer, direction);
            int slot = network.layer(layer, direction).firstSlot(length(row));
            put(golden.cube("h0")[k][order[row]], tape.h, tape.at(slot, row), 0);
            if (spec.cell().hasCellState()) {
              put(golden.cube("c0")[k][order[row]], tape.c, tape.cellAt(slot, row), 0);
            }
          });
      network.forward(workspace, 0, batch);
    }

    void checkOutputs() {
      int hidden = spec.stateSize();
      int units = spec.hiddenSize();
      int top = spec.layers() - 1;
      double[][][] output = new double[timeSteps][batch][spec.width()];
      double[][][] hn = new double[golden.shape("hn")[0]][batch][hidden];
      double[][][] cn = new double[hn.length][batch][units];
      forEachStep(
          (time, row) -> {
            for (int direction = 0; direction < spec.direction().count(); direction++) {
              Tape tape = workspace.tape(top, direction);
              int at = tape.at(time + network.layer(top, direction).outputSlot(), row);
              get(tape.h, at, hidden, output[time][order[row]], direction * hidden);
            }
          });
      forEachState(
          (layer, direction, k, row) -> {
            Tape tape = workspace.tape(layer, direction);
            int slot = network.layer(layer, direction).lastSlot(length(row));
            get(tape.h, tape.at(slot, row), hidden, hn[k][order[row]], 0);
            if (spec.cell().hasCellState()) {
              get(tape.c, tape.cellAt(slot, row), units, cn[k][order[row]], 0);
            }
          });
      check("outputs", OUTPUT_TOLERANCE, "output", flat(output));
      check("outputs", OUTPUT_TOLERANCE, "hn", flat(hn));
      double loss = dot(golden.values("R1"), flat(output)) + dot(golden.values("R2"), flat(hn));
      if (spec.cell().hasCellState()) {
        check("outputs", OUTPUT_TOLERANCE, "cn", flat(cn));
        loss += dot(golden.values("R3"), flat(cn));
      }
      check("losses", LOSS_TOLERANCE, "loss", loss);
    }

    /**
     * Back through the layers, one by one, because the loss reaches into the last state of each:
     * dL/doutput = R1, dL/dhn = R2, dL/dcn = R3.
     */
    void backward() {
      workspace.clearStateGradients();
      double[][][] above = golden.cube("R1");
      double[][][] r2 = golden.cube("R2");
      int stride = Packed.stride(spec.width());
      float[] dy = new float[timeSteps * batch * stride];
      forEachStep(
          (time, row) -> put(above[time][order[row]], dy, (time * batch + row) * stride, 0));
      for (int layer = spec.layers() - 1; layer >= 0; layer--) {
        for (int direction = 0; direction < spec.direction().count(); direction++) {
          int k = layer * spec.direction().count() + direction;
          int part = direction * spec.stateSize();
          RecurrentLayer recurrent = network.layer(layer, direction);
          Tape tape = workspace.tape(layer, direction);
          forEachStep(
              (time, row) ->
                  System.arraycopy(
                      dy,
                      (time * batch + row) * stride + part,
                      tape.dh,
                      tape.at(time + recurrent.outputSlot(), row),
                      spec.stateSize()));
          for (int row = 0; row < batch; row++) {
            put(r2[k][order[row]], tape.dh, tape.at(recurrent.lastSlot(length(row)), row), 1);
            if (spec.cell().hasCellState()) {
              put(golden.cube("R3")[k][order[row]], tape.dc, tape.dcAt(row), 0);
            }
          }
          recurrent.backward(tape, workspace.timeline(), 0, batch);
        }
        float[] dx = layer > 0 ? dy : workspace.dx;
        int dxStride = layer > 0 ? stride : workspace.xStride;
        for (int direction = 0; direction < spec.direction().count(); direction++) {
          network
              .layer(layer, direction)
              .inputGradient(
                  workspace.tape(layer, direction),
                  workspace.timeline(),
                  0,
                  batch,
                  direction > 0,
                  dx,
                  0,
                  dxStride);
        }
      }
      network.weightGradient(workspace, 0, 1, parameters.gradients());
    }

    void checkGradients() {
      Map<String, double[]> found = NetworkCase.inDouble(parameters, parameters.gradients());
      for (Parameter p : parameters.slices()) {
        check("gradients", GRADIENT_TOLERANCE, "grad." + plainName(p), found.get(p.name()));
      }
      int hidden = spec.stateSize();
      int units = spec.hiddenSize();
      double[][][] dx = new double[timeSteps][batch][spec.input().size()];
      double[][][] dh0 = new double[golden.shape("h0")[0]][batch][hidden];
      double[][][] dc0 = new double[dh0.length][batch][units];
      forEachStep(
          (time, row) ->
              get(workspace.dx, xAt(time, row), spec.input().size(), dx[time][order[row]], 0));
      forEachState(
          (layer, direction, k, row) -> {
            Tape tape = workspace.tape(layer, direction);
            int slot = network.layer(layer, direction).firstSlot(length(row));
            get(tape.dh, tape.at(slot, row), hidden, dh0[k][order[row]], 0);
            if (spec.cell().hasCellState()) {
              get(tape.dc, tape.dcAt(row), units, dc0[k][order[row]], 0);
            }
          });
      check("gradients", GRADIENT_TOLERANCE, "grad.input", flat(dx));
      check("gradients", GRADIENT_TOLERANCE, "grad.h0", flat(dh0));
      if (spec.cell().hasCellState()) {
        check("gradients", GRADIENT_TOLERANCE, "grad.c0", flat(dc0));
      }
    }

    private int xAt(int time, int row) {
      return workspace.xAt(time, row);
    }

    private void check(String what, double tolerance, String tensor, double... found) {
      ERRORS.check(golden, what, tolerance, tensor, golden.values(tensor), found);
    }

    private void forEachStep(Step step) {
      for (int time = 0; time < timeSteps; time++) {
        for (int row = 0; row < batch && time < length(row); row++) {
          step.accept(time, row);
        }
      }
    }

    private void forEachState(State state) {
      int directions = spec.direction().count();
      for (int k = 0; k < spec.layers() * directions; k++) {
        for (int row = 0; row < batch; row++) {
          state.accept(k / directions, k % directions, k, row);
        }
      }
    }
  }

  private interface Step {
    void accept(int time, int row);
  }

  private interface State {
    void accept(int layer, int direction, int k, int row);
  }

  /** Writes values, on top of what is there times {@code keep}. */
  private static void put(double[] values, float[] to, int at, int keep) {
    for (int i = 0; i < values.length; i++) {
      to[at + i] = keep * to[at + i] + (float) values[i];
    }
  }

  private static void get(float[] from, int at, int count, double[] values, int valuesAt) {
    for (int i = 0; i < count; i++) {
      values[valuesAt + i] = from[at + i];
    }
  }

  private static double[] flat(double[][][] cube) {
    return Arrays.stream(cube).flatMap(Arrays::stream).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
