package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.lanewise.cell.CellKind;
import org.lanewise.kernel.Kernels;
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

/** The size of a workspace is known before, and a budget of memory changes no bit. */
@Tag("bits")
class MemoryTest {

  @Provide
  Arbitrary<NetworkSample> any() {
    return Samples.any();
  }

  @Property(tries = 60)
  void bytesAreThoseOfTheArrays(@ForAll("any") NetworkSample drawn) throws Exception {
    NetworkSample sample = drawn.seed() % 2 == 0 ? drawn : drawn.withDropout(0.3);
    Network network = new Network(AllKernels.PLAIN, sample.parameters(), true);
    int steps = sample.timeSteps();
    for (int segment = 0; segment <= steps; segment += 1 + steps / 3) {
      for (boolean training : new boolean[] {true, segment > 0}) {
        Workspace workspace =
            new Workspace(network, steps, sample.batch(), training, training ? segment : 0);
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        assertEquals(
            arrays(workspace, seen),
            workspace.bytes(),
            sample + ", segment " + segment + ", training " + training);
      }
      Workspace asked = Workspace.withInputGradients(network, steps, sample.batch(), segment);
      assertEquals(
          arrays(asked, Collections.newSetFromMap(new IdentityHashMap<>())),
          asked.bytes(),
          sample + ", segment " + segment + ", gradients of the inputs");
    }
  }

  /** Bytes of the arrays of numbers that an object of the library reaches. */
  private static long arrays(Object object, Set<Object> seen) throws Exception {
    if (object == null || !seen.add(object)) {
      return 0;
    }
    Class<?> type = object.getClass();
    long bytes = 0;
    if (type.isArray()) {
      int n = Array.getLength(object);
      if (type.getComponentType().isPrimitive()) {
        return (long) n * (type == long[].class || type == double[].class ? 8 : 4);
      }
      for (int i = 0; i < n; i++) {
        bytes += arrays(Array.get(object, i), seen);
      }
      return bytes;
    }
    if (object instanceof java.util.List<?> list) {
      for (Object element : list) {
        bytes += arrays(element, seen);
      }
      return bytes;
    }
    if (!type.getName().startsWith("org.lanewise") || object instanceof NetworkSpec) {
      return 0;
    }
    for (Field field : type.getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
        field.setAccessible(true);
        bytes += arrays(field.get(object), seen);
      }
    }
    return bytes;
  }

  @Property(tries = 12)
  void aBudgetOfMemoryChangesNoBit(@ForAll("any") NetworkSample drawn) {
    NetworkSample sample = drawn.seed() % 2 == 0 ? drawn : drawn.withDropout(0.3);
    int steps = sample.timeSteps();
    Parameters all = sample.parameters();
    double[] losses = train(AllKernels.PLAIN, sample, all, 1, Long.MAX_VALUE);
    for (Kernels kernels : AllKernels.all()) {
      for (int segment = (steps + 1) / 2, last = steps; segment < last; ) {
        long budget = Workspace.bytes(sample.spec(), steps, sample.batch(), true, segment);
        for (int threads = 1; threads <= 3; threads++) {
          Parameters some = sample.parameters();
          String where = sample + ", segment " + segment + " on " + threads + " threads";
          Bits.same(where, "losses", losses, train(kernels, sample, some, threads, budget));
          Bits.same(where, "parameters", all.values(), some.values());
          Bits.same(where, "gradients", all.gradients(), some.gradients());
        }
        last = segment;
        segment = (segment + 1) / 2;
      }
    }
  }

  private static double[] train(
      Kernels kernels, NetworkSample sample, Parameters parameters, int threads, long memory) {
    TrainSpec spec =
        new TrainSpec(
            sample.batch(),
            sample.timeSteps(),
            new Adam(0.9, 0.999, 1e-8),
            new Schedule.Constant(0.01),
            new Clip(0.1, 0.2),
            1e-3,
            threads,
            sample.loss().loss(),
            7,
            memory);
    double[] losses = new double[3];
    try (Trainer trainer = new Trainer(kernels, parameters, spec)) {
      sample.fill(trainer.workspace());
      sample.fill(trainer.targets());
      for (int step = 0; step < losses.length; step++) {
        trainer.network().beginState(trainer.workspace());
        losses[step] = trainer.step(1);
      }
    }
    return losses;
  }

  @Example
  void theMostStepsThatFitAreKept() {
    NetworkSpec spec = new NetworkSpec(new Input.OneHot(65), CellKind.LSTM, 256, 2, 65);
    long all = Workspace.bytes(spec, 100, 20, true, 0);
    assertEquals(0, Workspace.segment(spec, 100, 20, all));
    int segment = Workspace.segment(spec, 100, 20, all * 6 / 10);
    assertTrue(Workspace.bytes(spec, 100, 20, true, segment) <= all * 6 / 10);
    assertTrue(Workspace.bytes(spec, 100, 20, true, 2 * segment) > all * 6 / 10);
  }

  @Example
  void manyResultsAreNotKeptEither() {
    NetworkSpec spec = new NetworkSpec(new Input.OneHot(65), CellKind.LSTM, 256, 2, 10_000);
    long all = Workspace.bytes(spec, 100, 20, true, 0);
    assertTrue(Workspace.bytes(spec, 100, 20, true, 10) < all / 3);
  }

  @Example
  void aBudgetThatIsTooSmallIsRefusedWithWhatIsNeeded() {
    NetworkSpec spec = new NetworkSpec(new Input.OneHot(65), CellKind.LSTM, 128, 1, 65);
    String message =
        assertThrows(IllegalArgumentException.class, () -> Workspace.segment(spec, 50, 50, 1000))
            .getMessage();
    String all = String.format("%,d", Workspace.bytes(spec, 50, 50, true, 0));
    assertTrue(message.contains(all) && message.contains("a budget of 1,000"), message);
  }
}
