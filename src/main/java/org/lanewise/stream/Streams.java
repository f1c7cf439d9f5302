package org.lanewise.stream;

import org.lanewise.cell.Tape;
import org.lanewise.kernel.Packed;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.RecurrentLayer;
import org.lanewise.network.Workspace;

/**
 * Many streams of one model, stepped together: for a server with thousands of live streams, some of
 * which have input at any moment. A call takes the slots of these, gathers their states, runs one
 * product for all of them and scatters the new states. Each stream gets the bits that a {@link
 * Session} of its own would give, whatever streams stand beside it and in whatever order.
 *
 * <pre>{@code
 * Streams streams = model.streams(4096);
 * int slot = streams.open();
 * ...
 * streams.stepAll(count, slots, inputs, outputs);
 * ...
 * streams.close(slot);
 * }</pre>
 *
 * <p>Nothing is allocated after construction. A call works through its streams in chunks of {@value
 * #ROWS}, so beside the states themselves the memory does not depend on how many there are.
 *
 * <p>All of it belongs to one thread at a time, opening and closing included. It does not lock; a
 * second thread that enters while the first is inside is met by an {@link IllegalStateException} in
 * most cases, which is a help in finding the mistake and no protection. Several threads share the
 * streams of one model by having an instance each.
 */
public final class Streams {
  /**
   * Streams that go through a product together. Each weight is read once for all of them, so the
   * more the better; but the pre-activations of a panel, 256 bytes a row, are to stay in the L1
   * cache between the product and the gates, and those of all panels in L2. A multiple of the six
   * rows that the product computes at a time.
   */
  static final int ROWS = 96;

  private static final long CLOSED = -1;

  private final Network network;
  private final NetworkSpec spec;
  private final Workspace workspace;
  private final float[] embedded;
  private final RecurrentLayer[] layers;
  private final Tape[] tapes;
  private final Tape top;
  private final TapeStates tapeStates;

  /** For each slot, what {@link #saveState} gives. */
  private final float[] states;

  private final float[] start;
  private final int stateSize;
  private final int stride;

  /** For each slot the last call that stepped it, or {@link #CLOSED}. */
  private final long[] lastCall;

  /** The slots that are not open, the next to be opened last. */
  private final int[] free;

  private int freeCount;
  private long call;
  private boolean inside;

