package org.lanewise.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Training and validation losses over the steps of a run, also those before it was resumed. */
final class Curve {
  private record Point(long step, float training, float validation) {
    @Override
    public String toString() {
      return step + " " + training + " " + validation;
    }
  }

  private final List<Point> points = new ArrayList<>();

  /** Reads what {@link #toString} gives. */
  static Curve parse(String text) {
    Curve curve = new Curve();
    for (String line : text.lines().toList()) {
      String[] numbers = line.split(" ", -1);
      if (numbers.length != 3) {
        throw new IllegalArgumentException("curve: found \"" + line + "\", expected three numbers");
      }
      curve.add(
          Long.parseLong(numbers[0]), Float.parseFloat(numbers[1]), Float.parseFloat(numbers[2]));
    }
    return curve;
  }

  void add(long step, double training, double validation) {
    points.add(new Point(step, (float) training, (float) validation));
  }

  boolean isEmpty() {
    return points.isEmpty();
  }

  Picture picture(String title) {
    double[] steps = points.stream().mapToDouble(Point::step).toArray();
    double[] training = points.stream().mapToDouble(Point::training).toArray();
    double[] validation = points.stream().mapToDouble(Point::validation).toArray();
    List<Picture.Line> lines = new ArrayList<>();
    lines.add(new Picture.Line("training", steps, training, 0, false));
    if (points.stream().anyMatch(point -> Float.isFinite(point.validation()))) {
      lines.add(new Picture.Line("validation", steps, validation, 1, false));
    }
    return new Picture(title, "step", "loss", lines);
  }

  /** A line for each point: step, training loss, validation loss. */
  @Override
  public String toString() {
    return points.stream().map(Point::toString).collect(Collectors.joining("\n"));
  }
}
