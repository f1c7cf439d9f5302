/**
 * Floor 5: inference for embedders. A {@link org.lanewise.stream.Model} is immutable and shared by
 * any number of threads; a {@link org.lanewise.stream.Session} holds the state of one stream and
 * belongs to one thread at a time.
 *
 * <p>No flag of the virtual machine is required; the results have the same bits with any of them.
 * These help:
 *
 * <pre>
 * --add-modules jdk.incubator.vector  the fast kernels; without it the plain ones run, and a log line
 *                                     says so
 * -XX:+UseSerialGC                    no collector threads beside yours; a session leaves nothing to
 *                                     collect, so any collector will do
 * -Xms and -Xmx alike, with           memory is there before the first step, not when it is touched
 *   -XX:+AlwaysPreTouch
 * -XX:+UseTransparentHugePages        for models of many megabytes, where Linux offers them on request
 * -Dlanewise.kernels=scalar           the plain kernels although the module is there; vector forces
 *                                     the others
 * </pre>
 *
 * <p>{@code -Xint}, {@code -XX:TieredStopAtLevel} below 4 and {@code -XX:-UseFMA} take the fast
 * kernels away.
 *
 * <p>A flight recording shows {@code org.lanewise.ModelLoad}, {@code org.lanewise.WarmUp} and, when
 * asked for, every {@code org.lanewise.Step} that took longer than a threshold:
 *
 * <pre>
 * -XX:StartFlightRecording:+org.lanewise.Step#enabled=true,+org.lanewise.Step#threshold=50us
 * </pre>
 */
package org.lanewise.stream;
