/**
 * Benchmarks with JMH: the machine's limits, every kernel, one step of inference, one step of
 * training. Each class says the question it answers, the peer it is compared with and the limit.
 */
package org.lanewise.bench;
