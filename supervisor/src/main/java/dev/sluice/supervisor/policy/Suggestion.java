package dev.sluice.supervisor.policy;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// The word that was probably meant.
public final class Suggestion {
  private Suggestion() {}

  /// The candidate with the fewest edits from `word`, if a third of its letters or fewer are wrong.
  public static Optional<String> closest(String word, Collection<String> candidates) {
    return candidates.stream()
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
        .filter(best -> distance(word, best) <= Math.max(1, word.length() / 3));
  }

  /// Edits from `a` to `b`: letters changed, added, left out, or two neighbours exchanged.
  private static int distance(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        edits[i][j] = i == 0 || j == 0 ? i + j : fewest(edits, a, b, i, j);
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
