package dev.sluice.supervisor.target;

import java.util.Arrays;
import java.util.List;

/// Which pairs of neighbouring bytes there are in a text, roughly: several pairs share a bit. A
/// text without a pair that a pattern needs does not match it.
public final class BytePairs {
  private static final int WORDS = 4;
  private static final int BITS = WORDS * Long.SIZE;

  private final long[] words = new long[WORDS];

  public static BytePairs of(byte[] text) {
    var pairs = new BytePairs();
    for (int i = 1; i < text.length; i++) {
      pairs.add(text[i - 1], text[i]);
    }
    return pairs;
  }

  /// What all of them have; nothing, if there is none.
  public static BytePairs inAll(List<BytePairs> all) {
    var common = new BytePairs();
    if (!all.isEmpty()) {
      Arrays.fill(common.words, -1);
    }
    for (BytePairs pairs : all) {
      Arrays.setAll(common.words, i -> common.words[i] & pairs.words[i]);
    }
    return common;
  }

  public void add(byte first, byte second) {
    // the factor keeps pairs of letters apart, of which paths are made
    int bit = (first * 37 + second) & (BITS - 1);
    words[bit / Long.SIZE] |= 1L << bit;
  }

  void clear() {
    Arrays.fill(words, 0);
  }

  /// Whether all of `others` may be among these. If not, they are not.
  boolean mayHave(BytePairs others) {
    for (int i = 0; i < WORDS; i++) {
      if ((others.words[i] & ~words[i]) != 0) {
        return false;
      }
    }
    return true;
  }
}
