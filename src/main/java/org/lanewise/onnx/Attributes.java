package org.lanewise.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lanewise.format.Tensor;
import org.lanewise.onnx.Proto.Attribute;

/** The attributes of a node, taken one by one; what nobody took is refused. */
final class Attributes {
  private final Map<String, Attribute> left;

  Attributes(Map<String, Attribute> all) {
    this.left = new HashMap<>(all);
  }

  boolean has(String name) {
    return left.containsKey(name);
  }

  private Object take(String name, int type, Object absent) {
    Attribute attribute = left.remove(name);
    if (attribute == null) {
      return absent;
    }
    if (attribute.type() != type) {
      throw new IllegalArgumentException(
          "attribute " + name + ": type " + attribute.type() + ", expected " + type);
    }
    return attribute.value();
  }

  long integer(String name, long absent) {
    return (Long) take(name, Proto.TYPE_INT, absent);
  }

  int small(String name, int absent) {
    long value = integer(name, absent);
    if (value != (int) value) {
      throw new IllegalArgumentException(
          "attribute " + name + ": " + value + ", expected a number of 32 bits");
    }
    return (int) value;
  }

  boolean truth(String name, boolean absent) {
    long value = integer(name, absent ? 1 : 0);
    if (value != 0 && value != 1) {
      throw new IllegalArgumentException("attribute " + name + ": " + value + ", expected 0 or 1");
    }
    return value == 1;
  }

  float number(String name, float absent) {
    return (Float) take(name, Proto.TYPE_FLOAT, absent);
  }

  String text(String name, String absent) {
    return (String) take(name, Proto.TYPE_STRING, absent);
  }

  Tensor tensor(String name) {
    return (Tensor) take(name, Proto.TYPE_TENSOR, null);
  }

  long[] integers(String name) {
    return (long[]) take(name, Proto.TYPE_INTS, null);
  }

  float[] numbers(String name, float... absent) {
    return (float[]) take(name, Proto.TYPE_FLOATS, absent);
  }

  @SuppressWarnings("unchecked") // Attributes of type STRINGS hold nothing else.
  List<String> texts(String name) {
    return (List<String>) take(name, Proto.TYPE_STRINGS, null);
  }

  /** Takes an attribute that changes nothing in inference. */
  void ignore(String name) {
    left.remove(name);
  }

  void requireNoneLeft() {
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "attribute " + left.keySet().iterator().next() + ", which is not supported here");
    }
  }
}
