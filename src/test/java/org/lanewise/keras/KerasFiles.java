package org.lanewise.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.lanewise.Fixtures;
import org.lanewise.format.Tensor;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Batch;
import org.lanewise.stream.Model;

/** Files that Keras wrote, and comparisons with what it computed. */
final class KerasFiles {
  static final Path FOLDER = resource("/keras");
  static final Path MODELS = FOLDER.resolve("models");

  private KerasFiles() {}

  private static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(KerasFiles.class.getResource(name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** A golden file: in the folder of the system property {@code golden.dir}, or the copy here. */
  static Path golden(String name) {
    String given = System.getProperty("golden.dir");
    return given == null ? FOLDER.resolve(name) : Path.of(given, name);
  }

  static void assertGraphGives(KerasFile model, Tensor in, Tensor out, double tolerance)
      throws IOException {
    var graph = model.graph();
    Map<String, Tensor> results = graph.run(Map.of(graph.inputs().get(0).name(), in));
    Tensor found = results.get(graph.outputs().get(0).name());
    assertArrayEquals(out.shape(), found.shape());
    assertClose(out.floats(), found.floats(), tolerance);
  }

  /** Runs the network and applies what Keras applies to its output. */
  static void assertNetworkGives(KerasFile model, Tensor in, Tensor out, double tolerance)
      throws IOException {
    Parameters network = model.requireNetwork();
    int batch = in.shape()[0];
    int steps = in.shape()[1];
    int outputs = network.spec().outputSize();
    Batch run = run(network, in);
    boolean everyStep = network.spec().head().everyStep();
    float[] expected = out.floats();
    assertEquals(batch * (everyStep ? steps : 1) * outputs, expected.length);
    float[] found = new float[expected.length];
    float[] result = new float[outputs];
    int at = 0;
    for (int row = 0; row < batch; row++) {
      for (int time = 0; time < (everyStep ? steps : 1); time++) {
        run.result(time, row, result);
        System.arraycopy(activated(model.outputActivation(), result), 0, found, at, outputs);
        at += outputs;
      }
    }
    assertClose(expected, found, tolerance);
  }

  /** Runs sequences {@code [batch, time, features]}, or tokens {@code [batch, time]}. */
  static Batch run(Parameters network, Tensor in) throws IOException {
    int batch = in.shape()[0];
    int steps = in.shape()[1];
    int size = network.spec().input().size();
    Batch run = Model.of(network).batch(steps, batch);
    boolean tokens = network.spec().input().isToken();
    long[] ids = tokens ? in.longs() : new long[0];
    float[] values = tokens ? new float[0] : in.floats();
    for (int row = 0; row < batch; row++) {
      for (int time = 0; time < steps; time++) {
        int to = time * batch + row;
        if (tokens) {
          run.workspace().tokens[to] = (int) ids[row * steps + time];
        } else {
          System.arraycopy(
              values,
              (row * steps + time) * size,
              run.workspace().x,
              run.workspace().xAt(time, row),
              size);
        }
      }
    }
    int[] lengths = new int[batch];
    Arrays.fill(lengths, steps);
    run.run(lengths);
    return run;
  }

  private static float[] activated(String name, float[] x) {
    float[] y = new float[x.length];
    double sum = 0;
    for (float value : x) {
      sum += Math.exp(value);
    }
    for (int i = 0; i < x.length; i++) {
      y[i] =
          (float)
              switch (name) {
                case "linear" -> x[i];
                case "tanh" -> Math.tanh(x[i]);
                case "sigmoid" -> 1 / (1 + Math.exp(-x[i]));
                case "relu" -> Math.max(0, x[i]);
                case "softmax" -> Math.exp(x[i]) / sum;
                case "log_softmax" -> x[i] - Math.log(sum);
                default -> throw new AssertionError(name);
              };
    }
    return y;
  }

  static void assertClose(float[] expected, float[] found, double tolerance) {
    assertEquals(expected.length, found.length);
    double scale = 1;
    for (float value : expected) {
      scale = Math.max(scale, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(expected[i] - found[i]) / scale;
      assertTrue(
          error <= tolerance, "element " + i + ": found " + found[i] + ", expected " + expected[i]);
    }
  }

  static void assertSameBits(Parameters expected, Parameters found) {
    assertEquals(expected.spec(), found.spec());
    Fixtures.assertSameBits(expected.values(), found.values(), "parameters");
  }
}
