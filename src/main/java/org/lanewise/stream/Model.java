package org.lanewise.stream;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.lanewise.event.Events;
import org.lanewise.event.ModelLoadEvent;
import org.lanewise.event.WarmUpEvent;
import org.lanewise.format.LoadOptions;
import org.lanewise.format.ModelFile;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Direction;
import org.lanewise.network.Input;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.network.Precision;
import org.lanewise.network.Workers;

/**
 * A trained network, packed for inference. Immutable: one model serves any number of threads, each
 * with sessions of its own.
 *
 * <pre>{@code
 * Model model = Model.load(Path.of("model.safetensors"));
 * Session session = model.session();
 * float[] output = new float[model.outputSize()];
 * for (float[] input : stream) {
 *   session.step(input, output);
 * }
 * }</pre>
 */
public final class Model {
  private final Network network;
  private final Map<String, String> metadata;

  private Model(
      Kernels kernels, Parameters parameters, Precision precision, Map<String, String> metadata) {
    this.network = new Network(kernels, parameters, false);
    this.network.pack(parameters.values());
    this.network.freeze(precision);
    this.metadata = Map.copyOf(metadata);
  }

  /**
   * Loads a model file: safetensors of this library, a state dict of PyTorch as safetensors whose
   * architecture follows from names and shapes, or a model of ONNX or Keras that is a network of
   * this library.
   *
   * @param path the file; the ending of its name tells the format, see {@link ModelFormat}
   * @return the model
   * @throws IOException if the file cannot be read; {@link org.lanewise.format.FormatException} if
   *     it is not such a file
   * @throws IllegalStateException if the jar or the library that the format needs is not there
   */
  public static Model load(Path path) throws IOException {
    return load(path, LoadOptions.NONE);
  }

  /**
   * Loads a model file that leaves something open, such as the state dict of a plain RNN.
   *
   * @param path the file
   * @param options what it does not say
   * @return the model
   * @throws IOException if the file cannot be read; {@link org.lanewise.format.FormatException} if
   *     it is not such a file, or the options do not fit it
   * @throws IllegalStateException if the jar or the library that the format needs is not there
   */
  public static Model load(Path path, LoadOptions options) throws IOException {
    return load(path, options, Precision.FLOAT32);
  }

  /**
   * Loads a model file and rounds its weights.
   *
   * @param path the file
   * @param options what it does not say
   * @param precision bits that the weights of the recurrent layers keep
   * @return the model
   * @throws IOException if the file cannot be read; {@link org.lanewise.format.FormatException} if
   *     it is not such a file, or the options do not fit it
   * @throws IllegalStateException if the jar or the library that the format needs is not there
   */
  public static Model load(Path path, LoadOptions options, Precision precision) throws IOException {
    ModelLoadEvent event = Events.recorded() ? new ModelLoadEvent() : null;
    if (event != null) {
      event.begin();
    }
    ModelFile file = ModelFormat.of(path).read(path, options);
    Model model = of(file, precision);
    if (event != null) {
      event.file = path.toString();
      event.parameters = file.parameters().size();
      event.commit();
    }
    return model;
  }

  /**
   * A model of a file that has been read; later changes of its arena do not reach it.
   *
   * @param file parameters and metadata
   * @return the model
   */
  public static Model of(ModelFile file) {
    return of(file, Precision.FLOAT32);
  }

  /**
   * A model of a file that has been read, with its weights rounded; the arena keeps its own.
   *
   * @param file parameters and metadata
   * @param precision bits that the weights of the recurrent layers keep
   * @return the model
   */
  public static Model of(ModelFile file, Precision precision) {
    return new Model(KernelProvider.kernels(), file.parameters(), precision, file.metadata());
  }

  /**
   * A model of parameters as they are now; later changes of the arena do not reach it.
   *
   * @param parameters the arena
   * @return the model
   */
  public static Model of(Parameters parameters) {
    return of(parameters, Precision.FLOAT32);
  }

  /**
   * A model of parameters as they are now, with its weights rounded; the arena keeps its own.
   *
   * @param parameters the arena
   * @param precision bits that the weights of the recurrent layers keep
   * @return the model
   */
  public static Model of(Parameters parameters, Precision precision) {
    return of(KernelProvider.kernels(), parameters, precision);
  }

