package dev.sluice.supervisor.bpf;

import java.util.Random;

/// Numbers at which comparisons and arithmetic go wrong if they do, and others.
final class RandomWords {
  private static final int[] NARROW = {
    0, 1, 2, -1, -2, 0x7fffffff, 0x80000000, 0x80000001, 0x0000ffff, 0x00010000, 0xffff0000, 255
  };

  private RandomWords() {}

  static int narrow(Random random) {
    return random.nextInt(4) == 0 ? random.nextInt() : NARROW[random.nextInt(NARROW.length)];
  }

  static long wide(Random random) {
    return (long) narrow(random) << 32 | Integer.toUnsignedLong(narrow(random));
  }
}
