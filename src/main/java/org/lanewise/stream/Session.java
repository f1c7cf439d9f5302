package org.lanewise.stream;

import org.lanewise.cell.Tape;
import org.lanewise.network.EmbeddingTable;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.RecurrentLayer;
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

  private final Network network;
  private final NetworkSpec spec;
  private final Workspace workspace;
  private final RecurrentLayer[] layers;
  private final Tape[] tapes;
  private final int[] token = new int[1];
  private final float[] top;
  private int previous;
  private boolean inside;

  Session(Network network) {
    this.network = network;
    this.spec = network.spec();
    this.workspace = new Workspace(network, CHUNK, 1, false);
    this.layers = new RecurrentLayer[spec.layers()];
    this.tapes = new Tape[layers.length];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = network.layer(i, 0);
      tapes[i] = workspace.tape(i);
    }
    this.top = tapes[layers.length - 1].h;
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
    check("input", spec.input().size(), input.length);
    check("output", spec.resultSize(), output.length);
    if (spec.input().isToken()) {
      throw new IllegalArgumentException("the model reads tokens; found a vector as input");
    }
    enter();
    try {
      layers[0].step(tapes[0], previous, 1 - previous, input, 0);
      finishStep(output);
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
    check("output", spec.resultSize(), output.length);
    enter();
    try {
      token[0] = id;
      if (network.embeddings().isEmpty()) {
        layers[0].step(tapes[0], previous, 1 - previous, token);
      } else {
        EmbeddingTable table = network.embeddings().get(0);
        layers[0].step(tapes[0], previous, 1 - previous, table.rows(), table.rowAt(id));
      }
      finishStep(output);
    } finally {
      inside = false;
    }
  }

  /** The layers above the first, and the output. */
  private void finishStep(float[] output) {
    int next = 1 - previous;
    for (int i = 1; i < layers.length; i++) {
      Tape below = tapes[i - 1];
      layers[i].step(tapes[i], previous, next, below.h, below.at(next, 0));
    }
    int hidden = tapes[layers.length - 1].at(next, 0);
    if (network.linear() == null) {
      System.arraycopy(top, hidden, output, 0, output.length);
    } else {
      network.linear().forward(1, top, hidden, 0, workspace.y, 0, 0);
      System.arraycopy(workspace.y, 0, output, 0, output.length);
    }
    previous = next;
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
    int size = spec.input().size();
    check("inputs", Math.multiplyExact(timeSteps, size), inputs.length);
    check("outputs", Math.multiplyExact(timeSteps, spec.resultSize()), outputs.length);
    if (spec.input().isToken()) {
      throw new IllegalArgumentException("the model reads tokens; found vectors as input");
    }
    enter();
    try {
      for (int start = 0; start < timeSteps; start += CHUNK) {
        int steps = Math.min(CHUNK, timeSteps - start);
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
    check("outputs", Math.multiplyExact(timeSteps, spec.resultSize()), outputs.length);
    for (int id : ids) {
      checkToken(id);
    }
    enter();
    try {
      for (int start = 0; start < timeSteps; start += CHUNK) {
        int steps = Math.min(CHUNK, timeSteps - start);
        System.arraycopy(ids, start, workspace.tokens, 0, steps);
        chunk(start, steps, outputs);
      }
    } finally {
      inside = false;
    }
  }

  private void chunk(int start, int steps, float[] outputs) {
    moveState(previous, 0);
    workspace.timeline().setAll(steps);
    network.forward(workspace, 0, 1);
    int size = spec.resultSize();
    Tape last = tapes[layers.length - 1];
    for (int t = 0; t < steps; t++) {
      int from = network.linear() == null ? last.at(t + 1, 0) : t * workspace.yStride;
      float[] results = network.linear() == null ? top : workspace.y;
      System.arraycopy(results, from, outputs, (start + t) * size, size);
    }
    moveState(steps, 0);
    previous = 0;
  }

  private void moveState(int from, int to) {
    for (Tape tape : tapes) {
      System.arraycopy(tape.h, tape.at(from, 0), tape.h, tape.at(to, 0), tape.stride);
      if (tape.c.length > 0) {
        int cellAt = tape.cellAt(to, 0);
        System.arraycopy(tape.c, tape.cellAt(from, 0), tape.c, cellAt, tape.cellStride);
      }
    }
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
    int size = 0;
    for (Tape tape : tapes) {
      size += spec.stateSize() + (tape.c.length > 0 ? spec.hiddenSize() : 0);
    }
    return size;
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
    int at = 0;
    int hidden = spec.stateSize();
    int units = spec.hiddenSize();
    for (Tape tape : tapes) {
      System.arraycopy(tape.h, tape.at(previous, 0), state, at, hidden);
      at += hidden;
      if (tape.c.length > 0) {
        System.arraycopy(tape.c, tape.cellAt(previous, 0), state, at, units);
        at += units;
      }
    }
    inside = false;
  }

  /**
   * Copies a state in, as {@link #saveState} gave it, also from another session of the same model.
   *
   * @param state {@link #stateSize()} values
   * @throws IllegalArgumentException if the length is wrong or a value is NaN
   */
  public void restoreState(float[] state) {
    check("state", stateSize(), state.length);
    for (int i = 0; i < state.length; i++) {
      if (Float.isNaN(state[i])) {
        throw new IllegalArgumentException("state: value " + i + " is NaN, expected a number");
      }
    }
    enter();
    int at = 0;
    int hidden = spec.stateSize();
    int units = spec.hiddenSize();
    for (Tape tape : tapes) {
      System.arraycopy(state, at, tape.h, tape.at(previous, 0), hidden);
      at += hidden;
      if (tape.c.length > 0) {
        System.arraycopy(state, at, tape.c, tape.cellAt(previous, 0), units);
        at += units;
      }
    }
    inside = false;
  }

  private void enter() {
    if (inside) {
      throw new IllegalStateException(
          "session in use: another thread is inside; a session belongs to one thread at a time");
    }
    inside = true;
  }

  private void checkToken(int id) {
    int tokens = spec.input().tokens();
    if (!spec.input().isToken()) {
      throw new IllegalArgumentException("the model reads vectors; found a token as input");
    }
    if (id < 0 || id >= tokens) {
      throw new IllegalArgumentException("token: found " + id + ", expected 0 to " + (tokens - 1));
    }
  }

  private static void check(String name, int expected, int found) {
    if (found != expected) {
      throw new IllegalArgumentException(
          name + ": found " + found + " values, expected " + expected);
    }
  }
}
