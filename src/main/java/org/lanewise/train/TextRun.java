package org.lanewise.train;

import java.util.Objects;
import org.lanewise.data.TextBatches;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;

/**
 * The training of a language model on a text: windows in order, the state carried from one to the
 * next and set to where sequences begin at the start of every epoch, and evaluation on a stretch of
 * the text that is not trained on.
 *
 * <p>A run stands between two steps, where a {@link Checkpoint} can be taken; a run resumed from it
 * goes on with the same bits. Confined to one thread.
 */
public final class TextRun implements TrainingRun {
  private final Trainer trainer;
  private final TrainSpec spec;
  private final TextBatches training;
  private final TextBatches validation;
  private final Bptt evaluation;
  private final Progress progress = new Progress();

  /**
   * A new run.
   *
   * @param parameters the arena, initialised or loaded; it is updated in place
   * @param spec how to train
   * @param training the text to train on, in the batch and window of the spec
   * @param validation the text to evaluate on, in the same batch and window; null for none
   */
  public TextRun(
      Parameters parameters, TrainSpec spec, TextBatches training, TextBatches validation) {
    this(KernelProvider.kernels(), parameters, spec, training, validation);
  }

  /**
   * A new run with chosen kernels.
   *
   * @param kernels arithmetic
   * @param parameters the arena, initialised or loaded; it is updated in place
   * @param spec how to train
   * @param training the text to train on, in the batch and window of the spec
   * @param validation the text to evaluate on, in the same batch and window; null for none
   */
  public TextRun(
      Kernels kernels,
      Parameters parameters,
      TrainSpec spec,
      TextBatches training,
      TextBatches validation) {
    this.spec = spec;
    this.training = Objects.requireNonNull(training, "training");
    this.validation = validation;
    this.trainer = new Trainer(kernels, parameters, spec);
    this.evaluation =
        validation == null
            ? null
            : new Bptt(
                kernels,
                trainer.network(),
                parameters,
                new Workspace(trainer.network(), spec.window(), spec.batch(), false),
                new CrossEntropy());
  }

  @Override
  public Trainer trainer() {
    return trainer;
  }

  Progress progress() {
    return progress;
  }

  @Override
  public int stepsPerEpoch() {
    return training.windows();
  }

  @Override
  public long steps() {
    return progress.steps;
  }

  /**
   * Tokens that one step trains on.
   *
   * @return batch times window
   */
  public int tokensPerStep() {
    return spec.batch() * spec.window();
  }

  @Override
  public double seconds() {
    return progress.seconds;
  }

  @Override
  public double step() {
    long start = System.nanoTime();
    Workspace workspace = trainer.workspace();
    int window = (int) (progress.steps % training.windows());
    if (window == 0) {
      trainer.network().beginState(workspace);
    }
    training.fill(window, spec.window(), workspace.tokens, trainer.targets().classes);
    double loss = trainer.step((int) (progress.steps / training.windows()) + 1);
    workspace.carryState();
    progress.add(loss, start);
    return loss;
  }

  @Override
  public double takeTrainingLoss() {
    return progress.takeLoss();
  }

  /**
   * The mean loss over the validation text: as many streams as the batch, their states carried
   * throughout. All tokens count but the first of each stream and the few that fill no stream.
   *
   * @return nats per token, NaN when there is no validation text
   */
  public double evaluate() {
    if (validation == null) {
      return Double.NaN;
    }
    long start = System.nanoTime();
    double loss = evaluate(evaluation, validation);
    progress.addSeconds(start);
    return loss;
  }

  /**
   * The mean loss of a model over a text.
   *
   * @param engine a forward engine with room for the window of the text
   * @param text the text, in the batch and window of the engine
   * @return nats per token
   */
  public static double evaluate(Bptt engine, TextBatches text) {
    Workspace workspace = engine.workspace();
    engine.beginState();
    double sum = 0;
    long count = 0;
    for (int window = 0; window <= text.windows(); window++) {
      int steps = window < text.windows() ? workspace.timeSteps : text.remainder();
      if (steps > 0) {
        text.fill(window, steps, workspace.tokens, engine.targets().classes);
        workspace.timeline().setAll(steps);
        engine.evaluate(0, workspace.batch);
        workspace.carryState();
        sum += engine.lossSum();
        count += (long) steps * workspace.batch;
      }
    }
    return sum / count;
  }

  @Override
  public boolean carriesState() {
    return true;
  }

  @Override
  public void close() {
    trainer.close();
  }
}
