package org.lanewise.train;

import java.util.ArrayList;
import java.util.Arrays;
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
   * Checks examples before the first of them is used.
   *
   * @param spec the architecture that reads them
   * @param loss how results are judged
   * @param timeSteps room for steps
   * @param examples the examples
   * @throws IllegalArgumentException naming the first example that does not fit
   */
  static void check(NetworkSpec spec, Loss loss, int timeSteps, List<Example> examples) {
    List<Input> readers = new ArrayList<>();
    int features = 0;
    for (Input.Part part : spec.input().parts()) {
      if (part.input().isToken()) {
        readers.add(part.input());
      } else {
        features += part.input().size();
      }
    }
    for (int i = 0; i < examples.size(); i++) {
      Example example = examples.get(i);
      String name = "example " + i + ": ";
      int length = example.length();
      if (length > timeSteps) {
        throw new IllegalArgumentException(
            name + "length: found " + length + ", expected at most " + timeSteps);
      }
      expect(name + "token inputs", readers.size(), example.tokens().length);
      for (int input = 0; input < readers.size(); input++) {
        int[] tokens = example.tokens()[input];
        expect(name + "tokens", length, tokens.length);
        checkRange(name + "token", 0, readers.get(input).tokens(), tokens);
      }
      expect(name + "features", Math.multiplyExact(length, features), example.features().length);
      int rows = spec.head().everyStep() ? length : 1;
      if (loss.readsClasses() && example.classes().length > 0) {
        expect(name + "classes", rows, example.classes().length);
        checkRange(name + "class", Integer.MIN_VALUE, spec.outputSize(), example.classes());
      }
      if (!loss.readsClasses() && example.values().length > 0) {
        int values = Math.multiplyExact(rows, spec.outputSize());
        expect(name + "values", values, example.values().length);
      }
    }
  }

  private static void expect(String name, int expected, int found) {
    if (found != expected) {
      throw new IllegalArgumentException(name + ": found " + found + ", expected " + expected);
    }
  }

  private static void checkRange(String name, int least, int bound, int[] ids) {
    for (int step = 0; step < ids.length; step++) {
      if (ids[step] < least || ids[step] >= bound) {
        throw new IllegalArgumentException(
            name
                + " at step "
                + step
                + ": found "
                + ids[step]
                + ", expected below "
                + bound
                + (least == 0 ? ", 0 or above" : ""));
      }
    }
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
        ignore(row);
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
            workspace.xAt(time, row) + featureColumn,
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
      ignore(row);
    } else {
      int columns = targets.columns;
      System.arraycopy(example.values(), at * columns, targets.values, row * columns, columns);
    }
  }

  private void ignore(int row) {
    if (targets.classes.length > 0) {
      targets.classes[row] = -1;
    } else {
      int at = row * targets.columns;
      Arrays.fill(targets.values, at, at + targets.columns, Float.NaN);
    }
  }
}
