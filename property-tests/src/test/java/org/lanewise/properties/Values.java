package org.lanewise.properties;

import java.util.SplittableRandom;

/** What the numbers of a case look like. */
enum Values {
  /** Around one. */
  ORDINARY {
    @Override
    float next(SplittableRandom random) {
      return (float) (4 * random.nextDouble() - 2);
    }
  },
  /** Denormal, zero or a little above, of both signs. */
  TINY {
    @Override
    float next(SplittableRandom random) {
      return Float.intBitsToFloat(random.nextInt(0x01000000) | sign(random));
    }
  },
  /** Products overflow. */
  HUGE {
    @Override
    float next(SplittableRandom random) {
      return Float.intBitsToFloat(random.nextInt(0x5f000000, 0x7f800000) | sign(random));
    }
  },
  /** Any bits at all, and more often than chance has them: zeros, infinities, NaN, ones. */
  ANY {
    private final float[] special = {
      0f, -0f, 1f, -1f, Float.MIN_VALUE, Float.MAX_VALUE, Float.POSITIVE_INFINITY, Float.NaN
    };

    @Override
    float next(SplittableRandom random) {
      int choice = random.nextInt(16);
      if (choice < 2) {
        return Float.intBitsToFloat(random.nextInt());
      }
      if (choice == 2) {
        float value = special[random.nextInt(special.length)];
        return random.nextBoolean() ? value : -value;
      }
      return ORDINARY.next(random);
    }
  };

  abstract float next(SplittableRandom random);

  float[] array(SplittableRandom random, int n) {
    float[] array = new float[n];
    for (int i = 0; i < n; i++) {
      array[i] = next(random);
    }
    return array;
  }

  private static int sign(SplittableRandom random) {
    return random.nextBoolean() ? 0x80000000 : 0;
  }
}
