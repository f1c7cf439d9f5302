package org.lanewise.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lanewise.data.SeriesWindows;

/**
 * Errors of forecasts: on the standardised scale over all values, and in the units of each target.
 */
final class ValueMetrics implements Metrics {
  private final SeriesWindows windows;
  private final int[] rows;
  private final List<String> targets;
  private final float[] output;
  private final double[] squares;
  private final double[] absolutes;
  private double scaledSquares;
  private double scaledAbsolutes;
  private long scaledCount;
  private long count;

  ValueMetrics(SeriesWindows windows, int[] rows, List<String> targets) {
    this.windows = windows;
    this.rows = rows;
    this.targets = targets;
    this.output = new float[windows.outputSize()];
    this.squares = new double[targets.size()];
    this.absolutes = new double[targets.size()];
  }

  @Override
  public void visit(int example, int step, float[] y, int offset) {
    System.arraycopy(y, offset, output, 0, output.length);
    float[] truth = windows.example(rows[example]).values();
    double[] predicted = windows.restore(rows[example], output);
    double[] actual = windows.restore(rows[example], truth);
    for (int i = 0; i < output.length; i++) {
      double scaled = output[i] - truth[i];
      if (Double.isNaN(scaled)) {
        continue;
      }
      scaledSquares += scaled * scaled;
      scaledAbsolutes += Math.abs(scaled);
      scaledCount++;
      double error = predicted[i] - actual[i];
      squares[i % targets.size()] += error * error;
      absolutes[i % targets.size()] += Math.abs(error);
    }
    count++;
  }

  private double rmse(int target) {
    return Math.sqrt(squares[target] * targets.size() / scaledCount);
  }

  private double mae(int target) {
    return absolutes[target] * targets.size() / scaledCount;
  }

  @Override
  public Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("mse", scaledSquares / scaledCount);
    values.put("mae", scaledAbsolutes / scaledCount);
    if (targets.size() == 1) {
      values.put("rmse", rmse(0));
    }
    return values;
  }

  @Override
  public void report(PrintWriter out) {
    out.printf("%,d forecasts; errors in the units of the series%n", count);
    for (int target = 0; target < targets.size(); target++) {
      out.printf(
          Locale.ROOT,
          "  %-16s RMSE %12.4f  MAE %12.4f%n",
          targets.get(target),
          rmse(target),
          mae(target));
    }
  }
}
