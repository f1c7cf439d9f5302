package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;
import org.lanewise.cell.CellKind;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;

/** States as bytes: what was saved goes on with the same bits, what was damaged is refused. */
class SessionStateTest {

  @Provide
  Arbitrary<NetworkSample> streams() {
    return Samples.streams().filter(sample -> !(sample.spec().input() instanceof Input.Joined));
  }

  private static float[] steps(Session session, NetworkSpec spec, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] output = new float[spec.resultSize()];
    for (int t = 0; t < 5; t++) {
      if (spec.input().isToken()) {
        session.step(random.nextInt(spec.input().tokens()), output);
      } else {
        float[] input = new float[spec.input().size()];
        for (int i = 0; i < input.length; i++) {
          input[i] = random.nextFloat() - 0.5f;
        }
        session.step(input, output);
      }
    }
    return output;
  }

  private static String refused(Session session, byte[] state) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> session.restoreState(state),
            () -> "taken: " + Arrays.toString(state))
        .getMessage();
  }

  @Property(tries = 60)
  @Tag("bits")
  void restoredBytesGoOnWithTheSameBits(@ForAll("streams") NetworkSample sample) {
    Model model = Model.of(sample.parameters());
    Session session = model.session();
    steps(session, sample.spec(), 1);
    byte[] state = session.saveState();
    assertEquals(session.stateBytes(), state.length);
    Session other = model.session();
    steps(other, sample.spec(), 2);
    other.restoreState(state);
    assertEquals(-1, Arrays.mismatch(state, other.saveState()), "saved again");
    Bits.same(sample, "y", steps(session, sample.spec(), 3), steps(other, sample.spec(), 3));
  }

  @Property(tries = 15)
  void damagedBytesAreRefusedAndChangeNothing(@ForAll("streams") NetworkSample sample) {
    Session session = Model.of(sample.parameters()).session();
    steps(session, sample.spec(), 1);
    byte[] state = session.saveState();
    steps(session, sample.spec(), 2);
    byte[] before = session.saveState();
    for (int bit = 0; bit < Byte.SIZE * state.length; bit++) {
      byte[] flipped = state.clone();
      flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      refused(session, flipped);
    }
    for (int length = 0; length < state.length; length++) {
      refused(session, Arrays.copyOf(state, length));
      refused(session, Arrays.copyOfRange(state, state.length - length, state.length));
    }
    SplittableRandom random = new SplittableRandom(sample.seed());
    for (int i = 0; i < 200; i++) {
      byte[] mixed = Arrays.copyOf(state, state.length + random.nextInt(3));
      int from = random.nextInt(mixed.length);
      for (int at = from; at < mixed.length && random.nextInt(8) > 0; at++) {
        mixed[at] = (byte) random.nextInt(256);
      }
      if (!Arrays.equals(mixed, state)) {
        refused(session, mixed);
      }
    }
    assertEquals(-1, Arrays.mismatch(before, session.saveState()), "state after the refusals");
  }

  private static Session session(Input input, CellKind cell, int hidden, int layers, int outputs) {
    Parameters parameters = new Parameters(new NetworkSpec(input, cell, hidden, layers, outputs));
    new Initializer.Torch().fill(parameters, 1);
    return Model.of(parameters).session();
  }

  @Test
  void statesOfOtherModelsAreNamed() {
    Session session = session(new Input.Features(3), CellKind.LSTM, 4, 2, 5);
    String own = ", expected \"lstm input 3 hidden 4 layers 2 output 5\"";
    assertEquals(
        "state: found one of \"lstm input 3 hidden 8 layers 2 output 5\"" + own,
        refused(session, session(new Input.Features(3), CellKind.LSTM, 8, 2, 5).saveState()));
    assertEquals(
        "state: found one of \"gru input 3 hidden 4 layers 4 output 5\"" + own,
        refused(session, session(new Input.Features(3), CellKind.GRU, 4, 4, 5).saveState()));
    assertEquals(
        "state: found one of \"lstm tokens 9 input 3 hidden 4 layers 2 output 5\"" + own,
        refused(session, session(new Input.Embedding(9, 3), CellKind.LSTM, 4, 2, 5).saveState()));
  }

  @Test
  void messagesNameWhatWasFoundAndExpected() {
    Session session = session(new Input.Features(3), CellKind.LSTM, 1, 1, 0);
    byte[] state = session.saveState();
    assertEquals("state: found 3 bytes, expected " + state.length, refused(session, new byte[3]));
    assertEquals(
        "state: found first bytes 00000000, expected 4c575354",
        refused(session, new byte[state.length]));
    byte[] newer = state.clone();
    newer[4] = 2;
    assertEquals("state: found version 2, expected 1", refused(session, newer));
    String cut = refused(session, Arrays.copyOf(state, state.length - 2));
    assertTrue(
        cut.matches(
            "state: found check sum \\p{XDigit}{8} over %d bytes, expected \\p{XDigit}{8} over %d;"
                    .formatted(state.length - 2, state.length)
                + " they are damaged or cut short"),
        cut);
    assertEquals(
        "state bytes: found 3 values, expected " + state.length,
        assertThrows(IllegalArgumentException.class, () -> session.saveState(new byte[3]))
            .getMessage());
  }

  @Test
  void theBytesOfAStateStayAsTheyAre() {
    Session session = session(new Input.Features(1), CellKind.RNN_TANH, 2, 1, 0);
    session.restoreState(new float[] {1f, -0.5f});
    byte[] expected =
        HexFormat.of()
            .parseHex(
                "4c575354" // LWST
                    + "0100" // version
                    + "2b00" // length of what follows
                    + "726e6e5f74616e6820696e7075742031206869646465"
                    + "6e2032206c61796572732031206f75747075742030"
                    + "0000803f000000bf");
    byte[] found = session.saveState();
    assertEquals(expected.length + 4, found.length);
    assertEquals(expected.length, Arrays.mismatch(expected, found), Arrays.toString(found));
  }
}
