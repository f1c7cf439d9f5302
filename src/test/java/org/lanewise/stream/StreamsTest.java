package org.lanewise.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.lanewise.Fixtures.assertSameBits;
import static org.lanewise.Fixtures.filled;
import static org.lanewise.Fixtures.floats;
import static org.lanewise.Fixtures.ids;
import static org.lanewise.Fixtures.lstm;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.Fixtures;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;

/** What streams refuse, and that they allocate nothing; their bits are among the properties. */
class StreamsTest {
  private static final int SIZE = 3;

  private static Streams vectors(int capacity, int open) {
    Streams streams =
        Model.of(filled(lstm(new Input.Features(SIZE), 4, 2, 2), 1)).streams(capacity);
    for (int i = 0; i < open; i++) {
      assertEquals(i, streams.open());
    }
    return streams;
  }

  private static String refused(Runnable call) {
    return assertThrows(IllegalArgumentException.class, call::run).getMessage();
  }

  private static String impossible(Runnable call) {
    return assertThrows(IllegalStateException.class, call::run).getMessage();
  }

  private static float[] state(Streams streams, int slot) {
    float[] state = new float[streams.stateSize()];
    streams.saveState(slot, state);
    return state;
  }

  private static void step(Streams streams, int... slots) {
    float[] inputs = floats(slots.length * SIZE, 7);
    streams.stepAll(slots.length, slots, inputs, new float[slots.length * 2]);
  }

  @Test
  void slotsAreOpenedClosedAndUsedAgain() {
    Streams streams = vectors(3, 3);
    assertEquals(3, streams.size());
    assertEquals("no slot left: all 3 streams are open", impossible(streams::open));
    step(streams, 1);
    streams.close(1);
    assertEquals(2, streams.size());
    assertEquals("slot 1 is not open", impossible(() -> streams.close(1)));
    assertEquals(1, streams.open());
    assertSameBits(new float[16], state(streams, 1), "state of a slot opened again");
  }

  @Test
  void everyUseOfAClosedSlotIsRefused() {
    Streams streams = vectors(3, 2);
    String message = "slot 2 is not open";
    assertEquals(message, impossible(() -> step(streams, 0, 2)));
    assertEquals(message, impossible(() -> streams.reset(2)));
    assertEquals(message, impossible(() -> streams.saveState(2, new float[16])));
    assertEquals(message, impossible(() -> streams.restoreState(2, new float[16])));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void everyUseOfASlotOutOfRangeIsRefused(int slot) {
    Streams streams = vectors(3, 3);
    String message = "slot: found " + slot + ", expected 0 to 2";
    assertEquals(message, refused(() -> step(streams, 0, slot)));
    assertEquals(message, refused(() -> streams.reset(slot)));
    assertEquals(message, refused(() -> streams.close(slot)));
    assertEquals(message, refused(() -> streams.saveState(slot, new float[16])));
    assertEquals(message, refused(() -> streams.restoreState(slot, new float[16])));
  }

  @Test
  void wrongCallsAreNamedAndChangeNothing() {
    Streams streams = vectors(3, 3);
    step(streams, 0, 1, 2);
    float[] before = state(streams, 0);
    int[] slots = {0, 1, 2};
    float[] in = new float[9];
    float[] out = new float[6];
    assertEquals(
        "slots: found slot 0 a second time at 2, expected it once",
        refused(() -> step(streams, 0, 2, 0)));
    assertEquals(
        "slots: found 3 values, expected at least 4",
        refused(() -> streams.stepAll(4, slots, new float[12], new float[8])));
    assertEquals(
        "inputs: found 9 values, expected at least 12",
        refused(() -> streams.stepAll(4, new int[4], in, new float[8])));
    assertEquals(
        "outputs: found 5 values, expected at least 6",
        refused(() -> streams.stepAll(3, slots, in, new float[5])));
    assertEquals(
        "count: found -1, expected at least 0", refused(() -> streams.stepAll(-1, slots, in, out)));
    assertEquals(
        "the model reads vectors; found tokens as input",
        refused(() -> streams.stepAll(3, slots, new int[3], out)));
    assertEquals(
        "state: found 2 values, expected 16", refused(() -> streams.saveState(0, new float[2])));
    float[] broken = new float[16];
    broken[5] = Float.NaN;
    assertEquals(
        "state: value 5 is NaN, expected a number", refused(() -> streams.restoreState(0, broken)));
    assertSameBits(before, state(streams, 0), "state");
    step(streams, 0, 2);
  }

  @Test
  void wrongTokensAreNamed() {
    Streams streams = Model.of(filled(lstm(new Input.OneHot(6), 4, 1, 6), 1)).streams(2);
    streams.open();
    streams.open();
    int[] slots = {1, 0};
    float[] out = new float[12];
    assertEquals(
        "token 1: found 6, expected 0 to 5",
        refused(() -> streams.stepAll(2, slots, new int[] {0, 6}, out)));
    assertEquals(
        "token 0: found -1, expected 0 to 5",
        refused(() -> streams.stepAll(2, slots, new int[] {-1, 0}, out)));
    assertEquals(
        "ids: found 1 values, expected at least 2",
        refused(() -> streams.stepAll(2, slots, new int[1], out)));
    assertEquals(
        "the model reads tokens; found vectors as input",
        refused(() -> streams.stepAll(2, slots, new float[12], out)));
  }

  @Test
  void theCapacityIsWithinWhatAnArrayHolds() {
    Model model = Model.of(filled(lstm(new Input.Features(1), 8, 1, 0), 1));
    assertEquals(
        "capacity: found 0, expected 1 to 134217727 streams of this model",
        refused(() -> model.streams(0)));
    assertEquals(
        "capacity: found 134217728, expected 1 to 134217727 streams of this model",
        refused(() -> model.streams(134217728)));
  }

  @Test
  void noStreamsAreNoWork() {
    vectors(1, 0).stepAll(0, new int[0], new float[0], new float[0]);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Timeout(60)
  void callsAllocateNothing(boolean tokens) {
    Input input = tokens ? new Input.Embedding(9, 5) : new Input.Features(5);
    NetworkSpec spec = lstm(input, 17, 2, 3);
    int count = Streams.ROWS + 31;
    Streams streams = Model.of(filled(spec, 1)).streams(count);
    int[] slots = IntStream.range(0, count).map(i -> count - 1 - i).toArray();
    float[] inputs = floats(count * 5, 1);
    int[] someIds = ids(count, 9, 1);
    float[] outputs = new float[count * 3];
    float[] state = new float[streams.stateSize()];
    Arrays.setAll(slots, i -> streams.open());
    long bytes =
        Fixtures.allocatedBytes(
            Thread.currentThread().threadId(),
            () -> {
              for (int i = 0; i < 50; i++) {
                if (tokens) {
                  streams.stepAll(count - i % 3, slots, someIds, outputs);
                } else {
                  streams.stepAll(count - i % 3, slots, inputs, outputs);
                }
                streams.saveState(i, state);
                streams.restoreState(i + 1, state);
                streams.close(i);
                streams.reset(streams.open());
              }
            });
    assertEquals(0, bytes, "bytes in 50 calls");
  }
}
