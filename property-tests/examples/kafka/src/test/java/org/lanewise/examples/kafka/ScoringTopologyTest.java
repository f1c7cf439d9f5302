package org.lanewise.examples.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsException;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;

/** Whatever the topics bring, a key's scores are those of a session that sees its readings only. */
class ScoringTopologyTest {
  private static final int INPUTS = 3;
  private static final int RECORDS = 60;

  @Property(tries = 20)
  void keysThatTakeTurnsScoreAsOneSessionEach(@ForAll CellKind cell, @ForAll Random random) {
    Model model = model(cell);
    List<Message> readings = readings(random, RECORDS);
    try (Kafka kafka = new Kafka(model)) {
      kafka.send(readings);
      assertEquals(oneSessionEach(model, readings), kafka.receive(ScoringTopology.SCORES));
      assertNothing(kafka, ScoringTopology.LATE_READINGS);
      assertNothing(kafka, ScoringTopology.MALFORMED_READINGS);
    }
  }

  @Property(tries = 20)
  void restartGivesTheScoresOfAnUninterruptedRun(
      @ForAll CellKind cell,
      @ForAll Random random,
      @ForAll @IntRange(min = 0, max = RECORDS) int stop) {
    Model model = model(cell);
    List<Message> readings = readings(random, RECORDS);
    List<Message> scores = new ArrayList<>();
    List<Message> changelog;
    try (Kafka kafka = new Kafka(model)) {
      kafka.send(readings.subList(0, stop));
      scores.addAll(kafka.receive(ScoringTopology.SCORES));
      changelog = kafka.changelog();
    }
    assertEquals(stop, changelog.size());
    try (Kafka kafka = new Kafka(model(cell))) {
      kafka.restore(changelog);
      kafka.send(readings.subList(stop, RECORDS));
      scores.addAll(kafka.receive(ScoringTopology.SCORES));
    }
    assertEquals(oneSessionEach(model, readings), scores);
  }

  @Property(tries = 20)
  void lateReadingGoesAsideAndTouchesNoState(@ForAll Random random) {
    Model model = model(CellKind.LSTM);
    List<Message> readings = readings(random, RECORDS);
    List<Message> late = new ArrayList<>();
    try (Kafka kafka = new Kafka(model)) {
      Map<String, Long> last = new HashMap<>();
      for (Message reading : readings) {
        kafka.send(reading);
        last.put(reading.key(), Payload.sequence(reading.value()));
        String key = key(random);
        if (last.containsKey(key)) {
          // The same number again, as after a second delivery, or one from the past.
          Message old = Message.of(key, last.get(key) - random.nextInt(3), 9, 9, 9);
          kafka.send(old);
          late.add(old);
        }
      }
      assertEquals(late, kafka.receive(ScoringTopology.LATE_READINGS));
      assertEquals(oneSessionEach(model, readings), kafka.receive(ScoringTopology.SCORES));
      assertNothing(kafka, ScoringTopology.MALFORMED_READINGS);
    }
  }

  @Property(tries = 20)
  void malformedReadingGoesAsideAndTouchesNoState(@ForAll Random random) {
    Model model = model(CellKind.GRU);
    List<Message> readings = readings(random, RECORDS);
    List<Message> malformed = new ArrayList<>();
    try (Kafka kafka = new Kafka(model)) {
      for (Message reading : readings) {
        kafka.send(reading);
        Message bad = malformed(random);
        kafka.send(bad);
        malformed.add(bad);
      }
      assertEquals(malformed, kafka.receive(ScoringTopology.MALFORMED_READINGS));
      assertEquals(oneSessionEach(model, readings), kafka.receive(ScoringTopology.SCORES));
      assertNothing(kafka, ScoringTopology.LATE_READINGS);
    }
  }

  /** A reading that cannot be read, with the reason that is expected beside it. */
  private static Message malformed(Random random) {
    String key = key(random);
    return switch (random.nextInt(6)) {
      case 0 -> Message.of(null, value(1, 2, 3), "key: expected a name, found null");
      case 1 -> Message.of(key, null, "value: expected 20 bytes, found null");
      case 2 -> Message.of(key, new byte[0], "value: expected 20 bytes, found 0");
      case 3 -> Message.of(key, new byte[21], "value: expected 20 bytes, found 21");
      case 4 ->
          Message.of(key, value(1, Float.NaN, 2), "value 1: expected a finite number, found NaN");
      default ->
          Message.of(
              key,
              value(1, 2, Float.NEGATIVE_INFINITY),
              "value 2: expected a finite number, found -Infinity");
    };
  }

