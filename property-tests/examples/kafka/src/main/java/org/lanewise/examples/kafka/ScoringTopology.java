package org.lanewise.examples.kafka;

import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;
import org.lanewise.stream.Model;

/**
 * From topic to topic: {@code readings} come in; {@code scores}, {@code late-readings} and {@code
 * malformed-readings} go out. The keys are the names of the streams, as strings.
 */
public final class ScoringTopology {
  static final String READINGS = "readings";
  static final String SCORES = "scores";
  static final String LATE_READINGS = "late-readings";
  static final String MALFORMED_READINGS = "malformed-readings";

  private static final String PROCESSOR = "session";

  private ScoringTopology() {}

  /**
   * The topology, its states in memory. Kafka writes each change of the store to the store's own
   * topic, the changelog, and fills the store from it when the application starts again, on this
   * machine or another.
   *
   * @param model reads vectors, step by step; shared by all threads
   * @return a new topology
   * @throws IllegalArgumentException if the model reads tokens
   * @throws IllegalStateException if the model does not run step by step
   */
  public static Topology of(Model model) {
    Serde<String> key = Serdes.String();
    Serde<byte[]> value = Serdes.ByteArray();
    return new Topology()
        .addSource(READINGS, key.deserializer(), value.deserializer(), READINGS)
        .addProcessor(PROCESSOR, () -> new SessionProcessor(model), READINGS)
        .addStateStore(
            Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(SessionProcessor.STATES), key, value),
            PROCESSOR)
        .addSink(SessionProcessor.SCORES, SCORES, key.serializer(), value.serializer(), PROCESSOR)
        .addSink(
            SessionProcessor.LATE, LATE_READINGS, key.serializer(), value.serializer(), PROCESSOR)
        .addSink(
            SessionProcessor.MALFORMED,
            MALFORMED_READINGS,
            key.serializer(),
            value.serializer(),
            PROCESSOR);
  }
}
