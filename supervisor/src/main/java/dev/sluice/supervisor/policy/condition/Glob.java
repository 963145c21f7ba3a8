package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.BytePairs;
import dev.sluice.supervisor.target.Text;
import java.util.ArrayList;
import java.util.List;

/// A path pattern, as glob(7) has it and a little more: `*` and `?` stay within a component,
/// `[a-z]` is a set of bytes, `**` crosses components (`/a/**/b` matches `/a/b` too), `{x,y}` is
/// either.
///
/// Matching takes time proportional to pattern times path and allocates nothing.
public final class Glob {
  private static final int MAX_ALTERNATIVES = 64;

  /// Of all alternatives in all: two paths as long as can be.
  private static final int MAX_LENGTH = 8192;

  private final String pattern;
  private final List<GlobSequence> alternatives;

  private Glob(String pattern, List<GlobSequence> alternatives) {
    this.pattern = pattern;
    this.alternatives = alternatives;
  }

  /// Throws [IllegalArgumentException], saying what is wrong with the pattern.
  public static Glob compile(String pattern) {
    var sequences = new ArrayList<GlobSequence>();
    int length = 0;
    for (String alternative : expand(pattern)) {
      byte[] bytes = TextPattern.bytes(alternative);
      length += bytes.length;
      if (length > MAX_LENGTH) {
        throw new IllegalArgumentException(
            "what its braces and ** stand for is longer than " + MAX_LENGTH + " bytes");
      }
      sequences.add(GlobSequence.compile(bytes));
    }
    return new Glob(pattern, List.copyOf(sequences));
  }

  /// The pattern.
  @Override
  public String toString() {
    return pattern;
  }

  /// What every text that matches has.
  BytePairs needed() {
    return BytePairs.inAll(alternatives.stream().map(GlobSequence::needed).toList());
  }

  public boolean matches(Text text) {
    for (int i = 0; i < alternatives.size(); i++) {
      if (alternatives.get(i).matches(text)) {
        return true;
      }
    }
    return false;
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
      } else if (c == '[') {
        i = endOfSet(pattern, i);
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

  /// The bracket that ends a set of bytes, among which braces are but bytes; `open` if none does.
  private static int endOfSet(String pattern, int open) {
    int first = open + 1;
    first += first < pattern.length() && "!^".indexOf(pattern.charAt(first)) >= 0 ? 1 : 0;
    int end = pattern.indexOf(']', first + 1);
    return end < 0 ? open : end;
  }

  /// The first brace that is not escaped and not in a set, or -1.
  private static int brace(String pattern) {
    for (int i = 0; i < pattern.length(); i++) {
      if (pattern.charAt(i) == '{') {
        return i;
      }
      i =
          switch (pattern.charAt(i)) {
            case '\\' -> i + 1;
            case '[' -> endOfSet(pattern, i);
            default -> i;
          };
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
