package org.lanewise.train;

import java.util.List;
import org.lanewise.data.Example;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Workspace;

/**
 * Copies examples into the buffers of a batch. Rows that stay empty get one step that counts
 * nothing.
 */
final class SequenceFiller {
  private final NetworkSpec spec;
  private final Workspace workspace;
  private final Targets targets;
  private final int[] lengths;
  private final int features;
  private final int featureColumn;

  SequenceFiller(Workspace workspace, Targets targets) {
    this.spec = workspace.spec();
    this.workspace = workspace;
    this.targets = targets;
    this.lengths = new int[workspace.batch];
    int size = 0;
    int column = 0;
    int at = 0;
    for (Input.Part part : spec.input().parts()) {
      if (part.input() instanceof Input.Features) {
        if (size > 0) {
          throw new IllegalArgumentException("examples hold one vector per step, found several");
        }
        size = part.input().size();
        column = at;
      }
      at += part.input().size();
    }
    this.features = size;
    this.featureColumn = column;
  }

  /**
   * Fills the batch.
   *
   * @param examples all examples
   * @param order indices of examples
   * @param begin first index used
   * @param end one past the last, the longest example first
   */
  void fill(List<Example> examples, int[] order, int begin, int end) {
    for (int row = 0; row < workspace.batch; row++) {
      boolean present = begin + row < end;
      if (present) {
        fill(row, examples.get(order[begin + row]));
      } else {
        lengths[row] = 1;
        ignore(row, 1);
      }
    }
    workspace.timeline().set(lengths);
  }

  private void fill(int row, Example example) {
    lengths[row] = example.length();
    for (int time = 0; time < example.length(); time++) {
      int r = time * workspace.batch + row;
      for (int input = 0; input < example.tokens().length; input++) {
        workspace.tokens(input)[r] = example.tokens()[input][time];
      }
      if (features > 0) {
        System.arraycopy(
            example.features(),
            time * features,
            workspace.x,
            r * workspace.xStride + featureColumn,
            features);
      }
      if (spec.head().everyStep()) {
        target(r, example, time);
      }
    }
    if (!spec.head().everyStep()) {
      target(row, example, 0);
    }
  }

  private void target(int row, Example example, int at) {
    if (targets.classes.length > 0) {
      targets.classes[row] = example.classes().length == 0 ? -1 : example.classes()[at];
    } else if (example.values().length == 0) {
      ignore(row, 1);
    } else {
      int columns = targets.columns;
      System.arraycopy(example.values(), at * columns, targets.values, row * columns, columns);
    }
  }

  private void ignore(int row, int rows) {
    for (int r = row; r < row + rows; r++) {
      if (targets.classes.length > 0) {
        targets.classes[r] = -1;
      } else {
        java.util.Arrays.fill(
            targets.values, r * targets.columns, (r + 1) * targets.columns, Float.NaN);
      }
    }
  }
}
