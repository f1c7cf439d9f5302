package org.lanewise.cli;

import java.util.List;
import org.lanewise.data.Example;
import org.lanewise.train.CrossEntropy;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of the trainers whose targets are classes. They change training, not evaluation. */
final class ClassOptions {
  static final String SMOOTHING = "--smoothing";
  static final String CLASS_WEIGHTS = "--class-weights";

  @Option(
      names = SMOOTHING,
      paramLabel = "SHARE",
      defaultValue = "0",
      description =
          "Share of each target that is spread over all classes in training and validation"
              + " (default: ${DEFAULT-VALUE}).")
  double smoothing;

  @Option(
      names = CLASS_WEIGHTS,
      paramLabel = "NAME",
      defaultValue = "none",
      description =
          "none, or balanced: in training and validation every class counts alike, however often it"
              + " is seen"
              + " (default: ${DEFAULT-VALUE}).")
  String classWeights;

  /** What training makes small. */
  CrossEntropy loss(CommandSpec spec, List<Example> training, int classes) {
    boolean balanced = classWeights.equals("balanced");
    if (!balanced && !classWeights.equals("none")) {
      throw new ParameterException(
          spec.commandLine(),
          CLASS_WEIGHTS + ": found \"" + classWeights + "\", expected none or balanced");
    }
    return new CrossEntropy(balanced ? weights(training, classes) : new float[0], smoothing);
  }

  /** Targets divided by classes and by targets of the class; 1 for a class that is not seen. */
  private static float[] weights(List<Example> training, int classes) {
    long[] counts = new long[classes];
    long all = 0;
    for (Example example : training) {
      for (int target : example.classes()) {
        counts[target]++;
        all++;
      }
    }
    float[] weights = new float[classes];
    for (int c = 0; c < classes; c++) {
      weights[c] = counts[c] == 0 ? 1 : (float) ((double) all / classes / counts[c]);
    }
    return weights;
  }
}