  /**
   * A model with chosen kernels.
   *
   * @param kernels arithmetic
   * @param parameters the arena
   * @return the model
   */
  public static Model of(Kernels kernels, Parameters parameters) {
    return of(kernels, parameters, Precision.FLOAT32);
  }

  /**
   * A model with chosen kernels, its weights rounded.
   *
   * @param kernels arithmetic
   * @param parameters the arena
   * @param precision bits that the weights of the recurrent layers keep
   * @return the model
   */
  public static Model of(Kernels kernels, Parameters parameters, Precision precision) {
    return new Model(kernels, parameters, precision, Map.of());
  }

  /**
   * The architecture.
   *
   * @return the spec
   */
  public NetworkSpec spec() {
    return network.spec();
  }

  /**
   * The length of an input vector.
   *
   * @return values per step; for a token input, the size of what the first layer sees
   */
  public int inputSize() {
    return spec().input().size();
  }

  /**
   * The length of an output vector.
   *
   * @return values per step
   */
  public int outputSize() {
    return spec().resultSize();
  }

  /**
   * What the model file said beside the architecture, such as a vocabulary.
   *
   * @return an unmodifiable map
   */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * A new session, its state where sequences begin: the trained state, or zero.
   *
   * @return the state of one stream
   * @throws IllegalStateException if the network cannot run step by step: it has several inputs, is
   *     bidirectional, or gives one result per sequence
   */
  public Session session() {
    checkSteps();
    return new Session(network, null);
  }

  /**
   * A new session that shares its steps with other threads where layers are large: the hidden half
   * has a million weights or more, which is an LSTM of 512 units. The results have the same bits.
   * Sequences run on the calling thread alone. Between the steps the threads spin for about a
   * millisecond and then park, so they need cores of their own: where others keep the cores busy, a
   * shared step is slower than one alone.
   *
   * @param workers the threads, which the caller closes after the last step; sessions that share
   *     them are used by one thread
   * @return the state of one stream, whose steps throw an {@link IllegalStateException} when the
   *     threads are closed or in use by another caller
   * @throws IllegalStateException as for {@link #session()}
   */
  public Session session(Workers workers) {
    checkSteps();
    return new Session(network, Objects.requireNonNull(workers, "workers"));
  }

  /**
   * Room for many streams that are stepped together, none of them open.
   *
   * @param capacity the most streams that are open at a time
   * @return their states, which belong to one thread at a time
   * @throws IllegalArgumentException if the capacity is less than 1, or more than an array can hold
   * @throws IllegalStateException if the network cannot run step by step, as for {@link #session}
   */
  public Streams streams(int capacity) {
    checkSteps();
    return new Streams(network, capacity);
  }

  /** Whether the network can run step by step. */
  boolean hasSteps() {
    return !(spec().input() instanceof Input.Joined)
        && spec().direction() == Direction.FORWARD
        && spec().head().everyStep();
  }

  private void checkSteps() {
    if (!hasSteps()) {
      boolean joined = spec().input() instanceof Input.Joined;
      throw new IllegalStateException(
          "no steps: found "
              + (joined ? "a joined input, " : "")
              + "direction "
              + spec().direction().text()
              + " and head "
              + spec().head().text()
              + ", expected forward and steps; run whole sequences with batch()");
    }
  }

  /**
   * Room to run whole sequences side by side, in any direction and with any head.
   *
   * @param timeSteps steps of the longest sequence
   * @param batch sequences side by side
   * @return buffers that belong to one thread at a time
   */
  public Batch batch(int timeSteps, int batch) {
    return new Batch(network, timeSteps, batch);
  }

  /**
   * Runs the model until all of its code is compiled, so that the first real step is as fast as the
   * millionth: steps, sequences and streams, or where the network has no steps, batches. It takes
   * from half a second to a few seconds, the more the fewer cores are free, and about 10 seconds at
   * most; interrupting the thread ends it early. No session, stream or batch of anyone is touched;
   * what it allocates is garbage afterwards.
   *
   * @return how long it took
   */
  public Duration warmUp() {
    WarmUpEvent event = Events.recorded() ? new WarmUpEvent() : null;
    if (event != null) {
      event.begin();
    }
    Duration duration = new WarmUp(this).run();
    if (event != null) {
      event.model = StateBytes.architecture(spec());
      event.commit();
    }
    return duration;
  }
}
