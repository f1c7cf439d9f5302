package org.lanewise.tutorial;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.lanewise.properties.GradientCheck;

/** Third part of the tutorial: somebody's own network, its gradients checked. */
class OwnNetworkTest {

  // @start region=network
  /** Leaky units: h[t] = (1 - a) h[t-1] + a tanh(W h[t-1] + x[t]), loss = Σ h² / 2. */
  static final class LeakyNetwork {
    final int size;
    final double leak;
    final double[][] inputs;
    final double[][] states;
    final double[] weight;
    final double[] weightGradient;

    LeakyNetwork(Random random, int size, int timeSteps) {
      this.size = size;
      this.leak = random.nextDouble(0.1, 1);
      this.inputs = new double[timeSteps][size];
      this.states = new double[timeSteps + 1][size];
      this.weight = new double[size * size];
      this.weightGradient = new double[size * size];
      Arrays.setAll(weight, i -> random.nextGaussian());
      for (double[] input : inputs) {
        Arrays.setAll(input, i -> random.nextGaussian());
      }
    }

    double loss() {
      double loss = 0;
      for (int t = 0; t < inputs.length; t++) {
        for (int i = 0; i < size; i++) {
          double tanh = Math.tanh(preactivation(t, i));
          states[t + 1][i] = (1 - leak) * states[t][i] + leak * tanh;
          loss += states[t + 1][i] * states[t + 1][i] / 2;
        }
      }
      return loss;
    }

    private double preactivation(int t, int i) {
      double z = inputs[t][i];
      for (int k = 0; k < size; k++) {
        z += weight[i * size + k] * states[t][k];
      }
      return z;
    }

    void backward() {
      loss();
      double[] dh = new double[size];
      for (int t = inputs.length - 1; t >= 0; t--) {
        double[] before = new double[size];
        for (int i = 0; i < size; i++) {
          double gradient = dh[i] + states[t + 1][i];
          double tanh = Math.tanh(preactivation(t, i));
          double dz = gradient * leak * (1 - tanh * tanh);
          before[i] += gradient * (1 - leak);
          for (int k = 0; k < size; k++) {
            weightGradient[i * size + k] += dz * states[t][k];
            before[k] += dz * weight[i * size + k];
          }
        }
        dh = before;
      }
    }
  }

  // @end

  // @start region=check
  @Property(tries = 100)
  void gradientsAreThoseOfTheLoss(
      @ForAll Random random,
      @ForAll @IntRange(min = 1, max = 6) int size,
      @ForAll @IntRange(min = 1, max = 12) int timeSteps) {
    LeakyNetwork network = new LeakyNetwork(random, size, timeSteps);
    network.backward();
    GradientCheck.inDouble(network::loss)
        .parameter("weight", network.weight, network.weightGradient)
        .check()
        .assertPassed(); // or fails and names the worst element
  }
  // @end
}
