package org.lanewise.data;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Words, or parts or tags of words, and their ids: numbered from 0 in sorted order. One that begins
 * with {@link #UNKNOWN} takes every other word for that. Immutable.
 */
public final class Lexicon {
  /** What stands for a word that is not in a lexicon. */
  public static final String UNKNOWN = "<unk>";

  private final List<String> entries;
  private final Map<String, Integer> ids = new HashMap<>();

  private Lexicon(List<String> entries) {
    this.entries = List.copyOf(entries);
    for (int id = 0; id < entries.size(); id++) {
      ids.put(entries.get(id), id);
    }
  }

  /**
   * The words that are seen often enough, behind {@link #UNKNOWN}.
   *
   * @param words all words of a text
   * @param atLeast how often a word must be seen
   * @return a lexicon that has an id for any word
   */
  public static Lexicon open(Stream<String> words, int atLeast) {
    Map<String, Integer> counts = new TreeMap<>();
    words.forEach(word -> counts.merge(word, 1, Integer::sum));
    counts.remove(UNKNOWN);
    Stream<String> frequent = counts.keySet().stream().filter(word -> counts.get(word) >= atLeast);
    return new Lexicon(Stream.concat(Stream.of(UNKNOWN), frequent).toList());
  }

  /**
   * All words, and no others.
   *
   * @param words at least one
   * @return a lexicon that has an id for these alone
   * @throws IllegalArgumentException if there is no word
   */
  public static Lexicon closed(Stream<String> words) {
    return parse(String.join("\n", words.sorted().distinct().toList()));
  }

  /**
   * Reads what {@link #toString} gives.
   *
   * @param text a word on each line
   * @return the lexicon
   * @throws IllegalArgumentException if a line is empty or stands there twice
   */
  public static Lexicon parse(String text) {
    List<String> entries = List.of(text.split("\n", -1));
    if (entries.contains("") || new HashSet<>(entries).size() < entries.size()) {
      throw new IllegalArgumentException("lexicon: expected distinct words, one on each line");
    }
    return new Lexicon(entries);
  }

  /**
   * The number of words.
   *
   * @return one more than the largest id
   */
  public int size() {
    return entries.size();
  }

  /**
   * Whether a word has an id of its own.
   *
   * @param word any word
   * @return false for one that is unknown
   */
  public boolean contains(String word) {
    return ids.containsKey(word);
  }

  /**
   * The id of a word.
   *
   * @param word any word
   * @return its id, or that of {@link #UNKNOWN}
   * @throws IllegalArgumentException if neither is in the lexicon
   */
  public int id(String word) {
    Integer id = ids.getOrDefault(word, ids.get(UNKNOWN));
    if (id == null) {
      throw new IllegalArgumentException("found '" + word + "', expected one of " + entries);
    }
    return id;
  }

  /**
   * The word of an id.
   *
   * @param id from 0 to below the size
   * @return the word
   */
  public String word(int id) {
    return entries.get(id);
  }

  /** All words in the order of their ids, each on its own line. */
  @Override
  public String toString() {
    return String.join("\n", entries);
  }
}
