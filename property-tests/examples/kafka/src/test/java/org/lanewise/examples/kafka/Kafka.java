package org.lanewise.examples.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.lanewise.stream.Model;

/** The application on Kafka's driver for tests, which is one partition without a broker. */
final class Kafka implements AutoCloseable {
  private static final String CHANGELOG = "scoring-" + SessionProcessor.STATES + "-changelog";

  private final TopologyTestDriver driver;
  private final TestInputTopic<String, byte[]> readings;

  Kafka(Model model) {
    driver =
        new TopologyTestDriver(
            ScoringTopology.of(model),
            ScoringApplication.settings("localhost:9092"),
            Instant.EPOCH);
    readings =
        driver.createInputTopic(
            ScoringTopology.READINGS, new StringSerializer(), new ByteArraySerializer());
  }

  void send(Message reading) {
    readings.pipeInput(reading.key(), reading.value());
  }

  void send(Iterable<Message> all) {
    all.forEach(this::send);
  }

  /** All that has come out of a topic since the last call. */
  List<Message> receive(String topic) {
    return records(topic).stream()
        .map(record -> Message.of(record.key(), record.value(), reason(record)))
        .toList();
  }

  private List<TestRecord<String, byte[]>> records(String topic) {
    return driver
        .createOutputTopic(topic, new StringDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  private static String reason(TestRecord<String, byte[]> record) {
    Header header = record.headers().lastHeader(SessionProcessor.REASON);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }

  /** What a broker keeps of the store. */
  List<Message> changelog() {
    return receive(CHANGELOG);
  }

  /** Fills the store as Kafka does before the first record of a task that starts again. */
  void restore(List<Message> changes) {
    for (Message change : changes) {
      states().put(change.key(), change.value());
    }
  }

  KeyValueStore<String, byte[]> states() {
    return driver.getKeyValueStore(SessionProcessor.STATES);
  }

  @Override
  public void close() {
    driver.close();
  }
}
