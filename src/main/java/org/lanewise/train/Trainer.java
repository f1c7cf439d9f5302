package org.lanewise.train;

import java.util.Arrays;
import org.lanewise.event.Events;
import org.lanewise.event.TrainingWindowEvent;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.ArenaChange;
import org.lanewise.network.Input;
import org.lanewise.network.Network;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;
import org.lanewise.network.Ranges;
import org.lanewise.network.Workers;
import org.lanewise.network.Workspace;

/**
 * Runs training steps on a network: back-propagation through time, clipping, update, packing. The
 * caller fills inputs and targets and says whether the state is carried; everything else is here.
 *
 * <pre>{@code
 * try (Trainer trainer = new Trainer(parameters, spec)) {
 *   for (...) {
 *     fill(trainer.workspace().tokens, trainer.targets().classes);
 *     trainer.workspace().clearState(); // or carryState() after each step
 *     double loss = trainer.step(epoch);
 *   }
 * }
 * }</pre>
 *
 * <p>A step allocates nothing. Confined to one thread, which shares the work with its own workers.
 */
public final class Trainer implements AutoCloseable {
  /** Elements of a partial norm: fixed, so that the norm does not depend on the threads. */
  private static final int NORM_CHUNK = 1 << 15;

  /** Partial sums of a norm. */
  private static final int PARTIALS = 16;

  private final Kernels kernels;
  private final Parameters parameters;
  private final TrainSpec spec;
  private final Network network;
  private final Workspace workspace;
  private final Bptt bptt;
  private final Optimizer.State optimizer;
  private final Workers workers;
  private final SegmentedPass segmented;
  private final boolean touchedOnly;
  private final double[] partialNorms;
  private final double[] partials;
  private TrainingWindowEvent event;
  private long steps;
  private double weight;
  private float factor;
  private double gradientNorm;
  private Ranges nonZero;

  private final Workers.Phase project = this::project;
  private final Workers.Phase forward = this::forward;
  private final Workers.Phase results = this::results;
  private final Workers.Phase gradients = this::gradients;
  private final Workers.Phase weightGradients = this::weightGradients;
  private final Workers.Phase tokenGradients = this::tokenGradients;
  private final Workers.Phase norms = this::norms;
  private final Workers.Phase update = this::update;
  private final ArenaChange change = this::change;

  /**
   * A trainer with the kernels of this virtual machine.
   *
   * @param parameters the arena, initialised or loaded; it is updated in place
   * @param spec how to train
   * @throws IllegalArgumentException if the memory of the spec is too small
   */
  public Trainer(Parameters parameters, TrainSpec spec) {
    this(KernelProvider.kernels(), parameters, spec);
  }

  /**
   * A trainer with chosen kernels.
   *
   * @param kernels arithmetic
   * @param parameters the arena, initialised or loaded; it is updated in place
   * @param spec how to train
   * @throws IllegalArgumentException if the memory of the spec is too small
   */
  public Trainer(Kernels kernels, Parameters parameters, TrainSpec spec) {
    this.kernels = kernels;
    this.parameters = parameters;
    this.spec = spec;
    this.network = new Network(kernels, parameters, true);
    int segment = Workspace.segment(parameters.spec(), spec.window(), spec.batch(), spec.memory());
    this.workspace = new Workspace(network, spec.window(), spec.batch(), true, segment);
    this.bptt = new Bptt(kernels, network, parameters, workspace, spec.loss());
    this.optimizer = spec.optimizer().start(kernels, parameters.size());
    this.touchedOnly = spec.optimizer().touchedOnly(spec.weightDecay());
    this.partialNorms = new double[(parameters.size() + NORM_CHUNK - 1) / NORM_CHUNK];
    this.partials = new double[PARTIALS * spec.threads()];
    this.workers = new Workers(spec.threads());
    // The gradients are made here: workers would meet in making them.
    float[] gradients = parameters.gradients();
    this.segmented = segment == 0 ? null : new SegmentedPass(network, bptt, gradients, workers);
    network.pack(parameters.values());
  }

  /**
   * The buffers; the caller fills {@code tokens} or {@code x}, and sets the states before the first
   * steps.
   *
   * @return the workspace
   */
  public Workspace workspace() {
    return workspace;
  }

  /**
   * The network in training, packed after every step.
   *
   * @return the network
   */
  public Network network() {
    return network;
  }

  /**
   * The arena in training.
   *
   * @return the parameters
   */
  public Parameters parameters() {
    return parameters;
  }

  /**
   * What the results should be, filled by the caller.
   *
   * @return the targets themselves
   */
  public Targets targets() {
    return bptt.targets();
  }

  /**
   * The running state of the optimizer.
   *
   * @return what a checkpoint must keep
   */
  public Optimizer.State optimizer() {
    return optimizer;
  }

  /**
   * Steps done so far.
   *
   * @return 0 before the first
   */
  public long steps() {
    return steps;
  }

  /**
   * The norm of the last step's gradient after clipping by value and before clipping by norm.
   *
   * @return Euclidean norm over all parameters
   */
  public double gradientNorm() {
    return gradientNorm;
  }

  /**
   * Goes on from a checkpoint whose parameters and optimizer arrays have been filled in.
   *
   * @param stepsDone steps done before the checkpoint
   */
  public void resume(long stepsDone) {
    steps = stepsDone;
    network.pack(parameters.values());
  }

