package org.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TsFileTest {
  private static final String HEADER =
      "# text\n@problemName x\n@dimensions 2\n@classLabel true up down\n@data\n";

  @TempDir Path directory;

  @Test
  void stepsAndClasses() throws IOException {
    TsFile file = read(HEADER + "1,2,3:4,5,6:down\n7:8:up\n", "error");
    assertEquals(2, file.size());
    assertArrayEquals(new double[] {1, 4, 2, 5, 3, 6}, file.values(0));
    List<Example> examples = file.examples(Scaling.none(2), List.of("down", "up"));
    assertEquals(3, examples.get(0).length());
    assertArrayEquals(new float[] {7, 8}, examples.get(1).features());
    assertArrayEquals(new int[] {0}, examples.get(0).classes());
    assertArrayEquals(new int[] {1}, examples.get(1).classes());
  }

  @Test
  void sequencesWithoutClassAreRead() throws IOException {
    TsFile file = read("@univariate true\n@classLabel false\n@data\n1,2\n", "error");
    assertEquals(1, file.channels());
    assertEquals(0, file.examples(Scaling.none(1), List.of("a")).get(0).classes().length);
  }

  @Test
  void missingValuesFollowTheRule() throws IOException {
    String text = HEADER + "?,2,?:4,5,6:up\n";
    assertArrayEquals(new double[] {0, 4, 2, 5, 0, 6}, read(text, "value:0").values(0));
    assertArrayEquals(new double[] {2, 5, 2, 6}, read(text, "drop-leading").values(0));
    assertRefused(
        "6: channel 1, step 1: the value is missing; choose fill-forward, drop-leading or value:X"
            + " to go on",
        text);
  }

  @Test
  void malformedFilesAreRefused() {
    assertRefused("6: found 1 channels and a class, expected 2", HEADER + "1:up\n");
    assertRefused("6: found 2 steps in channel 2, expected 3", HEADER + "1,2,3:4,5:up\n");
    assertRefused("7: channel 2, step 1: found 'x', expected a number", HEADER + "1:2:up\n3:x:up");
    assertRefused("6: found the class 'left', expected one of [up, down]", HEADER + "1:2:left\n");
    assertRefused("5: found no sequence after @data", HEADER);
    assertRefused("2: the file ends without @data", "# a\n@missing false\n");
    assertRefused(
        "1: found '1,2,3:1', expected a known @ entry, a # comment or @data", "1,2,3:1\n@data\n");
    assertRefused("2: @missing stands here a second time", "@missing true\n@missing true\n@data\n");
    assertRefused(
        "1: @univariate: found 'maybe', expected true or false", "@univariate maybe\n@data\n1\n");
    assertRefused(
        "1: @dimensions: found '0', expected a number from 1", "@dimensions 0\n@data\n1\n");
    assertRefused(
        "1: @timestamps: found time stamps, expected plain values", "@timeStamps true\n@data\n1\n");
    assertRefused(
        "1: @classlabel: found 'true a a', expected true and distinct classes, or false",
        "@classLabel true a a\n@data\n1\n");
    assertRefused("4: found 1 steps, expected 2", "@equalLength true\n@data\n1,2\n1\n");
    assertRefused("4: found 1 steps, expected 3", "@equalLength true\n@seriesLength 3\n@data\n1\n");
  }

  @Test
  void filesThatDifferFromTrainingAreRefused() throws IOException {
    TsFile file = read(HEADER + "1:2:up\n3:4:down\n", "error");
    Path path = directory.resolve("data.ts");
    DataFiles.assertRefused(
        path,
        "7: found the class 'down', expected one of [up]",
        () -> file.examples(Scaling.none(2), List.of("up")));
    DataFiles.assertRefused(
        path,
        "6: found 2 channels, expected 3 as in training",
        () -> file.examples(Scaling.none(3), List.of("up", "down")));
  }

  @Test
  void japaneseVowels() throws Exception {
    TsFile train = TsFile.read(DataFiles.resource("JapaneseVowels_TRAIN.ts"), Missing.ERROR);
    TsFile test = TsFile.read(DataFiles.resource("JapaneseVowels_TEST.ts"), Missing.ERROR);
    assertEquals(270, train.size());
    assertEquals(370, test.size());
    assertEquals(12, train.channels());
    assertEquals(List.of("1", "2", "3", "4", "5", "6", "7", "8", "9"), train.classes());
    assertEquals(1.860936, train.values(0)[0]);
    assertEquals(-0.207383, train.values(0)[1]);
    List<Example> examples = train.examples(train.scaling(), train.classes());
    int[] lengths = examples.stream().mapToInt(Example::length).sorted().toArray();
    assertEquals(7, lengths[0]);
    assertEquals(26, lengths[269]);
    for (int speaker = 0; speaker < 9; speaker++) {
      int id = speaker;
      assertEquals(30, examples.stream().filter(e -> e.classes()[0] == id).count());
    }
    double sum = 0;
    for (Example example : examples) {
      for (float value : example.features()) {
        sum += (double) value * value;
      }
    }
    assertEquals(1, sum / 12 / Arrays.stream(lengths).sum(), 1e-6);
    assertEquals(370, test.examples(train.scaling(), train.classes()).size());
  }

  private TsFile read(String text, String missing) throws IOException {
    Path path = Files.writeString(directory.resolve("data.ts"), text);
    return TsFile.read(path, Missing.parse(missing));
  }

  private void assertRefused(String message, String text) {
    DataFiles.assertRefused(directory.resolve("data.ts"), message, () -> read(text, "error"));
  }
}
