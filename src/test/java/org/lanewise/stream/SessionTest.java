package org.lanewise.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lanewise.Fixtures.assertSameBits;
import static org.lanewise.Fixtures.filled;
import static org.lanewise.Fixtures.floats;
import static org.lanewise.Fixtures.ids;
import static org.lanewise.Fixtures.lstm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.kernel.PlainKernels;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.network.Precision;
import org.lanewise.network.Workers;

/** What embedders rely on: a session gives the same bits in every way of calling it. */
class SessionTest {
  /** Lengths around and beyond what a session takes at a time. */
  private static final int[] LENGTHS = {1, 2, 31, 32, 33, 64, 97};

  static Stream<NetworkSpec> networks() {
    return Stream.of(
        lstm(new Input.Features(5), 7, 1, 3),
        lstm(new Input.Features(3), 17, 3, 0),
        lstm(new Input.OneHot(11), 9, 2, 11),
        lstm(new Input.Embedding(13, 6), 8, 2, 13),
        variant(CellKind.LSTM, 6, 0),
        variant(CellKind.LSTM, 16, 3),
        variant(CellKind.LSTM_PEEPHOLE, 0, 3));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void roundedModelsStepAsTheyRunSequences(Precision precision) {
    networks()
        .forEach(
            spec -> {
              Parameters parameters = Fixtures.filled(spec, 3);
              float[] arena = parameters.values().clone();
              Model lanes = Model.of(parameters, precision);
              Model plain = Model.of(new PlainKernels(), parameters, precision);
              float[] expected = sequence(plain.session(), spec, 40);
              assertSameBits(expected, steps(lanes.session(), spec, 0, 40), spec + ": steps");
              assertSameBits(expected, sequence(lanes.session(), spec, 40), spec + ": sequence");
              assertSameBits(arena, parameters.values(), spec + ": the arena");
            });
  }

  private static NetworkSpec variant(CellKind cell, int projectionSize, int outputs) {
    Input input = new Input.Features(5);
    return new NetworkSpec(
        input, cell, 33, projectionSize, 2, Direction.FORWARD, Head.STEPS, 0, false, outputs);
  }

  /** Runs a stretch of the stream, step by step. */
  private static float[] steps(Session session, NetworkSpec spec, int begin, int end) {
    float[] all = new float[(end - begin) * spec.resultSize()];
    float[] output = new float[spec.resultSize()];
    for (int t = begin; t < end; t++) {
      if (spec.input().isToken()) {
        session.step(ids(end, spec.input().tokens(), 5)[t], output);
      } else {
        int size = spec.input().size();
        float[] inputs = floats(end * size, 5);
        session.step(Arrays.copyOfRange(inputs, t * size, (t + 1) * size), output);
      }
      System.arraycopy(output, 0, all, (t - begin) * output.length, output.length);
    }
    return all;
  }

  /** Runs the stream from its beginning, as one sequence. */
  private static float[] sequence(Session session, NetworkSpec spec, int end) {
    float[] outputs = new float[end * spec.resultSize()];
    if (spec.input().isToken()) {
      session.sequence(end, ids(end, spec.input().tokens(), 5), outputs);
    } else {
      session.sequence(end, floats(end * spec.input().size(), 5), outputs);
    }
    return outputs;
  }

  private static float[] state(Session session) {
    float[] state = new float[session.stateSize()];
    session.saveState(state);
    return state;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void stepByStepEqualsSequence(NetworkSpec spec) {
    Model model = Model.of(filled(spec, 1));
    for (int length : LENGTHS) {
      Session stepping = model.session();
      Session atOnce = model.session();
      String what = spec + ", " + length + " steps";
      assertSameBits(
          steps(stepping, spec, 0, length), sequence(atOnce, spec, length), what + ": outputs");
      assertSameBits(state(stepping), state(atOnce), what + ": state");
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void stepsAndSequencesMayBeMixed(NetworkSpec spec) {
    Model model = Model.of(filled(spec, 1));
    Session plain = model.session();
    Session mixed = model.session();
    steps(plain, spec, 0, 3);
    steps(mixed, spec, 0, 3);
    for (int length : new int[] {1, 34, 2}) {
      assertSameBits(
          steps(plain, spec, 0, length), sequence(mixed, spec, length), spec + ": sequence");
      assertSameBits(
          steps(plain, spec, 0, length), steps(mixed, spec, 0, length), spec + ": steps after it");
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void resetSessionEqualsNewSession(NetworkSpec spec) {
    Model model = Model.of(filled(spec, 2));
    Session session = model.session();
    float[] first = steps(session, spec, 0, 35);
    assertFalse(Arrays.equals(first, steps(session, spec, 0, 35)), "the state has no effect");
    session.reset();
    assertSameBits(new float[session.stateSize()], state(session), spec + ": state");
    assertSameBits(first, steps(session, spec, 0, 35), spec + ": outputs");
  }

  @ParameterizedTest
  @MethodSource("networks")
  void restoredStateGoesOnWithTheSameBits(NetworkSpec spec) {
    Model model = Model.of(filled(spec, 3));
    for (int before : new int[] {0, 1, 6, 33}) {
      Session session = model.session();
      steps(session, spec, 0, before);
      float[] state = state(session);
      Session other = model.session();
      steps(other, spec, 0, 5);
      other.restoreState(state);
      assertSameBits(state, state(other), spec + ": state after " + before);
      assertSameBits(
          steps(session, spec, before, before + 40),
          steps(other, spec, before, before + 40),
          spec + ": restored after " + before);
    }
  }

  @Test
  void savedStateIsACopy() {
    NetworkSpec spec = lstm(new Input.Features(2), 4, 1, 0);
    Session session = Model.of(filled(spec, 3)).session();
    steps(session, spec, 0, 4);
    float[] state = state(session);
    float[] kept = state.clone();
    steps(session, spec, 0, 4);
    assertSameBits(kept, state, "saved state after more steps");
  }

  @Test
  void warmUpTouchesNoSession() {
    NetworkSpec spec = lstm(new Input.OneHot(5), 6, 2, 5);
    Model model = Model.of(filled(spec, 4));
    Session session = model.session();
    steps(session, spec, 0, 9);
    float[] before = state(session);
    assertTrue(model.warmUp().isPositive(), "no time");
    assertSameBits(before, state(session), "state");
    Session fresh = Model.of(filled(spec, 4)).session();
    steps(fresh, spec, 0, 9);
    assertSameBits(
        steps(fresh, spec, 0, 9), steps(session, spec, 0, 9), "outputs after the warm-up");
  }

  @ParameterizedTest
  @MethodSource("networks")
  void modelIsImmuneToLaterChangesOfTheArena(NetworkSpec spec) {
    Parameters parameters = filled(spec, 5);
    Model model = Model.of(parameters);
    Session before = model.session();
    float[] expected = steps(before, spec, 0, 10);
    Arrays.fill(parameters.values(), 0.25f);
    assertSameBits(expected, steps(model.session(), spec, 0, 10), spec + ": steps");
    assertSameBits(expected, sequence(model.session(), spec, 10), spec + ": sequence");
    Session changed = Model.of(parameters).session();
    assertFalse(Arrays.equals(expected, steps(changed, spec, 0, 10)), "the arena has no effect");
  }

  @ParameterizedTest
  @MethodSource("networks")
  void stepsAllocateNothing(NetworkSpec spec) {
    Session session = Model.of(filled(spec, 6)).session();
    float[] input = floats(spec.input().size(), 1);
    float[] output = new float[spec.resultSize()];
    boolean token = spec.input().isToken();
    long bytes =
        Fixtures.allocatedBytes(
            Thread.currentThread().threadId(),
            () -> {
              for (int i = 0; i < 10_000; i++) {
                if (token) {
                  session.step(i % spec.input().tokens(), output);
                } else {
                  session.step(input, output);
                }
              }
            });
    assertEquals(0, bytes, spec + ": bytes in 10,000 steps");
  }

  @ParameterizedTest
  @MethodSource("networks")
  void sequencesAndStatesAllocateNothing(NetworkSpec spec) {
    Session session = Model.of(filled(spec, 6)).session();
    int length = 37;
    float[] inputs = floats(length * spec.input().size(), 1);
    int[] tokens = ids(length, Math.max(1, spec.input().tokens()), 1);
    float[] outputs = new float[length * spec.resultSize()];
    float[] state = new float[session.stateSize()];
    boolean token = spec.input().isToken();
    long bytes =
        Fixtures.allocatedBytes(
            Thread.currentThread().threadId(),
            () -> {
              for (int i = 0; i < 200; i++) {
                if (token) {
                  session.sequence(length, tokens, outputs);
                } else {
                  session.sequence(length, inputs, outputs);
                }
                session.saveState(state);
                session.restoreState(state);
                session.reset();
              }
            });
    assertEquals(0, bytes, spec + ": bytes in 200 sequences");
  }

  @Test
  void threadsWithSessionsOfTheirOwnGetTheSameBits() throws Exception {
    NetworkSpec spec = lstm(new Input.Features(4), 12, 2, 3);
    Model model = Model.of(filled(spec, 7));
    float[] expected = steps(model.session(), spec, 0, 300);
    int count = 4;
    CountDownLatch start = new CountDownLatch(count);
    try (ExecutorService pool = Executors.newFixedThreadPool(count)) {
      List<Callable<float[]>> work = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        work.add(
            () -> {
              start.countDown();
              start.await();
              return steps(model.session(), spec, 0, 300);
            });
      }
      for (Future<float[]> found : pool.invokeAll(work)) {
        assertSameBits(expected, found.get(), "outputs of a thread");
      }
    }
  }

  /** Large enough for their steps to be shared, but for the third. */
  static Stream<NetworkSpec> largeNetworks() {
    return Stream.of(
        lstm(new Input.Features(40), 510, 2, 5),
        new NetworkSpec(
            new Input.OneHot(150),
            CellKind.LSTM,
            720,
            400,
            1,
            Direction.FORWARD,
            Head.STEPS,
            0,
            false,
            0),
        lstm(new Input.Features(5), 17, 1, 0),
        new NetworkSpec(new Input.Features(40), CellKind.GRU, 520, 1, 3),
        new NetworkSpec(new Input.Embedding(9, 40), CellKind.RNN_TANH, 1030, 1, 0));
  }

  @ParameterizedTest
  @MethodSource("largeNetworks")
  void sharedStepsHaveTheSameBits(NetworkSpec spec) {
    Model model = Model.of(filled(spec, 1));
    Session alone = model.session();
    float[] expected = steps(alone, spec, 0, 5);
    for (int threads : new int[] {1, 2, 3}) {
      try (Workers workers = new Workers(threads)) {
        Session shared = model.session(workers);
        String what = spec + " on " + threads + " threads";
        assertSameBits(expected, steps(shared, spec, 0, 5), what + ": outputs");
        assertSameBits(state(alone), state(shared), what + ": state");
      }
    }
  }

  @Test
  void sharedStepsAllocateNothing() {
    Model model = Model.of(filled(lstm(new Input.Features(8), 512, 1, 0), 1));
    float[] input = floats(8, 1);
    float[] output = new float[512];
    try (Workers workers = new Workers(2)) {
      Thread[] second = new Thread[1];
      workers.run(
          (part, parts) -> {
            if (part == 1) {
              second[0] = Thread.currentThread();
            }
          });
      Session session = model.session(workers);
      Runnable steps =
          () -> {
            for (int i = 0; i < 500; i++) {
              session.step(input, output);
            }
          };
      assertEquals(0, Fixtures.allocatedBytes(Thread.currentThread().threadId(), steps), "caller");
      assertEquals(0, Fixtures.allocatedBytes(second[0].threadId(), steps), "second thread");
    }
  }

  @Test
  void closedThreadsAreTold() {
    Workers workers = new Workers(2);
    Session session = Model.of(filled(lstm(new Input.Features(8), 512, 1, 0), 1)).session(workers);
    workers.close();
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> session.step(new float[8], new float[512]));
    assertEquals("the worker threads are closed", e.getMessage());
  }

  // ---- bad input
  // ---------------------------------------------------------------------------------

  private static String refused(Runnable call) {
    return assertThrows(IllegalArgumentException.class, call::run).getMessage();
  }

  private static Session vectors() {
    return Model.of(filled(lstm(new Input.Features(3), 4, 2, 2), 1)).session();
  }

  private static Session tokens() {
    return Model.of(filled(lstm(new Input.OneHot(6), 4, 1, 6), 1)).session();
  }

  @Test
  void wrongLengthsAreNamed() {
    Session session = vectors();
    float[] two = new float[2];
    float[] three = new float[3];
    assertEquals(
        "input: found 2 values, expected 3", refused(() -> session.step(two.clone(), two)));
    assertEquals(
        "output: found 3 values, expected 2", refused(() -> session.step(three.clone(), three)));
    assertEquals(
        "inputs: found 3 values, expected 6", refused(() -> session.sequence(2, three, two)));
    assertEquals(
        "outputs: found 2 values, expected 4",
        refused(() -> session.sequence(2, new float[6], two)));
    assertEquals("state: found 3 values, expected 16", refused(() -> session.saveState(three)));
    assertEquals("state: found 3 values, expected 16", refused(() -> session.restoreState(three)));
    assertEquals(
        "ids: found 2 values, expected 3",
        refused(() -> tokens().sequence(3, new int[2], new float[18])));
  }

  @Test
  void tokensOutOfRangeAreNamed() {
    Session session = tokens();
    float[] output = new float[6];
    assertEquals("token: found 6, expected 0 to 5", refused(() -> session.step(6, output)));
    assertEquals("token: found -1, expected 0 to 5", refused(() -> session.step(-1, output)));
    assertEquals(
        "token: found 7, expected 0 to 5",
        refused(() -> session.sequence(2, new int[] {1, 7}, new float[12])));
  }

  @Test
  void wrongKindOfInputIsNamed() {
    assertEquals(
        "the model reads tokens; found a vector as input",
        refused(() -> tokens().step(new float[6], new float[6])));
    assertEquals(
        "the model reads tokens; found vectors as input",
        refused(() -> tokens().sequence(1, new float[6], new float[6])));
    assertEquals(
        "the model reads vectors; found a token as input",
        refused(() -> vectors().step(0, new float[2])));
    assertEquals(
        "the model reads vectors; found a token as input",
        refused(() -> vectors().sequence(1, new int[1], new float[2])));
  }

  @Test
  void nanStateIsNamed() {
    Session session = vectors();
    float[] state = new float[16];
    state[9] = Float.NaN;
    assertEquals(
        "state: value 9 is NaN, expected a number", refused(() -> session.restoreState(state)));
  }

  @Test
  void refusedCallLeavesTheStateAsItWas() {
    NetworkSpec spec = lstm(new Input.Features(3), 4, 2, 2);
    Session session = Model.of(filled(spec, 1)).session();
    steps(session, spec, 0, 5);
    float[] before = state(session);
    float[] broken = before.clone();
    broken[15] = Float.NaN;
    refused(() -> session.restoreState(broken));
    refused(() -> session.step(new float[2], new float[2]));
    refused(() -> session.sequence(2, new float[3], new float[4]));
    assertSameBits(before, state(session), "state");
  }

  @Test
  void secondThreadInsideIsTold() throws Exception {
    // Big enough for a thread to be found inside; tried until it is.
    NetworkSpec spec = lstm(new Input.Features(8), 128, 1, 0);
    Session session = Model.of(filled(spec, 1)).session();
    int length = 20_000;
    float[] inputs = new float[length * 8];
    float[] outputs = new float[length * 128];
    CountDownLatch inside = new CountDownLatch(1);
    Thread first =
        Thread.ofPlatform()
            .start(
                () -> {
                  inside.countDown();
                  session.sequence(length, inputs, outputs);
                });
    inside.await();
    IllegalStateException found = null;
    while (found == null && first.isAlive()) {
      Thread.sleep(1);
      try {
        session.saveState(new float[session.stateSize()]);
      } catch (IllegalStateException e) {
        found = e;
      }
    }
    first.join();
    assertEquals(
        "session in use: another thread is inside; a session belongs to one thread at a time",
        found == null ? "no exception" : found.getMessage());
    session.reset();
  }

  @Test
  void aSessionStartsFromTheTrainedStateAndReturnsToIt() {
    NetworkSpec spec =
        new NetworkSpec(
            new Input.Features(2),
            CellKind.LSTM,
            3,
            0,
            2,
            Direction.FORWARD,
            Head.STEPS,
            0,
            true,
            1);
    Parameters parameters = filled(spec, 1);
    float[] expected = new float[12];
    for (int layer = 0; layer < 2; layer++) {
      int h = parameters.slice("initial.h0").offset() + 3 * layer;
      int c = parameters.slice("initial.c0").offset() + 3 * layer;
      System.arraycopy(parameters.values(), h, expected, 6 * layer, 3);
      System.arraycopy(parameters.values(), c, expected, 6 * layer + 3, 3);
    }
    Session session = Model.of(parameters).session();
    assertSameBits(expected, state(session), "a new session");
    session.step(new float[2], new float[1]);
    session.reset();
    assertSameBits(expected, state(session), "after reset");
  }
}
