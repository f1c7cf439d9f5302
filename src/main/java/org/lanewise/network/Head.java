package org.lanewise.network;

import java.util.Arrays;
import java.util.Locale;

/** Which of the top layer's outputs the network's result is made of. */
public enum Head {
  /** Every step gives a result: tagging, language models. */
  STEPS,
  /**
   * One result per sequence, from the last state of each direction: that after the last step
   * forward and that after the first step backward.
   */
  LAST,
  /** One result per sequence, from the mean over its steps. */
  MEAN,
  /** One result per sequence, from the largest value of each unit over its steps. */
  MAX;

  /**
   * Whether every step gives a result.
   *
   * @return false when a sequence gives one
   */
  public boolean everyStep() {
    return this == STEPS;
  }

  /**
   * The name in files and on the command line.
   *
   * @return the name in lower case
   */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The head of a name.
   *
   * @param text what {@link #text()} gives
   * @return the head
   * @throws IllegalArgumentException if there is no such head
   */
  public static Head parse(String text) {
    return Names.parse("head", text, Arrays.asList(values()), Head::text);
  }
}
