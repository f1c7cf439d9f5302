package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;
import org.lanewise.data.Example;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Batch;
import org.lanewise.stream.Model;
import org.lanewise.train.Adam;
import org.lanewise.train.Checkpoint;
import org.lanewise.train.Clip;
import org.lanewise.train.Schedule;
import org.lanewise.train.SequenceRun;
import org.lanewise.train.TrainSpec;

/** Training on separate sequences: the same numbers give the same bits, resumed or not. */
@Tag("bits")
class SequenceRunTest {
  private static final int STEPS = 9;

  /** A network with dropout, and more examples than a batch, the last of an epoch not full. */
  record Task(NetworkSample sample, boolean bucket, int threads) {
    TrainSpec spec(long seed) {
      return new TrainSpec(
          3,
          7,
          new Adam(0.9, 0.999, 1e-8),
          new Schedule.Constant(0.01),
          Clip.NONE,
          1e-4,
          threads,
          sample.loss().loss(),
          seed);
    }

    SequenceRun run(Kernels kernels, long seed) {
      return new SequenceRun(kernels, sample.parameters(), spec(seed), sample.examples(), bucket);
    }

    Task on(int newThreads) {
      return new Task(sample, bucket, newThreads);
    }
  }

  private static Task task(long seed) {
    NetworkGenerator generator = new NetworkGenerator(seed, NetworkLimits.ANY);
    NetworkSample sample = generator.sample();
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int length = 1 + (int) Math.floorMod(seed + 3L * i, 7L);
      examples.add(generator.example(sample.spec(), sample.loss(), length, true));
    }
    double dropout = seed % 3 == 0 ? 0 : 0.25;
    return new Task(sample.with(examples).withDropout(dropout), seed % 2 == 0, 1);
  }

  @Provide
  Arbitrary<Task> tasks() {
    return Arbitraries.longs().map(SequenceRunTest::task).withoutEdgeCases();
  }

  private static double[] losses(SequenceRun run, int steps) {
    double[] losses = new double[steps];
    for (int i = 0; i < steps; i++) {
      losses[i] = run.step();
    }
    return losses;
  }

  @Property(tries = 40)
  void resumedEqualsNeverInterrupted(@ForAll("tasks") Task task) throws IOException {
    Path file = Files.createTempFile("sequence", ".checkpoint");
    for (Kernels kernels : AllKernels.all()) {
      int cut = 1 + (int) Math.floorMod(task.sample().seed(), (long) STEPS - 1);
      try (SequenceRun whole = task.run(kernels, 5);
          SequenceRun first = task.run(kernels, 5);
          SequenceRun second = task.on(2).run(kernels, 5)) {
        double[] expected = losses(whole, STEPS);
        losses(first, cut);
        Checkpoint.save(file, first, Map.of());
        Checkpoint.load(file).restore(second.trainer().parameters());
        Checkpoint.load(file).restore(second);
        double[] found = losses(second, STEPS - cut);
        String where = task + ", cut at " + cut;
        Bits.same(where, "losses", Arrays.copyOfRange(expected, cut, STEPS), found);
        Bits.same(where, "parameters", values(whole), values(second));
        assertEquals(whole.epoch(), second.epoch());
        assertEquals(whole.takeTrainingLoss(), second.takeTrainingLoss());
      }
    }
    Files.delete(file);
  }

  @Property(tries = 20)
  void theSameSeedGivesTheSameBitsOnAnyThreadsAndLanes(@ForAll("tasks") Task task) {
    float[] expected = null;
    for (Kernels kernels : AllKernels.all()) {
      for (int threads = 1; threads <= 4; threads++) {
        try (SequenceRun run = task.on(threads).run(kernels, 5)) {
          losses(run, STEPS);
          expected = expected == null ? values(run) : expected;
          Bits.same(task + " on " + threads + " threads", "parameters", expected, values(run));
        }
      }
    }
  }

  @Test
  void anotherSeedGivesAnotherOrderAndOtherMasks() {
    for (long seed = 1; seed <= 5; seed++) {
      Task task = task(seed);
      try (SequenceRun one = task.run(AllKernels.PLAIN, 5);
          SequenceRun other = task.run(AllKernels.PLAIN, 6)) {
        losses(one, STEPS);
        losses(other, STEPS);
        assertFalse(Arrays.equals(values(one), values(other)), task.toString());
      }
    }
  }

  /** An evaluation between two steps: of the network as it is, without dropout, without a trace. */
  @Property(tries = 30)
  void evaluationEqualsTheModelAndLeavesNoTrace(@ForAll("tasks") Task task) {
    for (Kernels kernels : AllKernels.all()) {
      try (SequenceRun run = task.run(kernels, 5);
          SequenceRun undisturbed = task.run(kernels, 5)) {
        losses(run, 2);
        Parameters now = run.trainer().parameters();
        Model model = Model.of(kernels, now);
        int[] visited = new int[1];
        double loss =
            run.evaluate(
                task.sample().examples(),
                (i, time, y, offset) -> {
                  NetworkSample one = task.sample().with(List.of(task.sample().examples().get(i)));
                  Batch batch = model.batch(one.timeSteps(), 1);
                  one.fill(batch.workspace());
                  batch.run(one.lengths());
                  float[] expected = new float[one.spec().outputSize()];
                  batch.result(time, 0, expected);
                  float[] found = Arrays.copyOfRange(y, offset, offset + expected.length);
                  Bits.same(task + ", example " + i, "y", expected, found);
                  visited[0]++;
                });
        assertTrue(Double.isFinite(loss) && visited[0] >= task.sample().batch(), task.toString());
        losses(run, 3);
        losses(undisturbed, 5);
        Bits.same(task, "parameters", values(undisturbed), values(run));
      }
    }
  }

  private static float[] values(SequenceRun run) {
    return run.trainer().parameters().values().clone();
  }
}
