package org.lanewise.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Lines over a common axis, to be drawn as SVG or PNG.
 *
 * @param title stands above
 * @param xName name of the horizontal axis
 * @param yName name of the vertical axis
 * @param lines what is drawn
 */
record Picture(String title, String xName, String yName, List<Line> lines) {

  /**
   * A line.
   *
   * @param name stands in the legend
   * @param x places on the horizontal axis
   * @param y values; not finite to leave a gap
   * @param colour number of its colour
   * @param dashed whether it is drawn in dashes
   */
  @SuppressWarnings("ArrayRecordComponent") // A carrier of arrays; nobody compares lines.
  record Line(String name, double[] x, double[] y, int colour, boolean dashed) {}

  private static boolean isSvg(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".svg");
  }

  private static boolean isPng(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".png");
  }

  /** Tells before any work is done whether a picture can be written to a file, if one is wanted. */
  static void check(CommandSpec spec, String option, Path file) {
    if (file == null) {
      return;
    }
    if (!isSvg(file) && !isPng(file)) {
      throw new ParameterException(
          spec.commandLine(), option + ": found " + file + ", expected a name in .svg or .png");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
      throw new ParameterException(
          spec.commandLine(),
          option + ": found " + file + ", expected a file in an existing folder");
    }
    try {
      Chart.check();
    } catch (NoClassDefFoundError e) {
      throw new ParameterException(
          spec.commandLine(),
          option + ": pictures need the library org.knowm.xchart:xchart on the class path",
          e);
    }
  }

  /** Writes beside the file, and renames. */
  void write(Path file) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (OutputStream out = Files.newOutputStream(beside)) {
        Chart.write(this, isSvg(file), out);
      }
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(beside);
    }
  }
}
