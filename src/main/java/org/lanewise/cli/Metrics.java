package org.lanewise.cli;

import java.io.PrintWriter;
import java.util.Map;
import org.lanewise.train.SequenceEvaluator;

/** Measures the results of a network on examples, one by one. */
interface Metrics extends SequenceEvaluator.Visitor {

  /** Names and values of what was measured, in a fixed order. */
  Map<String, Double> values();

  /** Prints a table for people. */
  void report(PrintWriter out);
}
