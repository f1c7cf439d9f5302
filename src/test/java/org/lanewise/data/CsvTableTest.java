package org.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTableTest {
  @TempDir Path directory;

  @Test
  void numbersAndCategoriesInTheOrderAskedFor() throws IOException {
    CsvTable table = table("date,x,wind,y\nmon,1,NE,-2.5e1\ntue,.5,\"cv, calm\",+3\n");
    Categories wind = table.categories("wind");
    Series series = table.select(List.of("y", "wind", "x"), Map.of("wind", wind), Missing.ERROR);
    assertEquals("[y, wind=NE, wind=cv, calm, x]", series.columns().toString());
    assertArrayEquals(new double[] {-25, 1, 0, 1, 3, 0, 1, 0.5}, series.values());
    assertArrayEquals(new int[] {1, 2}, series.find("wind"));
    assertEquals("tue", table.cell(1, "date"));
    assertEquals(wind, Categories.parse(wind.toString()));
  }

  @Test
  void categoriesStayAsTheyAreWhenScaled() throws IOException {
    CsvTable table = table("x,wind\n1,a\n3,b\n5,a\n");
    Map<String, Categories> wind = Map.of("wind", table.categories("wind"));
    Scaling scaling = table.select(table.names(), wind, Missing.ERROR).scaling(0, 2);
    assertEquals("2.0 1.0\n0.0 1.0\n0.0 1.0", scaling.toString());
  }

  @Test
  void leadingRowsAreDroppedAndLaterGapsFilled() throws IOException {
    CsvTable table = table("x,wind\nNA,a\n2,\n3,b\nNaN,\n5,a\n");
    Map<String, Categories> wind = Map.of("wind", table.categories("wind"));
    Series series = table.select(List.of("x", "wind"), wind, Missing.DROP_LEADING);
    assertEquals(2, series.dropped());
    assertArrayEquals(new double[] {3, 0, 1, 3, 0, 1, 5, 1, 0}, series.values());
  }

  @Test
  void markBeforeTheFirstNameIsNoPartOfIt() throws IOException {
    assertEquals(List.of("x"), table("\uFEFFx\r\n1\r\n").names());
  }

  @Test
  void malformedTablesAreRefused() {
    assertRefused("1: columns 1 and 3 are both named 'a'", "a,b,a\n1,2,3\n");
    assertRefused("1: found no line with the names of the columns", "\uFEFF");
    assertRefused("1: column 1 has no name", "\n");
    assertRefused("1: column 2 has no name", "a,\n1,2\n");
    assertRefused("1: found no row below the names of the columns", "a,b\n");
    assertRefused("3: found 1 cells, expected 2 [a, b]", "a,b\n1,2\n3\n");
    assertRefused("3: found 3 cells, expected 2 [a, b]", "a,b\n1,2\n3,4,5\n");
    assertRefused("3: found 1 cells, expected 2 [a, b]", "a,b\n1,2\n\n3,4\n");
    assertRefused(
        "4: Unclosed quoted field at end of input (record starting at line 4)",
        "a,b\n\"1\n\",2\n\"3,4\n");
    assertRefused(
        "2: Unexpected character after closing quote: 'x' (0x78) (record starting at line 2)",
        "a,b\n\"1\"x,2\n");
  }

  @Test
  void cellsThatHoldNoNumberAreRefused() throws IOException {
    String missing = "the value is missing; choose fill-forward, drop-leading or value:X to go on";
    for (String cell : new String[] {"x", "0x10", "1d", "Infinity", "1,5", "--1", "1e", "."}) {
      assertRefused(
          "3: column 'a': found '" + cell + "', expected a number",
          table("a;b\n1;2\n" + cell + ";4\n", ';'),
          "a");
    }
    assertRefused(
        "2: column 'a': found '1e39', expected at most 3.4028235E38", table("a,b\n1e39,2\n"), "a");
    for (String cell : new String[] {"", " ", "NA", "NaN", "nan"}) {
      assertRefused("2: column 'b': " + missing, table("a,b\n1," + cell + "\n"), "b");
    }
    assertRefused("1: found no column 'c' among [a, b]", table("a,b\n1,2\n"), "c");
  }

  @Test
  void unknownAndMissingCategoriesAreRefused() throws IOException {
    Map<String, Categories> known = Map.of("b", Categories.of(List.of("y", "x")));
    Path path = directory.resolve("data.csv");
    CsvTable table = table("a,b\n1,x\n2,z\n");
    DataFiles.assertRefused(
        path,
        "3: column 'b': found 'z', expected one of [x, y]",
        () -> table.select(List.of("b"), known, Missing.ERROR));
    CsvTable gap = table("a,b\n1,x\n2,\n");
    DataFiles.assertRefused(
        path,
        "3: column 'b': the category is missing, and value:0.0 is a number",
        () -> gap.select(List.of("b"), known, Missing.parse("value:0")));
  }

  @Test
  void textThatIsNotUtf8IsRefused() throws IOException {
    Path path = directory.resolve("latin.csv");
    Files.write(path, "a\n1\n\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    DataFiles.assertRefused(path, "3: not a text in UTF-8", () -> CsvTable.read(path, ','));
  }

  @Test
  void sameColumnTwiceIsRefused() throws IOException {
    CsvTable table = table("a\n1\n");
    assertThrows(
        IllegalArgumentException.class,
        () -> table.select(List.of("a", "a"), Map.of(), Missing.ERROR));
  }

  @Test
  void realFiles() throws Exception {
    CsvTable airline = CsvTable.read(DataFiles.resource("airline_passengers.csv"), ',');
    Series passengers = airline.select(List.of("Passengers"), Map.of(), Missing.ERROR);
    assertEquals(144, passengers.rows());
    assertEquals(112, passengers.value(0, 0));
    assertEquals(432, passengers.value(143, 0));
    assertEquals("1960-12", airline.cell(143, "Date"));
    CsvTable sunspots = CsvTable.read(DataFiles.resource("sunspots_yearly.csv"), ',');
    Series activity = sunspots.select(List.of("YEAR", "SUNACTIVITY"), Map.of(), Missing.ERROR);
    assertEquals(309, activity.rows());
    assertEquals(2008, activity.value(308, 0));
  }

  @Test
  void beijingHasGapsThatAreFilledForward() throws IOException {
    CsvTable table = CsvTable.read(DataFiles.large("beijing_pm25.csv"), ',');
    Categories wind = table.categories("cbwd");
    assertEquals(List.of("NE", "NW", "SE", "cv"), wind.values());
    Series series =
        table.select(List.of("pm2.5", "cbwd"), Map.of("cbwd", wind), Missing.DROP_LEADING);
    assertEquals(24, series.dropped());
    assertEquals(43_800, series.rows());
    assertEquals(129, series.value(0, 0));
  }

  private CsvTable table(String text) throws IOException {
    return table(text, ',');
  }

  private CsvTable table(String text, char separator) throws IOException {
    return CsvTable.read(Files.writeString(directory.resolve("data.csv"), text), separator);
  }

  private void assertRefused(String message, String text) {
    DataFiles.assertRefused(directory.resolve("data.csv"), message, () -> table(text));
  }

  private void assertRefused(String message, CsvTable table, String column) {
    DataFiles.assertRefused(
        directory.resolve("data.csv"),
        message,
        () -> table.select(List.of(column), Map.of(), Missing.ERROR));
  }
}
