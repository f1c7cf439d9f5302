package org.lanewise.stream;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;
import org.lanewise.cell.Tape;
import org.lanewise.event.Events;
import org.lanewise.event.StepEvent;
import org.lanewise.network.EmbeddingTable;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.RecurrentLayer;
import org.lanewise.network.Workers;
import org.lanewise.network.Workspace;

/**
 * One stream of steps through a model: the state, and buffers for a step. Nothing is allocated
 * after construction.
 *
 * <p>A session belongs to one thread at a time. It does not lock; a second thread that enters while
 * the first is inside is met by an {@link IllegalStateException} in most cases, which is a help in
 * finding the mistake and no protection.
 */
public final class Session {
  /** Steps of a sequence that go through the input product together. */
  private static final int CHUNK = 32;

  /**
   * The same where the weights do not stay in a cache near the core and are better fetched seldom:
   * 1024 units take a tenth less time so.
   */
  private static final int LARGE_CHUNK = 128;

  private static final int LARGE = 512;

  private static final ValueLayout.OfFloat FLOATS = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final Network network;
  private final NetworkSpec spec;
  private final Workspace workspace;
  private final RecurrentLayer[] layers;
  private final Tape[] tapes;
  private final int[] token = new int[1];
  private final SharedStep shared;
  private final boolean tokens;
  private final int inputSize;
  private final int resultSize;
  private final int chunk;
  private final float[] top;
  private final float[] results;
  private final float[] values;
  private final TapeStates states;
  private final StateBytes stateBytes;
  private StepEvent event;
  private int previous;
  private boolean inside;
  private boolean timed;

