package org.lanewise.network;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.lanewise.kernel.StepWeights;

/**
 * How many bits the weights of recurrent layers keep in a model. Sums, states and activations are
 * float in all of them; biases, embeddings, projections, peepholes and the linear output keep their
 * bits. The weights that a precision leaves are numbers like any other: steps, sequences, batches,
 * lanes and the plain kernels agree in every bit.
 */
public enum Precision {
  /** The weights as they are. */
  FLOAT32(StepWeights.Format.FLOAT32),
  /** 8 significant bits; a step reads half the bytes. */
  BFLOAT16(StepWeights.Format.BFLOAT16),
  /**
   * Whole numbers from -127 to 127 times a power of two for every row of a weight matrix; a step
   * reads a quarter of the bytes.
   */
  INT8(StepWeights.Format.INT8);

  private final StepWeights.Format format;

  Precision(StepWeights.Format format) {
    this.format = format;
  }

  StepWeights.Format format() {
    return format;
  }

  /**
   * The name on the command line.
   *
   * @return lower case
   */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The inverse of {@link #text}.
   *
   * @param text float32, bfloat16 or int8
   * @return the precision
   * @throws IllegalArgumentException if it is none of them
   */
  public static Precision parse(String text) {
    return Arrays.stream(values())
        .filter(precision -> precision.text().equals(text))
        .findAny()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "precision: found "
                        + text
                        + ", expected "
                        + Arrays.stream(values())
                            .map(Precision::text)
                            .collect(Collectors.joining(", "))));
  }
}