  Streams(Network network, int capacity) {
    this.network = network;
    this.spec = network.spec();
    this.workspace = new Workspace(network, 1, ROWS, false);
    int embeddingSize = network.embeddings().isEmpty() ? 0 : spec.input().size();
    this.embedded = new float[ROWS * Packed.stride(embeddingSize)];
    this.layers = new RecurrentLayer[spec.layers()];
    this.tapes = new Tape[layers.length];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = network.layer(i, 0);
      tapes[i] = workspace.tape(i);
    }
    this.top = tapes[layers.length - 1];
    this.tapeStates = new TapeStates(workspace);
    this.stateSize = tapeStates.size();
    this.stride = Packed.padded(stateSize);
    int most = (Integer.MAX_VALUE - 8) / stride;
    if (capacity < 1 || capacity > most) {
      throw new IllegalArgumentException(
          "capacity: found " + capacity + ", expected 1 to " + most + " streams of this model");
    }
    this.states = new float[capacity * stride];
    network.beginState(workspace);
    this.start = new float[stateSize];
    tapeStates.save(0, 0, start, 0);
    this.lastCall = new long[capacity];
    this.free = new int[capacity];
    this.freeCount = capacity;
    for (int slot = 0; slot < capacity; slot++) {
      lastCall[slot] = CLOSED;
      free[slot] = capacity - 1 - slot;
    }
  }

  /**
   * The number of streams there is room for.
   *
   * @return slots
   */
  public int capacity() {
    return lastCall.length;
  }

  /**
   * The number of streams that are open.
   *
   * @return from 0 to the capacity
   */
  public int size() {
    return capacity() - freeCount;
  }

  /**
   * Opens a stream, its state where sequences begin: the trained state, or zero.
   *
   * @return its slot, from 0 to below the capacity; a closed stream's slot is used again
   * @throws IllegalStateException if all slots are open, or another thread is found inside
   */
  public int open() {
    enter();
    try {
      if (freeCount == 0) {
        throw new IllegalStateException("no slot left: all " + capacity() + " streams are open");
      }
      int slot = free[--freeCount];
      lastCall[slot] = call;
      System.arraycopy(start, 0, states, slot * stride, stateSize);
      return slot;
    } finally {
      inside = false;
    }
  }

  /**
   * Closes a stream; its slot is free for another.
   *
   * @param slot an open slot
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is not open, or another thread is found inside
   */
  public void close(int slot) {
    enter();
    try {
      checkOpen(slot);
      lastCall[slot] = CLOSED;
      free[freeCount++] = slot;
    } finally {
      inside = false;
    }
  }

  /**
   * Sets the state of a stream to where sequences begin: to the trained state, or to zero.
   *
   * @param slot an open slot
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is not open, or another thread is found inside
   */
  public void reset(int slot) {
    enter();
    try {
      checkOpen(slot);
      System.arraycopy(start, 0, states, slot * stride, stateSize);
    } finally {
      inside = false;
    }
  }

  /**
   * One step of some streams, on a vector each. A refused call changes no stream.
   *
   * @param count number of streams that are stepped
   * @param slots their slots, in any order, each at most once; what lies beyond count is not read
   * @param inputs {@code [count][inputSize]} at least, in the order of the slots
   * @param outputs receives {@code [count][outputSize]}, in the order of the slots: the linear
   *     outputs, or the top hidden states when there are none
   * @throws IllegalArgumentException if an array is too short, a slot is out of range or stands
   *     there twice, or the model reads tokens
   * @throws IllegalStateException if a slot is not open, or another thread is found inside
   */
  public void stepAll(int count, int[] slots, float[] inputs, float[] outputs) {
    if (spec.input().isToken()) {
      throw new IllegalArgumentException("the model reads tokens; found vectors as input");
    }
    int size = spec.input().size();
    checkCount(count);
    checkLength("inputs", (long) count * size, inputs.length);
    enter();
    try {
      checkCall(count, slots, outputs);
      for (int begin = 0; begin < count; begin += ROWS) {
        int rows = Math.min(ROWS, count - begin);
        restoreStates(slots, begin, rows);
        layers[0].forward(tapes[0], workspace.timeline(), 0, rows, inputs, begin * size, size);
        finishStep(slots, begin, rows, outputs);
      }
    } finally {
      inside = false;
    }
  }

  /**
   * One step of some streams, on a token each. A refused call changes no stream.
   *
   * @param count number of streams that are stepped
   * @param slots their slots, in any order, each at most once; what lies beyond count is not read
   * @param ids indices in the vocabulary, in the order of the slots, count at least
   * @param outputs receives {@code [count][outputSize]}, in the order of the slots
   * @throws IllegalArgumentException if an array is too short, a slot or an id is out of range, a
   *     slot stands there twice, or the model reads vectors
   * @throws IllegalStateException if a slot is not open, or another thread is found inside
   */
  public void stepAll(int count, int[] slots, int[] ids, float[] outputs) {
    if (!spec.input().isToken()) {
      throw new IllegalArgumentException("the model reads vectors; found tokens as input");
    }
    checkCount(count);
    checkLength("ids", count, ids.length);
    for (int i = 0; i < count; i++) {
      if (ids[i] < 0 || ids[i] >= spec.input().tokens()) {
        throw new IllegalArgumentException(
            "token " + i + ": found " + ids[i] + ", expected 0 to " + (spec.input().tokens() - 1));
      }
    }
    enter();
    try {
      checkCall(count, slots, outputs);
      for (int begin = 0; begin < count; begin += ROWS) {
        int rows = Math.min(ROWS, count - begin);
        restoreStates(slots, begin, rows);
        if (network.embeddings().isEmpty()) {
          System.arraycopy(ids, begin, workspace.tokens, 0, rows);
          layers[0].forward(tapes[0], workspace.timeline(), 0, rows, workspace.tokens, 0);
        } else {
          int xStride = embedded.length / ROWS;
          for (int row = 0; row < rows; row++) {
            network.embeddings().get(0).look(ids[begin + row], embedded, row * xStride);
          }
          layers[0].forward(tapes[0], workspace.timeline(), 0, rows, embedded, 0, xStride);
        }
        finishStep(slots, begin, rows, outputs);
      }
    } finally {
      inside = false;
    }
  }

  /** The layers above the first, the new states and the outputs. */
  private void finishStep(int[] slots, int begin, int rows, float[] outputs) {
    for (int i = 1; i < layers.length; i++) {
      Tape below = tapes[i - 1];
      layers[i].forward(
          tapes[i], workspace.timeline(), 0, rows, below.h, below.at(1, 0), below.stride);
    }
    for (int row = 0; row < rows; row++) {
      tapeStates.save(1, row, states, slots[begin + row] * stride);
    }
    float[] from = top.h;
    int at = top.at(1, 0);
    int fromStride = top.stride;
    if (network.linear() != null) {
      network.linear().forward(rows, top.h, at, top.stride, workspace.y, 0, workspace.yStride);
      from = workspace.y;
      at = 0;
      fromStride = workspace.yStride;
    }
    int size = spec.resultSize();
    for (int row = 0; row < rows; row++) {
      System.arraycopy(from, at + row * fromStride, outputs, (begin + row) * size, size);
    }
  }

  /** From the states to the rows of the tapes, before the step. */
  private void restoreStates(int[] slots, int begin, int rows) {
    for (int row = 0; row < rows; row++) {
      tapeStates.restore(states, slots[begin + row] * stride, 0, row);
    }
  }

  /**
   * The number of values in the state of a stream.
   *
   * @return that of a {@link Session}
   */
  public int stateSize() {
    return stateSize;
  }

  /**
   * Copies the state of a stream out: for each layer h, then c, as a {@link Session} does.
   *
   * @param slot an open slot
   * @param state receives {@link #stateSize()} values
   * @throws IllegalArgumentException if the slot is out of range or the length is wrong
   * @throws IllegalStateException if the slot is not open, or another thread is found inside
   */
  public void saveState(int slot, float[] state) {
    Session.check("state", stateSize, state.length);
    enter();
    try {
      checkOpen(slot);
      System.arraycopy(states, slot * stride, state, 0, stateSize);
    } finally {
      inside = false;
    }
  }

  /**
   * Copies a state in, as {@link #saveState} or {@link Session#saveState} gave it.
   *
   * @param slot an open slot
   * @param state {@link #stateSize()} values
   * @throws IllegalArgumentException if the slot is out of range, the length is wrong or a value is
   *     NaN
   * @throws IllegalStateException if the slot is not open, or another thread is found inside
   */
  public void restoreState(int slot, float[] state) {
    Session.checkState(stateSize, state);
    enter();
    try {
      checkOpen(slot);
      System.arraycopy(state, 0, states, slot * stride, stateSize);
    } finally {
      inside = false;
    }
  }

  private void checkCall(int count, int[] slots, float[] outputs) {
    checkLength("slots", count, slots.length);
    checkLength("outputs", (long) count * spec.resultSize(), outputs.length);
    call++;
    for (int i = 0; i < count; i++) {
      int slot = slots[i];
      checkOpen(slot);
      if (lastCall[slot] == call) {
        throw new IllegalArgumentException(
            "slots: found slot " + slot + " a second time at " + i + ", expected it once");
      }
      lastCall[slot] = call;
    }
  }

  private void checkOpen(int slot) {
    if (slot < 0 || slot >= capacity()) {
      throw new IllegalArgumentException(
          "slot: found " + slot + ", expected 0 to " + (capacity() - 1));
    }
    if (lastCall[slot] == CLOSED) {
      throw new IllegalStateException("slot " + slot + " is not open");
    }
  }

  private static void checkCount(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("count: found " + count + ", expected at least 0");
    }
  }

  private static void checkLength(String name, long expected, int found) {
    if (found < expected) {
      throw new IllegalArgumentException(
          name + ": found " + found + " values, expected at least " + expected);
    }
  }

  private void enter() {
    if (inside) {
      throw new IllegalStateException(
          "streams in use: another thread is inside; they belong to one thread at a time");
    }
    inside = true;
  }
}
