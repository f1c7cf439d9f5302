package org.lanewise.network;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A few threads that share work in equal parts. The caller takes part as number 0. No allocation in
 * {@link #run}: waiting threads spin for a moment and then park.
 *
 * <p>One caller at a time. The threads are daemons, and end when this is closed.
 */
public final class Workers implements AutoCloseable {
  /** Spins before a waiting thread parks: about a millisecond, longer than most phases. */
  private static final int SPINS = 20_000;

  /** Work that splits into parts. */
  public interface Phase {
    /**
     * Does one part.
     *
     * @param part index of the part
     * @param parts number of parts
     */
    void run(int part, int parts);
  }

  private final Thread[] threads;
  private final Throwable[] failures;
  private final AtomicBoolean inUse = new AtomicBoolean();
  private final AtomicInteger running = new AtomicInteger();
  private final Thread[] caller = new Thread[1];
  private final AtomicInteger round = new AtomicInteger();
  private volatile boolean closed;
  private Phase phase;

  /**
   * Starts the threads.
   *
   * @param parts of each work: threads, the caller counted
   * @throws IllegalArgumentException if it is less than 1
   */
  public Workers(int parts) {
    if (parts < 1) {
      throw new IllegalArgumentException("threads: found " + parts + ", expected at least 1");
    }
    this.threads = new Thread[parts - 1];
    this.failures = new Throwable[parts];
    for (int i = 0; i < threads.length; i++) {
      int part = i + 1;
      threads[i] =
          Thread.ofPlatform().daemon().name("lanewise-worker-" + part).start(() -> work(part));
    }
  }

  /**
   * Runs all parts of some work and returns when the last one is done.
   *
   * @param work in parts
   * @throws IllegalStateException if this is closed, or another caller is found inside, or a part
   *     has failed, which is the cause
   */
  public void run(Phase work) {
    if (closed) {
      throw new IllegalStateException("the worker threads are closed");
    }
    if (threads.length == 0) {
      work.run(0, 1);
      return;
    }
    if (!inUse.compareAndSet(false, true)) {
      throw new IllegalStateException("the worker threads are in use by another caller");
    }
    try {
      share(work);
    } finally {
      inUse.set(false);
    }
  }

  private void share(Phase work) {
    Arrays.fill(failures, null);
    phase = work;
    caller[0] = Thread.currentThread();
    running.set(threads.length);
    round.incrementAndGet();
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
    try {
      work.run(0, threads.length + 1);
    } finally {
      for (int spins = 0; running.get() > 0; spins++) {
        pause(spins);
      }
    }
    for (Throwable failure : failures) {
      if (failure != null) {
        throw new IllegalStateException("a worker thread failed", failure);
      }
    }
  }

  private void work(int part) {
    int seen = 0;
    while (true) {
      for (int spins = 0; round.get() == seen && !closed; spins++) {
        pause(spins);
      }
      if (closed) {
        return;
      }
      seen++;
      try {
        phase.run(part, threads.length + 1);
      } catch (Throwable t) {
        failures[part] = t;
      }
      if (running.decrementAndGet() == 0) {
        LockSupport.unpark(caller[0]);
      }
    }
  }

  private void pause(int spins) {
    if (spins < SPINS) {
      Thread.onSpinWait();
    } else {
      LockSupport.park(this);
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
