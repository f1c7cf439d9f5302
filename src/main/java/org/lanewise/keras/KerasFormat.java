package org.lanewise.keras;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Parameters;
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
  public ModelFile read(Path path) throws IOException {
    KerasFile file = KerasFile.read(path);
    String activation = file.outputActivation();
    Map<String, String> metadata =
        activation.equals("linear") ? Map.of() : Map.of(ModelFormat.ACTIVATION, activation);
    return new ModelFile(file.requireNetwork(), metadata);
  }

  @Override
  public void write(ModelFormat format, Path path, Parameters parameters) throws IOException {
    if (format == ModelFormat.KERAS) {
      KerasFile.write(path, parameters);
    } else {
      KerasFile.writeWeights(path, parameters);
    }
  }
}
