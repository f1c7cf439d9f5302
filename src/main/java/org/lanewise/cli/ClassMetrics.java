package org.lanewise.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lanewise.data.Example;

/** Accuracy, the confusion table, and precision, recall and F1 of each class. */
final class ClassMetrics implements Metrics {
  private final List<String> classes;
  private final List<Example> examples;
  private final long[][] confusion;

  ClassMetrics(List<String> classes, List<Example> examples) {
    this.classes = classes;
    this.examples = examples;
    this.confusion = new long[classes.size()][classes.size()];
  }

  /** The class with the largest result. */
  static int largest(int classes, float[] y, int offset) {
    int largest = 0;
    for (int i = 1; i < classes; i++) {
      if (y[offset + i] > y[offset + largest]) {
        largest = i;
      }
    }
    return largest;
  }

  @Override
  public void visit(int example, int step, float[] y, int offset) {
    int truth = examples.get(example).classes()[step];
    if (truth >= 0) {
      confusion[truth][largest(classes.size(), y, offset)]++;
    }
  }

  @Override
  public Map<String, Double> values() {
    long right = 0;
    long all = 0;
    double f1 = 0;
    int seen = 0;
    for (int c = 0; c < confusion.length; c++) {
      right += confusion[c][c];
      all += truths(c);
      if (truths(c) > 0) {
        f1 += f1(c);
        seen++;
      }
    }
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("accuracy", (double) right / all);
    values.put("macro_f1", f1 / seen);
    return values;
  }

  private long truths(int c) {
    long sum = 0;
    for (long count : confusion[c]) {
      sum += count;
    }
    return sum;
  }

  private long answers(int c) {
    long sum = 0;
    for (long[] row : confusion) {
      sum += row[c];
    }
    return sum;
  }

  private double precision(int c) {
    return answers(c) == 0 ? 0 : (double) confusion[c][c] / answers(c);
  }

  private double recall(int c) {
    return truths(c) == 0 ? 0 : (double) confusion[c][c] / truths(c);
  }

  private double f1(int c) {
    double sum = precision(c) + recall(c);
    return sum == 0 ? 0 : 2 * precision(c) * recall(c) / sum;
  }

  @Override
  public void report(PrintWriter out) {
    out.println("rows: truth, columns: prediction");
    out.printf("%-10s", "");
    classes.forEach(name -> out.printf("%8s", shortened(name)));
    out.printf("%10s%10s%10s%n", "precision", "recall", "F1");
    for (int c = 0; c < confusion.length; c++) {
      out.printf("%-10s", shortened(classes.get(c)));
      for (long count : confusion[c]) {
        out.printf("%8d", count);
      }
      out.printf(Locale.ROOT, "%10.4f%10.4f%10.4f%n", precision(c), recall(c), f1(c));
    }
  }

  private static String shortened(String name) {
    return name.length() <= 7 ? name : name.substring(0, 7);
  }
}
