package org.lanewise.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lanewise.cell.Tape;
import org.lanewise.event.CheckpointEvent;
import org.lanewise.event.Events;
import org.lanewise.format.FormatException;
import org.lanewise.format.ModelFile;
import org.lanewise.format.Safetensors;
import org.lanewise.format.Tensor;
import org.lanewise.format.TensorFile;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;

/**
 * Everything that a training run needs to go on with the same bits: the parameters, the optimizer's
 * arrays, the carried states, the position in the data and the sums in the making, in one
 * safetensors file. Written beside the target, synced and renamed.
 *
 * <p>The position is the number of steps: the random numbers of dropout and of the order of the
 * data are computed from the seed and that number, and the seed is among the settings that a caller
 * keeps here.
 */
public final class Checkpoint {
  private static final String STEPS = "run.steps";
  private static final String LOSS_SUM = "run.loss_sum";
  private static final String LOSS_COUNT = "run.loss_count";
  private static final String SECONDS = "run.seconds";
  private static final String SETTING = "setting.";

  private final Path path;
  private final TensorFile file;
  private final NetworkSpec spec;

  private Checkpoint(Path path, TensorFile file, NetworkSpec spec) {
    this.path = path;
    this.file = file;
    this.spec = spec;
  }

  /**
   * Writes the state of a run.
   *
   * @param target where to
   * @param run a run between two steps
   * @param settings what the caller needs to set up the same run again
   * @throws DivergenceException if a parameter is NaN or infinite; nothing is written then
   * @throws IOException if that fails; the target is then as it was
   */
  public static void save(Path target, TrainingRun run, Map<String, String> settings)
      throws IOException {
    CheckpointEvent event = Events.recorded() ? new CheckpointEvent() : null;
    if (event != null) {
      event.begin();
    }
    Trainer trainer = run.trainer();
    trainer.requireFinite();
    Progress progress = progress(run);
    Parameters parameters = trainer.parameters();
    Map<String, String> metadata = new TreeMap<>(ModelFile.architecture(parameters.spec()));
    metadata.put(STEPS, Long.toString(progress.steps));
    metadata.put(LOSS_SUM, Double.toHexString(progress.lossSum));
    metadata.put(LOSS_COUNT, Long.toString(progress.lossCount));
    metadata.put(SECONDS, Double.toHexString(progress.seconds));
    settings.forEach((key, value) -> metadata.put(SETTING + key, value));
    List<Tensor> tensors = new ArrayList<>(ModelFile.tensors(parameters));
    trainer
        .optimizer()
        .arrays()
        .forEach(
            (name, array) ->
                tensors.add(Tensor.of("optimizer." + name, array.clone(), array.length)));
    for (StateArray state : states(run)) {
      tensors.add(Tensor.of(state.name(), state.read(), state.tape().batch, state.size()));
    }
    Safetensors.write(target, metadata, tensors);
    if (event != null) {
      event.file = target.toString();
      event.step = progress.steps;
      event.commit();
    }
  }

  /**
   * Reads a checkpoint.
   *
   * @param path what {@link #save} wrote
   * @return its content, checked when it is used
   * @throws FormatException if it is no checkpoint of this library
   * @throws IOException if it cannot be read
   */
  public static Checkpoint load(Path path) throws IOException {
    TensorFile file = Safetensors.read(path);
    if (!file.metadata().containsKey(STEPS)) {
      throw new FormatException(path.toString(), "not a checkpoint: no " + STEPS);
    }
    return new Checkpoint(path, file, ModelFile.spec(path, file));
  }

  /**
   * The architecture.
   *
   * @return the spec of the network in training
   */
  public NetworkSpec spec() {
    return spec;
  }

