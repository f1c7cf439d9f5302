package org.lanewise.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * ONNX Runtime in its best use: a graph of one node, one thread, all tensors made once over direct
 * buffers; the outputs are pinned, and two sets of state tensors take turns as input and output, so
 * that a call copies nothing. The input of a single step is written into its buffer at every call,
 * as a caller must; the inputs of sequences are there before.
 */
final class OrtPinned implements Contender {
  private final Task task;
  private final OrtSession session;
  private final List<OnnxTensor> tensors = new ArrayList<>();
  private final FloatBuffer[] input;
  private final FloatBuffer[] states = new FloatBuffer[4];
  private final FloatBuffer output;
  private final List<Map<String, OnnxTensor>> feeds = new ArrayList<>();
  private final List<Map<String, OnnxTensor>> results = new ArrayList<>();
  private int side;

  OrtPinned(Task task, byte[] model) throws OrtException {
    this.task = task;
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    this.session = environment.createSession(model, options());
    long[] stateShape = {1, task.batch(), task.hiddenSize()};
    long[] outputShape = {task.timeSteps(), 1, task.batch(), task.hiddenSize()};
    long[] inputShape = {task.timeSteps(), task.batch(), task.inputSize()};
    OnnxTensor[] stateTensors = new OnnxTensor[4];
    for (int i = 0; i < 4; i++) {
      states[i] = direct(task.batch() * task.hiddenSize());
      stateTensors[i] = tensor(environment, states[i], stateShape);
    }
    this.output = direct(task.outputSize());
    OnnxTensor outputTensor = tensor(environment, output, outputShape);
    this.input = new FloatBuffer[task.timeSteps() == 1 ? 1 : task.inputs().length];
    for (int turn = 0; turn < input.length; turn++) {
      input[turn] = direct(task.inputs()[turn].length).put(0, task.inputs()[turn]);
      OnnxTensor inputTensor = tensor(environment, input[turn], inputShape);
      for (int from = 0; from < 4; from += 2) {
        feeds.add(
            Map.of("input", inputTensor, "h0", stateTensors[from], "c0", stateTensors[from + 1]));
      }
    }
    for (int to = 2; to >= 0; to -= 2) {
      results.add(
          Map.of("output", outputTensor, "hn", stateTensors[to], "cn", stateTensors[to + 1]));
    }
  }

  static OrtSession.SessionOptions options() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    return options;
  }

  private OnnxTensor tensor(OrtEnvironment environment, FloatBuffer buffer, long[] shape)
      throws OrtException {
    OnnxTensor tensor = OnnxTensor.createTensor(environment, buffer, shape);
    tensors.add(tensor);
    return tensor;
  }

  private static FloatBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(Float.BYTES * floats)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  @Override
  public void reset() {
    side = 0;
    clear(0);
  }

  private void clear(int from) {
    for (int i = from; i < from + 2; i++) {
      for (int j = 0; j < states[i].capacity(); j++) {
        states[i].put(j, 0f);
      }
    }
  }

  @Override
  public void run(int turn) throws OrtException {
    int feed = side;
    if (task.timeSteps() == 1) {
      input[0].put(0, task.inputs()[turn]);
    } else {
      feed += 2 * turn;
    }
    session.run(feeds.get(feed), results.get(side)).close();
    if (task.carriesState()) {
      side = 1 - side;
    }
  }

  @Override
  public float[] output() {
    float[] values = new float[task.outputSize()];
    output.get(0, values);
    return values;
  }

  @Override
  public void close() throws OrtException {
    for (OnnxTensor tensor : tensors) {
      tensor.close();
    }
    session.close();
  }
}
