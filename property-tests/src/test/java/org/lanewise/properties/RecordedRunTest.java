package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanewise.cell.CellKind;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.Network;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;
import org.lanewise.network.Workspace;
import org.lanewise.train.Adam;
import org.lanewise.train.Clip;
import org.lanewise.train.Schedule;
import org.lanewise.train.TrainSpec;
import org.lanewise.train.Trainer;

/**
 * A fixed training run ends in the same bits on every machine, with every width of the lanes, and
 * in plain Java: all weights, and the outputs of the trained network, have the recorded digest.
 *
 * <p>A change of the numeric law changes the digests, which is a change that users should be told
 * of; nothing else may.
 */
@Tag("bits")
class RecordedRunTest {
  private static final int TOKENS = 29;
  private static final int WINDOW = 12;
  private static final int STEPS = 8;
  private static final Clip CLIP = new Clip(0.01, 0.05);

  private static final String ONE_HOT =
      "7ae201e8a99442296694695a07f5e3ddbccf701bde37095dd346ac5e3aa5480c";
  private static final String EMBEDDING =
      "5a33f672f2213c62765726b8c6e95ebfd6fb935627942e757438a440fdfff18d";

  /** An embedding, and a batch of two halves. */
  private static final String HALVES =
      "06cd954112e24ff400ee64a2ae6df2081c3c5d53f7e5ee0c8873fc1b1146c1af";

  static Stream<Arguments> runs() {
    return kernels().stream()
        .flatMap(
            kernels ->
                Stream.of(
                    Arguments.of(kernels, new Input.OneHot(TOKENS), 5, ONE_HOT),
                    Arguments.of(kernels, new Input.Embedding(TOKENS, 13), 5, EMBEDDING),
                    Arguments.of(kernels, new Input.Embedding(TOKENS, 13), 21, HALVES)));
  }

  /** The choice of this virtual machine first. */
  private static List<Kernels> kernels() {
    return Stream.concat(Stream.of(KernelProvider.kernels()), AllKernels.all().stream()).toList();
  }

  @ParameterizedTest
  @MethodSource("runs")
  void endsInTheRecordedBits(Kernels kernels, Input input, int batch, String digest) {
    NetworkSpec spec = new NetworkSpec(input, CellKind.LSTM, 37, 2, TOKENS);
    Parameters parameters = new Parameters(spec);
    new Initializer.Torch().fill(parameters, 20);
    TrainSpec training =
        new TrainSpec(
            batch, WINDOW, new Adam(0.9, 0.999, 1e-8), new Schedule.Constant(0.01), CLIP, 0, 1);
    SplittableRandom random = new SplittableRandom(21);
    try (Trainer trainer = new Trainer(kernels, parameters, training)) {
      for (int step = 0; step < STEPS; step++) {
        trainer.workspace().carryState();
        draw(random, trainer.workspace().tokens);
        draw(random, trainer.targets().classes);
        trainer.step(1);
        assertTrue(
            trainer.gradientNorm() > CLIP.norm(),
            "clipping takes part, norm " + trainer.gradientNorm());
      }
    }
    Network network = new Network(kernels, parameters, false);
    network.pack(parameters.values());
    Workspace workspace = new Workspace(network, WINDOW, batch, false);
    draw(random, workspace.tokens);
    network.forward(workspace, 0, batch);
    assertEquals(digest, digest(parameters.values(), workspace.y));
  }

  private static void draw(SplittableRandom random, int[] ids) {
    for (int i = 0; i < ids.length; i++) {
      ids[i] = random.nextInt(TOKENS);
    }
  }

  private static String digest(float[]... arrays) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (float[] array : arrays) {
        ByteBuffer bytes = ByteBuffer.allocate(array.length * Float.BYTES);
        bytes.asFloatBuffer().put(array);
        sha.update(bytes);
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
