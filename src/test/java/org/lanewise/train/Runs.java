package org.lanewise.train;

import org.lanewise.Fixtures;
import org.lanewise.cell.CellKind;
import org.lanewise.data.TextBatches;
import org.lanewise.data.Vocabulary;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;

/** Small training runs on a text of words. */
final class Runs {
  static final int BATCH = 5;
  static final int WINDOW = 7;

  private Runs() {}

  /** How to train: a decaying rate, both kinds of clipping and weight decay. */
  static TrainSpec spec(String optimizer, double rate, int threads) {
    return new TrainSpec(
        BATCH,
        WINDOW,
        Optimizer.parse(optimizer),
        new Schedule.EpochDecay(rate, 0.7, 1),
        new Clip(0.1, 0.2),
        1e-4,
        threads);
  }

  /** A run with the weights of seed 1; an embedding of size 0 is one-hot. */
  static TextRun run(TrainSpec spec, int embedding, int layers) {
    return run(spec, embedding, layers, CellKind.LSTM, 0);
  }

  /** The same of another cell; with a projection unless its size is 0. */
  static TextRun run(TrainSpec spec, int embedding, int layers, CellKind cell, int projectionSize) {
    String text = Fixtures.text(420, 3);
    Vocabulary vocabulary = Vocabulary.of(text);
    int tokens = vocabulary.size();
    Input input =
        embedding == 0 ? new Input.OneHot(tokens) : new Input.Embedding(tokens, embedding);
    Parameters parameters =
        new Parameters(
            new NetworkSpec(
                input,
                cell,
                10,
                projectionSize,
                layers,
                Direction.FORWARD,
                Head.STEPS,
                0,
                false,
                tokens));
    new Initializer.Torch().fill(parameters, 1);
    int[] ids = vocabulary.encode(text);
    TextBatches training = new TextBatches(ids, 0, 330, spec.batch(), spec.window());
    TextBatches validation = new TextBatches(ids, 330, 420, spec.batch(), spec.window());
    return new TextRun(parameters, spec, training, validation);
  }
}
