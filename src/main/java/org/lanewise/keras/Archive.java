package org.lanewise.keras;

import static org.lanewise.format.FormatException.shown;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.lanewise.format.FormatException;

/**
 * A {@code .keras} file: an archive of exactly three entries. Nothing is extracted to the disk, and
 * no entry may be larger than its bytes in the archive justify.
 */
final class Archive {
  static final String CONFIG = "config.json";
  static final String METADATA = "metadata.json";
  static final String WEIGHTS = "model.weights.h5";
  private static final List<String> ENTRIES = List.of(METADATA, CONFIG, WEIGHTS);

  /** The largest text; that of a hundred layers takes 200 KB. */
  private static final int MAX_TEXT = 4 << 20;

  private static final int MAX_WEIGHTS = Integer.MAX_VALUE - 8;

  /** What any entry may take, and how much more than its bytes in the archive beyond that. */
  private static final int FREE_BYTES = 1 << 20;

  private static final int MAX_RATIO = 100;

  /**
   * The same at all times, so that the same model is the same bytes; the first that ZIP can say.
   */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private Archive() {}

  /**
   * Reads an archive.
   *
   * @param path the file
   * @return the bytes of every entry by name
   * @throws FormatException if the archive is damaged, or its entries are others or too large
   * @throws IOException if the file cannot be read
   */
  static Map<String, byte[]> read(Path path) throws IOException {
    String file = path.toString();
    Map<String, byte[]> content = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(path.toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        String name = entry.getName();
        if (!ENTRIES.contains(name) || content.containsKey(name)) {
          throw new FormatException(
              file,
              "archive: found entry " + shown(name) + ", expected each of " + ENTRIES + " once");
        }
        content.put(name, read(file, zip, entry));
      }
    } catch (FormatException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      // Damage meets the parser as the end of the file or a place before its beginning, too.
      throw new FormatException(file, "archive: " + shown(String.valueOf(e.getMessage())));
    }
    if (content.size() != ENTRIES.size()) {
      throw new FormatException(
          file, "archive: found entries " + content.keySet() + ", expected " + ENTRIES);
    }
    return content;
  }

  private static byte[] read(String file, ZipFile zip, ZipEntry entry) throws IOException {
    String where = "archive: " + entry.getName();
    long justified = FREE_BYTES + MAX_RATIO * Math.max(0, entry.getCompressedSize());
    long most = Math.min(justified, entry.getName().equals(WEIGHTS) ? MAX_WEIGHTS : MAX_TEXT);
    if (entry.getSize() < 0 || entry.getSize() > most) {
      throw new FormatException(
          file, where + ": found " + entry.getSize() + " bytes, expected at most " + most);
    }
    byte[] bytes;
    try (InputStream stream = zip.getInputStream(entry)) {
      // Grows as it reads, so the declared size alone costs nothing.
      bytes = stream.readNBytes((int) entry.getSize());
      if (bytes.length < entry.getSize() || stream.read() >= 0) {
        throw new FormatException(
            file, where + ": expected " + entry.getSize() + " bytes, found more or less");
      }
    }
    CRC32 sum = new CRC32();
    sum.update(bytes);
    if (sum.getValue() != entry.getCrc()) {
      throw new FormatException(
          file,
          String.format(
              "%s: check sum %08x, expected %08x", where, sum.getValue(), entry.getCrc()));
    }
    return bytes;
  }

  /**
   * Writes an archive.
   *
   * @param channel an empty file
   * @param config the architecture
   * @param weights the weights as HDF5
   * @throws IOException if that fails
   */
  static void write(FileChannel channel, String config, byte[] weights) throws IOException {
    // The version whose form of a configuration this is.
    String metadata = "{\"keras_version\": \"3.0.0\", \"date_saved\": \"1980-01-01@00:00:00\"}";
    ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel));
    write(zip, METADATA, metadata.getBytes(StandardCharsets.UTF_8));
    write(zip, CONFIG, config.getBytes(StandardCharsets.UTF_8));
    write(zip, WEIGHTS, weights);
    zip.finish();
  }

  private static void write(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(sum.getValue());
    entry.setTimeLocal(TIME);
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
