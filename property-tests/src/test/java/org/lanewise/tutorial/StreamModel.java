package org.lanewise.tutorial;

import java.io.IOException;
import java.nio.file.Path;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;

/** First part of the tutorial: a network from PyTorch, run as its inputs arrive. */
public final class StreamModel {
  private StreamModel() {}

  /**
   * Prints an output for every input.
   *
   * @param args the state dict as safetensors
   * @throws IOException if the file cannot be read
   */
  // @start region=stream
  public static void main(String[] args) throws IOException {
    Model model = Model.load(Path.of(args[0])); // immutable: load once, share among threads
    model.warmUp(); // let the compiler do its work before the first real input

    Session session = model.session(); // the state of one stream: one thread at a time
    float[] input = new float[model.inputSize()];
    float[] output = new float[model.outputSize()];
    for (int time = 0; time < 100; time++) {
      input[0] = (float) Math.sin(0.1 * time); // here your next measurement
      session.step(input, output); // microseconds, and no allocation
      System.out.println(output[0]);
    }
  }
  // @end
}
