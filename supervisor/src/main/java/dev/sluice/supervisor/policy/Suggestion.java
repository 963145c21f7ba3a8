package dev.sluice.supervisor.policy;

import java.util.Collection;
import java.util.Optional;

/// The word that was probably meant.
public final class Suggestion {
  /// Nothing anybody could have meant has more letters.
  private static final int MAX_LENGTH = 64;

  private Suggestion() {}

  /// The candidate with the fewest edits from `word`, if a third of its letters or fewer are wrong.
  public static Optional<String> closest(String word, Collection<String> candidates) {
    Optional<String> closest = Optional.empty();
    int least = Math.max(1, word.length() / 3) + 1;
    if (word.length() > MAX_LENGTH) {
      return closest;
    }
    for (String candidate : candidates) {
      int edits = distance(word, candidate, least);
      if (edits < least) {
        closest = Optional.of(candidate);
        least = edits;
      }
    }
    return closest;
  }

  /// The question whether it was, to be put behind a complaint; empty if nothing is near.
  public static String didYouMean(String word, Collection<String> candidates) {
    return closest(word, candidates).map(best -> "; did you mean '" + best + "'?").orElse("");
  }

  /// Edits from `a` to `b`: letters changed, added, left out, or two neighbours exchanged. If there
  /// are `enough` or more, it is not said how many.
  private static int distance(String a, String b, int enough) {
    if (Math.abs(a.length() - b.length()) >= enough) {
      return enough;
    }
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      int least = enough;
      for (int j = 0; j <= b.length(); j++) {
        edits[i][j] = i == 0 || j == 0 ? i + j : fewest(edits, a, b, i, j);
        least = Math.min(least, edits[i][j]);
      }
      if (least >= enough) {
        return enough; // no way back
      }
    }
    return edits[a.length()][b.length()];
  }

  private static int fewest(int[][] edits, String a, String b, int i, int j) {
    boolean same = a.charAt(i - 1) == b.charAt(j - 1);
    int fewest = Math.min(edits[i - 1][j], edits[i][j - 1]) + 1;
    fewest = Math.min(fewest, edits[i - 1][j - 1] + (same ? 0 : 1));
    if (i > 1
        && j > 1
        && a.charAt(i - 1) == b.charAt(j - 2)
        && a.charAt(i - 2) == b.charAt(j - 1)) {
      fewest = Math.min(fewest, edits[i - 2][j - 2] + 1);
    }
    return fewest;
  }
}
