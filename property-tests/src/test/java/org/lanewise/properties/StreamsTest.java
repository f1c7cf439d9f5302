package org.lanewise.properties;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.lanewise.cell.CellKind;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;
import org.lanewise.stream.Streams;

/** Streams stepped together do what a session for each of them does. */
class StreamsTest {

  /** Networks of every cell, input and output. */
  private static NetworkSpec spec(SplittableRandom random) {
    List<CellKind> cells = List.of(CellKind.values());
    CellKind cell = cells.get(random.nextInt(cells.size()));
    int hidden = random.nextBoolean() ? 1 + random.nextInt(36) : 15 + random.nextInt(3);
    boolean projects = cell == CellKind.LSTM && hidden > 1 && random.nextInt(3) == 0;
    int size = 1 + random.nextInt(20);
    Input input =
        switch (random.nextInt(3)) {
          case 0 -> new Input.OneHot(size);
          case 1 -> new Input.Embedding(1 + random.nextInt(9), size);
          default -> new Input.Features(size);
        };
    return new NetworkSpec(
        input,
        cell,
        hidden,
        projects ? 1 + random.nextInt(hidden - 1) : 0,
        1 + random.nextInt(3),
        Direction.FORWARD,
        Head.STEPS,
        0,
        random.nextBoolean(),
        random.nextInt(20));
  }

  /** Any subset, in any order; often so many that it takes several chunks. */
  private static int[] subset(int capacity, SplittableRandom random) {
    int[] slots = new int[capacity];
    Arrays.setAll(slots, i -> i);
    if (random.nextInt(3) > 0) {
      for (int i = capacity - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int slot = slots[i];
        slots[i] = slots[j];
        slots[j] = slot;
      }
    }
    return random.nextInt(3) == 0
        ? slots
        : Arrays.copyOfRange(slots, random.nextInt(capacity), capacity);
  }

  @Property(tries = 60)
  void togetherEqualsOneByOne(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    NetworkSpec spec = spec(random);
    Parameters parameters = new Parameters(spec);
    new Initializer.Uniform(0.5).fill(parameters, seed);
    int capacity = 1 + random.nextInt(random.nextBoolean() ? 6 : 230);
    for (Kernels kernels : AllKernels.all()) {
      same("seed " + seed + ": " + spec, Model.of(kernels, parameters), capacity, random.split());
    }
  }

  private static void same(String where, Model model, int capacity, SplittableRandom random) {
    Streams streams = model.streams(capacity);
    Session[] sessions = new Session[capacity];
    for (int i = 0; i < capacity; i++) {
      sessions[streams.open()] = model.session();
    }
    for (int turn = 0; turn < 6; turn++) {
      disturb(streams, sessions, random);
      step(where + ", turn " + turn, model, streams, sessions, random);
    }
    for (int slot = 0; slot < capacity; slot++) {
      Bits.same(where, "state of " + slot, state(sessions[slot]), state(streams, slot));
    }
  }

  /** Resets a stream, opens it anew, or gives it the state of another. */
  private static void disturb(Streams streams, Session[] sessions, SplittableRandom random) {
    int slot = random.nextInt(sessions.length);
    int other = random.nextInt(sessions.length);
    switch (random.nextInt(4)) {
      case 0 -> {
        streams.reset(slot);
        sessions[slot].reset();
      }
      case 1 -> {
        streams.close(slot);
        sessions[streams.open()].reset();
      }
      case 2 -> {
        streams.restoreState(slot, state(sessions[other]));
        sessions[slot].restoreState(state(streams, other));
      }
      default -> {
        // As it is.
      }
    }
  }

  private static void step(
      String where, Model model, Streams streams, Session[] sessions, SplittableRandom random) {
    int[] slots = subset(sessions.length, random);
    int spare = random.nextInt(3);
    int size = model.outputSize();
    float[] found = new float[(slots.length + spare) * size];
    float[] expected = new float[found.length];
    float[] output = new float[size];
    boolean token = model.spec().input().isToken();
    int width = token ? 1 : model.inputSize();
    float[] inputs = new float[(slots.length + spare) * width];
    int[] ids = new int[slots.length + spare];
    for (int i = 0; i < slots.length; i++) {
      if (token) {
        ids[i] = random.nextInt(model.spec().input().tokens());
        sessions[slots[i]].step(ids[i], output);
      } else {
        for (int k = 0; k < width; k++) {
          inputs[i * width + k] = Values.ORDINARY.next(random);
        }
        sessions[slots[i]].step(Arrays.copyOfRange(inputs, i * width, (i + 1) * width), output);
      }
      System.arraycopy(output, 0, expected, i * size, size);
    }
    int[] withSpare = Arrays.copyOf(slots, slots.length + spare);
    Arrays.fill(withSpare, slots.length, withSpare.length, -1);
    if (token) {
      streams.stepAll(slots.length, withSpare, ids, found);
    } else {
      streams.stepAll(slots.length, withSpare, inputs, found);
    }
    Bits.same(where, "outputs of " + slots.length, expected, found);
  }

  private static float[] state(Session session) {
    float[] state = new float[session.stateSize()];
    session.saveState(state);
    return state;
  }

  private static float[] state(Streams streams, int slot) {
    float[] state = new float[streams.stateSize()];
    streams.saveState(slot, state);
    return state;
  }
}
