package org.lanewise.properties;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.lanewise.cell.CellKind;
import org.lanewise.data.Example;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.train.ValueLoss;

/**
 * Draws arbitrary networks, sequences and losses from a seed. The same seed and limits give the
 * same of all; no testing library is needed.
 *
 * <pre>{@code
 * NetworkSample sample = new NetworkGenerator(seed, NetworkLimits.ANY).sample();
 * Model model = Model.of(sample.parameters());
 * }</pre>
 *
 * <p>Mutable: every call draws further numbers. Belongs to one thread.
 */
public final class NetworkGenerator {
  private static final int MOST_TOKENS = 7;

  private final SplittableRandom random;
  private final NetworkLimits limits;
  private final long seed;

  /**
   * A generator.
   *
   * @param seed any number
   * @param limits how large networks may be
   */
  public NetworkGenerator(long seed, NetworkLimits limits) {
    this.random = new SplittableRandom(seed);
    this.limits = limits;
    this.seed = seed;
  }

  /**
   * An architecture, a loss that fits it, and a batch of sequences, the longest first.
   *
   * @return the sample
   */
  public NetworkSample sample() {
    NetworkSpec spec = spec();
    SampleLoss loss = loss(spec);
    List<Example> examples = new ArrayList<>();
    for (int length : lengths()) {
      examples.add(example(spec, loss, length, examples.isEmpty()));
    }
    return new NetworkSample(spec, loss, examples, seed);
  }

  /**
   * An architecture without dropout, with a linear output.
   *
   * @return the architecture
   */
  public NetworkSpec spec() {
    return new NetworkSpec(
        input(),
        cell(),
        hiddenSize(),
        0,
        upTo(limits.layers()),
        choose(List.of(Direction.values())),
        choose(kinked(Head.values(), Head.MAX)),
        0,
        random.nextBoolean(),
        upTo(limits.outputSize()));
  }

  /** Any cell of the reference network, which has no peepholes. */
  private CellKind cell() {
    List<CellKind> cells = kinked(CellKind.values(), CellKind.RNN_RELU);
    cells.remove(CellKind.LSTM_PEEPHOLE);
    return choose(cells);
  }

  /** Any size, or one that fills the lanes or misses that by one. */
  private int hiddenSize() {
    int edge = 15 + random.nextInt(3);
    return limits.hiddenSize() >= edge && random.nextInt(4) == 0 ? edge : upTo(limits.hiddenSize());
  }

  private <T> List<T> kinked(T[] all, T kink) {
    List<T> list = new ArrayList<>(List.of(all));
    if (!limits.kinks()) {
      list.remove(kink);
    }
    return list;
  }

  /**
   * What a network reads: vectors, tokens, or several named inputs, of which at most one is a
   * vector.
   *
   * @return the input
   */
  public Input input() {
    int kind = random.nextInt(5);
    if (kind == 0) {
      return new Input.Features(upTo(limits.inputSize()));
    }
    if (kind == 1) {
      return new Input.OneHot(upTo(limits.inputSize()));
    }
    if (kind == 2) {
      return embedding();
    }
    List<Input.Part> parts = new ArrayList<>();
    int count = upTo(3);
    int vector = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      Input part = i == vector ? new Input.Features(upTo(limits.inputSize())) : embedding();
      parts.add(new Input.Part("part" + i, part));
    }
    return new Input.Joined(parts);
  }

  private Input embedding() {
    return new Input.Embedding(upTo(MOST_TOKENS), upTo(limits.inputSize()));
  }

  /**
   * A loss.
   *
   * @param spec the architecture that it judges
   * @return cross-entropy with or without class weights and smoothing, or a loss of values
   */
  public SampleLoss loss(NetworkSpec spec) {
    if (random.nextBoolean()) {
      ValueLoss values = choose(kinked(ValueLoss.values(), ValueLoss.ABSOLUTE));
      return new SampleLoss(values, new float[0], 0);
    }
    float[] weights = new float[random.nextBoolean() ? spec.outputSize() : 0];
    for (int k = 0; k < weights.length; k++) {
      weights[k] = (float) (0.25 + random.nextDouble());
    }
    return new SampleLoss(null, weights, random.nextBoolean() ? random.nextDouble() / 2 : 0);
  }

  /**
   * Lengths of a batch.
   *
   * @return one per sequence, the longest first; in a third of all cases all the same
   */
  public int[] lengths() {
    int[] lengths = new int[upTo(limits.batch())];
    int most = upTo(limits.timeSteps());
    boolean even = random.nextInt(3) == 0;
    List<Integer> drawn = new ArrayList<>();
    for (int row = 0; row < lengths.length; row++) {
      drawn.add(even ? most : upTo(most));
    }
    drawn.sort(Comparator.reverseOrder());
    for (int row = 0; row < lengths.length; row++) {
      lengths[row] = drawn.get(row);
    }
    return lengths;
  }

  /**
   * A sequence with targets, some of them to be ignored.
   *
   * @param spec the architecture that reads it
   * @param loss what the targets are for
   * @param length its steps
   * @param counts whether the first target must not be one to be ignored
   * @return the sequence
   */
  public Example example(NetworkSpec spec, SampleLoss loss, int length, boolean counts) {
    List<int[]> tokens = new ArrayList<>();
    int values = 0;
    for (Input.Part part : spec.input().parts()) {
      if (part.input().isToken()) {
        tokens.add(random.ints(length, 0, part.input().tokens()).toArray());
      } else {
        values += part.input().size();
      }
    }
    float[] features = new float[length * values];
    for (int i = 0; i < features.length; i++) {
      features[i] = (float) (4 * random.nextDouble() - 2);
    }
    int rows = spec.head().everyStep() ? length : 1;
    int[] classes = new int[loss.readsClasses() ? rows : 0];
    for (int i = 0; i < classes.length; i++) {
      boolean ignored = random.nextInt(4) == 0 && !(counts && i == 0);
      classes[i] = ignored ? -1 : random.nextInt(spec.outputSize());
    }
    float[] targets = new float[loss.readsClasses() ? 0 : rows * spec.outputSize()];
    for (int i = 0; i < targets.length; i++) {
      boolean ignored = random.nextInt(4) == 0 && !(counts && i == 0);
      targets[i] = ignored ? Float.NaN : target(loss);
    }
    return new Example(length, tokens.toArray(new int[0][]), features, classes, targets);
  }

  private float target(SampleLoss loss) {
    return loss.values() == ValueLoss.BINARY
        ? random.nextInt(5) / 4f
        : (float) (6 * random.nextDouble() - 3);
  }

  private int upTo(int most) {
    return 1 + random.nextInt(most);
  }

  private <T> T choose(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
