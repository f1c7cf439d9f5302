package org.example;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.lanewise.format.LoadOptions;
import org.lanewise.format.ModelFile;
import org.lanewise.stream.Model;
import org.lanewise.stream.ModelFormat;

/**
 * Writes a model in the format of each further argument where there is no such file yet, loads each
 * of these files, and prints the bits of its outputs, or else what is missing.
 */
public final class Foreign {
  private Foreign() {}

  public static void main(String[] args) throws Exception {
    ModelFile file = ModelFormat.SAFETENSORS.read(Path.of(args[0]), LoadOptions.NONE);
    for (String target : Arrays.asList(args).subList(1, args.length)) {
      Path path = Path.of(target);
      try {
        if (Files.notExists(path)) {
          ModelFormat.of(path).write(path, file);
        }
        System.out.println(bits(Model.load(path)));
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static int bits(Model model) {
    float[] input = new float[10 * model.inputSize()];
    for (int i = 0; i < input.length; i++) {
      input[i] = i * 7 % 11 / 11f - 0.5f;
    }
    float[] output = new float[10 * model.outputSize()];
    model.session().sequence(10, input, output);
    return Arrays.hashCode(output);
  }
}
