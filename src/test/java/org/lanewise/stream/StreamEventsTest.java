package org.lanewise.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lanewise.Fixtures.filled;
import static org.lanewise.Fixtures.lstm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanewise.Fixtures;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;

/** A flight recording shows what inference did. */
class StreamEventsTest {
  private static final NetworkSpec SPEC = lstm(new Input.Features(5), 17, 2, 3);
  private static final String MODEL = "lstm input 5 hidden 17 layers 2 output 3";

  @TempDir private Path folder;

  private final float[] input = new float[5];
  private final float[] output = new float[3];

  private List<RecordedEvent> recorded(Consumer<Recording> settings, Runnable work)
      throws Exception {
    Path file = folder.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      settings.accept(recording);
      recording.start();
      work.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().startsWith("org.lanewise."))
        .toList();
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals("org.lanewise." + name))
        .toList();
  }

  private void steps(Session session, int count) {
    for (int i = 0; i < count; i++) {
      session.step(input, output);
    }
  }

  @Test
  void loadAndWarmUpAreRecorded() throws Exception {
    Parameters parameters = filled(SPEC, 1);
    Path file = folder.resolve("model.safetensors");
    new ModelFile(parameters, Map.of()).save(file);
    Model[] model = new Model[1];
    List<RecordedEvent> events =
        recorded(
            recording -> {},
            () -> {
              model[0] = load(file);
              model[0].warmUp();
            });
    RecordedEvent load = named(events, "ModelLoad").get(0);
    assertEquals(file.toString(), load.getString("file"));
    assertEquals(parameters.size(), load.getLong("parameters"));
    assertTrue(load.getDuration().isPositive(), load.toString());
    RecordedEvent warmUp = named(events, "WarmUp").get(0);
    assertEquals(MODEL, warmUp.getString("model"));
    assertTrue(warmUp.getDuration().isPositive(), warmUp.toString());
    assertEquals(2, events.size(), "events: " + events);
  }

  private static Model load(Path file) {
    try {
      return Model.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void stepsAreRecordedWhenAskedFor() throws Exception {
    Session session = Model.of(filled(SPEC, 1)).session();
    List<RecordedEvent> events =
        recorded(
            recording -> recording.enable("org.lanewise.Step").withoutThreshold(),
            () -> steps(session, 50));
    assertEquals(50, named(events, "Step").size());
    for (RecordedEvent step : events) {
      assertEquals(MODEL, step.getString("model"));
      assertTrue(step.getDuration().isPositive(), step.toString());
    }
    for (int i = 1; i < events.size(); i++) {
      assertTrue(
          !events.get(i).getStartTime().isBefore(events.get(i - 1).getEndTime()),
          "one step after the other: " + events.get(i - 1) + events.get(i));
    }
  }

  @Test
  void stepsAreOffByDefaultAndHeldToTheThreshold() throws Exception {
    Session session = Model.of(filled(SPEC, 1)).session();
    assertEquals(List.of(), recorded(recording -> {}, () -> steps(session, 50)));
    assertEquals(
        List.of(),
        recorded(
            recording ->
                recording.enable("org.lanewise.Step").withThreshold(Duration.ofSeconds(100)),
            () -> steps(session, 50)));
  }

  @Test
  void recordedStepsAllocateNothing() throws Exception {
    Session session = Model.of(filled(SPEC, 1)).session();
    long[] bytes = new long[1];
    List<RecordedEvent> events =
        recorded(
            recording -> recording.enable("org.lanewise.Step").withoutThreshold(),
            () ->
                bytes[0] =
                    Fixtures.allocatedBytes(
                        Thread.currentThread().threadId(), () -> steps(session, 2_000)));
    assertEquals(0, bytes[0], "bytes in 2,000 recorded steps");
    assertTrue(events.size() >= 2_000, "events: " + events.size());
  }
}
