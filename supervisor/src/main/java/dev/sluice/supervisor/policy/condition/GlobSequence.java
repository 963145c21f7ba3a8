package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.BytePairs;
import dev.sluice.supervisor.target.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// One alternative of a [Glob]: bytes, sets of bytes and stars.
///
/// Most texts match no pattern, and what a pattern begins with, ends with or has in it tells so
/// before it is followed.
final class GlobSequence {
  private static final int ANY_BYTE = -1; // ?
  private static final int STAR = -2; // *
  private static final int DOUBLE_STAR = -3; // **
  private static final int SET = -4; // [..]: -4 for the first set, -5 for the second

  /// A byte, or one of the above.
  private final int[] tokens;

  private final List<boolean[]> sets;

  /// The bytes before the first token that is none, and behind the last one.
  private final byte[] head;

  private final byte[] tail;
  private final BytePairs needed = new BytePairs();

  private GlobSequence(int[] tokens, List<boolean[]> sets) {
    this.tokens = tokens;
    this.sets = List.copyOf(sets);
    int first = 0;
    while (first < tokens.length && tokens[first] >= 0) {
      first++;
    }
    int last = tokens.length;
    while (last > 0 && tokens[last - 1] >= 0) {
      last--;
    }
    head = bytes(0, first);
    tail = bytes(last, tokens.length);
    for (int i = 1; i < tokens.length; i++) {
      if (tokens[i - 1] >= 0 && tokens[i] >= 0) {
        needed.add((byte) tokens[i - 1], (byte) tokens[i]);
      }
    }
  }

  private byte[] bytes(int from, int to) {
    byte[] bytes = new byte[to - from];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) tokens[from + i];
    }
    return bytes;
  }

  BytePairs needed() {
    return needed;
  }

  static GlobSequence compile(byte[] pattern) {
    int[] tokens = new int[pattern.length];
    int count = 0;
    var sets = new ArrayList<boolean[]>();
    for (int i = 0; i < pattern.length; i++) {
      switch (pattern[i]) {
        case '?' -> tokens[count++] = ANY_BYTE;
        case '*' -> {
          boolean isDouble = i + 1 < pattern.length && pattern[i + 1] == '*';
          tokens[count++] = isDouble ? DOUBLE_STAR : STAR;
          i += isDouble ? 1 : 0;
        }
        case '[' -> {
          tokens[count++] = SET - sets.size();
          var set = new boolean[256];
          i = readSet(pattern, i + 1, set);
          sets.add(set);
        }
        case '\\' -> {
          if (++i == pattern.length) {
            throw new IllegalArgumentException("there is nothing behind the last \\");
          }
          tokens[count++] = Byte.toUnsignedInt(pattern[i]);
        }
        default -> tokens[count++] = Byte.toUnsignedInt(pattern[i]);
      }
    }
    return new GlobSequence(Arrays.copyOf(tokens, count), sets);
  }

  /// Returns the index of the closing bracket.
  private static int readSet(byte[] pattern, int from, boolean[] set) {
    int i = from;
    boolean negated = i < pattern.length && (pattern[i] == '!' || pattern[i] == '^');
    i += negated ? 1 : 0;
    int first = i;
    for (; i < pattern.length && (pattern[i] != ']' || i == first); i++) {
      int low = Byte.toUnsignedInt(pattern[i]);
      int high = low;
      if (i + 2 < pattern.length && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
        high = Byte.toUnsignedInt(pattern[i + 2]);
        i += 2;
      }
      for (int value = low; value <= high; value++) {
        set[value] = true;
      }
    }
    if (i >= pattern.length) {
      throw new IllegalArgumentException("a [ has no ]");
    }
    if (negated) {
      for (int value = 0; value < set.length; value++) {
        set[value] = !set[value];
      }
    }
    return i;
  }

  /// Goes on greedily; on a mismatch lets the last `*` take one byte more, or the last `**` if that
  /// would be a slash.
  boolean matches(Text text) {
    if (!text.mayHave(needed) || !text.startsWith(head) || !text.endsWith(tail)) {
      return false;
    }
    int token = head.length;
    int at = head.length;
    int star = -1;
    int starAt = 0;
    int doubleStar = -1;
    int doubleStarAt = 0;
    while (true) {
      if (token < tokens.length && tokens[token] == STAR) {
        star = token++;
        starAt = at;
      } else if (token < tokens.length && tokens[token] == DOUBLE_STAR) {
        doubleStar = token++;
        doubleStarAt = at;
        star = -1;
      } else if (token == tokens.length && at == text.length()) {
        return true;
      } else if (token < tokens.length
          && at < text.length()
          && accepts(tokens[token], text.at(at))) {
        token++;
        at++;
      } else if (star >= 0 && starAt < text.length() && text.at(starAt) != '/') {
        token = star + 1;
        at = ++starAt;
      } else if (doubleStar >= 0 && doubleStarAt < text.length()) {
        token = doubleStar + 1;
        at = ++doubleStarAt;
        star = -1;
      } else {
        return false;
      }
    }
  }

  private boolean accepts(int token, byte value) {
    if (token >= 0) {
      return (byte) token == value;
    }
    return value != '/' && (token == ANY_BYTE || sets.get(SET - token)[Byte.toUnsignedInt(value)]);
  }
}
