package org.lanewise.train;

import java.util.List;
import org.lanewise.data.Batcher;
import org.lanewise.data.Example;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;

/**
 * The training of a network on separate sequences: tagging, classification, forecasts. Every
 * sequence starts where sequences begin: from the trained state, or from zero. The order of an
 * epoch is computed from the seed and the epoch's number.
 */
public final class SequenceRun implements TrainingRun {
  private final Trainer trainer;
  private final List<Example> examples;
  private final Batcher batcher;
  private final SequenceFiller filler;
  private final SequenceEvaluator evaluator;
  private final Progress progress = new Progress();
  private int[][] batches;
  private int batchesEpoch = -1;

  /**
   * A new run with the kernels of this virtual machine.
   *
   * @param parameters the arena, initialised or loaded; it is updated in place
   * @param spec how to train; its window is the room for steps
   * @param examples what to train on, none longer than the window
   * @param bucket whether sequences of similar length go together
   * @throws IllegalArgumentException if there is no example, or one does not fit the network
   */
  public SequenceRun(
      Parameters parameters, TrainSpec spec, List<Example> examples, boolean bucket) {
    this(KernelProvider.kernels(), parameters, spec, examples, bucket);
  }

  /**
   * A new run with chosen kernels.
   *
   * @param kernels arithmetic
   * @param parameters the arena, initialised or loaded; it is updated in place
   * @param spec how to train; its window is the room for steps
   * @param examples what to train on, none longer than the window
   * @param bucket whether sequences of similar length go together
   * @throws IllegalArgumentException if there is no example, or one does not fit the network
   */
  public SequenceRun(
      Kernels kernels,
      Parameters parameters,
      TrainSpec spec,
      List<Example> examples,
      boolean bucket) {
    this.examples = List.copyOf(examples);
    SequenceFiller.check(parameters.spec(), spec.loss(), spec.window(), this.examples);
    int[] lengths = examples.stream().mapToInt(Example::length).toArray();
    this.batcher = new Batcher(lengths, spec.batch(), spec.seed(), bucket);
    this.trainer = new Trainer(kernels, parameters, spec);
    this.filler = new SequenceFiller(trainer.workspace(), trainer.targets());
    this.evaluator =
        new SequenceEvaluator(
            kernels, trainer.network(), parameters, spec.window(), spec.batch(), spec.loss());
  }

  @Override
  public Trainer trainer() {
    return trainer;
  }

  Progress progress() {
    return progress;
  }

  @Override
  public double step() {
    long start = System.nanoTime();
    int epoch = (int) (progress.steps / stepsPerEpoch());
    if (epoch != batchesEpoch) {
      batches = batcher.epoch(epoch);
      batchesEpoch = epoch;
    }
    int[] batch = batches[(int) (progress.steps % stepsPerEpoch())];
    Workspace workspace = trainer.workspace();
    filler.fill(examples, batch, 0, batch.length);
    trainer.network().beginState(workspace);
    double loss = trainer.step(epoch + 1);
    progress.add(loss, start);
    return loss;
  }

  /**
   * Runs the network as it is now over examples.
   *
   * @param others the examples, none longer than the window
   * @param visitor receives every result
   * @return weighted mean loss
   * @throws IllegalArgumentException if an example does not fit the network
   */
  public double evaluate(List<Example> others, SequenceEvaluator.Visitor visitor) {
    long start = System.nanoTime();
    double loss = evaluator.evaluate(others, visitor);
    progress.addSeconds(start);
    return loss;
  }

  @Override
  public long steps() {
    return progress.steps;
  }

  @Override
  public int stepsPerEpoch() {
    return batcher.steps();
  }

  @Override
  public double seconds() {
    return progress.seconds;
  }

  @Override
  public double takeTrainingLoss() {
    return progress.takeLoss();
  }

  @Override
  public boolean carriesState() {
    return false;
  }

  @Override
  public void close() {
    trainer.close();
  }
}
