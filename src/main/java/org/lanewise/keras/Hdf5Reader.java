package org.lanewise.keras;

import static org.lanewise.format.FormatException.shown;

import io.jhdf.Constants;
import io.jhdf.GroupSymbolTableNode;
import io.jhdf.LocalHeap;
import io.jhdf.ObjectHeader;
import io.jhdf.Superblock;
import io.jhdf.SymbolTableEntry;
import io.jhdf.Utils;
import io.jhdf.btree.BTreeV1;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.message.DataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ContiguousDataLayoutMessage;
import io.jhdf.object.message.DataSpaceMessage;
import io.jhdf.object.message.DataTypeMessage;
import io.jhdf.object.message.FilterPipelineMessage;
import io.jhdf.object.message.LinkInfoMessage;
import io.jhdf.object.message.LinkMessage;
import io.jhdf.object.message.SymbolTableMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.lanewise.format.FormatException;

/**
 * Reads every dataset of an HDF5 file, as far as Keras and this library write such files: groups
 * within groups, and datasets that lie in one piece. Links that are no tree, chunks and filters are
 * refused. The structures are parsed by jHDF, one at a time, from a {@link BoundedStorage}.
 *
 * <p>Source: the HDF5 File Format Specification, version 3.0.
 */
final class Hdf5Reader {
  /** Groups within groups; Keras needs six. */
  private static final int MAX_DEPTH = 16;

  private static final int MAX_OBJECTS = 20_000;
  private static final int MAX_PATH = 1000;

  private final String file;
  private final BoundedStorage storage;
  private final Map<String, Weight> weights = new TreeMap<>();
  private final Set<Long> visited = new HashSet<>();

  private Hdf5Reader(String file, BoundedStorage storage) {
    this.file = file;
    this.storage = storage;
  }

