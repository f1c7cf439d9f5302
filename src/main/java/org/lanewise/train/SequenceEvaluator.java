package org.lanewise.train;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.lanewise.data.Example;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Network;
import org.lanewise.network.Parameters;
import org.lanewise.network.Timeline;
import org.lanewise.network.Workspace;

/** Runs a network over examples: its results one by one, and the mean loss. */
public final class SequenceEvaluator {
  private final Network network;
  private final Workspace workspace;
  private final Bptt bptt;
  private final SequenceFiller filler;
  private final Loss loss;

  /** Receives results. */
  public interface Visitor {
    /**
     * One result.
     *
     * @param example index of the example
     * @param step its step; 0 when the head gives one result per sequence
     * @param y holds the result
     * @param offset start of the result in y
     */
    void visit(int example, int step, float[] y, int offset);
  }

  /**
   * An evaluator.
   *
   * @param kernels arithmetic
   * @param network the network, packed by the caller
   * @param parameters its arena
   * @param timeSteps steps of the longest example
   * @param batch examples side by side
   * @param loss how results are judged
   */
  public SequenceEvaluator(
      Kernels kernels,
      Network network,
      Parameters parameters,
      int timeSteps,
      int batch,
      Loss loss) {
    this.network = network;
    this.loss = loss;
    this.workspace = new Workspace(network, timeSteps, batch, false);
    this.bptt = new Bptt(kernels, network, parameters, workspace, loss);
    this.filler = new SequenceFiller(workspace, bptt.targets());
  }

  /**
   * Runs over examples.
   *
   * @param examples the examples
   * @param visitor receives every result, in no particular order of the examples
   * @return weighted mean loss; NaN when no example has a target
   * @throws IllegalArgumentException if an example does not fit the network
   */
  public double evaluate(List<Example> examples, Visitor visitor) {
    SequenceFiller.check(network.spec(), loss, workspace.timeSteps, examples);
    int[] order =
        IntStream.range(0, examples.size())
            .boxed()
            .sorted(Comparator.comparingInt(e -> -examples.get(e).length()))
            .mapToInt(Integer::intValue)
            .toArray();
    double sum = 0;
    double weight = 0;
    for (int begin = 0; begin < order.length; begin += workspace.batch) {
      int end = Math.min(begin + workspace.batch, order.length);
      filler.fill(examples, order, begin, end);
      network.beginState(workspace);
      network.forward(workspace, 0, workspace.batch);
      visit(order, begin, end, visitor);
      weight += bptt.weight();
      bptt.loss(1, 0, workspace.batch);
      sum += bptt.lossSum();
    }
    return sum / weight;
  }

  private void visit(int[] order, int begin, int end, Visitor visitor) {
    Timeline timeline = workspace.timeline();
    boolean everyStep = workspace.spec().head().everyStep();
    for (int row = 0; row < end - begin; row++) {
      for (int time = 0; time < (everyStep ? timeline.length(row) : 1); time++) {
        visitor.visit(order[begin + row], time, workspace.y, workspace.yAt(time, row));
      }
    }
  }
}
