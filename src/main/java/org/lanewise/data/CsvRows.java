package org.lanewise.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Cuts delimited text into cells. The one class that needs FastCSV. */
final class CsvRows {
  private CsvRows() {}

  /**
   * A line of the table.
   *
   * @param line where it begins in the file, from 1
   * @param cells what stands in it
   */
  record Row(long line, List<String> cells) {}

  static List<Row> read(Path path, char separator) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (CsvReader<CsvRecord> records =
        CsvReader.builder()
            .fieldSeparator(separator)
            .skipEmptyLines(false)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE) // CsvTable counts, and says more.
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .allowUnclosedQuote(false)
            .ofCsvRecord(TextFiles.withoutMark(TextFiles.read(path)))) {
      for (CsvRecord row : records) {
        rows.add(new Row(row.getStartingLineNumber(), row.getFields()));
      }
    } catch (CsvParseException e) {
      String message = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
      throw TextFiles.problem(path, lineAfter(rows), message);
    }
    if (rows.isEmpty()) {
      throw TextFiles.problem(path, 1, "found no line with the names of the columns");
    }
    return rows;
  }

  private static long lineAfter(List<Row> rows) {
    if (rows.isEmpty()) {
      return 1;
    }
    Row last = rows.get(rows.size() - 1);
    String text = String.join("", last.cells());
    return last.line() + 1 + text.chars().filter(c -> c == '\n').count();
  }
}
