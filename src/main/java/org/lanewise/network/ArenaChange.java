package org.lanewise.network;

/** A change of the arena, as an optimizer makes, told range by range just before each is packed. */
public interface ArenaChange {
  /** Leaves everything as it is. */
  ArenaChange NONE = (begin, end) -> {};

  /**
   * Changes a range; every parameter is in one range, and ranges come in any order and from several
   * threads at once.
   *
   * @param begin first parameter
   * @param end one past the last parameter
   */
  void apply(int begin, int end);
}
