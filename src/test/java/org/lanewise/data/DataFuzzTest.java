package org.lanewise.data;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lanewise.Fixtures;

/**
 * Damaged files of data: each is refused with an {@link IOException} that names it, or is in truth
 * another valid one, whose numbers are finite. {@code -Dfuzz.cases=N} tries N of each format.
 */
class DataFuzzTest {
  private static final int CASES = Integer.getInteger("fuzz.cases", 5_000);

  /** What reading any of these files may allocate; the largest has 1 KB. */
  private static final long MAX_ALLOCATION = 1 << 20;

  private static final String[] TOKENS = {
    ",",
    ":",
    "\t",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\"",
    "\"\"",
    "@data",
    "@",
    "#",
    "?",
    "NaN",
    "1e999",
    "-",
    "0x1p3",
    "1e-400",
    "true",
    "false",
    "@dimensions 999999999\n",
    "@seriesLength 2\n",
    "\0",
    " ",
    "\uFEFF",
    "\u2028",
    "é",
    "😀",
    ";",
    "load",
    "9".repeat(400),
    ":".repeat(60),
    ",".repeat(60)
  };

  @TempDir private Path folder;

  enum Format {
    TS(
        """
        # a comment
        @problemName p
        @timeStamps false
        @missing true
        @univariate false
        @dimensions 2
        @equalLength false
        @classLabel true up down
        @data
        1,2,3:4,5,6:up
        0.5,-1e3:?,7:down
        8:9:up
        """) {
      @Override
      double[] use(Path path) throws IOException {
        TsFile file = TsFile.read(path, Missing.parse("value:0"));
        file.examples(file.scaling(), file.classes());
        double[] all = {};
        for (int i = 0; i < file.size(); i++) {
          assertEquals(0, file.values(i).length % file.channels());
          all = file.values(i);
        }
        return all;
      }
    },
    CSV(
        """
        date,load,"wind, in m/s",place
        2020-01-01,1.5,,north
        2020-01-02,-3e2,7,"so""uth"
        "2020
        -01-03",4,8,north
        """) {
      @Override
      double[] use(Path path) throws IOException {
        CsvTable table = CsvTable.read(path, ',');
        String last = table.names().get(table.names().size() - 1);
        Map<String, Categories> categories = Map.of(last, table.categories(last));
        List<String> columns =
            table.names().size() > 2 ? List.of(table.names().get(1), last) : List.of(last);
        return table.select(columns, categories, Missing.FILL_FORWARD).values();
      }
    },
    TAGS(
        """
        The\tDET
        cat\tNOUN

        Sat\tVERB
        """) {
      @Override
      double[] use(Path path) throws IOException {
        List<TaggedSentences.Sentence> sentences = TaggedSentences.read(path);
        for (TaggedSentences.Sentence sentence : sentences) {
          assertEquals(sentence.words().size(), sentence.tags().size());
        }
        Lexicon tags = Lexicon.closed(sentences.stream().flatMap(s -> s.tags().stream()));
        return new double[] {tags.size()};
      }
    },
    WORDS("The\ncat\n\nSat\n") {
      @Override
      double[] use(Path path) throws IOException {
        return new double[] {TaggedSentences.readWords(path).size()};
      }
    },
    TEXT("To be, or not to be:\nthat is the question.\n") {
      @Override
      double[] use(Path path) throws IOException {
        String text = TextFiles.read(path);
        Vocabulary vocabulary = Vocabulary.of(text);
        StringBuilder again = new StringBuilder();
        for (int id : vocabulary.encode(text)) {
          again.append(vocabulary.decode(id));
        }
        assertEquals(text, again.toString());
        return new double[] {vocabulary.size()};
      }
    };

    private final byte[] seed;

    Format(String seed) {
      this.seed = seed.getBytes(StandardCharsets.UTF_8);
    }

