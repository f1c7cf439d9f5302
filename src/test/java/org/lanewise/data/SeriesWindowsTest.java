package org.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeriesWindowsTest {
  private static final List<String> NAMES = List.of("a", "b", "c");

  @Test
  void windowsAlignWithTheRows() {
    Series series = series();
    WindowSpec spec = new WindowSpec(List.of("c", "a"), List.of("b", "a"), 4, 3, false, Base.NONE);
    SeriesWindows windows = new SeriesWindows(series, spec, Scaling.none(3));
    Example example = windows.example(10);
    assertEquals(4, example.length());
    for (int t = 0; t < 4; t++) {
      assertEquals((float) series.value(6 + t, 2), example.features()[t * 2]);
      assertEquals((float) series.value(6 + t, 0), example.features()[t * 2 + 1]);
    }
    for (int h = 0; h < 3; h++) {
      assertEquals((float) series.value(10 + h, 1), example.values()[h * 2]);
      assertEquals((float) series.value(10 + h, 0), example.values()[h * 2 + 1]);
    }
  }

  @Test
  void laterPartsLookBackAndTargetsStayInTheirPart() {
    SeriesWindows windows = windows(false, Base.NONE);
    assertArrayEquals(new int[] {4, 5, 6, 7}, windows.rows(0, 10));
    assertArrayEquals(new int[] {10, 11, 12}, windows.rows(10, 15));
    assertEquals(4, windows.examples(windows.rows(0, 10)).size());
    Exception e = assertThrows(IllegalArgumentException.class, () -> windows.rows(10, 12));
    assertEquals(
        "rows 10 to 12 of 40: found no place for a window of 4 and a horizon of 3", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "false, none",
    "true, none",
    "false, last",
    "true, last",
    "false, day:2",
    "true, day:4"
  })
  void valuesAreRestoredToTheOriginalScale(boolean centered, String base) {
    Series series = series();
    SeriesWindows windows = windows(centered, Base.parse(base));
    for (int row : windows.rows(0, series.rows())) {
      double[] restored = windows.restore(row, windows.example(row).values());
      for (int i = 0; i < restored.length; i++) {
        assertEquals(series.value(row + i / 2, i % 2), restored[i], 1e-6 * 100);
      }
    }
  }

  @Test
  void outputOfZeroIsTheBase() {
    Series series = series();
    for (int period : new int[] {1, 2, 4}) {
      double[] restored = windows(true, new Base(period)).restore(20, new float[6]);
      for (int i = 0; i < 6; i++) {
        int from = 20 - period + i / 2 % period;
        assertEquals(series.value(from, i % 2), restored[i], 1e-9);
      }
    }
  }

  @Test
  void centredWindowHasNoMean() {
    Example example = windows(true, Base.NONE).example(20);
    for (int column = 0; column < 3; column++) {
      double sum = 0;
      for (int t = 0; t < 4; t++) {
        sum += example.features()[t * 3 + column];
      }
      assertEquals(0, sum, 1e-6);
    }
  }

  @Test
  void laterRowsChangeNoStatisticAndNoEarlierWindow() {
    Series series = series();
    double[] changed = series.values().clone();
    Arrays.fill(changed, 20 * 3, changed.length, 1e6);
    Series other = Series.of(NAMES, changed);
    assertEquals(series.scaling(0, 20), other.scaling(0, 20));
    assertNotEquals(series.scaling(0, 21), other.scaling(0, 21));
    Example before = windows(series, true, Base.LAST).example(20);
    Example after = windows(other, true, Base.LAST).example(20);
    assertArrayEquals(before.features(), after.features());
    assertArrayEquals(
        windows(series, true, Base.LAST).restore(20, new float[6]),
        windows(other, true, Base.LAST).restore(20, new float[6]));
  }

  @Test
  void valuesBeyondTheEndAreUnknown() {
    Example example = windows(false, Base.LAST).example(39);
    assertTrue(Float.isFinite(example.values()[1]));
    assertTrue(Float.isNaN(example.values()[2]));
    assertTrue(Float.isNaN(windows(false, Base.LAST).example(40).values()[0]));
    assertThrows(IllegalArgumentException.class, () -> windows(false, Base.LAST).example(41));
    assertThrows(IllegalArgumentException.class, () -> windows(false, Base.LAST).example(3));
  }

  @Test
  void categoriesAreNeitherCentredNorPredicted() {
    Series series =
        new Series(
            List.of(new Series.Column("x", ""), new Series.Column("w", "n")),
            new double[] {1, 1, 3, 0, 5, 1},
            0);
    WindowSpec spec = new WindowSpec(List.of("w", "x"), List.of("x"), 2, 1, true, Base.NONE);
    Example example = new SeriesWindows(series, spec, Scaling.none(2)).example(2);
    assertArrayEquals(new float[] {1, -1, 0, 1}, example.features());
    assertArrayEquals(new float[] {3}, example.values());
    WindowSpec wrong = new WindowSpec(List.of("x"), List.of("w"), 2, 1, true, Base.NONE);
    assertThrows(
        IllegalArgumentException.class, () -> new SeriesWindows(series, wrong, Scaling.none(2)));
  }

  @Test
  void impossibleSpecsAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new WindowSpec(NAMES, NAMES, 4, 1, false, new Base(5)));
    assertThrows(
        IllegalArgumentException.class, () -> new WindowSpec(NAMES, NAMES, 0, 1, false, Base.NONE));
    assertThrows(
        IllegalArgumentException.class,
        () -> new WindowSpec(List.of("a", "a"), NAMES, 1, 1, false, Base.NONE));
    for (String text : new String[] {"", "day", "day:0", "day:x", "first", "day:-1"}) {
      assertThrows(IllegalArgumentException.class, () -> Base.parse(text), text);
    }
    assertEquals("day:24", Base.parse("day:24").toString());
  }

  /** The baselines of the Informer protocol: a network that says 0. */
  @Test
  void baselinesOfEtth1() throws IOException {
    CsvTable table = CsvTable.read(DataFiles.large("ETTh1.csv"), ',');
    List<String> columns = table.names().subList(1, 8);
    Series series = table.select(columns, Map.of(), Missing.ERROR);
    assertEquals(1.222, meanSquare(series, columns, Base.LAST), 5e-4);
    assertEquals(0.424, meanSquare(series, columns, new Base(24)), 5e-4);
  }

  private static double meanSquare(Series series, List<String> columns, Base base) {
    WindowSpec spec = new WindowSpec(columns, columns, 96, 24, true, base);
    SeriesWindows windows = new SeriesWindows(series, spec, series.scaling(0, 8640));
    int[] rows = windows.rows(11_520, 14_400);
    assertEquals(2857, rows.length);
    double sum = 0;
    for (int row : rows) {
      for (float value : windows.example(row).values()) {
        sum += (double) value * value;
      }
    }
    return sum / rows.length / windows.outputSize();
  }

  private static Series series() {
    return Series.of(NAMES, new SplittableRandom(3).doubles(120, -100, 100).toArray());
  }

  private static SeriesWindows windows(boolean centered, Base base) {
    return windows(series(), centered, base);
  }

  private static SeriesWindows windows(Series series, boolean centered, Base base) {
    WindowSpec spec = new WindowSpec(NAMES, List.of("a", "b"), 4, 3, centered, base);
    return new SeriesWindows(series, spec, series.scaling(0, 20));
  }
}
