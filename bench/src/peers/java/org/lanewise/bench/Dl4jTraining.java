package org.lanewise.bench;

import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.lanewise.data.TextBatches;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Deeplearning4j at a character model with one-hot inputs, from the same parameters: Adam, clipped
 * to norm 5 layer by layer, since it has no clipping by the norm of all; one-hot windows made
 * before it is measured; each window from a state of zero, which costs it nothing.
 */
final class Dl4jTraining implements TrainTask.Run {
  private final MultiLayerNetwork network;
  private final DataSet[] windows = new DataSet[Fixtures.TURNS];
  private final int steps;
  private int turn;

  Dl4jTraining(TrainTask task) {
    Parameters parameters = task.parameters();
    NetworkSpec spec = parameters.spec();
    int symbols = spec.outputSize();
    int hidden = spec.hiddenSize();
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .updater(new Adam(1e-3))
            .gradientNormalization(GradientNormalization.ClipL2PerLayer)
            .gradientNormalizationThreshold(5)
            .list();
    for (int layer = 0; layer < spec.layers(); layer++) {
      list.layer(Dl4j.layer(spec.inputSize(layer), hidden));
    }
    list.layer(
        new RnnOutputLayer.Builder(LossFunction.MCXENT)
            .activation(Activation.SOFTMAX)
            .nIn(hidden)
            .nOut(symbols)
            .build());
    this.network = new MultiLayerNetwork(list.build());
    network.init();
    for (int layer = 0; layer < spec.layers(); layer++) {
      Dl4j.setLayer(network, parameters, layer);
    }
    float[] weights = Task.values(parameters, "linear.weight");
    float[] bias = Task.values(parameters, "linear.bias");
    network.setParam(
        spec.layers() + "_W", Nd4j.create(weights, new long[] {symbols, hidden}, 'c').transpose());
    network.setParam(spec.layers() + "_b", Nd4j.create(new float[][] {bias}));
    TextBatches text = task.text();
    this.steps = task.window();
    int batch = task.tokens() / steps;
    int[] tokens = new int[task.tokens()];
    int[] targets = new int[task.tokens()];
    for (int window = 0; window < windows.length; window++) {
      text.fill(window, steps, tokens, targets);
      windows[window] =
          new DataSet(
              oneHot(tokens, batch, symbols, steps), oneHot(targets, batch, symbols, steps));
    }
  }

  /** From {@code [time][batch]} to {@code [batch][symbol][time]}. */
  private static INDArray oneHot(int[] ids, int batch, int symbols, int steps) {
    float[] values = new float[batch * symbols * steps];
    for (int time = 0; time < steps; time++) {
      for (int row = 0; row < batch; row++) {
        values[(row * symbols + ids[time * batch + row]) * steps + time] = 1;
      }
    }
    return Nd4j.create(values, new long[] {batch, symbols, steps}, 'c');
  }

  @Override
  public double step() {
    network.fit(windows[turn]);
    turn = (turn + 1) % windows.length;
    // Summed over time, a mean over the batch.
    return network.score() / steps;
  }

  @Override
  public void close() {
    network.close();
  }
}
