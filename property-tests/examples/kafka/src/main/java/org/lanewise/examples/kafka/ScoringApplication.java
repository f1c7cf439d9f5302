package org.lanewise.examples.kafka;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.lanewise.stream.Model;

/** Runs the topology until the process is asked to stop. */
public final class ScoringApplication {
  private ScoringApplication() {}

  /**
   * Starts.
   *
   * @param args the model file, then the brokers, such as {@code localhost:9092}
   * @throws java.io.IOException if the model cannot be read
   */
  public static void main(String[] args) throws java.io.IOException {
    Model model = Model.load(Path.of(args[0]));
    model.warmUp();
    KafkaStreams streams = new KafkaStreams(ScoringTopology.of(model), settings(args[1]));
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }

  /**
   * Exactly once: a score, the state after it and the position in the input become visible together
   * or not at all, so that after a crash no reading is missing from a state and none is in it
   * twice.
   */
  static Properties settings(String brokers) {
    Properties settings = new Properties();
    settings.putAll(
        Map.of(
            StreamsConfig.APPLICATION_ID_CONFIG,
            "scoring",
            StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
            brokers,
            StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
            StreamsConfig.EXACTLY_ONCE_V2));
    return settings;
  }
}
