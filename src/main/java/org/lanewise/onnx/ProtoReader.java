package org.lanewise.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.lanewise.format.FormatException;

/**
 * The fields of protobuf messages, one after the other. Nothing is allocated from a number that has
 * not been checked against what is left of the file.
 */
final class ProtoReader {
  private final String file;
  private final CodedInputStream in;
  private String message = "ModelProto";
  private int tag;

  ProtoReader(String file, byte[] bytes) {
    this.file = file;
    this.in = CodedInputStream.newInstance(bytes);
  }

  /** What to do with a field. */
  interface Field {
    void read(int number) throws IOException;
  }

  /** Reads a message up to its end, which is that of the field it is in, or of the file. */
  void fields(String name, Field field) throws IOException {
    String outer = message;
    message = name;
    for (tag = in.readTag(); tag != 0; tag = in.readTag()) {
      field.read(WireFormat.getTagFieldNumber(tag));
      message = name;
    }
    message = outer;
  }

  /** Reads the message in the current field. */
  void message(String name, Field field) throws IOException {
    expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
    int limit = in.pushLimit(in.readRawVarint32());
    fields(name, field);
    in.checkLastTagWas(0);
    in.popLimit(limit);
  }

  long integer() throws IOException {
    expect(WireFormat.WIRETYPE_VARINT);
    return in.readRawVarint64();
  }

  int small() throws IOException {
    long value = integer();
    if (value != (int) value) {
      throw problem("number " + value + ", expected one of 32 bits");
    }
    return (int) value;
  }

  float number() throws IOException {
    expect(WireFormat.WIRETYPE_FIXED32);
    return in.readFloat();
  }

  byte[] bytes() throws IOException {
    expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
    return in.readByteArray();
  }

  String text() throws IOException {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  /** Adds the integers of a field, packed or not, to those before. */
  long[] integers(long[] before, int most) throws IOException {
    if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
      return append(before, before.length, in.readRawVarint64(), most);
    }
    expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
    int limit = in.pushLimit(in.readRawVarint32());
    long[] all = before;
    int count = before.length;
    while (in.getBytesUntilLimit() > 0) {
      if (count == all.length) {
        all = Arrays.copyOf(all, roomier(count, most));
      }
      all[count++] = in.readRawVarint64();
    }
    in.popLimit(limit);
    return Arrays.copyOf(all, count);
  }

  /** Adds the floating-point numbers of a field, packed or not, to those before. */
  float[] numbers(float[] before) throws IOException {
    int more = 1;
    int limit = -1;
    if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_FIXED32) {
      expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
      limit = in.pushLimit(in.readRawVarint32());
      more = Math.min(in.getBytesUntilLimit(), Integer.MAX_VALUE) / Float.BYTES;
      if (in.getBytesUntilLimit() % Float.BYTES != 0) {
        throw problem(in.getBytesUntilLimit() + " bytes of floats, expected a multiple of 4");
      }
    }
    float[] all = Arrays.copyOf(before, Math.addExact(before.length, more));
    for (int i = before.length; i < all.length; i++) {
      all[i] = in.readFloat();
    }
    if (limit >= 0) {
      in.popLimit(limit);
    }
    return all;
  }

  private long[] append(long[] all, int count, long value, int most) throws FormatException {
    if (count >= most) {
      throw problem("more than " + most + " numbers");
    }
    long[] longer = Arrays.copyOf(all, count + 1);
    longer[count] = value;
    return longer;
  }

  private int roomier(int count, int most) throws FormatException {
    if (count >= most) {
      throw problem("more than " + most + " numbers");
    }
    return (int) Math.min(most, Math.max(8L, 2L * count));
  }

  /** Passes over a field that says nothing about what the model computes. */
  void skip() throws IOException {
    if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_START_GROUP) {
      throw problem("a group, expected none in this format");
    }
    in.skipField(tag);
  }

  FormatException unknown(int number) {
    return problem("field " + number + ", which is not known or not supported");
  }

  FormatException problem(String what) {
    return new FormatException(file, message + ": " + what);
  }

  private void expect(int wireType) throws FormatException {
    int found = WireFormat.getTagWireType(tag);
    if (found != wireType) {
      throw problem(
          "field "
              + WireFormat.getTagFieldNumber(tag)
              + ": wire type "
              + found
              + ", expected "
              + wireType);
    }
  }
}
