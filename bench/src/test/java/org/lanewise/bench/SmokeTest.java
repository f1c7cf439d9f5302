package org.lanewise.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Every benchmark runs. It takes the first value of each parameter, which is the smallest, for a
 * millisecond in this virtual machine; the figures mean nothing.
 */
class SmokeTest {

  /** The benchmarks that JMH has found, by class. */
  private static SortedMap<String, SortedSet<BenchmarkListEntry>> listed() {
    OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
    SortedMap<String, SortedSet<BenchmarkListEntry>> classes = new TreeMap<>();
    for (BenchmarkListEntry entry : BenchmarkList.defaultList().getAll(silent, List.of())) {
      classes.computeIfAbsent(entry.getUserClassQName(), name -> new TreeSet<>()).add(entry);
    }
    return classes;
  }

  static Collection<String> benchmarkClasses() {
    return listed().keySet();
  }

  @ParameterizedTest
  @MethodSource("benchmarkClasses")
  void everyMethodOfAClassRuns(String name) throws RunnerException {
    SortedSet<BenchmarkListEntry> methods = listed().get(name);
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + name.replace(".", "\\.") + "\\.")
            .forks(0)
            .warmupIterations(0)
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(1))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    SortedMap<String, String[]> parameters = new TreeMap<>();
    for (BenchmarkListEntry method : methods) {
      parameters.putAll(method.getParams().orElse(Map.of()));
    }
    parameters.forEach((parameter, values) -> options.param(parameter, values[0]));
    Collection<RunResult> results = new Runner(options.build()).run();
    assertEquals(methods.size(), results.size(), name);
    for (RunResult result : results) {
      double score = result.getPrimaryResult().getScore();
      assertFalse(Double.isNaN(score) || score <= 0, result.getParams().id() + ": score " + score);
    }
  }

  /** A class that the annotation processor has passed over would be measured by nobody. */
  @Test
  void everyBenchmarkClassIsInTheList() throws IOException, URISyntaxException {
    URL classes = RooflineBenchmark.class.getProtectionDomain().getCodeSource().getLocation();
    Path folder = Path.of(classes.toURI());
    try (Stream<Path> files = Files.list(folder.resolve("org/lanewise/bench"))) {
      SortedSet<String> found = new TreeSet<>();
      files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith("Benchmark.class"))
          .forEach(file -> found.add("org.lanewise.bench." + file.replace(".class", "")));
      assertEquals(found, new TreeSet<>(benchmarkClasses()));
    }
  }

  /** The smallest of each kind; the others have the same code. */
  @ParameterizedTest
  @EnumSource(names = {"LSTM_64", "ONE_HOT_1X128"})
  void aTrainingTaskHasTheSameLossesForTwoThreads(TrainTask task) {
    try (TrainTask.Run one = task.start(1);
        TrainTask.Run two = task.start(2)) {
      for (int step = 0; step < 2; step++) {
        double loss = one.step();
        assertTrue(Double.isFinite(loss) && loss > 0, task + ": loss " + loss);
        assertEquals(loss, two.step(), task + ": step " + step);
      }
    }
  }

  @Test
  void aBatchOfSequencesEqualsOneByOne() {
    int hidden = 16;
    int steps = 5;
    int batch = 3;
    Parameters parameters =
        new Parameters(new NetworkSpec(new Input.Features(hidden), CellKind.LSTM, hidden, 1, 0));
    new Initializer.Torch().fill(parameters, 1);
    float[] inputs = Fixtures.uniform(steps * batch * hidden, 1, 2);
    float[] outputs = new float[inputs.length];
    new BatchRun(parameters, steps, batch).sequences(inputs, outputs);
    for (int row = 0; row < batch; row++) {
      Session session = Model.of(parameters).session();
      float[] output = new float[hidden];
      for (int t = 0; t < steps; t++) {
        int at = (t * batch + row) * hidden;
        session.step(Arrays.copyOfRange(inputs, at, at + hidden), output);
        assertArrayEquals(
            output, Arrays.copyOfRange(outputs, at, at + hidden), "row " + row + ", step " + t);
      }
    }
  }
}
