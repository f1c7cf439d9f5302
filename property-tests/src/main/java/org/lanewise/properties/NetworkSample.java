package org.lanewise.properties;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.lanewise.data.Example;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameter;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;
import org.lanewise.train.Targets;

/**
 * A network with a batch of sequences and a loss, for the library and for the reference.
 *
 * @param spec the architecture
 * @param loss what is made small
 * @param examples the sequences, the longest first
 * @param seed of the weights
 */
public record NetworkSample(NetworkSpec spec, SampleLoss loss, List<Example> examples, long seed) {

  /** Keeps a copy of the list. */
  public NetworkSample {
    examples = List.copyOf(examples);
  }

  /**
   * The same network with other sequences.
   *
   * @param others the sequences, the longest first
   * @return a new sample
   */
  public NetworkSample with(List<Example> others) {
    return new NetworkSample(spec, loss, others, seed);
  }

  /**
   * The sample with another share of dropout.
   *
   * @param dropout the share
   * @return a new sample
   */
  public NetworkSample withDropout(double dropout) {
    NetworkSpec dropped =
        new NetworkSpec(
            spec.input(),
            spec.cell(),
            spec.hiddenSize(),
            spec.projectionSize(),
            spec.layers(),
            spec.direction(),
            spec.head(),
            dropout,
            spec.trainedState(),
            spec.outputSize());
    return new NetworkSample(dropped, loss, examples, seed);
  }

  /**
   * The weights: uniform, and large enough that nothing vanishes.
   *
   * @return a new arena, with the same numbers at every call
   */
  public Parameters parameters() {
    Parameters parameters = new Parameters(spec);
    SplittableRandom random = new SplittableRandom(seed);
    double bound = Math.max(0.3, 1 / Math.sqrt(spec.hiddenSize()));
    for (int i = 0; i < parameters.size(); i++) {
      parameters.values()[i] = (float) (bound * (2 * random.nextDouble() - 1));
    }
    return parameters;
  }

  /**
   * Steps of the sequences.
   *
   * @return one length per sequence, the longest first
   */
  public int[] lengths() {
    return examples.stream().mapToInt(Example::length).toArray();
  }

  /**
   * Steps of the longest sequence.
   *
   * @return the room that a workspace needs
   */
  public int timeSteps() {
    return examples.get(0).length();
  }

  /**
   * Sequences side by side.
   *
   * @return their number
   */
  public int batch() {
    return examples.size();
  }

  /**
   * Copies the sequences and their lengths into the buffers of the library.
   *
   * @param workspace buffers for as many sequences
   */
  public void fill(Workspace workspace) {
    workspace.timeline().set(lengths());
    for (int row = 0; row < batch(); row++) {
      Example example = examples.get(row);
      for (int time = 0; time < example.length(); time++) {
        int at = time * workspace.batch + row;
        for (int input = 0; input < example.tokens().length; input++) {
          workspace.tokens(input)[at] = example.tokens()[input][time];
        }
        fillVector(example, time, workspace.x, workspace.xAt(time, row));
      }
    }
  }

  private void fillVector(Example example, int time, float[] x, int at) {
    int column = 0;
    int read = 0;
    for (Input.Part part : spec.input().parts()) {
      int size = part.input().size();
      if (part.input() instanceof Input.Features) {
        System.arraycopy(example.features(), time * values() + read, x, at + column, size);
        read += size;
      }
      column += size;
    }
  }

  /** Values of a step that are read as they are. */
  private int values() {
    return spec.input().parts().stream()
        .filter(part -> part.input() instanceof Input.Features)
        .mapToInt(part -> part.input().size())
        .sum();
  }

  /**
   * Copies the targets.
   *
   * @param targets those of as many sequences
   */
  public void fill(Targets targets) {
    Arrays.fill(targets.classes, -1);
    Arrays.fill(targets.values, Float.NaN);
    int columns = spec.outputSize();
    for (int row = 0; row < batch(); row++) {
      Example example = examples.get(row);
      for (int time = 0; time < results(example); time++) {
        int at = time * batch() + row;
        if (loss.readsClasses()) {
          targets.classes[at] = example.classes()[time];
        } else {
          System.arraycopy(example.values(), time * columns, targets.values, at * columns, columns);
        }
      }
    }
  }

  private int results(Example example) {
    return spec.head().everyStep() ? example.length() : 1;
  }

  /**
   * The sequences for the reference.
   *
   * @return new arrays
   */
  public ReferenceInput referenceInput() {
    int readers = examples.get(0).tokens().length;
    int[][][] ids = new int[readers][timeSteps()][batch()];
    double[][][] vectors = new double[timeSteps()][batch()][values()];
    for (int row = 0; row < batch(); row++) {
      Example example = examples.get(row);
      for (int time = 0; time < example.length(); time++) {
        for (int input = 0; input < readers; input++) {
          ids[input][time][row] = example.tokens()[input][time];
        }
        for (int k = 0; k < values(); k++) {
          vectors[time][row][k] = example.features()[time * values() + k];
        }
      }
    }
    return new ReferenceInput(ids, vectors, lengths());
  }

  /**
   * The loss of a run of the reference.
   *
   * @param run over {@link #referenceInput}
   * @return the loss and its gradients
   */
  public ReferenceLoss referenceLoss(ReferenceNetwork.Run run) {
    int steps = spec.head().everyStep() ? timeSteps() : 1;
    int columns = spec.outputSize();
    int[][] classes = new int[steps][batch()];
    double[][][] values = new double[steps][batch()][columns];
    for (int time = 0; time < steps; time++) {
      for (int row = 0; row < batch(); row++) {
        Example example = examples.get(row);
        boolean ends = time >= results(example);
        classes[time][row] = ends || !loss.readsClasses() ? -1 : example.classes()[time];
        for (int k = 0; k < columns; k++) {
          values[time][row][k] =
              ends || loss.readsClasses() ? Double.NaN : example.values()[time * columns + k];
        }
      }
    }
    return loss.reference(run, classes, values);
  }

  /**
   * The reference with given weights.
   *
   * @param values by name, as {@link #inDouble} gives them; kept, not copied
   * @return the network
   */
  public ReferenceNetwork reference(Map<String, double[]> values) {
    return new ReferenceNetwork(ReferenceShape.of(spec), values);
  }

  /**
   * Parameters or gradients by name.
   *
   * @param parameters their names and places
   * @param arena the values
   * @return new arrays, in the order of the arena
   */
  public static Map<String, double[]> inDouble(Parameters parameters, float[] arena) {
    Map<String, double[]> map = new LinkedHashMap<>();
    for (Parameter p : parameters.slices()) {
      double[] values = new double[p.size()];
      Arrays.setAll(values, i -> arena[p.offset() + i]);
      map.put(p.name(), values);
    }
    return map;
  }

  @Override
  public String toString() {
    return "seed " + seed + ": " + spec + ", lengths " + Arrays.toString(lengths()) + ", " + loss;
  }
}
