package org.lanewise.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every rule of the format: a file that breaks it is refused, and the message says how. */
class SafetensorsRulesTest {
  @TempDir Path directory;

  // The length of the header.

  @Test
  void emptyFileIsRefused() throws IOException {
    assertRefusedFile(
        Files.write(directory.resolve("empty"), new byte[0]),
        "not a safetensors file: found 0 bytes, expected 8 for the header length");
  }

  @Test
  void fileWithoutWholeLengthIsRefused() throws IOException {
    assertRefusedFile(
        Files.write(directory.resolve("seven"), new byte[7]),
        "not a safetensors file: found 7 bytes, expected 8 for the header length");
  }

  /** What people name by mistake is called what it is. */
  @Test
  void otherFormatsAreNamed() throws IOException {
    String how =
        "; save the weights in Python with"
            + " safetensors.torch.save_file(net.state_dict(), \"net.safetensors\")";
    assertOther("PK\3\4\0\0\b\b\0\0", "a zip archive, such as torch.save writes" + how);
    assertOther("\u0080\2\u008a\nl\u00fc\u009cF\u00f9 j", "a pickle" + how);
    assertOther("\u0080\4\u0095\7\0\0\0\0\0\0\0}\u0094", "a pickle" + how);
    assertOther(
        "\u0089HDF\r\n\32\n\0", "HDF5; weights of Keras have a name that ends in .weights.h5");
    assertOther("To be,\nor not", "text, which begins with To be,\\u000ao");
    assertRefusedFile(
        Files.write(directory.resolve("bytes"), new byte[] {-1, -2, -3, 0, 0, 0, 1, 0}),
        "not a safetensors file: header length 281474993356543, expected at most 0 in a file of 8"
            + " bytes");
  }

  private void assertOther(String content, String what) throws IOException {
    assertRefusedFile(
        Files.write(directory.resolve("other"), content.getBytes(StandardCharsets.ISO_8859_1)),
        "not a safetensors file but " + what);
  }

  @Test
  void headerLongerThanTheFileIsRefused() throws IOException {
    assertRefusedFile(
        lying(3),
        "not a safetensors file: header length 3, expected at most 2 in a file of 10 bytes");
  }

  @Test
  void headerLengthThatLooksNegativeIsRefused() throws IOException {
    assertRefusedFile(
        lying(-1),
        "not a safetensors file: header length 18446744073709551615, expected at most 2 in a file of 10 bytes");
  }

  @Test
  void headerOverTheLimitIsRefused() throws IOException {
    Path path = lying(100_000_001);
    extend(path, 200_000_000);
    assertRefusedFile(
        path,
        "not a safetensors file: header length 100000001, expected at most 100000000 in this format");
  }

  @Test
  void emptyHeaderIsRefused() throws IOException {
    assertRefused("", 0, "the header is empty, expected '{'");
  }

  @Test
  void headerThatDoesNotBeginWithBraceIsRefused() throws IOException {
    assertRefused(" {}", 0, "the header begins with byte 0x20, expected '{'");
    assertRefused("[]", 0, "the header begins with byte 0x5b, expected '{'");
    assertRefused("\uFEFF{}", 0, "the header begins with byte 0xef, expected '{'");
  }

  // JSON.

  @Test
  void onlySpacesMayFollowTheHeader() throws IOException {
    assertAccepted("{}   ", 0);
    assertRefused(
        "{}\n",
        0,
        "header: found byte 0x0a, expected nothing but spaces after the last '}',"
            + " at byte 2 of the header");
    assertRefused(
        "{} {}",
        0,
        "header: found '{', expected nothing but spaces after the last '}',"
            + " at byte 3 of the header");
  }

  @Test
  void whiteSpaceMayStandBetweenTokens() throws IOException {
    assertAccepted("{\n \t\r'a' : {'dtype' :'U8', 'shape': [ 1 ,2 ],'data_offsets':[0, 2 ] } }", 2);
  }

  @Test
  void unfinishedHeaderIsRefused() throws IOException {
    assertRefused(
        "{",
        0,
        "header: found the end of the header, expected a string," + " at byte 1 of the header");
    assertRefused(
        "{'a",
        0,
        "header: found the end of the header, expected the string to end,"
            + " at byte 3 of the header");
    assertRefused(
        "{'a'", 0, "a: found the end of the header, expected ':'," + " at byte 4 of the header");
  }

