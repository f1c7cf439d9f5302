package org.lanewise.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lanewise.format.Dtype;
import org.lanewise.format.FormatException;
import org.lanewise.format.Tensor;
import org.lanewise.graph.Graph;
import org.lanewise.graph.Port;
import org.lanewise.onnx.Proto.Attribute;
import org.lanewise.onnx.Proto.RawNode;

/** From the bytes of a file to a graph. */
final class ModelReader {
  private static final int FIRST_OPSET = 7;
  private static final int LAST_OPSET = 22;
  private static final int MOST_AXES = 32;
  private static final int MOST_STRINGS = 64;

  private final ProtoReader in;
  private final List<RawNode> nodes = new ArrayList<>();
  private final Map<String, Tensor> initializers = new LinkedHashMap<>();
  private final List<Port> inputs = new ArrayList<>();
  private final List<Port> outputs = new ArrayList<>();
  private long opset = -1;
  private boolean hasGraph;

  private ModelReader(String file, byte[] bytes) {
    this.in = new ProtoReader(file, bytes);
  }

  /**
   * The graph of a file. {@link OnnxFile} has no such catch: verifying it would need protobuf, and
   * whoever loads it without would not be told what is missing.
   */
  static Graph parse(String name, byte[] bytes) throws FormatException {
    try {
      return new ModelReader(name, bytes).read();
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      String other =
          bytes.length == 0
              ? "empty"
              : FormatException.otherFormat(Arrays.copyOf(bytes, Math.min(bytes.length, 16)));
      if (other != null) {
        throw new FormatException(name, "not an ONNX model but " + other);
      }
      if (e instanceof FormatException problem) {
        throw problem;
      }
      boolean damaged = e instanceof InvalidProtocolBufferException;
      throw new FormatException(name, (damaged ? "no protobuf message: " : "") + e.getMessage());
    }
  }

  private Graph read() throws IOException {
    in.fields("ModelProto", this::model);
    if (opset < FIRST_OPSET || opset > LAST_OPSET) {
      throw in.problem(
          "operator set "
              + (opset < 0 ? "of ONNX's own domain missing" : String.valueOf(opset))
              + ", expected "
              + FIRST_OPSET
              + " to "
              + LAST_OPSET);
    }
    if (!hasGraph) {
      throw in.problem("no graph");
    }
    Translator translator = new Translator(in, (int) opset, initializers);
    for (RawNode node : nodes) {
      translator.translate(node);
    }
    // Up to IR version 3 initializers stand among the inputs too; they are constants here.
    List<Port> free =
        inputs.stream().filter(input -> !initializers.containsKey(input.name())).toList();
    return new Graph(free, translator.constants(), translator.nodes(), outputs);
  }

  private void model(int field) throws IOException {
    switch (field) {
      case Proto.OPSET_IMPORT -> opsetImport();
      case Proto.GRAPH -> {
        if (hasGraph) {
          throw in.problem("two graphs, expected one");
        }
        hasGraph = true;
        in.message("GraphProto", this::graph);
      }
      case Proto.IR_VERSION,
          Proto.PRODUCER_NAME,
          Proto.PRODUCER_VERSION,
          Proto.DOMAIN,
          Proto.MODEL_VERSION,
          Proto.MODEL_DOC,
          Proto.METADATA_PROPS ->
          in.skip();
      default -> throw in.unknown(field);
    }
  }

  private void opsetImport() throws IOException {
    String[] domain = {""};
    long[] version = {-1};
    in.message(
        "OperatorSetIdProto",
        field -> {
          switch (field) {
            case Proto.OPSET_DOMAIN -> domain[0] = in.text();
            case Proto.OPSET_VERSION -> version[0] = in.integer();
            default -> throw in.unknown(field);
          }
        });
    // Other domains may be imported; a node of one is refused.
    if (isOwn(domain[0])) {
      if (opset >= 0) {
        throw in.problem("two operator sets of ONNX's own domain, expected one");
      }
      opset = Math.max(0, version[0]);
    }
  }

  static boolean isOwn(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
  }

