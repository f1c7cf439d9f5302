package org.lanewise.properties;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.domains.DomainContextBase;

/** What the properties are about: arbitrary operands of kernels, arbitrary networks. */
final class Generators extends DomainContextBase {

  @Provide
  Arbitrary<KernelCase> kernelCases() {
    Arbitrary<Integer> columns =
        Arbitraries.oneOf(
            Arbitraries.of(1, 3, 15, 16, 17, 33, 48, 63, 64, 65, 128), between(79, 200));
    return Combinators.combine(
            between(1, 20),
            between(0, 70),
            columns,
            Arbitraries.of(Values.class),
            Arbitraries.longs())
        .as(KernelCase::new)
        .withoutEdgeCases();
  }

  @Provide
  Arbitrary<NetworkCase> networkCases() {
    Arbitrary<Integer> hiddenSizes = Arbitraries.oneOf(between(1, 40), Arbitraries.of(15, 16, 17));
    return Combinators.combine(
            Arbitraries.of(NetworkCase.Kind.class),
            between(1, 20),
            hiddenSizes,
            between(1, 3),
            between(1, 20),
            between(1, 6),
            // Batches of one piece, and of two halves.
            Arbitraries.oneOf(between(1, 5), between(16, 30)),
            Arbitraries.longs())
        .as(NetworkCase::new)
        .withoutEdgeCases();
  }

  /** Evenly, where jqwik would prefer small numbers. */
  private static Arbitrary<Integer> between(int least, int most) {
    return Arbitraries.integers()
        .between(least, most)
        .withDistribution(RandomDistribution.uniform());
  }
}
