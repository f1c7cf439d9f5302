package org.lanewise.format;

import java.util.Objects;
import java.util.Optional;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Head;

/**
 * What a model file of another library does not say about its network. A file of this library says
 * everything and takes none of it.
 *
 * @param prefix what the names of the tensors to take begin with, such as {@code encoder.}; the
 *     others are passed over; empty for all tensors. A dot at the end may be left out
 * @param cell kind of the recurrent layers, which must be told of a plain RNN: names and shapes are
 *     the same with tanh and relu. Where the shapes tell the kind, it must be the same
 * @param head which of the top layer's outputs the result is made of
 * @param oneHot whether vectors of the first layer are tokens, one-hot
 * @param embedding full name of the module that is the embedding, where shapes leave it open; empty
 *     to go by the shapes
 * @param linear full name of the module that is the linear output, where shapes leave it open;
 *     empty to go by the shapes
 */
public record LoadOptions(
    String prefix,
    Optional<CellKind> cell,
    Head head,
    boolean oneHot,
    String embedding,
    String linear) {
  /** Nothing but what the file says; a result at every step. */
  public static final LoadOptions NONE =
      new LoadOptions("", Optional.empty(), Head.STEPS, false, "", "");

  /** Ends the prefix with a dot. */
  public LoadOptions {
    prefix = prefix.isEmpty() || prefix.endsWith(".") ? prefix : prefix + ".";
    Objects.requireNonNull(cell, "cell");
    Objects.requireNonNull(head, "head");
    Objects.requireNonNull(embedding, "embedding");
    Objects.requireNonNull(linear, "linear");
  }

  /**
   * These options with another prefix.
   *
   * @param value what names begin with
   * @return a copy
   */
  public LoadOptions withPrefix(String value) {
    return new LoadOptions(value, cell, head, oneHot, embedding, linear);
  }

  /**
   * These options with a kind of cell.
   *
   * @param value the kind
   * @return a copy
   */
  public LoadOptions withCell(CellKind value) {
    return new LoadOptions(prefix, Optional.of(value), head, oneHot, embedding, linear);
  }

  /**
   * These options with another head.
   *
   * @param value the head
   * @return a copy
   */
  public LoadOptions withHead(Head value) {
    return new LoadOptions(prefix, cell, value, oneHot, embedding, linear);
  }

  /**
   * These options with inputs that are tokens, one-hot.
   *
   * @return a copy
   */
  public LoadOptions withOneHot() {
    return new LoadOptions(prefix, cell, head, true, embedding, linear);
  }

  /**
   * These options with the modules around the recurrent layers named.
   *
   * @param embeddingName full name of the embedding; empty to go by the shapes
   * @param linearName full name of the linear output; empty to go by the shapes
   * @return a copy
   */
  public LoadOptions withModules(String embeddingName, String linearName) {
    return new LoadOptions(prefix, cell, head, oneHot, embeddingName, linearName);
  }
}
