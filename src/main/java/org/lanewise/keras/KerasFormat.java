package org.lanewise.keras;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.lanewise.format.LoadOptions;
import org.lanewise.format.ModelFile;
import org.lanewise.stream.FormatProvider;
import org.lanewise.stream.ModelFormat;

/** Keras among the formats of models. Has no state, and so is safe to share between threads. */
public final class KerasFormat implements FormatProvider {
  /** For the service loader; {@link KerasFile} is for programs. */
  public KerasFormat() {}

  @Override
  public Set<ModelFormat> formats() {
    return Set.of(ModelFormat.KERAS, ModelFormat.KERAS_WEIGHTS);
  }

  @Override
  public ModelFile read(Path path, LoadOptions options) throws IOException {
    KerasFile file = KerasFile.read(path, options);
    return new ModelFile(file.requireNetwork(), ModelFormat.activation(file.outputActivation()));
  }

  @Override
  public void write(ModelFormat format, Path path, ModelFile model) throws IOException {
    if (format == ModelFormat.KERAS) {
      KerasFile.write(path, model.parameters(), ModelFormat.activation(model));
    } else {
      KerasFile.writeWeights(path, model.parameters());
    }
  }
}