  private void graph(int field) throws IOException {
    switch (field) {
      case Proto.GRAPH_NODE -> nodes.add(node());
      case Proto.GRAPH_INITIALIZER -> {
        Tensor tensor = tensor();
        if (tensor.name().isEmpty() || initializers.put(tensor.name(), tensor) != null) {
          throw in.problem("initializer " + tensor + ": expected a name of its own");
        }
      }
      case Proto.GRAPH_INPUT -> inputs.add(port());
      case Proto.GRAPH_OUTPUT -> outputs.add(port());
      case Proto.GRAPH_SPARSE -> throw in.problem("sparse initializers, which are not supported");
      case Proto.GRAPH_NAME, Proto.GRAPH_DOC, Proto.GRAPH_VALUE_INFO, Proto.GRAPH_METADATA ->
          in.skip();
      default -> throw in.unknown(field);
    }
  }

  private RawNode node() throws IOException {
    List<String> reads = new ArrayList<>();
    List<String> gives = new ArrayList<>();
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    String[] words = {"", "", ""};
    in.message(
        "NodeProto",
        field -> {
          switch (field) {
            case Proto.NODE_INPUT -> reads.add(in.text());
            case Proto.NODE_OUTPUT -> gives.add(in.text());
            case Proto.NODE_NAME -> words[0] = in.text();
            case Proto.NODE_OP_TYPE -> words[1] = in.text();
            case Proto.NODE_DOMAIN -> words[2] = in.text();
            case Proto.NODE_ATTRIBUTE -> attribute(attributes);
            case Proto.NODE_DOC, Proto.NODE_METADATA -> in.skip();
            default -> throw in.unknown(field);
          }
        });
    if (words[1].isEmpty() || gives.isEmpty()) {
      throw in.problem("a node without operator or output");
    }
    return new RawNode(words[0], words[1], words[2], reads, gives, attributes);
  }

  private void attribute(Map<String, Attribute> all) throws IOException {
    String[] name = {""};
    int[] type = {0};
    Map<Integer, Object> values = new LinkedHashMap<>();
    List<String> strings = new ArrayList<>();
    in.message(
        "AttributeProto",
        field -> {
          switch (field) {
            case Proto.ATTRIBUTE_NAME -> name[0] = in.text();
            case Proto.ATTRIBUTE_TYPE -> type[0] = in.small();
            case Proto.ATTRIBUTE_F -> values.put(Proto.TYPE_FLOAT, in.number());
            case Proto.ATTRIBUTE_I -> values.put(Proto.TYPE_INT, in.integer());
            case Proto.ATTRIBUTE_S -> values.put(Proto.TYPE_STRING, in.text());
            case Proto.ATTRIBUTE_T -> values.put(Proto.TYPE_TENSOR, tensor());
            case Proto.ATTRIBUTE_FLOATS ->
                values.put(
                    Proto.TYPE_FLOATS,
                    in.numbers((float[]) values.getOrDefault(Proto.TYPE_FLOATS, new float[0])));
            case Proto.ATTRIBUTE_INTS ->
                values.put(
                    Proto.TYPE_INTS,
                    in.integers(
                        (long[]) values.getOrDefault(Proto.TYPE_INTS, new long[0]), 1 << 12));
            case Proto.ATTRIBUTE_STRINGS -> {
              strings.add(in.text());
              values.put(Proto.TYPE_STRINGS, strings);
              if (strings.size() > MOST_STRINGS) {
                throw in.problem("more than " + MOST_STRINGS + " strings");
              }
            }
            case Proto.ATTRIBUTE_DOC -> in.skip();
            default -> throw in.unknown(field);
          }
        });
    // A type that is given says which value is meant: a zero or an empty list may be left out.
    int meant = type[0] != 0 || values.isEmpty() ? type[0] : values.keySet().iterator().next();
    Object value = values.containsKey(meant) ? values.get(meant) : empty(name[0], meant);
    if (name[0].isEmpty()
        || values.size() > (values.containsKey(meant) ? 1 : 0)
        || all.put(name[0], new Attribute(meant, value)) != null) {
      throw in.problem("attribute \"" + name[0] + "\": expected one of the name, with one value");
    }
  }

