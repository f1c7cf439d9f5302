package org.lanewise.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.lanewise.Fixtures.assertSameBits;
import static org.lanewise.Fixtures.filled;
import static org.lanewise.Fixtures.floats;
import static org.lanewise.Fixtures.lstm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.Fixtures;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;

/** Every form in which a step takes its input and gives its output means the same step. */
class SessionFormsTest {
  private static final int STEPS = 40;
  private static final int OFFSET = 3;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Steps through a session in one form, from buffers of its own. */
  interface Form {
    /** Steps with the next input; nothing is allocated. */
    void step();

    /** The output of the last step. */
    float[] output();
  }

  interface Forms {
    Form start(Session session, NetworkSpec spec, float[] input, int id);
  }

  private static Form form(Runnable step, Supplier<float[]> output) {
    return new Form() {
      @Override
      public void step() {
        step.run();
      }

      @Override
      public float[] output() {
        return output.get();
      }
    };
  }

  private static Form arrays(Session session, NetworkSpec spec, float[] input, int id) {
    float[] output = new float[spec.resultSize()];
    boolean token = spec.input().isToken();
    return form(
        () -> {
          if (token) {
            session.step(id, output);
          } else {
            session.step(input, output);
          }
        },
        output::clone);
  }

  private static Form offsets(Session session, NetworkSpec spec, float[] input, int id) {
    int size = spec.resultSize();
    float[] in = new float[OFFSET + input.length + 1];
    System.arraycopy(input, 0, in, OFFSET, input.length);
    float[] out = new float[2 * OFFSET + size];
    Arrays.fill(out, 7f);
    boolean token = spec.input().isToken();
    return form(
        () -> {
          if (token) {
            session.step(id, out, OFFSET);
          } else {
            session.step(in, OFFSET, out, OFFSET);
          }
        },
        () -> {
          for (int i = 0; i < OFFSET; i++) {
            assertEquals(7f, out[i], "before the output");
            assertEquals(7f, out[OFFSET + size + i], "behind the output");
          }
          return Arrays.copyOfRange(out, OFFSET, OFFSET + size);
        });
  }

  private static Form doubles(Session session, NetworkSpec spec, float[] input, int id) {
    double[] in = new double[input.length];
    for (int i = 0; i < in.length; i++) {
      in[i] = input[i];
    }
    double[] out = new double[spec.resultSize()];
    boolean token = spec.input().isToken();
    return form(
        () -> {
          if (token) {
            session.step(id, out);
          } else {
            session.step(in, out);
          }
        },
        () -> {
          float[] output = new float[out.length];
          for (int i = 0; i < out.length; i++) {
            output[i] = (float) out[i];
          }
          return output;
        });
  }

  private static Form direct(Session session, NetworkSpec spec, float[] input, int id) {
    return buffers(session, spec, input, id, ByteOrder.nativeOrder());
  }

  private static Form swapped(Session session, NetworkSpec spec, float[] input, int id) {
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    ByteOrder other = little ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    return buffers(session, spec, input, id, other);
  }

  private static Form buffers(
      Session session, NetworkSpec spec, float[] input, int id, ByteOrder order) {
    int size = spec.resultSize();
    FloatBuffer in = buffer(OFFSET + input.length + 1, order).put(OFFSET, input);
    FloatBuffer out = buffer(OFFSET + size + 2, order);
    boolean token = spec.input().isToken();
    return form(
        () -> {
          out.position(OFFSET);
          if (token) {
            session.step(id, out);
          } else {
            in.position(OFFSET);
            session.step(in, out);
          }
        },
        () -> {
          assertEquals(OFFSET + size, out.position(), "position of the output");
          assertEquals(token ? 0 : OFFSET + input.length, in.position(), "position of the input");
          float[] output = new float[size];
          out.get(OFFSET, output);
          return output;
        });
  }

  private static FloatBuffer buffer(int floats, ByteOrder order) {
    return ByteBuffer.allocateDirect(Float.BYTES * floats).order(order).asFloatBuffer();
  }

  private static Form offHeap(Session session, NetworkSpec spec, float[] input, int id) {
    // An odd address: nothing needs to be aligned.
    Arena arena = Arena.ofAuto();
    return segments(
        session,
        spec,
        input,
        id,
        arena.allocate(bytes(input.length) + OFFSET),
        arena.allocate(bytes(spec.resultSize()) + OFFSET));
  }

