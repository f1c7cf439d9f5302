package org.lanewise.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.lanewise.format.FormatException;
import org.lanewise.format.LoadOptions;
import org.lanewise.format.ModelFile;
import org.lanewise.graph.GraphNetwork;
import org.lanewise.stream.FormatProvider;
import org.lanewise.stream.ModelFormat;

/** ONNX among the formats of models. Has no state, and so is safe to share between threads. */
public final class OnnxFormat implements FormatProvider {
  /** For the service loader; {@link OnnxFile} and {@link OnnxExport} are for programs. */
  public OnnxFormat() {}

  @Override
  public Set<ModelFormat> formats() {
    return Set.of(ModelFormat.ONNX);
  }

  @Override
  public ModelFile read(Path path, LoadOptions options) throws IOException {
    if (!options.equals(LoadOptions.NONE)) {
      throw new FormatException(
          path.toString(), "the file states its architecture; found options that would change it");
    }
    GraphNetwork.Found found = GraphNetwork.find(path.toString(), OnnxFile.read(path));
    return new ModelFile(found.parameters(), ModelFormat.activation(found.activation()));
  }

  @Override
  public void write(ModelFormat format, Path path, ModelFile model) throws IOException {
    OnnxExport.write(path, model.parameters(), true, ModelFormat.activation(model));
  }
}
