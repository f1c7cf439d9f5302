package org.lanewise.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lanewise.cell.CellKind;
import org.lanewise.cell.Tape;
import org.lanewise.kernel.KernelProvider;
import org.lanewise.kernel.Kernels;

class NetworkGradientsTest {
  private static final int STEPS = 3;
  private static final int BATCH = 20;
  private static final int SIZE = 5;

  private final RuntimeException failure = new IllegalStateException("made to fail");
  private volatile Thread toFail;

  /** Kernels of which the gates of a LSTM fail backward, on one thread. */
  private Kernels failing() {
    Kernels kernels = KernelProvider.kernels();
    return (Kernels)
        Proxy.newProxyInstance(
            Kernels.class.getClassLoader(),
            new Class<?>[] {Kernels.class},
            (proxy, method, args) -> {
              if (method.getName().equals("lstmBackward") && Thread.currentThread() == toFail) {
                throw failure;
              }
              try {
                return method.invoke(kernels, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static final class Training {
    final Parameters parameters =
        new Parameters(new NetworkSpec(new Input.Features(SIZE), CellKind.LSTM, 40, 1, 0));
    final Network network;
    final Workspace workspace;

    Training(Kernels kernels) {
      new Initializer.Torch().fill(parameters, 1);
      network = new Network(kernels, parameters, true);
      network.pack(parameters.values());
      workspace = new Workspace(network, STEPS, BATCH, true);
      workspace.timeline().setAll(STEPS);
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < workspace.x.length; i++) {
        workspace.x[i] = (float) random.nextDouble(-1, 1);
      }
    }

    /** One of several parts of a window with gradients of the hidden states that are all alike. */
    void window(int part, int parts) {
      int begin = workspace.row(part, parts);
      int end = workspace.row(part + 1, parts);
      network.forwardStates(workspace, begin, end);
      Tape tape = workspace.tape(0);
      for (int time = 0; time < STEPS; time++) {
        for (int row = begin; row < end; row++) {
          int at = tape.at(time + 1, row);
          Arrays.fill(tape.dh, at, at + 40, 0.01f * (row + 1));
        }
      }
      network.gradients(workspace, part, parts, parameters.gradients());
    }

    void begin() {
      workspace.clearState();
      workspace.clearStateGradients();
    }
  }

  /** Threads wait for one another's rows; those of one that fails have to count as done. */
  @Test
  @Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aPartThatFailsHoldsUpNeitherTheOthersNorTheNextWindow() {
    Training alone = new Training(KernelProvider.kernels());
    alone.begin();
    alone.window(0, 1);
    for (int parts = 2; parts <= 4; parts++) {
      Training shared = new Training(failing());
      try (Workers workers = new Workers(parts)) {
        toFail = Thread.currentThread();
        shared.begin();
        RuntimeException found =
            assertThrows(IllegalStateException.class, () -> workers.run(shared::window));
        assertSame(failure, found);
        toFail = null;
        for (int window = 0; window < 3; window++) {
          shared.begin();
          workers.run(shared::window);
          assertArrayEquals(alone.parameters.gradients(), shared.parameters.gradients());
        }
      }
    }
  }
}
