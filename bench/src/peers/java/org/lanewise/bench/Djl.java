package org.lanewise.bench;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Deep Java Library with PyTorch. A step of one stream is written out in PyTorch's operations,
 * because its LSTM packs the weights anew at every call; sequences go through that LSTM, where this
 * is spread over the steps.
 */
final class Djl implements Contender {
  private final Task task;
  private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
  private final NDArray[] inputs;
  private final NDList weights = new NDList();
  private final NDArray inputWeights;
  private final NDArray hiddenWeights;
  private final NDArray bias;
  private NDArray h;
  private NDArray c;
  private NDArray output;

  Djl(Task task) {
    this.task = task;
    long gates = 4L * task.hiddenSize();
    weights.add(array(task, "weight_ih", new Shape(gates, task.inputSize())));
    weights.add(array(task, "weight_hh", new Shape(gates, task.hiddenSize())));
    weights.add(array(task, "bias_ih", new Shape(gates)));
    weights.add(array(task, "bias_hh", new Shape(gates)));
    this.inputWeights = weights.get(0).transpose();
    this.hiddenWeights = weights.get(1).transpose();
    this.bias = weights.get(2).add(weights.get(3));
    this.inputs = new NDArray[task.inputs().length];
    Shape shape =
        single()
            ? new Shape(1, task.inputSize())
            : new Shape(task.timeSteps(), task.batch(), task.inputSize());
    for (int turn = 0; turn < inputs.length; turn++) {
      inputs[turn] = manager.create(task.inputs()[turn], shape);
    }
  }

  private boolean single() {
    return task.timeSteps() == 1;
  }

  private NDArray array(Task task, String name, Shape shape) {
    return manager.create(task.values("lstm." + name + "_l0"), shape);
  }

  @Override
  public void reset() {
    Shape shape =
        single() ? new Shape(1, task.hiddenSize()) : new Shape(1, task.batch(), task.hiddenSize());
    h = manager.zeros(shape);
    c = manager.zeros(shape);
  }

  @Override
  public void run(int turn) {
    try (NDManager scope = manager.newSubManager()) {
      NDArray x = inputs[turn];
      x.attach(scope);
      h.attach(scope);
      c.attach(scope);
      NDArray nextH = h;
      NDArray nextC = c;
      if (output != null) {
        output.attach(scope);
      }
      if (single()) {
        NDArray z = x.matMul(inputWeights).addi(h.matMul(hiddenWeights)).addi(bias);
        NDList gates = z.split(4, 1);
        NDArray input = gates.get(0).getNDArrayInternal().sigmoid().mul(gates.get(2).tanh());
        nextC = gates.get(1).getNDArrayInternal().sigmoid().mul(c).addi(input);
        nextH = gates.get(3).getNDArrayInternal().sigmoid().mul(nextC.tanh());
        output = nextH;
      } else {
        NDList results =
            x.getNDArrayInternal()
                .lstm(x, new NDList(h, c), weights, true, 1, 0, false, false, false);
        output = results.get(0);
        if (task.carriesState()) {
          nextH = results.get(1);
          nextC = results.get(2);
        }
      }
      x.attach(manager);
      output.attach(manager);
      nextH.attach(manager);
      nextC.attach(manager);
      h = nextH;
      c = nextC;
    }
  }

  @Override
  public float[] output() {
    return output.toFloatArray();
  }

  @Override
  public void close() {
    manager.close();
  }
}
