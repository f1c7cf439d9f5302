package org.lanewise.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A flight recording shows the windows and the checkpoints of a training. */
class TrainingEventsTest {
  @TempDir private Path folder;

  @Test
  void windowsAndCheckpointsAreRecorded() throws Exception {
    Path checkpoint = folder.resolve("checkpoint");
    Path file = folder.resolve("recording.jfr");
    double[] losses = new double[12];
    double[] norms = new double[12];
    try (TextRun run = Runs.run(Runs.spec("adam", 0.01, 1), 0, 1);
        Recording recording = new Recording()) {
      recording.start();
      for (int step = 0; step < losses.length; step++) {
        losses[step] = run.step();
        norms[step] = run.trainer().gradientNorm();
      }
      Checkpoint.save(checkpoint, run, Map.of());
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> windows = events(file, "TrainingWindow");
    assertEquals(losses.length, windows.size());
    for (int step = 0; step < losses.length; step++) {
      RecordedEvent window = windows.get(step);
      assertEquals(step + 1, window.getLong("step"));
      assertEquals(losses[step], window.getDouble("loss"));
      assertEquals(norms[step], window.getDouble("gradientNorm"));
      assertTrue(window.getDuration().isPositive(), window.toString());
    }
    assertEquals(1, windows.get(0).getInt("epoch"));
    assertEquals(0.01, windows.get(0).getDouble("rate"));
    RecordedEvent saved = events(file, "Checkpoint").get(0);
    assertEquals(checkpoint.toString(), saved.getString("file"));
    assertEquals(losses.length, saved.getLong("step"));
    assertTrue(saved.getDuration().isPositive(), saved.toString());
  }

  private static List<RecordedEvent> events(Path file, String name) throws Exception {
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals("org.lanewise." + name))
        .toList();
  }
}
