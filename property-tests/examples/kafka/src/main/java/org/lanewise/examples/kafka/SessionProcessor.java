package org.lanewise.examples.kafka;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;

/**
 * One step of its key's stream for each reading: fetch the state, step, put the state back, forward
 * the score.
 *
 * <p>Kafka makes one processor per partition and lets one thread at a time run it, which is what a
 * session asks for. So there is one session per partition, and all keys take turns in it.
 *
 * <p>A state in the store is the number of the last reading that went into it and the state of the
 * session. A reading whose number is not above that one is late: it is forwarded to {@link #LATE},
 * unchanged, and the state stays as it is, since a recurrent state cannot be rewound. That also
 * makes a reading that is delivered twice count once. A reading that cannot be read is forwarded to
 * {@link #MALFORMED} with the header {@link #REASON}. A state that cannot be read is no fault of
 * the reading: the processor throws, which stops the application before it gives a wrong score.
 */
final class SessionProcessor implements Processor<String, byte[], String, byte[]> {
  static final String STATES = "states";
  static final String SCORES = "scores";
  static final String LATE = "late";
  static final String MALFORMED = "malformed";
  static final String REASON = "reason";

  private final Session session;
  private final float[] input;
  private final float[] output;
  private final byte[] state;
  private ProcessorContext<String, byte[]> context;
  private KeyValueStore<String, byte[]> states;

  SessionProcessor(Model model) {
    if (model.spec().input().isToken()) {
      throw new IllegalArgumentException("model: expected vectors as input, found tokens");
    }
    session = model.session();
    input = new float[model.inputSize()];
    output = new float[model.outputSize()];
    state = new byte[session.stateBytes()];
  }

  @Override
  public void init(ProcessorContext<String, byte[]> processorContext) {
    context = processorContext;
    states = context.getStateStore(STATES);
  }

  @Override
  public void process(Record<String, byte[]> reading) {
    String fault = read(reading);
    if (fault != null) {
      reading.headers().add(REASON, fault.getBytes(StandardCharsets.UTF_8));
      context.forward(reading, MALFORMED);
      return;
    }
    long sequence = Payload.sequence(reading.value());
    byte[] before = states.get(reading.key());
    if (before != null && sequence <= Payload.sequence(before)) {
      context.forward(reading, LATE);
      return;
    }
    restore(reading.key(), before);
    session.step(input, output);
    session.saveState(state);
    // New arrays each time: the store and the producer keep what they are given.
    states.put(reading.key(), Payload.of(sequence, state));
    context.forward(reading.withValue(Payload.of(sequence, output)), SCORES);
  }

  /** Fills the input, or says why it cannot. */
  private String read(Record<String, byte[]> reading) {
    if (reading.key() == null) {
      return "key: expected a name, found null";
    }
    byte[] value = reading.value();
    int size = Long.BYTES + input.length * Float.BYTES;
    if (value == null || value.length != size) {
      return "value: expected "
          + size
          + " bytes, found "
          + (value == null ? "null" : Integer.toString(value.length));
    }
    Payload.values(value, input);
    for (int i = 0; i < input.length; i++) {
      if (!Float.isFinite(input[i])) {
        return "value " + i + ": expected a finite number, found " + input[i];
      }
    }
    return null;
  }

  private void restore(String key, byte[] stored) {
    if (stored == null) {
      session.reset();
      return;
    }
    try {
      Payload.bytes(stored, state);
      session.restoreState(state);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "store " + STATES + ", key " + key + ": " + e.getMessage(), e);
    }
  }
}