  private Object empty(String name, int type) throws FormatException {
    return switch (type) {
      case Proto.TYPE_FLOAT -> 0f;
      case Proto.TYPE_INT -> 0L;
      case Proto.TYPE_STRING -> "";
      case Proto.TYPE_FLOATS -> new float[0];
      case Proto.TYPE_INTS -> new long[0];
      case Proto.TYPE_STRINGS -> List.of();
      default -> throw in.problem("attribute \"" + name + "\" of type " + type + ", not supported");
    };
  }

  /** What a tensor's message holds, until all of it is known. */
  private static final class RawTensor {
    private long[] dims = {};
    private int type;
    private String name = "";
    private byte[] raw;
    private float[] floats;
    private long[] int32s;
    private long[] int64s;

    private int sources() {
      return (raw == null ? 0 : 1)
          + (floats == null ? 0 : 1)
          + (int32s == null ? 0 : 1)
          + (int64s == null ? 0 : 1);
    }
  }

  private Tensor tensor() throws IOException {
    RawTensor t = new RawTensor();
    in.message(
        "TensorProto",
        field -> {
          switch (field) {
            case Proto.TENSOR_DIMS -> t.dims = in.integers(t.dims, MOST_AXES);
            case Proto.TENSOR_DATA_TYPE -> t.type = in.small();
            case Proto.TENSOR_NAME -> t.name = in.text();
            case Proto.TENSOR_RAW -> t.raw = in.bytes();
            case Proto.TENSOR_FLOATS ->
                t.floats = in.numbers(t.floats == null ? new float[0] : t.floats);
            case Proto.TENSOR_INT32S ->
                t.int32s = in.integers(t.int32s == null ? new long[0] : t.int32s, 1 << 28);
            case Proto.TENSOR_INT64S ->
                t.int64s = in.integers(t.int64s == null ? new long[0] : t.int64s, 1 << 28);
            case Proto.TENSOR_EXTERNAL -> throw externalData();
            case Proto.TENSOR_LOCATION -> {
              if (in.integer() != 0) {
                throw externalData();
              }
            }
            case Proto.TENSOR_DOC, Proto.TENSOR_METADATA -> in.skip();
            default -> throw in.unknown(field);
          }
        });
    return tensor(t);
  }

  private FormatException externalData() {
    return in.problem(
        "external data, expected the weights in the file itself: in Python,"
            + " torch.onnx.export(..., external_data=False), or onnx.save of onnx.load");
  }

  private Tensor tensor(RawTensor t) throws FormatException {
    String described = "tensor \"" + t.name + "\" of " + Proto.dataType(t.type);
    if (t.sources() > 1) {
      throw in.problem(described + ": several kinds of data, expected one");
    }
    int[] shape = new int[t.dims.length];
    for (int i = 0; i < shape.length; i++) {
      if (t.dims[i] < 0 || t.dims[i] > Integer.MAX_VALUE) {
        throw in.problem(described + ": dimension " + t.dims[i] + ", expected 0 to 2147483647");
      }
      shape[i] = (int) t.dims[i];
    }
    return switch (t.type) {
      case Proto.FLOAT ->
          t.raw != null
              ? Tensor.ofBytes(t.name, Dtype.F32, t.raw, shape)
              : Tensor.of(t.name, data(t.floats, t.sources(), described, new float[0]), shape);
      case Proto.INT64 ->
          t.raw != null
              ? Tensor.ofBytes(t.name, Dtype.I64, t.raw, shape)
              : Tensor.of(t.name, data(t.int64s, t.sources(), described, new long[0]), shape);
      case Proto.INT32, Proto.BOOL -> {
        Dtype dtype = t.type == Proto.INT32 ? Dtype.I32 : Dtype.BOOL;
        byte[] bytes =
            t.raw != null
                ? t.raw
                : narrowed(dtype, data(t.int32s, t.sources(), described, new long[0]));
        yield Tensor.ofBytes(t.name, dtype, bytes, shape);
      }
      case Proto.DOUBLE -> {
        if (t.raw == null && t.sources() > 0) {
          throw in.problem(described + ": data of another type");
        }
        byte[] bytes = t.raw == null ? new byte[0] : t.raw;
        yield narrowed(described, Tensor.ofBytes(t.name, Dtype.F64, bytes, shape));
      }
      default -> throw in.problem(described + ", expected FLOAT, INT32, INT64 or BOOL");
    };
  }

