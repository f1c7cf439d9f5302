package org.lanewise.tutorial;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lanewise.cell.CellKind;
import org.lanewise.data.Base;
import org.lanewise.data.CsvTable;
import org.lanewise.data.Missing;
import org.lanewise.data.Series;
import org.lanewise.data.SeriesWindows;
import org.lanewise.data.WindowSpec;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Direction;
import org.lanewise.network.Head;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.train.Adam;
import org.lanewise.train.Clip;
import org.lanewise.train.Schedule;
import org.lanewise.train.SequenceRun;
import org.lanewise.train.TrainSpec;
import org.lanewise.train.ValueLoss;

/** Second part of the tutorial: a forecast of the next row of a table. */
public final class TrainOnCsv {
  private TrainOnCsv() {}

  /**
   * Trains on the first three quarters of a table and tells the error on the rest.
   *
   * @param args the table, a column of it, and the model to write
   * @throws IOException if a file cannot be read or written
   */
  // @start region=train
  public static void main(String[] args) throws IOException {
    // The data: 12 rows of the column, to predict the row after them. The network's output is added
    // to the last row, and all numbers are scaled by the mean and deviation of the training rows.
    List<String> column = List.of(args[1]);
    Series series =
        CsvTable.read(Path.of(args[0]), ',').select(column, Map.of(), Missing.parse("error"));
    int end = series.rows() * 3 / 4;
    WindowSpec shape = new WindowSpec(column, column, 12, 1, false, Base.parse("last"));
    SeriesWindows windows = new SeriesWindows(series, shape, series.scaling(0, end));
    int[] held = windows.rows(end, series.rows());

    // The network: an LSTM of 32 units over the 12 rows, and a linear layer on its last output.
    NetworkSpec network =
        new NetworkSpec(
            new Input.Features(windows.inputSize()),
            CellKind.LSTM,
            32, // hidden size
            0, // no projection
            1, // layer
            Direction.FORWARD,
            Head.LAST,
            0, // no dropout
            false, // the state before the first row is zero
            windows.outputSize());
    Parameters parameters = new Parameters(network);
    new Initializer.Torch().fill(parameters, 1);

    // The training: 100 times over the examples, 16 at once.
    TrainSpec how =
        new TrainSpec(
            16,
            12,
            new Adam(0.9, 0.999, 1e-8),
            new Schedule.Constant(0.005),
            new Clip(Double.POSITIVE_INFINITY, 1), // by norm alone
            0, // no weight decay
            1, // thread; any number gives the same bits
            ValueLoss.SQUARED,
            1); // seed
    try (SequenceRun run =
        new SequenceRun(parameters, how, windows.examples(windows.rows(0, end)), false)) {
      for (int epoch = 1; epoch <= 100; epoch++) {
        for (int step = 0; step < run.stepsPerEpoch(); step++) {
          run.step();
        }
      }

      // The test: mean absolute errors, in the units of the table.
      double[] error = new double[2];
      int value = series.find(args[1])[0];
      run.evaluate(
          windows.examples(held),
          (example, step, y, offset) -> {
            int row = held[example];
            double truth = series.value(row, value);
            double forecast = windows.restore(row, new float[] {y[offset]})[0];
            error[0] += Math.abs(truth - forecast) / held.length;
            error[1] += Math.abs(truth - series.value(row - 1, value)) / held.length;
          });
      System.out.printf(
          Locale.ROOT, "mean error %.1f, of the last row as forecast %.1f%n", error[0], error[1]);
    }
    new ModelFile(parameters, Map.of()).save(Path.of(args[2]));
  }
  // @end
}
