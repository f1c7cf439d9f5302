package org.lanewise.onnx;

import java.util.List;
import java.util.Map;

/** The numbers of ONNX's fields, and what of its messages is kept. */
final class Proto {
  private Proto() {}

  // ModelProto
  static final int IR_VERSION = 1;
  static final int PRODUCER_NAME = 2;
  static final int PRODUCER_VERSION = 3;
  static final int DOMAIN = 4;
  static final int MODEL_VERSION = 5;
  static final int MODEL_DOC = 6;
  static final int GRAPH = 7;
  static final int OPSET_IMPORT = 8;
  static final int METADATA_PROPS = 14;

  // OperatorSetIdProto
  static final int OPSET_DOMAIN = 1;
  static final int OPSET_VERSION = 2;

  // GraphProto
  static final int GRAPH_NODE = 1;
  static final int GRAPH_NAME = 2;
  static final int GRAPH_INITIALIZER = 5;
  static final int GRAPH_DOC = 10;
  static final int GRAPH_INPUT = 11;
  static final int GRAPH_OUTPUT = 12;
  static final int GRAPH_VALUE_INFO = 13;
  static final int GRAPH_SPARSE = 15;
  static final int GRAPH_METADATA = 16;

  // NodeProto
  static final int NODE_INPUT = 1;
  static final int NODE_OUTPUT = 2;
  static final int NODE_NAME = 3;
  static final int NODE_OP_TYPE = 4;
  static final int NODE_ATTRIBUTE = 5;
  static final int NODE_DOC = 6;
  static final int NODE_DOMAIN = 7;
  static final int NODE_OVERLOAD = 8;
  static final int NODE_METADATA = 9;

  // AttributeProto
  static final int ATTRIBUTE_NAME = 1;
  static final int ATTRIBUTE_F = 2;
  static final int ATTRIBUTE_I = 3;
  static final int ATTRIBUTE_S = 4;
  static final int ATTRIBUTE_T = 5;
  static final int ATTRIBUTE_FLOATS = 7;
  static final int ATTRIBUTE_INTS = 8;
  static final int ATTRIBUTE_STRINGS = 9;
  static final int ATTRIBUTE_DOC = 13;
  static final int ATTRIBUTE_TYPE = 20;

  // AttributeProto.AttributeType
  static final int TYPE_FLOAT = 1;
  static final int TYPE_INT = 2;
  static final int TYPE_STRING = 3;
  static final int TYPE_TENSOR = 4;
  static final int TYPE_FLOATS = 6;
  static final int TYPE_INTS = 7;
  static final int TYPE_STRINGS = 8;

  // TensorProto
  static final int TENSOR_DIMS = 1;
  static final int TENSOR_DATA_TYPE = 2;
  static final int TENSOR_FLOATS = 4;
  static final int TENSOR_INT32S = 5;
  static final int TENSOR_INT64S = 7;
  static final int TENSOR_NAME = 8;
  static final int TENSOR_RAW = 9;
  static final int TENSOR_DOUBLES = 10;
  static final int TENSOR_DOC = 12;
  static final int TENSOR_EXTERNAL = 13;
  static final int TENSOR_LOCATION = 14;
  static final int TENSOR_METADATA = 16;

  // TensorProto.DataType
  static final int FLOAT = 1;
  static final int INT32 = 6;
  static final int INT64 = 7;
  static final int BOOL = 9;
  static final int DOUBLE = 11;

  private static final Map<Integer, String> DATA_TYPES =
      Map.ofEntries(
          Map.entry(0, "UNDEFINED"),
          Map.entry(1, "FLOAT"),
          Map.entry(2, "UINT8"),
          Map.entry(3, "INT8"),
          Map.entry(4, "UINT16"),
          Map.entry(5, "INT16"),
          Map.entry(6, "INT32"),
          Map.entry(7, "INT64"),
          Map.entry(8, "STRING"),
          Map.entry(9, "BOOL"),
          Map.entry(10, "FLOAT16"),
          Map.entry(DOUBLE, "DOUBLE"),
          Map.entry(12, "UINT32"),
          Map.entry(13, "UINT64"),
          Map.entry(16, "BFLOAT16"));

  // ValueInfoProto
  static final int VALUE_NAME = 1;
  static final int VALUE_TYPE = 2;
  static final int VALUE_DOC = 3;
  static final int VALUE_METADATA = 4;

  // TypeProto, TypeProto.Tensor, TensorShapeProto, TensorShapeProto.Dimension
  static final int TYPE_TENSOR_TYPE = 1;
  static final int TYPE_DENOTATION = 6;
  static final int TENSOR_TYPE_ELEMENT = 1;
  static final int TENSOR_TYPE_SHAPE = 2;
  static final int SHAPE_DIM = 1;
  static final int DIM_VALUE = 1;
  static final int DIM_PARAM = 2;
  static final int DIM_DENOTATION = 3;

  /** A data type in words. */
  static String dataType(int type) {
    return DATA_TYPES.getOrDefault(type, "data type " + type);
  }

  /** An attribute: its type and the one value of that type. */
  record Attribute(int type, Object value) {}

  /** A node as it stands in the file. */
  record RawNode(
      String name,
      String operator,
      String domain,
      List<String> inputs,
      List<String> outputs,
      Map<String, Attribute> attributes) {
    /** What messages call the node. */
    String shown() {
      return name.isEmpty() && !outputs.isEmpty() ? "of " + outputs.get(0) : name;
    }
  }
}