    /** Reads a file and gives some of its numbers. */
    abstract double[] use(Path path) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void damageIsRefusedOrHarmless(Format format) throws IOException {
    Path path = folder.resolve("damaged");
    int refused = 0;
    long most = 0;
    for (int seed = 0; seed < CASES; seed++) {
      Random random = new Random(seed);
      byte[] file = format.seed;
      for (int times = 1 + random.nextInt(3); times > 0; times--) {
        file = damaged(file, random);
      }
      Files.write(path, file);
      long before = Fixtures.threads().getCurrentThreadAllocatedBytes();
      try {
        double[] values = format.use(path);
        assertTrue(Arrays.stream(values).allMatch(Double::isFinite), Arrays.toString(values));
      } catch (IOException e) {
        refused++;
        assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
        assertTrue(e.getMessage().length() < path.toString().length() + 2000, e.getMessage());
      } catch (RuntimeException | Error e) {
        fail("seed " + seed + " of " + format, e);
      }
      long allocated = Fixtures.threads().getCurrentThreadAllocatedBytes() - before;
      most = Math.max(most, allocated);
      assertTrue(allocated < MAX_ALLOCATION, "seed " + seed + ": " + allocated + " bytes");
    }
    System.out.printf(
        "%s: %d damaged files, %d refused, at most %d bytes allocated%n",
        format, CASES, refused, most);
    assertTrue(refused > CASES / 50, refused + " files refused: the damage is too small");
    assertTrue(refused < CASES - CASES / 50, refused + " files refused: the damage is too great");
  }

  private static byte[] damaged(byte[] file, Random random) {
    int at = random.nextInt(file.length + 1);
    int to = Math.min(file.length, at + random.nextInt(6));
    byte[] token = TOKENS[random.nextInt(TOKENS.length)].getBytes(StandardCharsets.UTF_8);
    return switch (random.nextInt(6)) {
      case 0 -> joined(file, at, token, at);
      case 1 -> joined(file, at, token, to);
      case 2 -> joined(file, at, new byte[0], to);
      case 3 -> joined(file, at, new byte[] {(byte) random.nextInt(256)}, Math.min(to, at + 1));
      case 4 -> joined(file, at, Arrays.copyOfRange(file, at, to), at);
      default -> Arrays.copyOf(file, random.nextInt(8) == 0 ? at : Math.max(at, file.length / 2));
    };
  }

  /** A file with some of its bytes exchanged. */
  private static byte[] joined(byte[] file, int from, byte[] by, int to) {
    byte[] all = Arrays.copyOf(file, from + by.length + file.length - to);
    System.arraycopy(by, 0, all, from, by.length);
    System.arraycopy(file, to, all, from + by.length, file.length - to);
    return all;
  }

  /** Where room would be made for steps times channels before the line is seen to be short. */
  @Test
  void aLineThatLiesAboutItsStepsTakesNoRoom() throws IOException {
    String line = "1,".repeat(9_999) + "1" + ":".repeat(9_999);
    Path path = folder.resolve("lie.ts");
    Files.writeString(path, "@classLabel false\n@data\n" + line + "\n");
    long before = Fixtures.threads().getCurrentThreadAllocatedBytes();
    DataFiles.assertRefused(
        path,
        "3: found 1 steps in channel 2, expected 10000",
        () -> TsFile.read(path, Missing.ERROR));
    long allocated = Fixtures.threads().getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 16 << 20, allocated + " bytes allocated");
  }

  @Test
  void ofManyColumnsFewAreShown() throws IOException {
    String names = IntStream.range(0, 16_000).mapToObj(i -> "c" + i).collect(joining(","));
    Path path = folder.resolve("wide.csv");
    Files.writeString(path, names + "\n1\n");
    IOException refused = assertThrows(IOException.class, () -> CsvTable.read(path, ','));
    assertTrue(refused.getMessage().endsWith("c39, … and 15960 more]"), refused.getMessage());
  }

  @Test
  void categoriesWithoutEndAreRefused() throws IOException {
    StringBuilder table = new StringBuilder("place,load\n");
    for (int i = 0; i <= CsvTable.MOST_CATEGORIES; i++) {
      table.append("p").append(i).append(",1\n");
    }
    Path path = folder.resolve("table.csv");
    Files.writeString(path, table);
    CsvTable read = CsvTable.read(path, ',');
    DataFiles.assertRefused(
        path,
        "1: column 'place': found 1001 categories, expected at most 1000: each becomes a column of"
            + " its own",
        () -> read.categories("place"));
  }
}