  /**
   * Reads a file.
   *
   * @param file its name, for messages
   * @param bytes its content
   * @return the datasets by path, without a slash at the beginning
   * @throws FormatException if the content is no such file
   */
  static Map<String, Weight> read(String file, byte[] bytes) throws FormatException {
    try {
      Superblock superblock =
          Superblock.readSuperblock(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
      if (superblock.getSizeOfOffsets() != Long.BYTES
          || superblock.getSizeOfLengths() != Long.BYTES
          || superblock.getBaseAddressByte() != 0) {
        throw new FormatException(
            file, "HDF5: found addresses of another form, expected 8 bytes from the beginning");
      }
      if (superblock.getEndOfFileAddress() > bytes.length) {
        throw new FormatException(
            file,
            "HDF5: found "
                + bytes.length
                + " bytes, expected "
                + superblock.getEndOfFileAddress()
                + ": the file is truncated");
      }
      Hdf5Reader reader = new Hdf5Reader(file, new BoundedStorage(bytes, superblock));
      reader.object("", reader.root(superblock), 0);
      return reader.weights;
    } catch (RuntimeException | StackOverflowError e) {
      // The parser meets damage as whatever its reads stumble over.
      throw new FormatException(file, "HDF5: " + innermost(e));
    }
  }

  private static String innermost(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return "found damage: "
        + (message == null ? cause.getClass().getSimpleName() : shown(message))
        + ", expected a file of weights";
  }

  private long root(Superblock superblock) {
    if (superblock instanceof Superblock.SuperblockV0V1 old) {
      return new SymbolTableEntry(storage, old.getRootGroupSymbolTableAddress())
          .getObjectHeaderAddress();
    }
    return ((Superblock.SuperblockV2V3) superblock).getRootGroupObjectHeaderAddress();
  }

  private void object(String path, long address, int depth) throws FormatException {
    if (depth > MAX_DEPTH || path.length() > MAX_PATH) {
      throw problem(path, "expected at most " + MAX_DEPTH + " groups within each other");
    }
    if (!visited.add(address)) {
      throw problem(path, "the same object as another name, expected a tree");
    }
    if (visited.size() > MAX_OBJECTS) {
      throw problem(path, "expected at most " + MAX_OBJECTS + " groups and datasets");
    }
    ObjectHeader header = ObjectHeader.readObjectHeader(storage, address);
    if (header.hasMessageOfType(DataSpaceMessage.class)) {
      if (weights.put(path, dataset(path, header)) != null) {
        throw problem(path, "two datasets of this name, expected one");
      }
    } else if (header.hasMessageOfType(SymbolTableMessage.class)) {
      oldGroup(path, header.getMessageOfType(SymbolTableMessage.class), depth);
    } else {
      newGroup(path, header, depth);
    }
  }

  /** A group whose links are in a tree and their names in a heap: what h5py writes. */
  private void oldGroup(String path, SymbolTableMessage table, int depth) throws FormatException {
    ByteBuffer names = new LocalHeap(storage, table.getLocalHeapAddress()).getDataBuffer();
    BTreeV1 tree = BTreeV1.createGroupBTree(storage, table.getBTreeAddress());
    for (long child : tree.getChildAddresses()) {
      for (SymbolTableEntry entry :
          new GroupSymbolTableNode(storage, child).getSymbolTableEntries()) {
        names.position(entry.getLinkNameOffset());
        String name = Utils.readUntilNull(names);
        if (entry.getCacheType() == 2) {
          throw problem(join(path, name), "a soft link, expected a group or a dataset");
        }
        object(join(path, name), entry.getObjectHeaderAddress(), depth + 1);
      }
    }
  }

  /** A group whose links are messages of its header: what jHDF writes. */
  private void newGroup(String path, ObjectHeader header, int depth) throws FormatException {
    LinkInfoMessage info = header.getMessageOfType(LinkInfoMessage.class);
    if (info.getBTreeNameIndexAddress() != Constants.UNDEFINED_ADDRESS) {
      throw problem(path, "links in a heap, expected them in the header of the group");
    }
    for (LinkMessage link : header.getMessagesOfType(LinkMessage.class)) {
      // Of a link that is not hard, this throws.
      object(join(path, link.getLinkName()), link.getHardLinkAddress(), depth + 1);
    }
  }

  private Weight dataset(String path, ObjectHeader header) throws FormatException {
    int[] shape = header.getMessageOfType(DataSpaceMessage.class).getDataSpace().getDimensions();
    DataType type = header.getMessageOfType(DataTypeMessage.class).getDataType();
    if (header.hasMessageOfType(FilterPipelineMessage.class)) {
      throw problem(path, "a compressed dataset, expected one as Keras writes it");
    }
    if (!isFloat32(type)) {
      return new Weight(shape, null);
    }
    long size = type.getSize();
    for (int dimension : shape) {
      size = Math.multiplyExact(size, dimension);
    }
    DataLayoutMessage layout = header.getMessageOfType(DataLayoutMessage.class);
    if (!(layout instanceof ContiguousDataLayoutMessage piece)) {
      throw problem(path, "layout " + layout.getDataLayout() + ", expected contiguous");
    }
    if (size != piece.getSize()) {
      throw problem(
          path,
          "float32 "
              + Arrays.toString(shape)
              + " in "
              + piece.getSize()
              + " bytes, expected "
              + size);
    }
    ByteBuffer data = storage.map(size == 0 ? 0 : piece.getAddress(), size);
    float[] values = new float[(int) (size / Float.BYTES)];
    data.order(((FloatingPoint) type).getByteOrder()).asFloatBuffer().get(values);
    return new Weight(shape, values);
  }

  /** IEEE 754 binary32 in either order of bytes. */
  private static boolean isFloat32(DataType type) {
    return type instanceof FloatingPoint number
        && number.getSize() == Float.BYTES
        && number.getBitOffset() == 0
        && number.getBitPrecision() == Float.SIZE
        && number.getSignLocation() == 31
        && number.getExponentLocation() == 23
        && number.getExponentSize() == 8
        && number.getMantissaLocation() == 0
        && number.getMantissaSize() == 23
        && number.getExponentBias() == 127;
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }

  private FormatException problem(String path, String problem) {
    return new FormatException(file, "HDF5: /" + shown(path) + ": " + problem);
  }
}
