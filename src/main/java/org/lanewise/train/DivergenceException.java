package org.lanewise.train;

/**
 * Training has diverged: the loss or the gradient is NaN or infinite. The parameters are still
 * those before the step; the message names the step, the loss and the gradient's norm.
 */
public final class DivergenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * A diverged step.
   *
   * @param message what happened and where to go on from
   */
  public DivergenceException(String message) {
    super(message);
  }
}
