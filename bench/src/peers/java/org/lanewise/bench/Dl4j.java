package org.lanewise.bench;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.lanewise.network.Parameters;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Deeplearning4j's {@code rnnTimeStep}, which keeps the state: steps of one stream alone. Inputs
 * are made once.
 */
final class Dl4j implements Contender {
  /** Where PyTorch has the gates of DL4J's order: tanh of the input, forget, output, input gate. */
  private static final int[] GATES = {2, 1, 3, 0};

  private final MultiLayerNetwork network;
  private final INDArray[] inputs;
  private INDArray output;

  Dl4j(Task task) {
    if (task.timeSteps() != 1 || task.batch() != 1) {
      throw new IllegalArgumentException("dl4j runs steps of one stream, found a sequence");
    }
    this.network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(layer(task.inputSize(), task.hiddenSize()))
                .build());
    network.init();
    setLayer(network, task.parameters(), 0);
    this.inputs = new INDArray[task.inputs().length];
    for (int turn = 0; turn < inputs.length; turn++) {
      inputs[turn] = Nd4j.create(new float[][] {task.inputs()[turn]});
    }
  }

  /** An LSTM as PyTorch has it. */
  static LSTM layer(int inputSize, int hiddenSize) {
    return new LSTM.Builder()
        .nIn(inputSize)
        .nOut(hiddenSize)
        .activation(Activation.TANH)
        .gateActivationFunction(Activation.SIGMOID)
        .build();
  }

  /** Gives a layer its parameters. */
  static void setLayer(MultiLayerNetwork network, Parameters parameters, int layer) {
    network.setParam(layer + "_W", transposed(parameters, "weight_ih_l" + layer));
    network.setParam(layer + "_RW", transposed(parameters, "weight_hh_l" + layer));
    network.setParam(
        layer + "_b",
        transposed(parameters, "bias_ih_l" + layer)
            .add(transposed(parameters, "bias_hh_l" + layer)));
  }

  /** A matrix {@code [4H][columns]} as {@code [columns][4H]}, its gates in DL4J's order. */
  private static INDArray transposed(Parameters parameters, String name) {
    float[] torch = Task.values(parameters, "lstm." + name);
    int hidden = parameters.spec().hiddenSize();
    int columns = torch.length / (4 * hidden);
    float[][] matrix = new float[columns][4 * hidden];
    for (int gate = 0; gate < GATES.length; gate++) {
      for (int unit = 0; unit < hidden; unit++) {
        for (int column = 0; column < columns; column++) {
          matrix[column][gate * hidden + unit] =
              torch[(GATES[gate] * hidden + unit) * columns + column];
        }
      }
    }
    return Nd4j.create(matrix);
  }

  @Override
  public void reset() {
    network.rnnClearPreviousState();
  }

  @Override
  public void run(int turn) {
    output = network.rnnTimeStep(inputs[turn]);
  }

  @Override
  public float[] output() {
    return output.toFloatVector();
  }

  @Override
  public void close() {
    network.close();
  }
}
