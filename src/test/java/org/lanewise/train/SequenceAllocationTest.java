package org.lanewise.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.data.Example;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;

/** Within an epoch, a step on sequences allocates nothing; dealing the next epoch may. */
@Timeout(120)
class SequenceAllocationTest {
  private static final int EXAMPLES = 400;
  private static final int STEPS = EXAMPLES / 4;

  /** What is learnt, each with a loss, a head and a direction of its own. */
  enum Task {
    TAGGING(Head.STEPS, Direction.BIDIRECTIONAL, CellKind.LSTM, new CrossEntropy()),
    CLASSIFICATION(
        Head.MEAN,
        Direction.BIDIRECTIONAL_SUM,
        CellKind.GRU,
        new CrossEntropy(new float[] {1, 2, 3}, 0.1)),
    REGRESSION(Head.LAST, Direction.FORWARD, CellKind.RNN_TANH, ValueLoss.HUBER);

    final NetworkSpec spec;
    final Loss loss;

    Task(Head head, Direction direction, CellKind cell, Loss loss) {
      Input input =
          new Input.Joined(
              List.of(
                  new Input.Part("word", new Input.Embedding(7, 4)),
                  new Input.Part("shape", new Input.Features(2))));
      this.spec = new NetworkSpec(input, cell, 9, 0, 2, direction, head, 0.2, true, 3);
      this.loss = loss;
    }

    List<Example> examples() {
      List<Example> examples = new ArrayList<>();
      for (int i = 0; i < EXAMPLES; i++) {
        int length = 1 + i % 5;
        int rows = spec.head().everyStep() ? length : 1;
        examples.add(
            new Example(
                length,
                new int[][] {Fixtures.ids(length, 7, i)},
                Fixtures.floats(2 * length, i),
                loss.readsClasses() ? Fixtures.ids(rows, 3, i) : new int[0],
                loss.readsClasses() ? new float[0] : Fixtures.floats(3 * rows, i)));
      }
      return examples;
    }
  }

  @ParameterizedTest
  @EnumSource(Task.class)
  void stepsWithinAnEpochAllocateNothing(Task task) {
    int threads = task == Task.TAGGING ? 2 : 1;
    TrainSpec spec =
        new TrainSpec(
            4,
            5,
            new Adam(0.9, 0.999, 1e-8),
            new Schedule.Constant(0.001),
            Clip.NONE,
            0,
            threads,
            task.loss,
            1);
    try (SequenceRun run =
        new SequenceRun(Fixtures.filled(task.spec, 1), spec, task.examples(), true)) {
      assertEquals(STEPS, run.stepsPerEpoch());
      ThreadMXBean bean = Fixtures.threads();
      long[] team =
          Thread.getAllStackTraces().keySet().stream()
              .filter(t -> t == Thread.currentThread() || t.getName().startsWith("lanewise-worker"))
              .filter(Thread::isAlive)
              .mapToLong(Thread::threadId)
              .toArray();
      assertEquals(threads, team.length);
      long deadline = System.nanoTime() + 60_000_000_000L;
      long bytes;
      do {
        run.step(); // deals the epoch
        long before = allocated(bean, team);
        for (int step = 1; step < STEPS; step++) {
          run.step();
        }
        bytes = allocated(bean, team) - before;
      } while (bytes > 0 && System.nanoTime() < deadline);
      assertEquals(0, bytes, "bytes in an epoch after its first step");
    }
  }

  private static long allocated(ThreadMXBean bean, long[] team) {
    long sum = 0; // A stream would allocate.
    for (long thread : team) {
      sum += bean.getThreadAllocatedBytes(thread);
    }
    return sum;
  }
}
