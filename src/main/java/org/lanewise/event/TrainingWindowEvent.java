package org.lanewise.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One step of training: a window of a batch forward and backward, and the update. */
@Name("org.lanewise.TrainingWindow")
@Label("Training Window")
@Category("Lanewise")
@Description("One step of training: a window of a batch forward and backward, and the update")
@StackTrace(false)
public final class TrainingWindowEvent extends Event {
  /** Steps done, this one included. */
  @Label("Step")
  public long step;

  /** Number of the epoch, from 1. */
  @Label("Epoch")
  public int epoch;

  /** Mean loss before the update. */
  @Label("Loss")
  public double loss;

  /** Norm of the gradient before it was clipped by norm. */
  @Label("Gradient Norm")
  public double gradientNorm;

  /** The learning rate. */
  @Label("Learning Rate")
  public double rate;

  /** An event that has not begun. */
  public TrainingWindowEvent() {}
}
