package org.lanewise.properties;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.lanewise.cell.CellKind;
import org.lanewise.cell.Tape;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;

/** An arbitrary network with a window of a batch; the seed draws weights, inputs and targets. */
record NetworkCase(
    Kind kind,
    int inputSize,
    int hiddenSize,
    int layers,
    int outputSize,
    int timeSteps,
    int batch,
    long seed) {

  private static final int TOKENS = 7;

  /** What the network reads. */
  enum Kind {
    FEATURES,
    ONE_HOT,
    EMBEDDING
  }

  NetworkSpec spec() {
    return new NetworkSpec(input(), CellKind.LSTM, hiddenSize, layers, outputSize);
  }

  private Input input() {
    return switch (kind) {
      case FEATURES -> new Input.Features(inputSize);
      case ONE_HOT -> new Input.OneHot(inputSize);
      case EMBEDDING -> new Input.Embedding(TOKENS, inputSize);
    };
  }

  NetworkCase withSizes(int newTimeSteps, int newBatch) {
    return new NetworkCase(
        kind, inputSize, hiddenSize, layers, outputSize, newTimeSteps, newBatch, seed);
  }

  /** Small enough for numeric differences. */
  NetworkCase small() {
    return new NetworkCase(
        kind,
        1 + inputSize % 4,
        1 + hiddenSize % 5,
        layers,
        1 + outputSize % 4,
        timeSteps,
        1 + batch % 3,
        seed);
  }

  /** The same numbers at every call. */
  Parameters parameters() {
    Parameters parameters = new Parameters(spec());
    new Initializer.Uniform(Math.max(0.3, 1 / Math.sqrt(hiddenSize))).fill(parameters, seed);
    return parameters;
  }

  /** Fills the inputs of a window; {@code window} chooses the numbers. */
  void fillInputs(Workspace workspace, int window) {
    SplittableRandom random = new SplittableRandom(seed + 31L * window + 1);
    for (int i = 0; i < workspace.tokens.length; i++) {
      workspace.tokens[i] = random.nextInt(spec().input().tokens());
    }
    if (kind == Kind.FEATURES) {
      for (int i = 0; i < timeSteps * batch; i++) {
        int at = workspace.xAt(i / batch, i % batch);
        for (int k = 0; k < inputSize; k++) {
          workspace.x[at + k] = Values.ORDINARY.next(random);
        }
      }
    }
  }

  /** Fills the state before the window. */
  void fillStates(Workspace workspace) {
    SplittableRandom random = new SplittableRandom(seed + 2);
    for (int layer = 0; layer < layers; layer++) {
      Tape tape = workspace.tape(layer);
      for (int row = 0; row < batch; row++) {
        for (int u = 0; u < hiddenSize; u++) {
          tape.h[tape.at(0, row) + u] = (float) (2 * random.nextDouble() - 1);
          tape.c[tape.at(0, row) + u] = Values.ORDINARY.next(random);
        }
      }
    }
  }

  /** Fills the targets of a window, about a quarter of them masked, never all. */
  void fillTargets(int[] targets, int window) {
    SplittableRandom random = new SplittableRandom(seed + 31L * window + 3);
    for (int i = 0; i < targets.length; i++) {
      targets[i] = random.nextInt(4) == 0 ? -1 : random.nextInt(outputSize);
    }
    targets[random.nextInt(targets.length)] = random.nextInt(outputSize);
  }

  /** The parameters in double, by name, for the reference. */
  static Map<String, double[]> inDouble(Parameters parameters, float[] arena) {
    Map<String, double[]> map = new LinkedHashMap<>();
    for (Parameter p : parameters.slices()) {
      double[] values = new double[p.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = arena[p.offset() + i];
      }
      map.put(p.name(), values);
    }
    return map;
  }
}