  /** A session; without workers its steps run on the calling thread alone. */
  Session(Network network, Workers workers) {
    this.network = network;
    this.spec = network.spec();
    this.chunk = spec.hiddenSize() < LARGE ? CHUNK : LARGE_CHUNK;
    this.workspace = new Workspace(network, chunk, 1, false);
    this.layers = new RecurrentLayer[spec.layers()];
    this.tapes = new Tape[layers.length];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = network.layer(i, 0);
      tapes[i] = workspace.tape(i);
    }
    // The layers have one size of state, so all of their steps are worth sharing, or none.
    boolean share = workers != null && SharedStep.worthFor(layers[0]);
    this.shared = share ? new SharedStep(workers) : null;
    this.tokens = spec.input().isToken();
    this.inputSize = spec.input().size();
    this.resultSize = spec.resultSize();
    this.top = tapes[layers.length - 1].h;
    this.results = network.linear() == null ? top : workspace.y;
    this.states = new TapeStates(workspace);
    this.values = new float[states.size()];
    this.stateBytes = new StateBytes(spec, values.length);
    network.beginState(workspace);
  }

  /**
   * One step on a vector.
   *
   * @param input {@code inputSize} values
   * @param output receives {@code outputSize} values: the linear output, or the top hidden state
   *     when there is none
   * @throws IllegalArgumentException if a length is wrong or the model reads tokens
   * @throws IllegalStateException if another thread is found inside
   */
  public void step(float[] input, float[] output) {
    check("input", inputSize, input.length);
    check("output", resultSize, output.length);
    stepAt(input, 0, output, 0);
  }

  /**
   * One step on a part of an array.
   *
   * @param input {@code inputSize} values from the offset on
   * @param inputOffset index of the first of them
   * @param output receives {@code outputSize} values; may be the same array
   * @param outputOffset index of the first of them
   * @throws IllegalArgumentException if an array is too short or the model reads tokens
   * @throws IllegalStateException if another thread is found inside
   */
  public void step(float[] input, int inputOffset, float[] output, int outputOffset) {
    checkRange("input", inputOffset, inputSize, input.length);
    checkRange("output", outputOffset, resultSize, output.length);
    stepAt(input, inputOffset, output, outputOffset);
  }

  private void stepAt(float[] input, int inputOffset, float[] output, int outputOffset) {
    checkVector();
    beginStep();
    try {
      int at = run(input, inputOffset);
      System.arraycopy(results, at, output, outputOffset, resultSize);
      endStep();
    } finally {
      inside = false;
    }
  }

  /**
   * One step on doubles. Each is rounded to the nearest float; the output is exact.
   *
   * @param input {@code inputSize} values
   * @param output receives {@code outputSize} values
   * @throws IllegalArgumentException if a length is wrong or the model reads tokens
   * @throws IllegalStateException if another thread is found inside
   */
  public void step(double[] input, double[] output) {
    check("input", inputSize, input.length);
    check("output", resultSize, output.length);
    checkVector();
    beginStep();
    try {
      for (int i = 0; i < inputSize; i++) {
        workspace.x[i] = (float) input[i];
      }
      widen(run(workspace.x, 0), output);
      endStep();
    } finally {
      inside = false;
    }
  }

  /**
   * One step on two buffers, of the heap or outside it, from their positions on; both positions
   * move behind what was read and written.
   *
   * @param input has {@code inputSize} values or more
   * @param output receives {@code outputSize} values
   * @throws IllegalArgumentException if too little remains in a buffer or the model reads tokens
   * @throws IllegalStateException if another thread is found inside
   * @throws java.nio.ReadOnlyBufferException if the output is read-only; the state is unchanged
   *     then
   */
  public void step(FloatBuffer input, FloatBuffer output) {
    checkRange("input", input.position(), inputSize, input.limit());
    checkRange("output", output.position(), resultSize, output.limit());
    checkVector();
    beginStep();
    try {
      input.get(input.position(), workspace.x, 0, inputSize);
      int at = run(workspace.x, 0);
      output.put(results, at, resultSize);
      input.position(input.position() + inputSize);
      endStep();
    } finally {
      inside = false;
    }
  }

  /**
   * One step on floats in memory, of the heap or outside it, in the byte order of the machine; they
   * need not be aligned.
   *
   * @param input {@code inputSize} floats from the offset on
   * @param inputOffset of the first of them, in bytes
   * @param output receives {@code outputSize} floats
   * @param outputOffset of the first of them, in bytes
   * @throws IllegalArgumentException if a segment is too short or read-only or the model reads
   *     tokens
   * @throws IllegalStateException if another thread is found inside, or a segment has been closed
   * @throws WrongThreadException if a segment belongs to another thread
   */
  public void step(MemorySegment input, long inputOffset, MemorySegment output, long outputOffset) {
    checkRange("input bytes", inputOffset, bytes(inputSize), input.byteSize());
    checkRange("output bytes", outputOffset, bytes(resultSize), output.byteSize());
    checkVector();
    beginStep();
    try {
      MemorySegment.copy(input, FLOATS, inputOffset, workspace.x, 0, inputSize);
      int at = run(workspace.x, 0);
      MemorySegment.copy(results, at, output, FLOATS, outputOffset, resultSize);
      endStep();
    } finally {
      inside = false;
    }
  }

  /**
   * One step on a token.
   *
   * @param id index in the vocabulary
   * @param output receives {@code outputSize} values
   * @throws IllegalArgumentException if the id is out of range, the length is wrong or the model
   *     reads vectors
   * @throws IllegalStateException if another thread is found inside
   */
  public void step(int id, float[] output) {
    checkToken(id);
    check("output", resultSize, output.length);
    step(id, output, 0);
  }

  /**
   * One step on a token, with a part of an array as output.
   *
   * @param id index in the vocabulary
   * @param output receives {@code outputSize} values from the offset on
   * @param outputOffset index of the first of them
   * @throws IllegalArgumentException if the id is out of range, the array is too short or the model
   *     reads vectors
   * @throws IllegalStateException if another thread is found inside
   */
  public void step(int id, float[] output, int outputOffset) {
    checkToken(id);
    checkRange("output", outputOffset, resultSize, output.length);
    beginStep();
    try {
      int at = run(id);
      System.arraycopy(results, at, output, outputOffset, resultSize);
      endStep();
    } finally {
      inside = false;
    }
  }

  /**
   * One step on a token, with doubles as output.
   *
   * @param id index in the vocabulary
   * @param output receives {@code outputSize} values
   * @throws IllegalArgumentException if the id is out of range, the length is wrong or the model
   *     reads vectors
   * @throws IllegalStateException if another thread is found inside
   */
  public void step(int id, double[] output) {
    checkToken(id);
    check("output", resultSize, output.length);
    beginStep();
    try {
      widen(run(id), output);
      endStep();
    } finally {
      inside = false;
    }
  }

  /**
   * One step on a token, with a buffer as output, from its position on, which moves behind what was
   * written.
   *
   * @param id index in the vocabulary
   * @param output receives {@code outputSize} values
   * @throws IllegalArgumentException if the id is out of range, too little remains in the buffer or
   *     the model reads vectors
   * @throws IllegalStateException if another thread is found inside
   * @throws java.nio.ReadOnlyBufferException if the output is read-only; the state is unchanged
   *     then
   */
  public void step(int id, FloatBuffer output) {
    checkToken(id);
    checkRange("output", output.position(), resultSize, output.limit());
    beginStep();
    try {
      int at = run(id);
      output.put(results, at, resultSize);
      endStep();
    } finally {
      inside = false;
    }
  }

  /**
   * One step on a token, with memory as output, in the byte order of the machine.
   *
   * @param id index in the vocabulary
   * @param output receives {@code outputSize} floats from the offset on
   * @param outputOffset of the first of them, in bytes
   * @throws IllegalArgumentException if the id is out of range, the segment is too short or
   *     read-only or the model reads vectors
   * @throws IllegalStateException if another thread is found inside, or the segment has been closed
   * @throws WrongThreadException if the segment belongs to another thread
   */
  public void step(int id, MemorySegment output, long outputOffset) {
    checkToken(id);
    checkRange("output bytes", outputOffset, bytes(resultSize), output.byteSize());
    beginStep();
    try {
      int at = run(id);
      MemorySegment.copy(results, at, output, FLOATS, outputOffset, resultSize);
      endStep();
    } finally {
      inside = false;
    }
  }

  private void widen(int at, double[] output) {
    for (int i = 0; i < resultSize; i++) {
      output[i] = results[at + i];
    }
  }

  /** Runs the layers on a vector; the state after it becomes the state when slots are swapped. */
  private int run(float[] input, int offset) {
    runLayer(0, input, offset);
    return finishStep();
  }

  private int run(int id) {
    if (network.embeddings().isEmpty()) {
      token[0] = id;
      if (shared == null) {
        layers[0].step(tapes[0], previous, 1 - previous, token);
      } else {
        shared.run(layers[0], tapes[0], previous, null, 0, token);
      }
    } else {
      EmbeddingTable table = network.embeddings().get(0);
      runLayer(0, table.rows(), table.rowAt(id));
    }
    return finishStep();
  }

  private void runLayer(int layer, float[] x, int xOffset) {
    if (shared == null) {
      layers[layer].step(tapes[layer], previous, 1 - previous, x, xOffset);
    } else {
      shared.run(layers[layer], tapes[layer], previous, x, xOffset, token);
    }
  }

  /** The layers above the first, and the output; returns where in the results it begins. */
  private int finishStep() {
    int next = 1 - previous;
    for (int i = 1; i < layers.length; i++) {
      Tape below = tapes[i - 1];
      runLayer(i, below.h, below.at(next, 0));
    }
    int hidden = tapes[layers.length - 1].at(next, 0);
    if (network.linear() == null) {
      return hidden;
    }
    network.linear().step(top, hidden, workspace.y);
    return 0;
  }

  /**
   * A sequence of vectors: the same bits as one step after the other, and faster.
   *
   * @param timeSteps steps
   * @param inputs {@code [time][inputSize]}, row after row
   * @param outputs receives {@code [time][outputSize]}
   * @throws IllegalArgumentException if a length is wrong or the model reads tokens
   * @throws IllegalStateException if another thread is found inside
   */
  public void sequence(int timeSteps, float[] inputs, float[] outputs) {
    int size = inputSize;
    check("inputs", Math.multiplyExact(timeSteps, size), inputs.length);
    check("outputs", Math.multiplyExact(timeSteps, resultSize), outputs.length);
    if (tokens) {
      throw new IllegalArgumentException("the model reads tokens; found vectors as input");
    }
    enter();
    try {
      for (int start = 0; start < timeSteps; start += chunk) {
        int steps = Math.min(chunk, timeSteps - start);
        for (int t = 0; t < steps; t++) {
          System.arraycopy(inputs, (start + t) * size, workspace.x, t * workspace.xStride, size);
        }
        chunk(start, steps, outputs);
      }
    } finally {
      inside = false;
    }
  }

  /**
   * A sequence of tokens: the same bits as one step after the other, and faster.
   *
   * @param timeSteps steps
   * @param ids indices in the vocabulary
   * @param outputs receives {@code [time][outputSize]}
   * @throws IllegalArgumentException if a length is wrong, an id is out of range or the model reads
   *     vectors
   * @throws IllegalStateException if another thread is found inside
   */
  public void sequence(int timeSteps, int[] ids, float[] outputs) {
    check("ids", timeSteps, ids.length);
    check("outputs", Math.multiplyExact(timeSteps, resultSize), outputs.length);
    for (int id : ids) {
      checkToken(id);
    }
    enter();
    try {
      for (int start = 0; start < timeSteps; start += chunk) {
        int steps = Math.min(chunk, timeSteps - start);
        System.arraycopy(ids, start, workspace.tokens, 0, steps);
        chunk(start, steps, outputs);
      }
    } finally {
      inside = false;
    }
  }

  private void chunk(int start, int steps, float[] outputs) {
    states.move(previous, 0);
    workspace.timeline().setAll(steps);
    network.forward(workspace, 0, 1);
    int size = resultSize;
    Tape last = tapes[layers.length - 1];
    for (int t = 0; t < steps; t++) {
      int from = network.linear() == null ? last.at(t + 1, 0) : t * workspace.yStride;
      System.arraycopy(results, from, outputs, (start + t) * size, size);
    }
    states.move(steps, 0);
    previous = 0;
  }

  /** Sets the state to where sequences begin: to the trained state, or to zero. */
  public void reset() {
    enter();
    network.beginState(workspace);
    previous = 0;
    inside = false;
  }

  /**
   * The number of values in a state.
   *
   * @return for each layer {@code hiddenSize} of h and, with a cell state, as many of c
   */
  public int stateSize() {
    return states.size();
  }

  /**
   * Copies the state out: for each layer h, then c.
   *
   * @param state receives {@link #stateSize()} values
   * @throws IllegalArgumentException if the length is wrong
   */
  public void saveState(float[] state) {
    check("state", stateSize(), state.length);
    enter();
    states.save(previous, 0, state, 0);
    inside = false;
  }

  /**
   * Copies a state in, as {@link #saveState} gave it, also from another session of the same model.
   *
   * @param state {@link #stateSize()} values
   * @throws IllegalArgumentException if the length is wrong or a value is NaN
   */
  public void restoreState(float[] state) {
    checkState(stateSize(), state);
    enter();
    states.restore(state, 0, previous, 0);
    inside = false;
  }

  /**
   * The number of bytes of a state.
   *
   * @return four for each value, and some 60 that say what they are and guard them
   */
  public int stateBytes() {
    return stateBytes.length();
  }

  /**
   * A copy of the state as bytes, for a store.
   *
   * @return {@link #stateBytes()} bytes, the same on every machine
   */
  public byte[] saveState() {
    byte[] bytes = new byte[stateBytes()];
    saveState(bytes);
    return bytes;
  }

  /**
   * Copies the state out as bytes, for a store: with a version, the architecture and a check sum.
   *
   * @param bytes receives {@link #stateBytes()} bytes, the same on every machine
   * @throws IllegalArgumentException if the length is wrong
   */
  public void saveState(byte[] bytes) {
    check("state bytes", stateBytes(), bytes.length);
    saveState(values);
    stateBytes.write(values, bytes);
  }

  /**
   * Copies a state in, as {@link #saveState(byte[])} gave it, on this or any other machine, from a
   * session of a model of the same architecture. The state is as it was when this throws.
   *
   * @param bytes {@link #stateBytes()} bytes
   * @throws IllegalArgumentException if the bytes are not a state, are damaged or cut short, belong
   *     to another architecture, or hold a value that is NaN
   */
  public void restoreState(byte[] bytes) {
    stateBytes.read(bytes, values);
    restoreState(values);
  }

  private void enter() {
    if (inside) {
      throw new IllegalStateException(
          "session in use: another thread is inside; a session belongs to one thread at a time");
    }
    inside = true;
  }

  /** Enters, and starts the clock if a recording asks for it. */
  private void beginStep() {
    enter();
    timed = Events.recorded() && beginEvent();
  }

  private boolean beginEvent() {
    if (event == null) {
      event = new StepEvent(StateBytes.architecture(spec));
    }
    if (!event.isEnabled()) {
      return false;
    }
    event.begin();
    return true;
  }

  /** The state after the step becomes the state. */
  private void endStep() {
    previous = 1 - previous;
    if (timed) {
      event.end();
      event.commit();
    }
  }

  private void checkVector() {
    if (tokens) {
      throw new IllegalArgumentException("the model reads tokens; found a vector as input");
    }
  }

  private void checkToken(int id) {
    if (!tokens) {
      throw new IllegalArgumentException("the model reads vectors; found a token as input");
    }
    int count = spec.input().tokens();
    if (id < 0 || id >= count) {
      throw new IllegalArgumentException("token: found " + id + ", expected 0 to " + (count - 1));
    }
  }

  private static long bytes(int floats) {
    return (long) floats * Float.BYTES;
  }

  private static void checkRange(String name, long offset, long expected, long length) {
    if (offset < 0 || offset > length - expected) {
      throw new IllegalArgumentException(
          name
              + ": found "
              + length
              + " with offset "
              + offset
              + ", expected "
              + expected
              + " from there on");
    }
  }

  static void checkState(int expected, float[] state) {
    check("state", expected, state.length);
    for (int i = 0; i < state.length; i++) {
      if (Float.isNaN(state[i])) {
        throw new IllegalArgumentException("state: value " + i + " is NaN, expected a number");
      }
    }
  }

  static void check(String name, int expected, int found) {
    if (found != expected) {
      throw new IllegalArgumentException(
          name + ": found " + found + " values, expected " + expected);
    }
  }
}
