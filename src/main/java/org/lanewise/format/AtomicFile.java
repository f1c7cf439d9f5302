package org.lanewise.format;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Replaces a file as a whole or not at all: the content goes to a new file beside it, is forced to
 * the disk, and takes the name of the old one in a single step. Whoever opens the name at any
 * moment finds the old content or the new, also after a crash or a power failure.
 */
public final class AtomicFile {
  /** Writes the content of a file to a channel that stands at its beginning. */
  public interface Content {
    /**
     * Writes all of it.
     *
     * @param channel stands at the beginning of the file
     * @throws IOException if that fails
     */
    void writeTo(FileChannel channel) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes a file. When that fails, the file of that name is what it was before, and nothing is
   * left beside it.
   *
   * @param target the file, new or to be replaced
   * @param content writes what shall be in it
   * @throws IOException if the content does, or the file system refuses
   */
  public static void write(Path target, Content content) throws IOException {
    Path directory = target.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException(target + ": a directory, expected the name of a file");
    }
    Path beside = directory.resolve(target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException | Error e) {
      try {
        Files.deleteIfExists(beside);
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
    forceDirectory(directory);
  }

  /**
   * Makes the new name durable. Not every system can open a directory or force it (Windows cannot);
   * there the name becomes durable when the system pleases, and the content is whole either way.
   */
  private static void forceDirectory(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException unsupported) {
      return;
    }
  }
}