  private static byte[] value(float... input) {
    return Payload.of(1_000_000, input);
  }

  @Property(tries = 20)
  void damagedStateStopsTheApplication(@ForAll Random random) {
    try (Kafka kafka = new Kafka(model(CellKind.LSTM))) {
      kafka.send(Message.of("a", 1, 1, 2, 3));
      byte[] stored = kafka.states().get("a").clone();
      int at = Long.BYTES + random.nextInt(stored.length - Long.BYTES);
      stored[at] = (byte) (stored[at] ^ (1 << random.nextInt(8)));
      kafka.states().put("a", stored);
      assertStops(kafka);
    }
  }

  @Example
  void stateOfAnotherModelStopsTheApplication() {
    List<Message> changelog;
    try (Kafka kafka = new Kafka(model(CellKind.GRU))) {
      kafka.send(Message.of("a", 1, 1, 2, 3));
      changelog = kafka.changelog();
    }
    try (Kafka kafka = new Kafka(model(CellKind.LSTM))) {
      kafka.restore(changelog);
      assertStops(kafka);
    }
  }

  /** At the next reading of the key, and it gives no score. */
  private static void assertStops(Kafka kafka) {
    kafka.receive(ScoringTopology.SCORES);
    StreamsException stopped =
        assertThrows(StreamsException.class, () -> kafka.send(Message.of("a", 2, 1, 2, 3)));
    String message = stopped.getCause().getMessage();
    assertTrue(message.startsWith("store states, key a: "), message);
    assertNothing(kafka, ScoringTopology.SCORES);
  }

  @Example
  void modelWithoutStepsOnVectorsIsRefused() {
    Model tokens = model(new NetworkSpec(new Input.OneHot(4), CellKind.LSTM, 8, 1, 2));
    assertThrows(IllegalArgumentException.class, () -> ScoringTopology.of(tokens));
  }

  /** Without a broker it gets no further; it does get past the settings and the topology. */
  @Example
  void applicationIsMadeAndClosed() {
    try (KafkaStreams streams =
        new KafkaStreams(
            ScoringTopology.of(model(CellKind.LSTM)),
            ScoringApplication.settings("localhost:9092"))) {
      assertEquals(KafkaStreams.State.CREATED, streams.state());
    }
  }

  private static void assertNothing(Kafka kafka, String topic) {
    assertEquals(List.of(), kafka.receive(topic), topic);
  }

  private static Model model(CellKind cell) {
    return model(new NetworkSpec(new Input.Features(INPUTS), cell, 8, 2, 2));
  }

  private static Model model(NetworkSpec spec) {
    Parameters parameters = new Parameters(spec);
    new Initializer.Torch().fill(parameters, 1);
    return Model.of(parameters);
  }

  private static String key(Random random) {
    return "key " + random.nextInt(4);
  }

  /** Readings of a few keys; the numbers of each key rise, with gaps. */
  private static List<Message> readings(Random random, int count) {
    Map<String, Long> last = new HashMap<>();
    List<Message> readings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String key = key(random);
      long sequence = last.merge(key, 1L + random.nextInt(5), Long::sum);
      float[] input = new float[INPUTS];
      for (int j = 0; j < INPUTS; j++) {
        input[j] = (float) random.nextGaussian();
      }
      readings.add(Message.of(key, sequence, input));
    }
    return readings;
  }

  /** The scores by the library alone, without a store. */
  private static List<Message> oneSessionEach(Model model, List<Message> readings) {
    Map<String, Session> sessions = new HashMap<>();
    List<Message> scores = new ArrayList<>();
    float[] input = new float[INPUTS];
    float[] output = new float[model.outputSize()];
    for (Message reading : readings) {
      Payload.values(reading.value(), input);
      sessions.computeIfAbsent(reading.key(), key -> model.session()).step(input, output);
      scores.add(Message.of(reading.key(), Payload.sequence(reading.value()), output));
    }
    return scores;
  }
}
