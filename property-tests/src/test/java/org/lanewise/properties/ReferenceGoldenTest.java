package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The reference against PyTorch, on files with results computed in float64 and rounded once to
 * float32. Differences are relative to max(1, max|x|) of the tensor; the rounding alone is 6e-8.
 */
class ReferenceGoldenTest {
  private static final double TOLERANCE = 1e-7;

  private static final GoldenErrors ERRORS = new GoldenErrors("The reference against PyTorch:");

  @AfterAll
  static void report() {
    System.out.println(ERRORS);
  }

  static List<GoldenFile> layers() {
    return GoldenFile.ofKind("lstm uni");
  }

  static List<GoldenFile> oneHotRuns() {
    return GoldenFile.ofKind("char_lm onehot");
  }

  static List<GoldenFile> embeddingRuns() {
    return GoldenFile.ofKind("char_lm embedding");
  }

  @ParameterizedTest
  @MethodSource("layers")
  void layersEqualPyTorch(GoldenFile golden) {
    Map<String, double[]> parameters = prefixed("weight_", golden.withPrefix("weight_"));
    parameters.putAll(prefixed("bias_", golden.withPrefix("bias_")));
    ReferenceShape shape = ReferenceShape.of(new ReferenceLstm(), "", parameters);
    ReferenceNetwork network = new ReferenceNetwork(shape, parameters);

    ReferenceNetwork.Run run =
        network.forward(
            golden.cube("input"), new ReferenceNetwork.State(golden.cube("h0"), golden.cube("c0")));
    ReferenceLoss loss =
        ReferenceLoss.weighted(run, golden.cube("R1"), golden.cube("R2"), golden.cube("R3"));
    ReferenceNetwork.Gradients gradients = run.backward(loss);

    near(golden, "output", golden.values("output"), flat(run.output()));
    near(golden, "hn", golden.values("hn"), flat(run.finalState().h()));
    near(golden, "cn", golden.values("cn"), flat(run.finalState().c()));
    near(golden, "loss", golden.values("loss"), loss.value());
    near(golden, "grad.input", golden.values("grad.input"), flat(gradients.input()));
    near(golden, "grad.h0", golden.values("grad.h0"), flat(gradients.h0()));
    near(golden, "grad.c0", golden.values("grad.c0"), flat(gradients.c0()));
    gradients
        .parameters()
        .forEach((name, found) -> near(golden, name, golden.values("grad." + name), found));
    assertEquals(4 * shape.layers(), gradients.parameters().size());
  }

  @ParameterizedTest
  @MethodSource("oneHotRuns")
  void trainingWithSgdEqualsPyTorch(GoldenFile golden) {
    training(
        golden,
        ReferenceOptimizer.sgd(1.0),
        true,
        gradients -> ReferenceClipping.byNormAsPyTorch(gradients, 0.3));
  }

  @ParameterizedTest
  @MethodSource("embeddingRuns")
  void trainingWithAdamEqualsPyTorch(GoldenFile golden) {
    training(
        golden,
        ReferenceOptimizer.adam(5e-3, 0.9, 0.999, 1e-8),
        false,
        gradients -> ReferenceClipping.byValue(gradients, 0.02));
  }

  private interface Clip {
    void apply(Map<String, double[]> gradients);
  }

  /** Twenty steps: losses, norms before clipping, first gradients, parameters at the end. */
  private static void training(
      GoldenFile golden, ReferenceOptimizer optimizer, boolean carryState, Clip clip) {
    Map<String, double[]> parameters = golden.withPrefix("init.");
    ReferenceNetwork network = ReferenceNetwork.lstm(parameters);
    double[][][] x = golden.cube("x");
    double[][][] y = golden.cube("y");
    int steps = x.length;
    double[] losses = new double[steps];
    double[] norms = new double[steps];
    ReferenceNetwork.State zero = network.zeroState(x[0].length);
    ReferenceNetwork.State state = zero;
    for (int s = 0; s < steps; s++) {
      ReferenceNetwork.Run run = network.forward(timeFirst(x[s]), state);
      ReferenceLoss loss = ReferenceLoss.crossEntropy(run, timeFirst(y[s]));
      Map<String, double[]> gradients = run.backward(loss).parameters();
      if (s == 0) {
        gradients.forEach(
            (name, found) -> near(golden, "grad1." + name, golden.values("grad1." + name), found));
      }
      losses[s] = loss.value();
      norms[s] = ReferenceClipping.norm(gradients);
      clip.apply(gradients);
      optimizer.step(parameters, gradients);
      state = carryState ? run.finalState() : zero;
    }
    near(golden, "losses", golden.values("losses"), losses);
    near(golden, "grad_norms", golden.values("grad_norms"), norms);
    Map<String, double[]> last = golden.withPrefix("final.");
    assertEquals(last.keySet(), parameters.keySet());
    last.forEach((name, expected) -> near(golden, "final." + name, expected, parameters.get(name)));
  }

  /** {@code [B][T]} to {@code [T][B]}. */
  private static int[][] timeFirst(double[][] batch) {
    int[][] ids = new int[batch[0].length][batch.length];
    for (int t = 0; t < ids.length; t++) {
      for (int b = 0; b < batch.length; b++) {
        ids[t][b] = (int) batch[b][t];
      }
    }
    return ids;
  }

  private static Map<String, double[]> prefixed(String prefix, Map<String, double[]> values) {
    Map<String, double[]> renamed = new LinkedHashMap<>();
    values.forEach((name, array) -> renamed.put(prefix + name, array));
    return renamed;
  }

  private static double[] flat(double[][][] cube) {
    return Stream.of(cube).flatMap(Stream::of).flatMapToDouble(Arrays::stream).toArray();
  }

  private static void near(GoldenFile file, String name, double[] expected, double... found) {
    ERRORS.check(file, "of all", TOLERANCE, name, expected, found);
  }
}
