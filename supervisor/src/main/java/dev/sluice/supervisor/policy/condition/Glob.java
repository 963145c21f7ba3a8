package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A path pattern, as glob(7) has it and a little more: `*` and `?` stay within a component,
/// `[a-z]` is a set of bytes, `**` crosses components (`/a/**/b` matches `/a/b` too), `{x,y}` is
/// either.
///
/// Matching takes time proportional to pattern times path and allocates nothing.
public final class Glob {
  private static final int MAX_ALTERNATIVES = 64;

  private static final int ANY_BYTE = -1; // ?
  private static final int STAR = -2; // *
  private static final int DOUBLE_STAR = -3; // **
  private static final int SET = -4; // [..]: -4 for the first set, -5 for the second

  private final List<Sequence> alternatives;

  private record Sequence(int[] tokens, List<boolean[]> sets) {}

  private Glob(List<Sequence> alternatives) {
    this.alternatives = alternatives;
  }

  /// Throws [IllegalArgumentException], saying what is wrong with the pattern.
  public static Glob compile(String pattern) {
    var sequences = new ArrayList<Sequence>();
    for (String alternative : expand(pattern)) {
      sequences.add(tokenize(TextPattern.bytes(alternative)));
    }
    return new Glob(List.copyOf(sequences));
  }

  public boolean matches(Text text) {
    for (int i = 0; i < alternatives.size(); i++) {
      if (matches(alternatives.get(i), text)) {
        return true;
      }
    }
    return false;
  }

  /// Goes on greedily; on a mismatch lets the last `*` take one byte more, or the last `**` if that
  /// would be a slash.
  private static boolean matches(Sequence sequence, Text text) {
    int[] tokens = sequence.tokens;
    int token = 0;
    int at = 0;
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
          && accepts(sequence, tokens[token], text.at(at))) {
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

  private static boolean accepts(Sequence sequence, int token, byte value) {
    if (token >= 0) {
      return (byte) token == value;
    }
    return value != '/'
        && (token == ANY_BYTE || sequence.sets.get(SET - token)[Byte.toUnsignedInt(value)]);
  }

  private static Sequence tokenize(byte[] pattern) {
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
    return new Sequence(Arrays.copyOf(tokens, count), List.copyOf(sets));
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

  /// Resolves `{x,y}`, and lets `/**/` match a single slash too.
  private static List<String> expand(String pattern) {
    var expanded = new ArrayList<String>();
    expandBraces(pattern, expanded);
    for (int i = 0; i < expanded.size(); i++) {
      String each = expanded.get(i);
      for (int at = each.indexOf("/**/"); at >= 0; at = each.indexOf("/**/", at + 1)) {
        String shorter = each.substring(0, at) + each.substring(at + 3);
        if (!expanded.contains(shorter)) {
          add(shorter, expanded);
        }
      }
    }
    return expanded;
  }

  private static void expandBraces(String pattern, List<String> to) {
    int open = brace(pattern);
    if (open < 0) {
      add(pattern, to);
      return;
    }
    int depth = 0;
    int start = open + 1;
    var choices = new ArrayList<String>();
    for (int i = open; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '{') {
        depth++;
      } else if (c == ',' && depth == 1) {
        choices.add(pattern.substring(start, i));
        start = i + 1;
      } else if (c == '}' && --depth == 0) {
        choices.add(pattern.substring(start, i));
        for (String choice : choices) {
          expandBraces(pattern.substring(0, open) + choice + pattern.substring(i + 1), to);
        }
        return;
      }
    }
    throw new IllegalArgumentException("a { has no }");
  }

  /// The first brace that is not escaped, or -1.
  private static int brace(String pattern) {
    for (int i = 0; i < pattern.length(); i++) {
      if (pattern.charAt(i) == '{') {
        return i;
      }
      i += pattern.charAt(i) == '\\' ? 1 : 0;
    }
    return -1;
  }

  private static void add(String pattern, List<String> to) {
    if (to.size() == MAX_ALTERNATIVES) {
      throw new IllegalArgumentException(
          "its braces and ** stand for more than " + MAX_ALTERNATIVES + " patterns");
    }
    to.add(pattern);
  }
}
