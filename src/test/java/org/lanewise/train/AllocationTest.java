package org.lanewise.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;

/** Training allocates nothing once it is compiled: neither the caller nor its workers. */
@Timeout(60)
class AllocationTest {
  @ParameterizedTest
  @CsvSource({
    "sgd, 0, 1, 1, lstm, 0",
    "momentum, 4, 2, 1, lstm, 0",
    "adam, 4, 1, 1, lstm, 0",
    "adam, 0, 2, 2, lstm, 0",
    "adam, 4, 2, 2, lstm, 0",
    "adam, 4, 2, 2, lstm, 6",
    "adam, 4, 2, 2, lstm_peephole, 0"
  })
  void trainingStepsAllocateNothing(
      String optimizer, int embedding, int layers, int threads, String cell, int projection) {
    try (TextRun run =
        Runs.run(
            Runs.spec(optimizer, 0.01, threads),
            embedding,
            layers,
            CellKind.parse(cell),
            projection)) {
      List<Thread> team =
          Thread.getAllStackTraces().keySet().stream()
              .filter(t -> t == Thread.currentThread() || t.getName().startsWith("lanewise-worker"))
              .filter(Thread::isAlive)
              .toList();
      assertEquals(threads, team.size(), "threads found: " + team);
      long[] ids = team.stream().mapToLong(Thread::threadId).toArray();
      ThreadMXBean bean = Fixtures.threads();
      long deadline = System.nanoTime() + 25_000_000_000L;
      long bytes;
      do {
        long before = allocated(bean, ids);
        for (int step = 0; step < 300; step++) {
          run.step();
        }
        bytes = allocated(bean, ids) - before;
      } while (bytes > 0 && System.nanoTime() < deadline);
      assertEquals(0, bytes, "bytes in 300 steps of " + threads + " threads");
    }
  }

  private static long allocated(ThreadMXBean bean, long[] ids) {
    long sum = 0;
    for (long id : ids) {
      sum += bean.getThreadAllocatedBytes(id);
    }
    return sum;
  }
}
