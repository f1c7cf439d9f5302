package org.lanewise.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Delimited text whose first line names the columns. Quoted cells follow RFC 4180; the text is
 * UTF-8. Reading needs the library FastCSV ({@code de.siegmar:fastcsv}) on the class path. A table
 * is immutable.
 */
public final class CsvTable {
  /** The most categories of a column: as many numbers stand for one cell. */
  public static final int MOST_CATEGORIES = 1000;

  private final Path path;
  private final List<String> names;
  private final Map<String, Integer> columns = new HashMap<>();
  private final List<CsvRows.Row> rows;

  private CsvTable(Path path, List<CsvRows.Row> lines) {
    this.path = path;
    this.names = lines.get(0).cells();
    this.rows = lines.subList(1, lines.size());
  }

  /**
   * Reads a file.
   *
   * @param path a file whose first line names the columns
   * @param separator what stands between cells, for example a comma
   * @return the table
   * @throws IOException if the file cannot be read or is no such table: names the file and the line
   * @throws IllegalArgumentException if the separator is a quote or a line break
   * @throws IllegalStateException if FastCSV is not on the class path
   */
  public static CsvTable read(Path path, char separator) throws IOException {
    CsvTable table;
    try {
      table = new CsvTable(path, CsvRows.read(path, separator));
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "delimited text needs the library de.siegmar:fastcsv on the class path", e);
    }
    table.checkNames();
    table.checkRows();
    return table;
  }

  private void checkNames() throws IOException {
    for (int column = 0; column < names.size(); column++) {
      String name = names.get(column);
      Integer first = columns.putIfAbsent(name, column);
      if (name.isBlank()) {
        throw TextFiles.problem(path, 1, "column " + (column + 1) + " has no name");
      }
      if (first != null) {
        String numbers = (first + 1) + " and " + (column + 1);
        throw TextFiles.problem(path, 1, "columns " + numbers + " are both named '" + name + "'");
      }
    }
  }

  private void checkRows() throws IOException {
    if (rows.isEmpty()) {
      throw TextFiles.problem(path, 1, "found no row below the names of the columns");
    }
    for (CsvRows.Row row : rows) {
      if (row.cells().size() != names.size()) {
        throw TextFiles.problem(
            path,
            row.line(),
            "found "
                + row.cells().size()
                + " cells, expected "
                + names.size()
                + " "
                + TextFiles.shown(names));
      }
    }
  }

  /**
   * The names of the columns.
   *
   * @return as they stand in the first line
   */
  public List<String> names() {
    return names;
  }

  /**
   * The number of rows.
   *
   * @return lines below the first
   */
  public int rows() {
    return rows.size();
  }

  /**
   * A cell as it stands in the file, for example the date of a prediction.
   *
   * @param row from 0
   * @param name name of the column
   * @return the text of the cell
   * @throws IOException if there is no such column
   */
  public String cell(int row, String name) throws IOException {
    return rows.get(row).cells().get(column(name));
  }

  /**
   * The distinct values of a column.
   *
   * @param name name of the column
   * @return sorted, without those that say that a value is missing
   * @throws IOException if there is no such column, all its values are missing, a value has several
   *     lines, or there are more than {@value #MOST_CATEGORIES}
   */
  public Categories categories(String name) throws IOException {
    int column = column(name);
    TreeSet<String> values = new TreeSet<>();
    for (CsvRows.Row row : rows) {
      String value = row.cells().get(column);
      if (value.contains("\n")) {
        throw problem(row, name, "found several lines of text, expected a category");
      }
      if (!Decimal.isMissing(value)) {
        values.add(value);
      }
    }
    if (values.isEmpty()) {
      throw TextFiles.problem(path, 1, "column '" + name + "': every value is missing");
    }
    if (values.size() > MOST_CATEGORIES) {
      throw TextFiles.problem(
          path,
          1,
          "column '"
              + name
              + "': found "
              + values.size()
              + " categories, expected at most "
              + MOST_CATEGORIES
              + ": each becomes a column of its own");
    }
    return Categories.of(values);
  }

  /**
   * Takes columns out of the table.
   *
   * @param columns names of columns, in the order wanted
   * @param categories what is known of those that hold categories; each becomes a column of 0 and 1
   *     for every category. All others hold numbers
   * @param missing what becomes of missing values in these columns
   * @return the numbers of all rows, but for those at the start that {@code missing} leaves out
   * @throws IOException if there is no such column, a cell holds no number or an unknown category,
   *     or a value is missing and has no substitute: names file, line, column and what was found
   * @throws IllegalArgumentException if a column is asked for twice
   */
  public Series select(List<String> columns, Map<String, Categories> categories, Missing missing)
      throws IOException {
    List<Series.Column> selected = new ArrayList<>();
    for (String name : columns) {
      column(name);
      if (categories.containsKey(name)) {
        categories.get(name).values().forEach(v -> selected.add(new Series.Column(name, v)));
      } else {
        selected.add(new Series.Column(name, ""));
      }
    }
    int width = selected.size();
    if ((long) rows.size() * width > Integer.MAX_VALUE - 8) {
      throw TextFiles.problem(
          path,
          1,
          "found " + rows.size() + " rows of " + width + " values, expected less than 2^31");
    }
    Map<String, Set<String>> known = new HashMap<>();
    categories.forEach((name, all) -> known.put(name, new HashSet<>(all.values())));
    double[] values = new double[rows.size() * width];
    for (int column = 0; column < width; column++) {
      Series.Column target = selected.get(column);
      for (int row = 0; row < rows.size(); row++) {
        values[row * width + column] =
            target.isCategory()
                ? oneHot(rows.get(row), target, known.get(target.name()), missing)
                : number(rows.get(row), target.name());
      }
    }
    double[] filled = missing.fill(values, width, (row, c) -> place(row, selected.get(c).name()));
    return new Series(selected, filled, rows.size() - filled.length / width);
  }

  private double number(CsvRows.Row row, String name) throws IOException {
    try {
      return Decimal.parse(row.cells().get(column(name)));
    } catch (NumberFormatException e) {
      throw problem(row, name, e.getMessage());
    }
  }

  private double oneHot(CsvRows.Row row, Series.Column target, Set<String> known, Missing missing)
      throws IOException {
    String found = row.cells().get(column(target.name()));
    if (known.contains(found)) {
      return found.equals(target.category()) ? 1 : 0;
    }
    if (!Decimal.isMissing(found)) {
      List<String> sorted = known.stream().sorted().toList();
      String expected = ", expected one of " + TextFiles.shown(sorted);
      throw problem(row, target.name(), "found '" + found + "'" + expected);
    }
    if (missing.rule() == Missing.Rule.VALUE) {
      throw problem(row, target.name(), "the category is missing, and " + missing + " is a number");
    }
    return Double.NaN;
  }

  private int column(String name) throws IOException {
    Integer column = columns.get(name);
    if (column == null) {
      throw TextFiles.problem(
          path, 1, "found no column '" + name + "' among " + TextFiles.shown(names));
    }
    return column;
  }

  private IOException problem(CsvRows.Row row, String column, String message) {
    return TextFiles.problem(path, row.line(), "column '" + column + "': " + message);
  }

  private String place(int row, String column) {
    return path + ":" + rows.get(row).line() + ": column '" + column + "'";
  }
}
