package org.lanewise.network;

import java.util.Arrays;
import java.util.Locale;

/** In which directions the recurrent layers run over time, and how two are joined. */
public enum Direction {
  /** From the first step to the last. */
  FORWARD,
  /** Both ways; the layer above sees {@code [h_forward ; h_backward]}, twice the state size. */
  BIDIRECTIONAL,
  /** Both ways; the layer above sees {@code h_forward + h_backward}. */
  BIDIRECTIONAL_SUM;

  /**
   * The number of directions.
   *
   * @return 1 or 2
   */
  public int count() {
    return this == FORWARD ? 1 : 2;
  }

  /**
   * The width of a layer's output.
   *
   * @param stateSize values of one direction
   * @return values per step
   */
  public int width(int stateSize) {
    return this == BIDIRECTIONAL ? Math.multiplyExact(2, stateSize) : stateSize;
  }

  /**
   * The name in files and on the command line.
   *
   * @return the name in lower case, with hyphens
   */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The direction of a name.
   *
   * @param text what {@link #text()} gives
   * @return the direction
   * @throws IllegalArgumentException if there is no such direction
   */
  public static Direction parse(String text) {
    return Names.parse("direction", text, Arrays.asList(values()), Direction::text);
  }
}
