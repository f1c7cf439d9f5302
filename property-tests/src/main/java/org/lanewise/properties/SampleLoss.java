package org.lanewise.properties;

import java.util.Arrays;
import org.lanewise.train.CrossEntropy;
import org.lanewise.train.Loss;
import org.lanewise.train.ValueLoss;

/**
 * A loss that can be written down, as the library's and as the reference's.
 *
 * @param values the loss of a value; null for cross-entropy of classes
 * @param classWeights of cross-entropy; empty for none
 * @param smoothing of cross-entropy
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record SampleLoss(ValueLoss values, float[] classWeights, double smoothing) {

  /**
   * Whether targets are classes.
   *
   * @return false when they are values
   */
  public boolean readsClasses() {
    return values == null;
  }

  /**
   * The loss of the library.
   *
   * @return a new loss
   */
  public Loss loss() {
    return readsClasses() ? new CrossEntropy(classWeights, smoothing) : values;
  }

  ReferenceLoss reference(ReferenceNetwork.Run run, int[][] classes, double[][][] targets) {
    if (!readsClasses()) {
      return ReferenceLoss.values(run, targets, ReferenceValueLoss.valueOf(values.name()));
    }
    double[] weights = new double[classWeights.length];
    Arrays.setAll(weights, k -> classWeights[k]);
    return ReferenceLoss.crossEntropy(run, classes, weights, smoothing);
  }

  @Override
  public String toString() {
    return readsClasses()
        ? "cross-entropy, weights " + Arrays.toString(classWeights) + ", smoothing " + smoothing
        : values.name();
  }
}
