package org.lanewise.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lanewise.format.FormatException;
import org.lanewise.graph.Graph;

/**
 * Reads models in the ONNX format.
 *
 * <pre>{@code
 * Graph graph = OnnxFile.read(Path.of("model.onnx"));
 * Map<String, Tensor> out = graph.run(Map.of("x", Tensor.of("x", values, time, batch, features)));
 * }</pre>
 *
 * <p>Operator sets 7 to 22 of ONNX's own domain. Recurrent: LSTM, GRU, RNN with all their
 * attributes. Around them: Add, Sub, Mul, Div, MatMul, Gemm, Softmax, LogSoftmax, Relu, Sigmoid,
 * Tanh, Elu, LeakyRelu, ThresholdedRelu, HardSigmoid, Softsign, Softplus, Abs, Neg, Exp,
 * ReduceMean, ReduceMax, ReduceSum, Gather, Concat, Slice, Transpose, Reshape, Flatten, Squeeze,
 * Unsqueeze, Expand, Shape, Constant, ConstantOfShape, ConstantFill, Cast, Identity, and Dropout as
 * in inference. Numbers are FLOAT, or DOUBLE where FLOAT holds the same; INT32, INT64 and BOOL are
 * integers. Weights are in the file itself, and finite: no constant is NaN, and none is infinite
 * that is a weight of a recurrent layer, a factor of a product or a table that is gathered from.
 * Elsewhere infinity may be meant, as in a mask. Everything else is refused by its name: an
 * operator, an attribute, a data type, a field.
 *
 * <p>Nothing is allocated from a size that the file does not back with bytes, and what is computed
 * from constants alone is bounded by their size, so that a small file of whatever content takes
 * little memory; no code, no path and no address in a file is followed.
 *
 * <p>Needs the library {@code com.google.protobuf:protobuf-java} on the class path.
 */
public final class OnnxFile {
  private OnnxFile() {}

  /**
   * Reads a model.
   *
   * @param path the file; messages name it as it is given here
   * @return its graph, checked as a whole
   * @throws FormatException if the file breaks the format or holds what is not supported
   * @throws IOException if it cannot be read
   * @throws IllegalStateException if the protobuf library is not there
   */
  public static Graph read(Path path) throws IOException {
    return read(path.toString(), Files.readAllBytes(path));
  }

  /**
   * Reads a model from memory.
   *
   * @param name what messages call it
   * @param bytes what a file would hold
   * @return its graph, checked as a whole
   * @throws FormatException if the bytes break the format or hold what is not supported
   * @throws IllegalStateException if the protobuf library is not there
   */
  public static Graph read(String name, byte[] bytes) throws FormatException {
    try {
      return ModelReader.parse(name, bytes);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "ONNX needs the library com.google.protobuf:protobuf-java on the class path", e);
    }
  }
}