  /** Exporters write a number beside integers as DOUBLE, where FLOAT would say the same. */
  private Tensor narrowed(String described, Tensor tensor) throws FormatException {
    double[] wide = tensor.doubles();
    float[] values = new float[wide.length];
    for (int i = 0; i < wide.length; i++) {
      values[i] = (float) wide[i];
      if (Double.compare(values[i], wide[i]) != 0) {
        throw in.problem(described + ": element " + wide[i] + ", expected one that FLOAT holds");
      }
    }
    return Tensor.of(tensor.name(), values, tensor.shape());
  }

  private static byte[] narrowed(Dtype dtype, long... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, dtype.bits() / Byte.SIZE))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      if (dtype == Dtype.I32) {
        bytes.putInt((int) value);
      } else {
        bytes.put((byte) (value == 0 ? 0 : 1));
      }
    }
    return bytes.array();
  }

  private <T> T data(T found, int sources, String described, T none) throws FormatException {
    if (found == null && sources > 0) {
      throw in.problem(described + ": data of another type");
    }
    return found == null ? none : found;
  }

  private Port port() throws IOException {
    String[] name = {""};
    int[] type = {0};
    List<String> shape = new ArrayList<>();
    boolean[] shaped = {false};
    in.message(
        "ValueInfoProto",
        field -> {
          switch (field) {
            case Proto.VALUE_NAME -> name[0] = in.text();
            case Proto.VALUE_TYPE -> in.message("TypeProto", f -> type(f, type, shape, shaped));
            case Proto.VALUE_DOC, Proto.VALUE_METADATA -> in.skip();
            default -> throw in.unknown(field);
          }
        });
    boolean integer =
        switch (type[0]) {
          case Proto.FLOAT -> false;
          case Proto.INT32, Proto.INT64, Proto.BOOL -> true;
          default ->
              throw in.problem(
                  "\""
                      + name[0]
                      + "\" of "
                      + Proto.dataType(type[0])
                      + ", expected FLOAT, INT32, INT64 or BOOL");
        };
    return new Port(name[0], integer, shaped[0] ? shape : null);
  }

  private void type(int field, int[] type, List<String> shape, boolean[] shaped)
      throws IOException {
    switch (field) {
      case Proto.TYPE_TENSOR_TYPE ->
          in.message(
              "TypeProto.Tensor",
              f -> {
                switch (f) {
                  case Proto.TENSOR_TYPE_ELEMENT -> type[0] = in.small();
                  case Proto.TENSOR_TYPE_SHAPE -> {
                    shaped[0] = true;
                    in.message("TensorShapeProto", d -> dimension(d, shape));
                  }
                  default -> throw in.unknown(f);
                }
              });
      case Proto.TYPE_DENOTATION -> in.skip();
      default -> throw in.problem("an input or output that is not a tensor");
    }
  }

  private void dimension(int field, List<String> shape) throws IOException {
    if (field != Proto.SHAPE_DIM || shape.size() >= MOST_AXES) {
      throw in.unknown(field);
    }
    String[] dimension = {""};
    in.message(
        "Dimension",
        f -> {
          switch (f) {
            case Proto.DIM_VALUE -> dimension[0] = Long.toString(in.integer());
            case Proto.DIM_PARAM -> {
              // A name of digits would be taken for a number.
              String text = in.text();
              dimension[0] = text.matches("[0-9]+") ? "dimension " + text : text;
            }
            case Proto.DIM_DENOTATION -> in.skip();
            default -> throw in.unknown(f);
          }
        });
    shape.add(dimension[0]);
  }
}
