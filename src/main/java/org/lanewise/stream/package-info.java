/**
 * Floor 5: inference for embedders. A {@link org.lanewise.stream.Model} is immutable and shared by
 * any number of threads; a {@link org.lanewise.stream.Session} holds the state of one stream and
 * belongs to one thread at a time.
 */
package org.lanewise.stream;
