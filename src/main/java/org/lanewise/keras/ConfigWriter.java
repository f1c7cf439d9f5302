package org.lanewise.keras;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lanewise.format.Json;

/** Writes {@code config.json}: a Sequential model that begins with its input. */
final class ConfigWriter {
  private ConfigWriter() {}

  static String write(Architecture architecture) {
    List<Object> layers = new ArrayList<>();
    List<Object> shape = new ArrayList<>(Arrays.asList(null, free(architecture.steps())));
    if (architecture.features() > 0) {
      shape.add(architecture.features());
    }
    layers.add(
        object(
            "InputLayer",
            map(
                "name",
                architecture.input(),
                "batch_shape",
                shape,
                "dtype",
                architecture.features() == 0 ? "int32" : "float32",
                "sparse",
                false)));
    architecture.layers().forEach(layer -> layers.add(layer(layer)));
    Map<String, Object> config =
        map("name", architecture.name(), "trainable", true, "dtype", "float32", "layers", layers);
    return Json.write(
        map(
            "module",
            "keras",
            "class_name",
            "Sequential",
            "config",
            config,
            "registered_name",
            null));
  }

  private static Object free(int steps) {
    return steps == 0 ? null : (Object) steps;
  }

  private static Map<String, Object> layer(KerasLayer layer) {
    Map<String, Object> config = map("name", layer.name(), "trainable", true, "dtype", "float32");
    putAttributes(config, layer);
    return object(layer.className(), config);
  }

  private static void putAttributes(Map<String, Object> config, KerasLayer layer) {
    if (layer instanceof KerasLayer.Embedding table) {
      config.put("input_dim", table.tokens());
      config.put("output_dim", table.size());
      config.put("mask_zero", false);
    }
    if (layer instanceof KerasLayer.Recurrent recurrent) {
      putRecurrent(config, recurrent);
    }
    if (layer instanceof KerasLayer.Bidirectional both) {
      config.put("merge_mode", both.merge());
      config.put("layer", layer(both.forward()));
      config.put("backward_layer", layer(both.backward()));
    }
    if (layer instanceof KerasLayer.Dense dense) {
      config.put("units", dense.units());
      config.put("activation", dense.activation());
      config.put("use_bias", dense.bias());
    }
    if (layer instanceof KerasLayer.Pooling) {
      config.put("data_format", "channels_last");
      config.put("keepdims", false);
    }
  }

  private static void putRecurrent(Map<String, Object> config, KerasLayer.Recurrent layer) {
    config.put("return_sequences", layer.sequences());
    config.put("return_state", false);
    config.put("go_backwards", layer.backwards());
    config.put("stateful", false);
    config.put("unroll", false);
    config.put("units", layer.units());
    config.put("activation", layer.activation());
    if (layer.kind() != KerasLayer.Kind.SIMPLE_RNN) {
      config.put("recurrent_activation", layer.recurrentActivation());
    }
    config.put("use_bias", layer.bias());
    if (layer.kind() == KerasLayer.Kind.GRU) {
      config.put("reset_after", layer.resetAfter());
    }
  }

  private static Map<String, Object> object(String className, Map<String, Object> config) {
    return map(
        "module",
        "keras.layers",
        "class_name",
        className,
        "config",
        config,
        "registered_name",
        null);
  }

  private static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}
