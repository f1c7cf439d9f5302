package org.lanewise.network;

/**
 * Parts of the arena, ascending and apart from each other: those where a gradient may be other than
 * zero. Their ends are multiples of 16, or the end of the arena, so that a sum over them has the
 * shape of a sum over everything.
 */
public final class Ranges {
  private static final int GROUP = 16;

  private final int limit;
  private final int[] begins;
  private final int[] ends;
  private int count;

  Ranges(int limit, int most) {
    this.limit = limit;
    this.begins = new int[most];
    this.ends = new int[most];
  }

  void clear() {
    count = 0;
  }

  /** Adds a range that begins at or behind the begin of the last one. */
  void add(int begin, int end) {
    int from = begin / GROUP * GROUP;
    int to = (int) Math.min(limit, ((long) end + GROUP - 1) / GROUP * GROUP);
    if (count > 0 && from <= ends[count - 1]) {
      ends[count - 1] = Math.max(to, ends[count - 1]);
    } else {
      begins[count] = from;
      ends[count++] = to;
    }
  }

  /**
   * The number of ranges.
   *
   * @return at least 1
   */
  public int count() {
    return count;
  }

  /**
   * The first range that reaches beyond a place of the arena.
   *
   * @param place index of a parameter
   * @return its index, or {@link #count()} when there is none
   */
  public int after(int place) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) / 2;
      if (ends[middle] > place) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /**
   * Where a range begins.
   *
   * @param range its index
   * @return index of its first parameter
   */
  public int begin(int range) {
    return begins[range];
  }

  /**
   * Where a range ends.
   *
   * @param range its index
   * @return one past its last parameter
   */
  public int end(int range) {
    return ends[range];
  }
}
