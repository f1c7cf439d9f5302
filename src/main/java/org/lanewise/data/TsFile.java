package org.lanewise.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Sequences of several channels and of any length, each with a class: the {@code .ts} files of
 * sktime and aeon. Below a header, a line is a sequence: channels between colons, values of a
 * channel between commas, the class last. Time stamps and numbers to predict are not supported.
 * Immutable.
 */
public final class TsFile {
  private final Path path;
  private final TsHeader header;
  private final Missing missing;
  private int channels;
  private int steps;
  private final List<double[]> values = new ArrayList<>();
  private final List<String> labels = new ArrayList<>();
  private final List<Integer> lines = new ArrayList<>();

  private TsFile(Path path, TsHeader header, Missing missing) {
    this.path = path;
    this.header = header;
    this.missing = missing;
    this.channels = header.channels;
    this.steps = header.steps;
  }

  /**
   * Reads a file.
   *
   * @param path a {@code .ts} file
   * @param missing what becomes of missing values, in each sequence for itself
   * @return its sequences, at least one
   * @throws IOException if the file cannot be read or breaks a rule of the format: names the file
   *     and the line
   */
  public static TsFile read(Path path, Missing missing) throws IOException {
    List<String> text = TextFiles.lines(path);
    TsFile file = new TsFile(path, new TsHeader(path, text), missing);
    for (int line = file.header.length + 1; line <= text.size(); line++) {
      String sequence = text.get(line - 1).strip();
      if (!sequence.isEmpty() && !sequence.startsWith("#")) {
        file.add(line, sequence);
      }
    }
    if (file.lines.isEmpty()) {
      throw TextFiles.problem(path, file.header.length, "found no sequence after @data");
    }
    return file;
  }

  private void add(int line, String text) throws IOException {
    String[] parts = text.split(":", -1);
    int found = header.classes.isEmpty() ? parts.length : parts.length - 1;
    if (channels == 0) {
      channels = found;
    }
    if (found != channels || found == 0) {
      String label = header.classes.isEmpty() ? "" : " and a class";
      throw TextFiles.problem(
          path, line, "found " + found + " channels" + label + ", expected " + channels);
    }
    double[] rows = rows(line, parts);
    checkLength(line, rows.length / channels);
    labels.add(label(line, parts));
    lines.add(line);
    values.add(missing.fill(rows, channels, (step, channel) -> place(line, channel, step)));
  }

  private double[] rows(int line, String[] parts) throws IOException {
    String[][] cells = new String[channels][];
    int steps = 0;
    // All of them before room is made for the numbers: a line may lie about its steps.
    for (int channel = 0; channel < channels; channel++) {
      cells[channel] = parts[channel].split(",", -1);
      steps = channel == 0 ? cells[0].length : steps;
      if (cells[channel].length != steps) {
        throw TextFiles.problem(
            path,
            line,
            "found "
                + cells[channel].length
                + " steps in channel "
                + (channel + 1)
                + ", expected "
                + steps);
      }
    }
    double[] rows = new double[Math.multiplyExact(steps, channels)];
    for (int channel = 0; channel < channels; channel++) {
      for (int step = 0; step < steps; step++) {
        try {
          rows[step * channels + channel] = Decimal.parse(cells[channel][step]);
        } catch (NumberFormatException e) {
          throw new IOException(place(line, channel, step) + ": " + e.getMessage(), e);
        }
      }
    }
    return rows;
  }

  private void checkLength(int line, int found) throws IOException {
    if (!header.equalLength) {
      return;
    }
    if (steps == 0) {
      steps = found;
    }
    if (found != steps) {
      throw TextFiles.problem(path, line, "found " + found + " steps, expected " + steps);
    }
  }

  private String label(int line, String[] parts) throws IOException {
    if (header.classes.isEmpty()) {
      return "";
    }
    String label = parts[channels].strip();
    checkLabel(line, label, header.classes);
    return label;
  }

  private void checkLabel(int line, String label, List<String> classes) throws IOException {
    if (!classes.contains(label)) {
      throw TextFiles.problem(
          path,
          line,
          "found the class '" + label + "', expected one of " + TextFiles.shown(classes));
    }
  }

  private String place(int line, int channel, int step) {
    return path + ":" + line + ": channel " + (channel + 1) + ", step " + (step + 1);
  }

  /**
   * The number of sequences.
   *
   * @return 1 or more
   */
  public int size() {
    return values.size();
  }

  /**
   * The length of a row of features.
   *
   * @return channels of every sequence
   */
  public int channels() {
    return channels;
  }

  /**
   * The names of the classes.
   *
   * @return in the order of the file; none if the sequences have no class
   */
  public List<String> classes() {
    return header.classes;
  }

  /**
   * The values of a sequence as they stand in the file, but for the missing ones.
   *
   * @param sequence from 0
   * @return {@code [step][channel]}
   */
  public double[] values(int sequence) {
    return values.get(sequence).clone();
  }

  /**
   * The statistics of all steps of all sequences, to standardise this and other files with.
   *
   * @return a scaling of every channel
   */
  public Scaling scaling() {
    return Scaling.of(channels, values);
  }

  /**
   * The examples.
   *
   * @param scaling of every channel, from the training file
   * @param classes names of the classes as the network knows them, from the training file
   * @return features {@code [step][channel]} and one class each, or none if this file has none
   * @throws IOException if the file has a class that is not among them, or another number of
   *     channels: names the file and the line
   */
  public List<Example> examples(Scaling scaling, List<String> classes) throws IOException {
    if (scaling.columns() != channels) {
      throw TextFiles.problem(
          path,
          lines.get(0),
          "found " + channels + " channels, expected " + scaling.columns() + " as in training");
    }
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < size(); i++) {
      int[] classOf = {};
      if (!header.classes.isEmpty()) {
        checkLabel(lines.get(i), labels.get(i), classes);
        classOf = new int[] {classes.indexOf(labels.get(i))};
      }
      float[] features = scaling.apply(values.get(i));
      int length = features.length / channels;
      examples.add(new Example(length, new int[0][], features, classOf, new float[0]));
    }
    return examples;
  }
}
