package org.example;

import java.nio.file.Path;
import org.lanewise.stream.Model;

/** The shortest way from a model file to an output. */
public class First {
  public static void main(String[] args) throws Exception {
    Model model = Model.load(Path.of(args[0]));
    float[] output = new float[model.outputSize()];
    model.session().step(new float[model.inputSize()], output);
    System.out.println(output[0]);
  }
}
