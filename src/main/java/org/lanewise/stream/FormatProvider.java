package org.lanewise.stream;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.lanewise.format.FormatException;
import org.lanewise.format.LoadOptions;
import org.lanewise.format.ModelFile;

/**
 * Reads and writes model files of another library, for {@link ModelFormat}, which finds it with
 * {@link java.util.ServiceLoader}. The jar {@code lanewise-import} has one for ONNX and one for
 * Keras. Its methods may be called by any thread.
 */
public interface FormatProvider {
  /**
   * What it reads and writes.
   *
   * @return one format or several
   */
  Set<ModelFormat> formats();

  /**
   * Reads a network.
   *
   * @param path a file of one of these formats
   * @param options what the file does not say
   * @return the network; an activation that the model applies to its linear output stands in the
   *     metadata under {@link ModelFormat#ACTIVATION}
   * @throws FormatException if the file is damaged, leaves a doubt, is no network of this library
   *     or says itself what the options say
   * @throws IOException if it cannot be read
   * @throws IllegalStateException if the library that the format needs is not there
   */
  ModelFile read(Path path, LoadOptions options) throws IOException;

  /**
   * Writes a network.
   *
   * @param format one of these formats
   * @param path where to; a good file is replaced as a whole or not at all
   * @param model the network; an activation in its metadata under {@link ModelFormat#ACTIVATION} is
   *     written too, unless the format holds weights alone
   * @throws IllegalArgumentException if the format cannot express the network or the activation;
   *     names what it cannot
   * @throws IOException if writing fails; the target is then as it was
   * @throws IllegalStateException if the library that the format needs is not there
   */
  void write(ModelFormat format, Path path, ModelFile model) throws IOException;
}