  @Test
  void commaBeforeTheEndIsRefused() throws IOException {
    assertRefused(
        "{'__metadata__':{},}",
        0,
        "header: found '}', expected a string, at byte 19 of the header");
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1,],'data_offsets':[0,1]}}",
        1,
        "a: shape: found ']', expected a non-negative integer, at byte 30 of the header");
  }

  @Test
  void missingCommaIsRefused() throws IOException {
    assertRefused(
        "{'__metadata__':{'a':'b' 'c':'d'}}",
        0,
        "__metadata__: found '\"', expected ',' or '}', at byte 25 of the header");
  }

  @Test
  void malformedUtf8IsRefused() throws IOException {
    byte[][] malformed = {
      {(byte) 0xff},
      {(byte) 0xc3}, // cut short
      {(byte) 0xc0, (byte) 0x80}, // overlong
      {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, // a surrogate
      {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80}, // above U+10FFFF
    };
    for (byte[] bytes : malformed) {
      byte[] before = RawFile.json("{'__metadata__':{'k':'").getBytes(StandardCharsets.UTF_8);
      byte[] after = RawFile.json("'}}").getBytes(StandardCharsets.UTF_8);
      byte[] header =
          ByteBuffer.allocate(before.length + bytes.length + after.length)
              .put(before)
              .put(bytes)
              .put(after)
              .array();
      assertRefusedFile(
          RawFile.write(directory, header, 0),
          "__metadata__: k: malformed UTF-8 in the string, at byte 22 of the header");
    }
  }

  @Test
  void unpairedSurrogateIsRefused() throws IOException {
    for (String escape :
        List.of("\\ud800", "\\udc00", "\\ud800\\ud800", "\\ud800x", "\\ud800\\n")) {
      assertRefused(
          "{'__metadata__':{'k':'" + escape + "'}}",
          0,
          "__metadata__: k: unpaired surrogate in the string, at byte 22 of the header");
    }
  }

  @Test
  void escapesAreResolved() throws IOException {
    Path path =
        raw("{'__metadata__':{'k':'\\'\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\\u0000'}}", 0);
    assertEquals("\"\\/\b\f\n\r\té😀\0", Safetensors.read(path).metadata().get("k"));
  }

  @Test
  void unknownEscapeIsRefused() throws IOException {
    assertRefused(
        "{'__metadata__':{'k':'\\x41'}}",
        0,
        "__metadata__: k: found 'x', expected one of \"\\/bfnrtu after a backslash,"
            + " at byte 23 of the header");
    assertRefused(
        "{'__metadata__':{'k':'\\u00g0'}}",
        0,
        "__metadata__: k: found 'g', expected four hexadecimal digits after \\u,"
            + " at byte 26 of the header");
  }

  @Test
  void controlCharacterInStringIsRefused() throws IOException {
    assertRefused(
        "{'__metadata__':{'k':'a\nb'}}",
        0,
        "__metadata__: k: found byte 0x0a, expected control characters escaped,"
            + " at byte 23 of the header");
  }

  @Test
  void deepNestingIsRefusedWhereItStarts() throws IOException {
    assertRefused(
        "{'a':" + "[".repeat(1_000_000), 0, "a: found '[', expected '{', at byte 5 of the header");
    assertRefused(
        "{'a':".repeat(1_000_000), 0, "a: unknown key a, expected dtype, shape and data_offsets");
    assertRefused(
        "{'a':{'dtype':'U8','shape':" + "[".repeat(1_000_000),
        0,
        "a: shape: found '[', expected a non-negative integer, at byte 28 of the header");
  }

  // Numbers.

  @Test
  void onlyPlainNonNegativeIntegersAreNumbers() throws IOException {
    for (String number : List.of("-1", "-0", "1.0", "1e3", "1E3", "01", "00", "+1", ".5", "1-1")) {
      assertRefused(
          "{'a':{'dtype':'U8','shape':[" + number + "],'data_offsets':[0,1]}}",
          1,
          "a: shape: found "
              + number
              + ", expected a non-negative integer,"
              + " at byte 28 of the header");
    }
    assertRefused(
        "{'a':{'dtype':'U8','shape':['1'],'data_offsets':[0,1]}}",
        1,
        "a: shape: found '\"', expected a non-negative integer, at byte 28 of the header");
    assertRefused(
        "{'a':{'dtype':'U8','shape':[null],'data_offsets':[0,1]}}",
        1,
        "a: shape: found 'n', expected a non-negative integer, at byte 28 of the header");
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0.0,1]}}",
        1,
        "a: data_offsets: found 0.0, expected a non-negative integer, at byte 47 of the header");
  }

  @Test
  void numberAboveLongIsRefused() throws IOException {
    for (String number :
        List.of("9223372036854775808", "18446744073709551616", "99999999999999999999999")) {
      assertRefused(
          "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0," + number + "]}}",
          1,
          "a: data_offsets: found "
              + number
              + ", expected an integer up to 9223372036854775807,"
              + " at byte 49 of the header");
    }
  }

  // Names and metadata.

  @Test
  void duplicateTensorIsRefused() throws IOException {
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},"
            + "'\\u0061':{'dtype':'U8','shape':[1],'data_offsets':[1,2]}}",
        2,
        "a: two tensors of this name, expected one");
  }

  @Test
  void duplicateMetadataIsRefused() throws IOException {
    assertRefused(
        "{'__metadata__':{},'__metadata__':{}}", 0, "__metadata__: found twice, expected once");
    assertRefused(
        "{'__metadata__':{'k':'1','k':'1'}}", 0, "__metadata__: k: two values, expected one");
  }

  @Test
  void metadataMustBeText() throws IOException {
    assertRefused(
        "{'__metadata__':{'k':1}}",
        0,
        "__metadata__: k: found 1, expected a string, at byte 21 of the header");
    assertRefused(
        "{'__metadata__':{'k':{}}}",
        0,
        "__metadata__: k: found '{', expected a string, at byte 21 of the header");
    assertRefused(
        "{'__metadata__':null}",
        0,
        "__metadata__: found 'n', expected '{', at byte 16 of the header");
    assertRefused(
        "{'__metadata__':[]}",
        0,
        "__metadata__: found '[', expected '{', at byte 16 of the header");
  }

  @Test
  void hostileNameDoesNotFloodTheMessage() throws IOException {
    assertRefused(
        "{'" + "x".repeat(100_000) + "\\n':1}",
        0,
        "x".repeat(120) + "…: found 1, expected '{', at byte 100006 of the header");
    assertRefused(
        "{'\\u001b[31m\\n\\u202e':1}",
        0,
        "\\u001b[31m\\u000a\\u202e: found 1, expected '{', at byte 22 of the header");
  }

  // Entries.

  @Test
  void entryMustHaveAllItsKeys() throws IOException {
    assertRefused("{'a':{}}", 0, "a: missing dtype, expected dtype, shape and data_offsets");
    assertRefused(
        "{'a':{'dtype':'U8','data_offsets':[0,1]}}",
        1,
        "a: missing shape, expected dtype, shape and data_offsets");
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1]}}",
        1,
        "a: missing data_offsets, expected dtype, shape and data_offsets");
  }

  @Test
  void entryMustHaveNoOtherKey() throws IOException {
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1],'strides':[1]}}",
        1,
        "a: unknown key strides, expected dtype, shape and data_offsets");
  }

  @Test
  void entryMustHaveEachKeyOnce() throws IOException {
    assertRefused(
        "{'a':{'dtype':'U8','dtype':'U8','shape':[1],'data_offsets':[0,1]}}",
        1,
        "a: dtype found twice, expected once");
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1],'shape':[1],'data_offsets':[0,1]}}",
        1,
        "a: shape found twice, expected once");
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1],'data_offsets':[0,1]}}",
        1,
        "a: data_offsets found twice, expected once");
  }

  @Test
  void unknownDtypeIsRefused() throws IOException {
    for (String dtype : List.of("F31", "f32", "", "F32 ")) {
      assertRefused(
          "{'a':{'dtype':'" + dtype + "','shape':[1],'data_offsets':[0,4]}}",
          4,
          "a: dtype "
              + dtype
              + ", expected one of [BOOL, F4, F6_E2M3, F6_E3M2, U8, I8, F8_E5M2,"
              + " F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, I16, U16, F16, BF16, I32, U32, F32,"
              + " C64, F64, I64, U64]");
    }
    assertRefused(
        "{'a':{'dtype':4,'shape':[1],'data_offsets':[0,4]}}",
        4,
        "a: dtype: found 4, expected a string, at byte 14 of the header");
  }

  @Test
  void offsetsMustBeTwo() throws IOException {
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0]}}",
        1,
        "a: data_offsets [0], expected two numbers");
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[]}}",
        1,
        "a: data_offsets [], expected two numbers");
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1,2]}}",
        1,
        "a: data_offsets: more than 2 numbers, expected at most 2");
  }

  @Test
  void moreDimensionsThanAnyoneHasAreRefused() throws IOException {
    assertAccepted(ones(64), 1);
    assertRefused(ones(65), 1, "a: shape: more than 64 numbers, expected at most 64");
  }

  private static String ones(int dimensions) {
    String shape = "1,".repeat(dimensions - 1) + "1";
    return "{'a':{'dtype':'U8','shape':[" + shape + "],'data_offsets':[0,1]}}";
  }

  // Sizes.

  @Test
  void offsetsMustHoldTheTensorExactly() throws IOException {
    assertRefused(
        "{'weight_hh_l1':{'dtype':'F32','shape':[3],'data_offsets':[0,10]}}",
        10,
        "weight_hh_l1: data_offsets [0, 10] hold 10 bytes, expected 12 for F32 [3]");
    assertRefused(
        "{'a':{'dtype':'F32','shape':[],'data_offsets':[0,0]}}",
        0,
        "a: data_offsets [0, 0] hold 0 bytes, expected 4 for F32 []");
    assertRefused(
        "{'a':{'dtype':'F32','shape':[0],'data_offsets':[0,4]}}",
        4,
        "a: data_offsets [0, 4] hold 4 bytes, expected 0 for F32 [0]");
  }

  @Test
  void offsetsMustNotRunBackwards() throws IOException {
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[2,1]}}",
        2,
        "a: data_offsets [2, 1] end before they begin");
  }

  @Test
  void shapeThatOverflowsIsRefused() throws IOException {
    assertRefused(
        "{'a':{'dtype':'U8','shape':[4294967296,4294967296],'data_offsets':[0,0]}}",
        0,
        "a: U8 [4294967296, 4294967296]: impossible size: long overflow");
    assertRefused(
        "{'a':{'dtype':'F32','shape':[4611686018427387904],'data_offsets':[0,0]}}",
        0,
        "a: F32 [4611686018427387904]: impossible size: long overflow");
  }

  @Test
  void elementsMustEndOnWholeByte() throws IOException {
    assertAccepted("{'a':{'dtype':'F4','shape':[2,3],'data_offsets':[0,3]}}", 3);
    assertAccepted("{'a':{'dtype':'F6_E3M2','shape':[4],'data_offsets':[0,3]}}", 3);
    assertRefused(
        "{'a':{'dtype':'F4','shape':[3],'data_offsets':[0,2]}}",
        2,
        "a: F4 [3]: impossible size: 12 bits, expected whole bytes");
  }

  @Test
  void truncatedDataAreRefused() throws IOException {
    assertRefused(
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}}",
        11,
        "a: data_offsets [0, 12] end beyond the data, expected at most 11: the file is cut short");
  }

  @Test
  void tensorBeyondAnArrayIsRefused() throws IOException {
    Path path = raw("{'a':{'dtype':'U8','shape':[2147483640],'data_offsets':[0,2147483640]}}", 0);
    extend(path, Files.size(path) + 2147483640L);
    assertRefusedFile(
        path, "a: 2147483640 bytes, expected at most 2147483639, the longest array of a JVM");
  }

  @Test
  void dimensionBeyondIntIsRefused() throws IOException {
    assertRefused(
        "{'a':{'dtype':'U8','shape':[0,2147483648],'data_offsets':[0,0]}}",
        0,
        "a: dimension 2147483648, expected at most 2147483647");
  }

  // The data as a whole.

  @Test
  void holeIsRefused() throws IOException {
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},"
            + "'b':{'dtype':'U8','shape':[1],'data_offsets':[2,3]}}",
        3,
        "b: data_offsets [2, 3] leave a hole, expected to begin at 1");
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[1,2]}}",
        2,
        "a: data_offsets [1, 2] leave a hole, expected to begin at 0");
  }

  @Test
  void overlapIsRefused() throws IOException {
    assertRefused(
        "{'b':{'dtype':'U8','shape':[2],'data_offsets':[1,3]},"
            + "'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]}}",
        3,
        "b: data_offsets [1, 3] overlap the tensor before, expected to begin at 2");
    assertRefused(
        "{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]},"
            + "'b':{'dtype':'U8','shape':[2],'data_offsets':[0,2]}}",
        2,
        "b: data_offsets [0, 2] overlap the tensor before, expected to begin at 2");
    assertRefused(
        "{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]},"
            + "'b':{'dtype':'U8','shape':[0],'data_offsets':[1,1]}}",
        2,
        "b: data_offsets [1, 1] overlap the tensor before, expected to begin at 2");
  }

  @Test
  void dataThatBelongToNoTensorAreRefused() throws IOException {
    assertRefused("{}", 1, "1 bytes of data, expected 0, the end of the last tensor");
    assertRefused(
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}",
        9,
        "9 bytes of data, expected 1, the end of the last tensor");
  }

  // What is allowed, though it looks odd.

  @Test
  void tensorsComeInTheOrderOfTheirData() throws IOException {
    Path path =
        raw(
            "{'c':{'dtype':'U8','shape':[1],'data_offsets':[1,2]},"
                + "'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},"
                + "'e2':{'dtype':'U8','shape':[5,0],'data_offsets':[1,1]},"
                + "'e1':{'dtype':'U8','shape':[0],'data_offsets':[1,1]}}",
            2);
    assertEquals(
        List.of("a", "e2", "e1", "c"), List.copyOf(Safetensors.read(path).tensors().keySet()));
  }

  @Test
  void tensorNeedNotBeAligned() throws IOException {
    assertAccepted(
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},"
            + "'b':{'dtype':'F32','shape':[],'data_offsets':[1,5]}}",
        5);
  }

  @Test
  void emptyNameIsName() throws IOException {
    Path path = raw("{'':{'dtype':'U8','shape':[],'data_offsets':[0,1]}}", 1);
    assertArrayEquals(new long[] {0}, Safetensors.read(path).require("").longs());
  }

  @Test
  void missingFileIsNoFormatProblem() {
    assertThrows(NoSuchFileException.class, () -> Safetensors.read(directory.resolve("none")));
  }

  // What the caller asks for.

  @Test
  void missingTensorIsNamedWithThoseThereAre() throws IOException {
    Path path =
        raw(
            "{'a':{'dtype':'U8','shape':[],'data_offsets':[0,1]},"
                + "'b':{'dtype':'U8','shape':[],'data_offsets':[1,2]}}",
            2);
    assertMessage(
        path,
        "missing tensor weight_hh_l1; the file has: a, b",
        () -> Safetensors.read(path).require("weight_hh_l1", 1024, 256));
    Path none = raw("{}", 0);
    assertMessage(
        none,
        "missing tensor a; the file has no tensors",
        () -> Safetensors.read(none).tensor("a"));
  }

  @Test
  void manyNamesAreNotAllListed() throws IOException {
    Path path = directory.resolve("many.safetensors");
    List<Tensor> tensors =
        IntStream.range(10, 60).mapToObj(i -> Tensor.of("t" + i, new float[] {i})).toList();
    Safetensors.write(path, Map.of(), tensors);
    FormatException e =
        assertThrows(FormatException.class, () -> Safetensors.read(path).tensor("t"));
    assertTrue(
        e.getMessage()
            .endsWith(
                ": t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, t20, t21,"
                    + " t22, t23, t24, t25, t26, t27, t28, t29, t30, t31, t32, t33, … and 26 more"),
        e.getMessage());
  }

  @Test
  void wrongShapeIsNamedWithBoth() throws IOException {
    Path path = raw("{'weight_hh_l1':{'dtype':'U8','shape':[8,2],'data_offsets':[0,16]}}", 16);
    assertMessage(
        path,
        "weight_hh_l1: expected shape [8, 4], found [8, 2]",
        () -> Safetensors.read(path).require("weight_hh_l1", 8, 4));
    assertEquals(
        "weight_hh_l1: U8 [8, 2]", Safetensors.read(path).require("weight_hh_l1", 8, 2).toString());
  }

  @Test
  void wrongDtypeIsNamedWithTheRightOnes() throws IOException {
    Path path = raw("{'a':{'dtype':'F64','shape':[1],'data_offsets':[0,8]}}", 8);
    assertMessage(
        path,
        "a: dtype F64, expected F32, F16 or BF16 to be read as float",
        () -> Safetensors.read(path).tensor("a").floats());
  }

  private interface Attempt {
    Object run() throws IOException;
  }

  private Path raw(String singleQuoted, int dataSize) throws IOException {
    return RawFile.write(directory, RawFile.json(singleQuoted), dataSize);
  }

  private void assertAccepted(String singleQuoted, int dataSize) throws IOException {
    Safetensors.read(raw(singleQuoted, dataSize));
  }

  private void assertRefused(String singleQuoted, int dataSize, String problem) throws IOException {
    assertRefusedFile(raw(singleQuoted, dataSize), problem);
  }

  private static void assertRefusedFile(Path path, String problem) {
    assertMessage(path, problem, () -> Safetensors.read(path));
  }

  private static void assertMessage(Path path, String problem, Attempt attempt) {
    FormatException e = assertThrows(FormatException.class, attempt::run);
    assertEquals(path + ": " + problem, e.getMessage());
  }

  /** A file of ten bytes with an empty header, and this for its length. */
  private Path lying(long headerLength) throws IOException {
    byte[] file =
        ByteBuffer.allocate(10)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(headerLength)
            .put((byte) '{')
            .put((byte) '}')
            .array();
    return Files.write(directory.resolve("lying.safetensors"), file);
  }

  /** Makes the file longer without writing: most file systems store the rest as a hole. */
  private static void extend(Path path, long size) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
    }
  }
}
