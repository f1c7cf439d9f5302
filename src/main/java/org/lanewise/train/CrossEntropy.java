package org.lanewise.train;

import org.lanewise.kernel.Kernels;

/**
 * Softmax cross-entropy in nats, as PyTorch's {@code cross_entropy}. With smoothing ε the target is
 * {@code (1 - ε) onehot + ε / classes} (Szegedy et al. 2016); with class weights w a row counts
 * {@code w[target]} in loss, gradient and mean. With both, PyTorch weighs each smoothed term by its
 * own class instead.
 */
public final class CrossEntropy implements Loss {
  private final float[] classWeights;
  private final double smoothing;

  /** Without weights and smoothing. */
  public CrossEntropy() {
    this(new float[0], 0);
  }

  /**
   * With weights, smoothing or both.
   *
   * @param classWeights one positive or zero weight per class; empty for none
   * @param smoothing share ε of the target that is spread over all classes, 0 to below 1
   * @throws IllegalArgumentException if a weight or the share is out of range
   */
  public CrossEntropy(float[] classWeights, double smoothing) {
    for (float weight : classWeights) {
      if (!(weight >= 0) || Float.isInfinite(weight)) {
        throw new IllegalArgumentException(
            "class weight: found " + weight + ", expected a finite number, 0 or above");
      }
    }
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new IllegalArgumentException(
          "label smoothing: found " + smoothing + ", expected a share from 0 to below 1");
    }
    this.classWeights = classWeights.clone();
    this.smoothing = smoothing;
  }

  @Override
  public boolean readsClasses() {
    return true;
  }

  @Override
  public void checkColumns(int columns) {
    if (classWeights.length > 0 && classWeights.length != columns) {
      throw new IllegalArgumentException(
          "class weights: found " + classWeights.length + ", expected " + columns);
    }
  }

  @Override
  public double weight(Targets targets, int row) {
    int target = targets.classes[row];
    return target < 0 ? 0 : classWeights.length == 0 ? 1 : classWeights[target];
  }

  @Override
  public void apply(
      Kernels kernels,
      int rows,
      Targets targets,
      int row,
      float scale,
      double[] losses,
      float[] y,
      int offset,
      int stride) {
    if (classWeights.length == 0 && smoothing == 0) {
      kernels.softmaxCrossEntropy(
          rows, targets.columns, targets.classes, row, scale, losses, row, y, offset, stride);
      return;
    }
    for (int r = row; r < row + rows; r++) {
      applyRow(kernels, targets, r, scale, losses, y, offset + (r - row) * stride, stride);
    }
  }

  private void applyRow(
      Kernels kernels,
      Targets targets,
      int row,
      float scale,
      double[] losses,
      float[] y,
      int offset,
      int stride) {
    int classes = targets.columns;
    int target = targets.classes[row];
    double weight = weight(targets, row);
    double sum = 0;
    for (int i = offset; i < offset + classes; i++) {
      sum += y[i];
    }
    double logit = target < 0 ? 0 : y[offset + target];
    float rowScale = (float) (scale * weight);
    kernels.softmaxCrossEntropy(
        1, classes, targets.classes, row, rowScale, losses, row, y, offset, stride);
    if (target < 0) {
      return;
    }
    // -Σ q log p with q = (1 - ε) onehot + ε / n is the plain loss + ε (y[target] - mean y).
    losses[row] = weight * (losses[row] + smoothing * (logit - sum / classes));
    if (smoothing > 0) {
      float share = (float) (rowScale * smoothing / classes);
      for (int i = offset; i < offset + classes; i++) {
        y[i] -= share;
      }
      y[offset + target] += (float) (rowScale * smoothing);
    }
  }
}
