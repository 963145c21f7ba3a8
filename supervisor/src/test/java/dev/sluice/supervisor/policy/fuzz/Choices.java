package dev.sluice.supervisor.policy.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// The choices by which an input is made: at random, or as bytes say that a fuzzer thinks up, so
/// that another byte is another choice. A fuzzer likes few bytes: beyond the last one they are at
/// random too, but the same for the same bytes.
final class Choices {
  private final byte[] bytes;
  private final Random beyond;
  private int next;

  private Choices(byte[] bytes) {
    this.bytes = bytes;
    this.beyond = new Random(Arrays.hashCode(bytes));
  }

  static Choices of(byte[] bytes) {
    return new Choices(bytes);
  }

  static Choices at(Random random) {
    byte[] bytes = new byte[16 + random.nextInt(240)];
    random.nextBytes(bytes);
    return new Choices(bytes);
  }

  /// A number from 0 to `count` - 1.
  int below(int count) {
    int value = 0;
    for (int most = count - 1; most > 0; most >>= Byte.SIZE) {
      value = value << Byte.SIZE | nextByte();
    }
    return value % count;
  }

  private int nextByte() {
    return next < bytes.length ? bytes[next++] & 0xff : beyond.nextInt(256);
  }

  /// Whether something is done that is done once in `times`.
  boolean rarely(int times) {
    return below(times) == times - 1;
  }

  <T> T any(List<T> all) {
    return all.get(below(all.size()));
  }
}