  private static Form onHeap(Session session, NetworkSpec spec, float[] input, int id) {
    return segments(
        session,
        spec,
        input,
        id,
        MemorySegment.ofArray(new byte[(int) bytes(input.length) + OFFSET]),
        MemorySegment.ofArray(new byte[(int) bytes(spec.resultSize()) + OFFSET]));
  }

  private static Form segments(
      Session session,
      NetworkSpec spec,
      float[] input,
      int id,
      MemorySegment in,
      MemorySegment out) {
    MemorySegment.copy(input, 0, in, FLOAT, OFFSET, input.length);
    boolean token = spec.input().isToken();
    return form(
        () -> {
          if (token) {
            session.step(id, out, OFFSET);
          } else {
            session.step(in, OFFSET, out, OFFSET);
          }
        },
        () -> {
          float[] output = new float[spec.resultSize()];
          MemorySegment.copy(out, FLOAT, OFFSET, output, 0, output.length);
          return output;
        });
  }

  private static long bytes(int floats) {
    return (long) Float.BYTES * floats;
  }

  static Stream<Arguments> formsAndNetworks() {
    Forms[] forms = {
      SessionFormsTest::offsets,
      SessionFormsTest::doubles,
      SessionFormsTest::direct,
      SessionFormsTest::swapped,
      SessionFormsTest::offHeap,
      SessionFormsTest::onHeap
    };
    String[] names = {"offsets", "doubles", "direct", "swapped", "off heap", "on heap"};
    NetworkSpec[] networks = {
      lstm(new Input.Features(5), 7, 1, 3),
      lstm(new Input.Features(33), 17, 2, 0),
      lstm(new Input.OneHot(11), 9, 1, 11),
      lstm(new Input.Embedding(13, 6), 8, 2, 0)
    };
    return Stream.of(networks)
        .flatMap(
            spec ->
                IntStream.range(0, forms.length)
                    .mapToObj(i -> Arguments.of(names[i], forms[i], spec)));
  }

  @ParameterizedTest(name = "{0} of {2}")
  @MethodSource("formsAndNetworks")
  void everyFormGivesTheBitsOfArrays(String name, Forms forms, NetworkSpec spec) {
    Model model = Model.of(filled(spec, 1));
    float[] input = floats(spec.input().size(), 2);
    Session expected = model.session();
    Session found = model.session();
    Form arrays = arrays(expected, spec, input, 4);
    Form form = forms.start(found, spec, input, 4);
    for (int step = 0; step < STEPS; step++) {
      arrays.step();
      form.step();
      assertSameBits(arrays.output(), form.output(), name + " of " + spec + ": step " + step);
    }
    assertEquals(-1, Arrays.mismatch(expected.saveState(), found.saveState()), "state");
  }

  @ParameterizedTest(name = "{0} of {2}")
  @MethodSource("formsAndNetworks")
  void noFormAllocates(String name, Forms forms, NetworkSpec spec) {
    Model model = Model.of(filled(spec, 1));
    Form form = forms.start(model.session(), spec, floats(spec.input().size(), 2), 4);
    long bytes =
        Fixtures.allocatedBytes(
            Thread.currentThread().threadId(),
            () -> {
              for (int i = 0; i < 10_000; i++) {
                form.step();
              }
            });
    assertEquals(0, bytes, name + " of " + spec + ": bytes in 10,000 steps");
  }

  @Test
  void statesAsBytesAllocateNothing() {
    Session session = Model.of(filled(lstm(new Input.Features(5), 17, 2, 3), 1)).session();
    byte[] state = new byte[session.stateBytes()];
    long bytes =
        Fixtures.allocatedBytes(
            Thread.currentThread().threadId(),
            () -> {
              for (int i = 0; i < 10_000; i++) {
                session.saveState(state);
                session.restoreState(state);
              }
            });
    assertEquals(0, bytes, "bytes in 10,000 times");
  }

