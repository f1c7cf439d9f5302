package org.lanewise.keras;

import io.jhdf.Superblock;
import io.jhdf.WritableGroupImpl;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import io.jhdf.storage.HdfFileChannel;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes weights as HDF5, with the parts of jHDF: {@link WritableHdfFile} itself would add the name
 * of the operating system to the file, and the same weights shall always be the same bytes.
 */
final class Hdf5Writer {
  private Hdf5Writer() {}

  /**
   * Writes a file.
   *
   * @param channel an empty file
   * @param weights the datasets by path, matrices and vectors
   * @throws IOException if that fails
   */
  static void write(FileChannel channel, Map<String, Weight> weights) throws IOException {
    WritableGroup root = new WritableGroupImpl(null, "/");
    Map<String, WritableGroup> groups = new HashMap<>(Map.of("", root));
    for (Map.Entry<String, Weight> weight : weights.entrySet()) {
      String path = weight.getKey();
      int slash = path.lastIndexOf('/');
      group(path.substring(0, slash), groups)
          .putDataset(path.substring(slash + 1), array(weight.getValue()));
    }
    Superblock.SuperblockV2V3 superblock = new Superblock.SuperblockV2V3();
    long end =
        ((WritableGroupImpl) root)
            .write(new HdfFileChannel(channel, superblock), WritableHdfFile.ROOT_GROUP_ADDRESS);
    channel.write(superblock.toBuffer(end), 0);
  }

  private static WritableGroup group(String path, Map<String, WritableGroup> groups) {
    WritableGroup known = groups.get(path);
    if (known != null) {
      return known;
    }
    int slash = path.lastIndexOf('/');
    WritableGroup group =
        group(path.substring(0, Math.max(0, slash)), groups).putGroup(path.substring(slash + 1));
    groups.put(path, group);
    return group;
  }

  private static Object array(Weight weight) {
    int[] shape = weight.shape();
    if (shape.length == 1) {
      return weight.values();
    }
    float[][] rows = new float[shape[0]][shape[1]];
    for (int r = 0; r < rows.length; r++) {
      System.arraycopy(weight.values(), r * shape[1], rows[r], 0, shape[1]);
    }
    return rows;
  }
}
