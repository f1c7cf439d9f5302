package org.lanewise.keras;

import io.jhdf.Superblock;
import io.jhdf.exceptions.HdfException;
import io.jhdf.storage.HdfBackingStorage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * The bytes of an HDF5 file for a parser that trusts them: every read is a view within the bytes,
 * so a lying size is refused before it becomes memory, and all reads together are limited by the
 * size of the file, so structures that refer to each other in circles end.
 */
final class BoundedStorage implements HdfBackingStorage {
  /** An honest file is read once, and its headers a few times over. */
  private static final int TIMES_READ = 16;

  /** Reads that any file may take, and bytes of a file that justify another one. */
  private static final int FREE_READS = 1000;

  private static final int BYTES_A_READ = 4;

  private final ByteBuffer bytes;
  private final Superblock superblock;
  private long readsLeft;
  private long bytesLeft;

  BoundedStorage(byte[] bytes, Superblock superblock) {
    this.bytes = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    this.superblock = superblock;
    this.readsLeft = FREE_READS + (long) bytes.length / BYTES_A_READ;
    this.bytesLeft = (1 << 16) + (long) TIMES_READ * bytes.length;
  }

  @Override
  public ByteBuffer map(long address, long length) {
    if (address < 0 || length < 0 || length > bytes.capacity() - address) {
      throw new HdfException(
          length + " bytes at " + address + " in a file of " + bytes.capacity() + " bytes");
    }
    readsLeft--;
    bytesLeft -= length;
    if (readsLeft < 0 || bytesLeft < 0) {
      throw new HdfException("structures that overlap or refer to each other in a circle");
    }
    return bytes.slice((int) address, (int) length).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public ByteBuffer readBufferFromAddress(long address, int length) {
    return map(address, length);
  }

  @Override
  public ByteBuffer mapNoOffset(long address, long length) {
    return map(address, length);
  }

  @Override
  public long getUserBlockSize() {
    return 0;
  }

  @Override
  public Superblock getSuperblock() {
    return superblock;
  }

  @Override
  public FileChannel getFileChannel() {
    throw new HdfException("a file in memory has no channel");
  }

  @Override
  public int getSizeOfOffsets() {
    return superblock.getSizeOfOffsets();
  }

  @Override
  public int getSizeOfLengths() {
    return superblock.getSizeOfLengths();
  }

  @Override
  public void close() {}

  @Override
  public long size() {
    return bytes.capacity();
  }

  @Override
  public boolean inMemory() {
    return true;
  }
}
