package org.lanewise.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * ONNX Runtime as its tutorials use it: tensors made of arrays for every call, results copied out
 * of the runtime's buffers, one thread.
 */
final class OrtPlain implements Contender {
  private final Task task;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final long[] inputShape;
  private final long[] stateShape;
  private float[] h;
  private float[] c;
  private float[] output;

  OrtPlain(Task task, byte[] model) throws OrtException {
    this.task = task;
    this.session = environment.createSession(model, OrtPinned.options());
    this.inputShape = new long[] {task.timeSteps(), task.batch(), task.inputSize()};
    this.stateShape = new long[] {1, task.batch(), task.hiddenSize()};
  }

  @Override
  public void reset() {
    h = new float[task.batch() * task.hiddenSize()];
    c = new float[h.length];
  }

  @Override
  public void run(int turn) throws OrtException {
    try (OnnxTensor input = tensor(task.inputs()[turn], inputShape);
        OnnxTensor h0 = tensor(h, stateShape);
        OnnxTensor c0 = tensor(c, stateShape);
        OrtSession.Result result = session.run(Map.of("input", input, "h0", h0, "c0", c0))) {
      output = values(result, "output");
      if (task.carriesState()) {
        h = values(result, "hn");
        c = values(result, "cn");
      }
    }
  }

  private OnnxTensor tensor(float[] values, long[] shape) throws OrtException {
    return OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape);
  }

  private static float[] values(OrtSession.Result result, String name) {
    return ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer().array();
  }

  @Override
  public float[] output() {
    return output.clone();
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
