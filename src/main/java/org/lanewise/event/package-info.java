/**
 * Floor 1: what a flight recording shows of the engine, through {@code jdk.jfr}. Where that module
 * is absent nothing is recorded and nothing else changes.
 *
 * <pre>
 * org.lanewise.ModelLoad       a model was read from a file
 * org.lanewise.WarmUp          a model was run until it was compiled
 * org.lanewise.Step            one step of a session; off, and with a threshold of 100 µs when on
 * org.lanewise.TrainingWindow  one step of training
 * org.lanewise.Checkpoint      a checkpoint was written
 * </pre>
 */
package org.lanewise.event;
