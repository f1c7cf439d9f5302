package org.example;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;

/**
 * A service with one stream: loads a model, steps in every form, moves the state to another
 * session, and prints the bits of all that came out. The second argument is what it finds out about
 * the machine: {@code vectors} or {@code plain}, as the test expects it.
 */
public final class Consumer {
  private static final int STEPS = 100;

  private Consumer() {}

  public static void main(String[] args) throws Exception {
    boolean vectors = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    boolean named = Model.class.getModule().isNamed();
    if (!args[1].equals((named ? "module " : "class ") + (vectors ? "vectors" : "plain"))) {
      throw new IllegalStateException("runs as module " + named + " with vectors " + vectors);
    }
    Model model = Model.load(Path.of(args[0]));
    model.warmUp();
    Session session = model.session();
    float[] input = new float[model.inputSize()];
    double[] doubles = new double[input.length];
    float[] output = new float[model.outputSize()];
    double[] wide = new double[output.length];
    FloatBuffer in = direct(input.length);
    FloatBuffer out = direct(output.length);
    int bits = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment inMemory = arena.allocate(ValueLayout.JAVA_FLOAT, input.length);
      MemorySegment outMemory = arena.allocate(ValueLayout.JAVA_FLOAT, output.length);
      for (int step = 0; step < STEPS; step++) {
        for (int i = 0; i < input.length; i++) {
          input[i] = (step * 7 + i * 3) % 11 / 11f - 0.5f;
          doubles[i] = input[i];
        }
        switch (step % 4) {
          case 0 -> session.step(input, output);
          case 1 -> {
            session.step(doubles, wide);
            for (int i = 0; i < output.length; i++) {
              output[i] = (float) wide[i];
            }
          }
          case 2 -> {
            session.step(in.clear().put(input).flip(), out.clear());
            out.flip().get(output);
          }
          default -> {
            MemorySegment.copy(input, 0, inMemory, ValueLayout.JAVA_FLOAT, 0, input.length);
            session.step(inMemory, 0, outMemory, 0);
            MemorySegment.copy(outMemory, ValueLayout.JAVA_FLOAT, 0, output, 0, output.length);
          }
        }
        for (float value : output) {
          bits = Objects.hash(bits, Float.floatToRawIntBits(value));
        }
        if (step % 25 == 24) {
          Session next = model.session();
          next.restoreState(session.saveState());
          session = next;
        }
      }
    }
    System.out.println(bits + " " + HexFormat.of().formatHex(session.saveState()));
  }

  private static FloatBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(floats * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }
}
