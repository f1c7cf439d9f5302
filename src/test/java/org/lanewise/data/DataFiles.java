package org.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.function.Executable;

/** The files that the tests of this package read. */
final class DataFiles {
  private DataFiles() {}

  /** A file that lies beside the tests. */
  static Path resource(String name) throws Exception {
    return Path.of(DataFiles.class.getResource("/data/" + name).toURI());
  }

  /** A file of the folder that {@code -Ddata.dir} names; the test is skipped without it. */
  static Path large(String name) {
    Path path = Path.of(System.getProperty("data.dir", "no folder")).resolve(name);
    assumeTrue(Files.exists(path), () -> path + " is not there");
    return path;
  }

  /** The message is the path, a colon and what is expected. */
  static void assertRefused(Path path, String expected, Executable read) {
    assertEquals(path + ":" + expected, assertThrows(IOException.class, read).getMessage());
  }
}
