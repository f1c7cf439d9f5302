package org.lanewise.bench;

import org.lanewise.network.Precision;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;

/** This library: a session for one stream, the layers' batch for several sequences. */
final class Ours implements Contender {
  private final Task task;
  private final Session session;
  private final BatchRun batch;
  private final float[] output;

  Ours(Task task) {
    this(task, Precision.FLOAT32);
  }

  Ours(Task task, Precision precision) {
    this.task = task;
    this.session = task.carriesState() ? Model.of(task.parameters(), precision).session() : null;
    this.batch =
        task.carriesState()
            ? null
            : new BatchRun(task.parameters(), task.timeSteps(), task.batch());
    this.output = new float[task.outputSize()];
  }

  @Override
  public void reset() {
    if (session != null) {
      session.reset();
    }
  }

  @Override
  public void run(int turn) {
    float[] input = task.inputs()[turn];
    if (session == null) {
      batch.sequences(input, output);
    } else if (task.timeSteps() == 1) {
      session.step(input, output);
    } else {
      session.sequence(task.timeSteps(), input, output);
    }
  }

  @Override
  public float[] output() {
    return output.clone();
  }
}
