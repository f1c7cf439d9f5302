/**
 * A Kafka Streams application that runs one recurrent session per key: the model is shared, the
 * state of each key lies in a state store.
 */
package org.lanewise.examples.kafka;
