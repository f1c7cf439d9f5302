package org.lanewise.bench;

import java.util.Arrays;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;

/**
 * A piece of work that is the same for everybody: the weights of one LSTM layer, and inputs that
 * are taken in turn.
 *
 * @param parameters the weights, in PyTorch's layout
 * @param inputSize values of an input vector
 * @param hiddenSize hidden units
 * @param timeSteps steps of a call
 * @param batch sequences of a call; one alone carries its state from call to call, several start
 *     from zero
 * @param inputs {@code [turn][time][batch][inputSize]}
 */
@SuppressWarnings("ArrayRecordComponent") // A carrier of inputs; nobody compares tasks.
record Task(
    Parameters parameters,
    int inputSize,
    int hiddenSize,
    int timeSteps,
    int batch,
    float[][] inputs) {

  /** A task with random weights and inputs. */
  static Task of(int inputSize, int hiddenSize, int timeSteps, int batch) {
    Parameters parameters =
        new Parameters(
            new NetworkSpec(new Input.Features(inputSize), CellKind.LSTM, hiddenSize, 1, 0));
    new Initializer.Torch().fill(parameters, 1);
    float[][] inputs = new float[Fixtures.TURNS][];
    for (int turn = 0; turn < inputs.length; turn++) {
      inputs[turn] = Fixtures.uniform(timeSteps * batch * inputSize, 1, turn);
    }
    return new Task(parameters, inputSize, hiddenSize, timeSteps, batch, inputs);
  }

  /** Whether the state goes from call to call. */
  boolean carriesState() {
    return batch == 1;
  }

  /** Number of outputs of a call. */
  int outputSize() {
    return timeSteps * batch * hiddenSize;
  }

  /** Bytes of the weights as floats. */
  double weightBytes() {
    return 4.0 * Float.BYTES * hiddenSize * (inputSize + hiddenSize);
  }

  /** Floating-point operations of a call's products. */
  double flops() {
    return 2.0 * 4 * hiddenSize * (inputSize + hiddenSize) * timeSteps * batch;
  }

  /**
   * The shortest time of a call: the input half of all steps is one product at the peak; the hidden
   * half reads its weights at every step. A single step reads both halves.
   *
   * @param peak GFLOP/s
   * @param bandwidth GB/s
   * @return nanoseconds
   */
  double limit(double peak, double bandwidth) {
    if (timeSteps == 1) {
      return Math.max(flops() / peak, weightBytes() / bandwidth);
    }
    double share = (double) hiddenSize / (inputSize + hiddenSize);
    double hiddenTime =
        Math.max(flops() * share / peak, timeSteps * weightBytes() * share / bandwidth);
    return flops() * (1 - share) / peak + hiddenTime;
  }

  /** A parameter's values, row-major. */
  static float[] values(Parameters parameters, String name) {
    Parameter slice = parameters.slice(name);
    return Arrays.copyOfRange(parameters.values(), slice.offset(), slice.offset() + slice.size());
  }

  /** A parameter's values, row-major. */
  float[] values(String name) {
    return values(parameters, name);
  }
}