  /**
   * The settings that were saved.
   *
   * @return keys and values as the caller gave them
   */
  public Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    file.metadata()
        .forEach(
            (key, value) -> {
              if (key.startsWith(SETTING)) {
                settings.put(key.substring(SETTING.length()), value);
              }
            });
    return settings;
  }

  /**
   * Fills the parameters of an arena.
   *
   * @param parameters an arena of the same architecture
   * @throws FormatException if a parameter is missing, misshapen or not finite
   */
  public void restore(Parameters parameters) throws FormatException {
    ModelFile.fill(path, file, parameters);
  }

  /**
   * Puts a new run where the saved one stood. Nothing is changed when this throws.
   *
   * @param run a run of the same architecture and settings, before its first step
   * @throws FormatException if a tensor or a number is missing or does not fit
   */
  public void restore(TrainingRun run) throws FormatException {
    Trainer trainer = run.trainer();
    long steps = number(STEPS);
    long lossCount = number(LOSS_COUNT);
    double lossSum = real(LOSS_SUM);
    double seconds = real(SECONDS);
    Map<String, float[]> arrays = trainer.optimizer().arrays();
    Map<String, float[]> saved = new TreeMap<>();
    for (Map.Entry<String, float[]> array : arrays.entrySet()) {
      String name = "optimizer." + array.getKey();
      saved.put(array.getKey(), finite(name, array.getValue().length));
    }
    List<StateArray> states = states(run);
    List<float[]> savedStates = new ArrayList<>();
    for (StateArray state : states) {
      savedStates.add(finite(state.name(), state.tape().batch, state.size()));
    }
    restore(trainer.parameters());
    saved.forEach(
        (name, values) -> System.arraycopy(values, 0, arrays.get(name), 0, values.length));
    for (int i = 0; i < states.size(); i++) {
      states.get(i).write(savedStates.get(i));
    }
    progress(run).steps = steps;
    progress(run).lossCount = lossCount;
    progress(run).lossSum = lossSum;
    progress(run).seconds = seconds;
    trainer.resume(steps);
  }

  private static Progress progress(TrainingRun run) {
    return run instanceof TextRun text ? text.progress() : ((SequenceRun) run).progress();
  }

  private float[] finite(String name, int... shape) throws FormatException {
    float[] values = file.require(name, shape).floats();
    ModelFile.requireFinite(path, name, values);
    return values;
  }

  private String text(String key) throws FormatException {
    String value = file.metadata().get(key);
    if (value == null) {
      throw new FormatException(path.toString(), "not a checkpoint: no " + key);
    }
    return value;
  }

  private long number(String key) throws FormatException {
    try {
      long value = Long.parseLong(text(key));
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Falls through to the message below.
    }
    throw new FormatException(
        path.toString(), key + ": found \"" + text(key) + "\", expected a count");
  }

  private double real(String key) throws FormatException {
    try {
      double value = Double.parseDouble(text(key));
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Falls through to the message below.
    }
    throw new FormatException(
        path.toString(), key + ": found \"" + text(key) + "\", expected a finite number");
  }

  /** The states before the next step, layer by layer. */
  private static List<StateArray> states(TrainingRun run) {
    List<StateArray> states = new ArrayList<>();
    if (!run.carriesState()) {
      return states;
    }
    Workspace workspace = run.trainer().workspace();
    for (int layer = 0; layer < workspace.spec().layers(); layer++) {
      Tape tape = workspace.tape(layer);
      int size = workspace.spec().stateSize();
      int units = workspace.spec().hiddenSize();
      states.add(new StateArray("state.h_l" + layer, tape, false, size));
      if (tape.c.length > 0) {
        states.add(new StateArray("state.c_l" + layer, tape, true, units));
      }
    }
    return states;
  }

  /** Slot 0 of a state, with and without the padding of its rows. */
  private record StateArray(String name, Tape tape, boolean ofCell, int size) {
    float[] read() {
      float[] values = new float[tape.batch * size];
      for (int row = 0; row < tape.batch; row++) {
        System.arraycopy(slots(), at(row), values, row * size, size);
      }
      return values;
    }

    void write(float[] values) {
      for (int row = 0; row < tape.batch; row++) {
        System.arraycopy(values, row * size, slots(), at(row), size);
      }
    }

    private float[] slots() {
      return ofCell ? tape.c : tape.h;
    }

    private int at(int row) {
      return ofCell ? tape.cellAt(0, row) : tape.at(0, row);
    }
  }
}
