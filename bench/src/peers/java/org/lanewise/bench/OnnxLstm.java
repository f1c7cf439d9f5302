package org.lanewise.bench;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The layer of a task as an ONNX model of a single node with fixed shapes, which is the least that
 * the runtime can be asked to do: {@code input, h0, c0} to {@code output, hn, cn}, with outputs
 * {@code [time][1][batch][hiddenSize]}. In floats the node is ONNX's LSTM; with 8-bit weights it is
 * the runtime's own DynamicQuantizeLSTM, which the runtime's quantizer puts in the place of an
 * LSTM.
 *
 * <p>The gates of ONNX are i, o, f, c, where PyTorch has i, f, g, o.
 */
final class OnnxLstm {
  private static final int FLOAT = 1;
  private static final int INT8 = 3;

  /** Where PyTorch has the gates that ONNX wants in order. */
  private static final int[] GATES = {0, 3, 1, 2};

  private final Task task;

  OnnxLstm(Task task) {
    this.task = task;
  }

  /** The model in floats. */
  byte[] floats() {
    int h = task.hiddenSize();
    Message graph = new Message();
    graph.message(1, node("LSTM", "", "input", "W", "R", "B", "", "h0", "c0"));
    graph.text(2, "lstm");
    graph.message(5, floats("W", gates("weight_ih", task.inputSize()), 1, 4 * h, task.inputSize()));
    graph.message(5, floats("R", gates("weight_hh", h), 1, 4 * h, h));
    graph.message(5, floats("B", biases(), 1, 8 * h));
    return model(graph);
  }

  /**
   * The model with 8-bit weights, a scale for each matrix: the quantizer's choice, and the fastest.
   */
  byte[] int8() {
    int h = task.hiddenSize();
    Message graph = new Message();
    graph.message(
        1,
        node(
            "DynamicQuantizeLSTM",
            "com.microsoft",
            "input",
            "W",
            "R",
            "B",
            "",
            "h0",
            "c0",
            "",
            "W_scale",
            "W_zero",
            "R_scale",
            "R_zero"));
    graph.text(2, "lstm");
    quantized(graph, "W", gates("weight_ih", task.inputSize()), task.inputSize());
    quantized(graph, "R", gates("weight_hh", h), h);
    graph.message(5, floats("B", biases(), 1, 8 * h));
    return model(graph);
  }

  private byte[] model(Message graph) {
    int h = task.hiddenSize();
    int batch = task.batch();
    graph.message(11, value("input", task.timeSteps(), batch, task.inputSize()));
    graph.message(11, value("h0", 1, batch, h));
    graph.message(11, value("c0", 1, batch, h));
    graph.message(12, value("output", task.timeSteps(), 1, batch, h));
    graph.message(12, value("hn", 1, batch, h));
    graph.message(12, value("cn", 1, batch, h));
    Message model = new Message();
    model.number(1, 8);
    model.message(7, graph);
    model.message(8, new Message().text(1, "").number(2, 17));
    model.message(8, new Message().text(1, "com.microsoft").number(2, 1));
    return model.bytes();
  }

  private Message node(String type, String domain, String... inputs) {
    Message node = new Message();
    for (String input : inputs) {
      node.text(1, input);
    }
    for (String output : new String[] {"output", "hn", "cn"}) {
      node.text(2, output);
    }
    node.text(4, type);
    node.message(
        5, new Message().text(1, "hidden_size").number(3, task.hiddenSize()).number(20, 2));
    return node.text(7, domain);
  }

  /** A weight matrix {@code [4H][columns]}, its gates in ONNX's order. */
  private float[] gates(String name, int columns) {
    float[] torch = task.values("lstm." + name + "_l0");
    float[] onnx = new float[torch.length];
    int gate = task.hiddenSize() * columns;
    for (int i = 0; i < GATES.length; i++) {
      System.arraycopy(torch, GATES[i] * gate, onnx, i * gate, gate);
    }
    return onnx;
  }

  private float[] biases() {
    float[] input = gates("bias_ih", 1);
    float[] hidden = gates("bias_hh", 1);
    float[] both = new float[2 * input.length];
    System.arraycopy(input, 0, both, 0, input.length);
    System.arraycopy(hidden, 0, both, input.length, hidden.length);
    return both;
  }

  /** A matrix to 8 bits and its scale, transposed to {@code [1][columns][4H]}. */
  private static void quantized(Message graph, String name, float[] w, int columns) {
    float largest = Float.MIN_NORMAL;
    for (float value : w) {
      largest = Math.max(largest, Math.abs(value));
    }
    float scale = largest / 127;
    int rows = w.length / columns;
    byte[] q = new byte[w.length];
    for (int i = 0; i < w.length; i++) {
      q[(i % columns) * rows + i / columns] = (byte) Math.rint(w[i] / scale);
    }
    graph.message(5, tensor(name, INT8, q, 1, columns, rows));
    graph.message(5, floats(name + "_scale", new float[] {scale}, 1));
    graph.message(5, tensor(name + "_zero", INT8, new byte[1], 1));
  }

  private static Message floats(String name, float[] values, int... shape) {
    ByteBuffer raw =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return tensor(name, FLOAT, raw.array(), shape);
  }

  private static Message tensor(String name, int type, byte[] raw, int... shape) {
    Message tensor = new Message();
    for (int dimension : shape) {
      tensor.number(1, dimension);
    }
    return tensor.number(2, type).text(8, name).raw(9, raw);
  }

  private static Message value(String name, int... shape) {
    Message dimensions = new Message();
    for (int dimension : shape) {
      dimensions.message(1, new Message().number(1, dimension));
    }
    Message tensor = new Message().number(1, FLOAT).message(2, dimensions);
    return new Message().text(1, name).message(2, new Message().message(1, tensor));
  }

  /** A message of protocol buffers: fields behind each other, each with its number and kind. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message number(int field, long value) {
      varint(field << 3);
      varint(value);
      return this;
    }

    Message text(int field, String value) {
      return raw(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
      return raw(field, value.bytes());
    }

    Message raw(int field, byte[] value) {
      varint((field << 3) | 2);
      varint(value.length);
      out.writeBytes(value);
      return this;
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private void varint(long value) {
      long rest = value;
      while (rest >= 0x80) {
        out.write((int) ((rest & 0x7f) | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }
}
