package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lanewise.cell.CellKind;
import org.lanewise.format.ModelFile;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Batch;
import org.lanewise.stream.Model;

/** Any architecture goes through a model file and comes out the same. */
@Tag("bits")
class ModelFilePropertyTest {

  @Provide
  Arbitrary<NetworkSample> any() {
    return Samples.any();
  }

  @Property(tries = 80)
  void everyArchitectureComesBackTheSame(@ForAll("any") NetworkSample drawn) throws IOException {
    NetworkSample sample = drawn.withDropout(Math.floorMod(drawn.seed(), 10L) / 10.0);
    Path file = Files.createTempFile("model", ".safetensors");
    new ModelFile(sample.parameters(), Map.of("note", "kept")).save(file);
    ModelFile loaded = ModelFile.load(file);
    assertEquals(sample.spec(), loaded.parameters().spec());
    assertEquals(Map.of("note", "kept"), loaded.metadata());
    Bits.same(sample, "weights", sample.parameters().values(), loaded.parameters().values());
    float[] expected = results(Model.of(sample.parameters()), sample);
    Bits.same(sample, "y", expected, results(Model.load(file), sample));
    Files.delete(file);
  }

  private static float[] results(Model model, NetworkSample sample) {
    Batch batch = model.batch(sample.timeSteps(), sample.batch());
    sample.fill(batch.workspace());
    batch.run(sample.lengths());
    return batch.workspace().y.clone();
  }

  /** What was written before there were directions, heads, dropout and trained states. */
  @Test
  void metadataWithoutTheNewKeysIsAForwardNetwork() {
    Map<String, String> old = new LinkedHashMap<>();
    old.put("input", "embedding");
    old.put("tokens", "5");
    old.put("input_size", "3");
    old.put("cell", "lstm");
    old.put("hidden_size", "4");
    old.put("num_layers", "2");
    old.put("output_size", "5");
    NetworkSpec expected = new NetworkSpec(new Input.Embedding(5, 3), CellKind.LSTM, 4, 2, 5);
    assertEquals(expected, NetworkSpec.fromMetadata(old));
  }

  @Test
  void aFileWithoutTheNewKeysLoads(@TempDir Path folder) throws IOException {
    NetworkSpec spec = new NetworkSpec(new Input.Features(3), CellKind.GRU, 4, 1, 2);
    Parameters parameters = new NetworkSample(spec, null, List.of(), 1).parameters();
    Map<String, String> metadata = new LinkedHashMap<>();
    spec.toMetadata().forEach((key, value) -> metadata.put(ModelFile.PREFIX + key, value));
    List.of("direction", "head", "dropout", "trained_state", "proj_size")
        .forEach(key -> metadata.remove(ModelFile.PREFIX + key));
    Path file = folder.resolve("old.safetensors");
    List<Tensor> tensors = parameters.slices().stream().map(p -> tensor(parameters, p)).toList();
    Safetensors.write(file, metadata, tensors);
    ModelFile loaded = ModelFile.load(file);
    assertEquals(spec, loaded.parameters().spec());
    Bits.same(spec, "weights", parameters.values(), loaded.parameters().values());
  }

  private static Tensor tensor(Parameters parameters, Parameter p) {
    int end = p.offset() + p.size();
    float[] values = Arrays.copyOfRange(parameters.values(), p.offset(), end);
    return Tensor.of(p.name(), values, p.shape().stream().mapToInt(Integer::intValue).toArray());
  }

  @ParameterizedTest
  @CsvSource({
    "direction, sideways",
    "head, first",
    "dropout, 1",
    "dropout, NaN",
    "dropout, much",
    "trained_state, perhaps",
    "cell, tree",
    "input, joined"
  })
  void metadataThatMeansNothingIsRefused(String key, String value) {
    Map<String, String> text =
        new LinkedHashMap<>(
            new NetworkSpec(
                    new Input.Features(3),
                    CellKind.GRU,
                    4,
                    0,
                    1,
                    Direction.BIDIRECTIONAL,
                    Head.LAST,
                    0.5,
                    true,
                    2)
                .toMetadata());
    text.put(key, value);
    assertThrows(IllegalArgumentException.class, () -> NetworkSpec.fromMetadata(text));
  }
}