  /**
   * One training step on the inputs and targets that the caller has filled in.
   *
   * @param epoch number of the epoch, from 1, for the learning rate
   * @return mean loss of the window before the update, as the loss measures it
   * @throws DivergenceException if the loss or the gradient is NaN or infinite; the parameters are
   *     unchanged then
   */
  public double step(int epoch) {
    boolean recorded = Events.recorded() && beginEvent();
    weight = bptt.weight();
    if (weight == 0) {
      // Nothing counts: no loss and no gradient, rather than 0 / 0.
      weight = 1;
    }
    workspace.setDropout(spec.seed(), steps + 1);
    workspace.clearStateGradients();
    boolean shared = spec.threads() > 1;
    boolean tokens = workspace.spec().input() instanceof Input.Embedding;
    if (shared) {
      network.collectTokens(workspace);
    }
    if (shared && tokens) {
      workers.run(project);
    }
    if (segmented == null) {
      workers.run(forward);
      workers.run(results);
      workers.run(gradients);
    } else {
      segmented.run(weight);
      workers.run(weightGradients);
    }
    double loss = bptt.lossSum() / weight;
    if (shared && tokens) {
      workers.run(tokenGradients);
    }
    nonZero = network.nonZero(workspace, parameters.gradients());
    workers.run(norms);
    double squares = 0;
    for (double partial : partialNorms) {
      squares += partial;
    }
    gradientNorm = Math.sqrt(squares);
    if (!Double.isFinite(loss) || !Double.isFinite(gradientNorm)) {
      throw new DivergenceException(
          "training diverged at step "
              + (steps + 1)
              + ": loss "
              + loss
              + ", gradient norm "
              + gradientNorm);
    }
    steps++;
    factor = spec.clip().factor(gradientNorm);
    double rate = spec.schedule().rate(steps, epoch);
    optimizer.begin(steps, rate);
    workers.run(update);
    if (recorded) {
      record(epoch, loss, rate);
    }
    return loss;
  }

  private boolean beginEvent() {
    if (event == null) {
      event = new TrainingWindowEvent();
    }
    event.begin();
    return event.isEnabled();
  }

  private void record(int epoch, double loss, double rate) {
    event.end();
    event.step = steps;
    event.epoch = epoch;
    event.loss = loss;
    event.gradientNorm = gradientNorm;
    event.rate = rate;
    event.commit();
  }

  /**
   * Checks that an update has not made a parameter NaN or infinite. The step after it would find
   * out; who saves the parameters cannot wait for that.
   *
   * @throws DivergenceException if it has; names the step and the parameter
   */
  public void requireFinite() {
    for (Parameter p : parameters.slices()) {
      for (int i = 0; i < p.size(); i++) {
        float value = parameters.values()[p.offset() + i];
        if (!Float.isFinite(value)) {
          throw new DivergenceException(
              "training diverged at step "
                  + steps
                  + ": "
                  + p.name()
                  + ": element "
                  + i
                  + " is "
                  + value);
        }
      }
    }
  }

  private void forward(int thread, int threads) {
    int part = network.part(thread, threads);
    int begin = workspace.row(part, threads);
    int end = workspace.row(part + 1, threads);
    if (begin < end) {
      network.forwardStates(workspace, begin, end);
    }
  }

  private void results(int thread, int threads) {
    bptt.results(weight, network.part(thread, threads), threads);
  }

  private void gradients(int thread, int threads) {
    bptt.gradients(network.part(thread, threads), threads);
  }

  private void weightGradients(int part, int parts) {
    bptt.weightGradient(part, parts);
  }

  private void project(int part, int parts) {
    network.project(workspace, part, parts);
  }

  private void tokenGradients(int part, int parts) {
    network.tokenGradient(workspace, part, parts, parameters.gradients());
  }

  /** In turn: there is nothing to do for most of the table of an embedding. */
  private void norms(int part, int parts) {
    for (int chunk = part; chunk < partialNorms.length; chunk += parts) {
      partialNorms[chunk] = norm(chunk * NORM_CHUNK, PARTIALS * part);
    }
  }

  /** Clips a chunk by value and sums its squares, with partial sums from a place on. */
  private double norm(int chunk, int at) {
    float[] gradients = parameters.gradients();
    int limit = Math.min(chunk + NORM_CHUNK, gradients.length);
    Arrays.fill(partials, at, at + PARTIALS, 0);
    for (int i = nonZero.after(chunk); i < nonZero.count() && nonZero.begin(i) < limit; i++) {
      int from = Math.max(chunk, nonZero.begin(i));
      int to = Math.min(limit, nonZero.end(i));
      spec.clip().clipValues(from, to, gradients);
      kernels.accumulateSquares(to - from, gradients, from, partials, at);
    }
    return kernels.sumOfPartials(partials, at);
  }

  private void update(int part, int parts) {
    network.change(parameters.values(), part, parts, touchedOnly, change);
  }

  private void change(int begin, int end) {
    float[] gradients = parameters.gradients();
    float decay = (float) spec.weightDecay();
    optimizer.update(begin, end, factor, decay, parameters.values(), gradients);
  }

  /** Ends the worker threads. */
  @Override
  public void close() {
    workers.close();
  }
}
