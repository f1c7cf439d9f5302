package org.lanewise.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class WorkersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everyPartRunsOnceInEachRound(int parts) {
    int rounds = 300;
    AtomicIntegerArray runs = new AtomicIntegerArray(parts);
    try (Workers workers = new Workers(parts)) {
      for (int round = 1; round <= rounds; round++) {
        workers.run((part, of) -> runs.addAndGet(part, of == parts ? 1 : 1_000_000));
        for (int part = 0; part < parts; part++) {
          assertEquals(round, runs.get(part), "runs of part " + part);
        }
      }
    }
  }

  @Test
  void partsRunOnThreadsOfTheirOwnAndTheFirstOnTheCaller() {
    Thread[] threads = new Thread[3];
    try (Workers workers = new Workers(3)) {
      workers.run((part, of) -> threads[part] = Thread.currentThread());
    }
    assertSame(Thread.currentThread(), threads[0]);
    assertEquals(3, Set.copyOf(Arrays.asList(threads)).size());
  }

  @Test
  void plainWritesOfAPartAreSeenByTheCallerAndByTheNextRound() {
    int parts = 3;
    long[] sums = new long[parts];
    long[] turned = new long[parts];
    try (Workers workers = new Workers(parts)) {
      for (int round = 1; round <= 200; round++) {
        int add = round;
        workers.run((part, of) -> sums[part] += add);
        workers.run((part, of) -> turned[part] = sums[(part + 1) % of]);
        long[] expected = new long[parts];
        Arrays.fill(expected, (long) round * (round + 1) / 2);
        assertArrayEquals(expected, turned);
      }
    }
  }

  @Test
  void exceptionOfAWorkerReachesTheCaller() {
    RuntimeException broken = new IllegalArgumentException("broken");
    try (Workers workers = new Workers(3)) {
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class,
              () ->
                  workers.run(
                      (part, of) -> {
                        if (part == 2) {
                          throw broken;
                        }
                      }));
      assertSame(broken, e.getCause());
    }
  }

  @Test
  void exceptionOfTheCallerReachesItWhenAllPartsHaveEnded() {
    Set<Integer> ended = ConcurrentHashMap.newKeySet();
    try (Workers workers = new Workers(3)) {
      assertThrows(
          IllegalArgumentException.class,
          () ->
              workers.run(
                  (part, of) -> {
                    if (part == 0) {
                      throw new IllegalArgumentException("broken");
                    }
                    sleep(20);
                    ended.add(part);
                  }));
      assertEquals(Set.of(1, 2), ended);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void failedRoundLeavesNothingForTheNext(int bits) {
    // Which of the caller and the worker fail.
    try (Workers workers = new Workers(2)) {
      try {
        workers.run(
            (part, of) -> {
              if ((bits >> part & 1) == 1) {
                throw new IllegalArgumentException("broken");
              }
            });
      } catch (IllegalArgumentException | IllegalStateException expected) {
        assertFalse(bits == 0, "no part failed");
      }
      assertDoesNotThrow(() -> workers.run((part, of) -> {}));
    }
  }

  @Test
  void closingEndsTheThreads() throws InterruptedException {
    Thread[] threads = new Thread[3];
    try (Workers workers = new Workers(3)) {
      workers.run((part, of) -> threads[part] = Thread.currentThread());
      // Long enough for one to be parked.
      sleep(50);
    }
    for (int part = 1; part < 3; part++) {
      threads[part].join(Duration.ofSeconds(10));
      assertFalse(threads[part].isAlive(), threads[part] + " is alive");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void closedWorkersRefuseWork(int parts) {
    Workers workers = new Workers(parts);
    workers.close();
    workers.close();
    assertEquals(
        "the worker threads are closed",
        assertThrows(IllegalStateException.class, () -> workers.run((part, of) -> {}))
            .getMessage());
  }

  @Test
  void aSecondCallerIsRefused() {
    try (Workers workers = new Workers(2)) {
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class,
              () ->
                  workers.run(
                      (part, of) -> {
                        if (part == 0) {
                          workers.run((innerPart, innerOf) -> {});
                        }
                      }));
      assertEquals("the worker threads are in use by another caller", e.getMessage());
    }
  }

  @Test
  void atLeastOneThreadIsNeeded() {
    assertEquals(
        "threads: found 0, expected at least 1",
        assertThrows(IllegalArgumentException.class, () -> new Workers(0)).getMessage());
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