  @Test
  void doublesAreRoundedToTheNearestFloat() {
    NetworkSpec spec = lstm(new Input.Features(2), 3, 1, 0);
    Model model = Model.of(filled(spec, 1));
    float[] expected = new float[3];
    double[] found = new double[3];
    model.session().step(new float[] {0.1f, 1f / 3}, expected);
    model.session().step(new double[] {0.1, 1.0 / 3}, found);
    for (int i = 0; i < 3; i++) {
      assertEquals(expected[i], found[i], "element " + i);
    }
  }

  @Test
  void inputAndOutputMayBeOneArray() {
    NetworkSpec spec = lstm(new Input.Features(4), 6, 2, 4);
    Model model = Model.of(filled(spec, 1));
    float[] expected = new float[4];
    float[] shared = floats(4, 2);
    model.session().step(floats(4, 2), expected);
    model.session().step(shared, 0, shared, 0);
    assertSameBits(expected, shared, "output over the input");
  }

  private static Session vectors() {
    return Model.of(filled(lstm(new Input.Features(3), 4, 1, 2), 1)).session();
  }

  private static Session tokens() {
    return Model.of(filled(lstm(new Input.OneHot(6), 4, 1, 6), 1)).session();
  }

  private static String refused(Runnable call) {
    return assertThrows(IllegalArgumentException.class, call::run).getMessage();
  }

  @Test
  void tooShortRangesAreNamed() {
    Session session = vectors();
    assertEquals(
        "input: found 4 with offset 2, expected 3 from there on",
        refused(() -> session.step(new float[4], 2, new float[2], 0)));
    assertEquals(
        "output: found 3 with offset -1, expected 2 from there on",
        refused(() -> session.step(new float[3], 0, new float[3], -1)));
    assertEquals(
        "input: found 2 with offset 0, expected 3 from there on",
        refused(() -> session.step(FloatBuffer.allocate(2), FloatBuffer.allocate(2))));
    assertEquals(
        "output: found 2 with offset 1, expected 2 from there on",
        refused(() -> session.step(FloatBuffer.allocate(3), FloatBuffer.allocate(2).position(1))));
    MemorySegment twelve = MemorySegment.ofArray(new byte[12]);
    assertEquals(
        "input bytes: found 12 with offset 1, expected 12 from there on",
        refused(() -> session.step(twelve, 1, twelve, 0)));
    assertEquals(
        "output bytes: found 12 with offset 9223372036854775807, expected 8 from there on",
        refused(() -> session.step(twelve, 0, twelve, Long.MAX_VALUE)));
    assertEquals(
        "input: found 2 values, expected 3",
        refused(() -> session.step(new double[2], new double[2])));
    assertEquals(
        "output: found 6 with offset 1, expected 6 from there on",
        refused(() -> tokens().step(0, new float[6], 1)));
  }

  @Test
  void vectorsForATokenModelAreRefusedInEveryForm() {
    Session session = tokens();
    MemorySegment segment = MemorySegment.ofArray(new float[6]);
    String message = "the model reads tokens; found a vector as input";
    assertEquals(message, refused(() -> session.step(new float[6], 0, new float[6], 0)));
    assertEquals(message, refused(() -> session.step(new double[6], new double[6])));
    assertEquals(
        message, refused(() -> session.step(FloatBuffer.allocate(6), FloatBuffer.allocate(6))));
    assertEquals(message, refused(() -> session.step(segment, 0, segment, 0)));
  }

  @Test
  void outputsThatCannotBeWrittenLeaveTheStateAsItWas() {
    Session session = vectors();
    session.step(floats(3, 1), new float[2]);
    byte[] before = session.saveState();
    FloatBuffer input = FloatBuffer.wrap(floats(3, 2));
    assertThrows(
        ReadOnlyBufferException.class,
        () -> session.step(input, FloatBuffer.allocate(2).asReadOnlyBuffer()));
    assertEquals(0, input.position(), "position of the input");
    MemorySegment in = MemorySegment.ofArray(floats(3, 2));
    MemorySegment readOnly = MemorySegment.ofArray(new float[2]).asReadOnly();
    refused(() -> session.step(in, 0, readOnly, 0));
    MemorySegment closed;
    try (Arena arena = Arena.ofConfined()) {
      closed = arena.allocate(8);
    }
    assertThrows(IllegalStateException.class, () -> session.step(in, 0, closed, 0));
    assertEquals(-1, Arrays.mismatch(before, session.saveState()), "state");
  }
}
