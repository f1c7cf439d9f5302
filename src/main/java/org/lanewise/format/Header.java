package org.lanewise.format;

import java.util.List;
import java.util.Map;

/**
 * What the header of a safetensors file says, once it has been checked: every entry fits its
 * element type and shape, and the entries cover the data section exactly.
 *
 * @param metadata the member {@value #METADATA}, in the order of the header; empty without one
 * @param entries the tensors, in the order of their data
 */
record Header(Map<String, String> metadata, List<Entry> entries) {
  /** The one name that no tensor can have. */
  static final String METADATA = "__metadata__";

  /** Where the header itself starts: behind its length. */
  static final int START = Long.BYTES;

  /** The longest header, in bytes; the limit of the reference implementation. */
  static final int MAX_BYTES = 100_000_000;

  /** One tensor: its data are the bytes from begin to end of the data section. */
  static final class Entry {
    final String name;
    final Dtype dtype;
    final long[] shape;
    final long begin;
    final long end;

    Entry(String name, Dtype dtype, long[] shape, long begin, long end) {
      this.name = name;
      this.dtype = dtype;
      this.shape = shape;
      this.begin = begin;
      this.end = end;
    }

    long begin() {
      return begin;
    }

    long end() {
      return end;
    }

    long size() {
      return end - begin;
    }
  }
}
