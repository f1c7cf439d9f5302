package org.lanewise.onnx;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;

/** ONNX files that Python made, each with inputs and the outputs of ONNX Runtime or PyTorch. */
record OnnxBundle(
    String name, Tensor model, Map<String, Tensor> given, Map<String, Tensor> expected) {
  @Override
  public String toString() {
    return name;
  }

  /** All files of a bundle in the test resources. */
  static List<OnnxBundle> all(String file) {
    Map<String, Tensor> tensors;
    try {
      Path path =
          Path.of(Objects.requireNonNull(OnnxBundle.class.getResource("/onnx/" + file)).toURI());
      tensors = Safetensors.read(path).tensors();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    Map<String, OnnxBundle> byName = new LinkedHashMap<>();
    tensors.keySet().stream()
        .filter(key -> key.endsWith("/model"))
        .sorted()
        .forEach(
            key -> {
              String name = key.substring(0, key.length() - "/model".length());
              byName.put(
                  name,
                  new OnnxBundle(
                      name, tensors.get(key), new LinkedHashMap<>(), new LinkedHashMap<>()));
            });
    tensors.forEach(
        (key, tensor) -> {
          int slash = key.indexOf('/');
          OnnxBundle one = byName.get(key.substring(0, slash));
          String rest = key.substring(slash + 1);
          if (rest.startsWith("in.")) {
            one.given.put(rest.substring(3), tensor);
          } else if (rest.startsWith("out.")) {
            one.expected.put(rest.substring(4), tensor);
          }
        });
    return new ArrayList<>(byName.values());
  }
}
