package org.lanewise.stream;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import org.lanewise.format.FormatException;
import org.lanewise.format.LoadOptions;
import org.lanewise.format.ModelFile;

/**
 * The formats of model files, told by the ending of the name. A network is read from each of them
 * and written to each of them, as far as the format can express it. All but safetensors need the
 * jar {@code lanewise-import}, Maven's classifier {@code import}, beside this one on the class path
 * or the module path, and the library that the format names.
 */
public enum ModelFormat {
  /** Safetensors: models of this library, and state dicts of PyTorch. */
  SAFETENSORS,
  /** ONNX; needs {@code com.google.protobuf:protobuf-java}. */
  ONNX,
  /** Archives of Keras 3, {@code .keras}; need {@code io.jhdf:jhdf}. */
  KERAS,
  /** Weights of Keras 3 alone, {@code .weights.h5}; need {@code io.jhdf:jhdf}. */
  KERAS_WEIGHTS;

  /**
   * Metadata key of what a model of another library applies to the network's linear output, such as
   * {@code softmax}; a network gives the values before it.
   */
  public static final String ACTIVATION = "output_activation";

  /**
   * What a model's metadata say of an activation.
   *
   * @param model the model
   * @return Keras's name; {@code linear} when they say nothing
   */
  public static String activation(ModelFile model) {
    return model.metadata().getOrDefault(ACTIVATION, "linear");
  }

  /**
   * Metadata that name an activation.
   *
   * @param name Keras's name
   * @return one entry, or none for {@code linear}
   */
  public static Map<String, String> activation(String name) {
    return name.equals("linear") ? Map.of() : Map.of(ACTIVATION, name);
  }

  /**
   * The format of a file.
   *
   * @param path its name
   * @return safetensors, unless the name ends like those of another format
   */
  public static ModelFormat of(Path path) {
    String name = path.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".onnx")) {
      return ONNX;
    }
    if (name.endsWith(".keras")) {
      return KERAS;
    }
    return name.endsWith(".h5") ? KERAS_WEIGHTS : SAFETENSORS;
  }

  /**
   * Reads a network. Where the model applies an activation to its linear output, the metadata say
   * so under {@value #ACTIVATION}, and the network gives the values before.
   *
   * @param path a file of this format
   * @param options what a state dict does not say; {@link #KERAS_WEIGHTS} take its cell and head,
   *     other formats none
   * @return the network
   * @throws FormatException if the file is damaged, leaves a doubt or is no network of this library
   * @throws IOException if it cannot be read
   * @throws IllegalStateException if the jar or the library that the format needs is not there
   */
  public ModelFile read(Path path, LoadOptions options) throws IOException {
    if (this == SAFETENSORS) {
      return ModelFile.load(path, options);
    }
    return provider(path).read(path, options);
  }

  /**
   * Writes a network. Only safetensors keep the metadata; of these, {@link #ONNX} and {@link
   * #KERAS} express what {@value #ACTIVATION} names, so that the file gives the values behind it.
   *
   * @param path where to; a good file is replaced as a whole or not at all
   * @param model the network
   * @throws FormatException if the format cannot express the network; names what it cannot
   * @throws IOException if writing fails; the target is then as it was
   * @throws IllegalStateException if the jar or the library that the format needs is not there
   */
  public void write(Path path, ModelFile model) throws IOException {
    if (this == SAFETENSORS) {
      model.save(path);
      return;
    }
    FormatProvider provider = provider(path);
    try {
      provider.write(this, path, model);
    } catch (IllegalArgumentException e) {
      FormatException problem = new FormatException(path.toString(), e.getMessage());
      problem.initCause(e);
      throw problem;
    }
  }

  /** Of this library's own loader: what a thread has set as its own has no say. */
  private FormatProvider provider(Path path) {
    ClassLoader loader = ModelFormat.class.getClassLoader();
    for (FormatProvider provider : ServiceLoader.load(FormatProvider.class, loader)) {
      if (provider.formats().contains(this)) {
        return provider;
      }
    }
    throw new IllegalStateException(
        path
            + ": files of "
            + (this == ONNX ? "ONNX" : "Keras")
            + " need the jar of org.lanewise:lanewise with the classifier import");
  }
}
