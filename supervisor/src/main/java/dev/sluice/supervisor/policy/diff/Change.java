package dev.sluice.supervisor.policy.diff;

import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.explain.Explanation;
import java.util.ArrayList;
import java.util.List;

/// Calls that two policies decide differently, in the same way.
///
/// @param where an architecture, or words for calls that have no name
/// @param calls their names
/// @param differences none if the rules differ, but no call was found that shows a difference
public record Change(String where, List<String> calls, List<Difference> differences) {
  private static final int SHOWN = 8;

  /// One way in which they are decided differently.
  ///
  /// @param example a call that shows it; empty for calls without a name
  public record Difference(Outcome before, Outcome after, String example) {
    List<String> outcomes() {
      return List.of(before.toString(), after.toString());
    }
  }

  /// @param by what decided, in words; empty if nothing was asked
  public record Outcome(String verdict, String by) {
    static Outcome of(Explanation explanation) {
      return new Outcome(explanation.verdict(), explanation.decision().map(Outcome::by).orElse(""));
    }

    private static String by(Decision decision) {
      return switch (decision.rule()) {
        case PolicyCompiler.DEFAULT -> "by default";
        case PolicyCompiler.GUARD -> "by a guard";
        default -> "by '" + decision.rule() + "' (" + decision.location() + ")";
      };
    }

    /// Such as `deny EACCES by 'secrets' (p.yaml:4:5)`.
    @Override
    public String toString() {
      return by.isEmpty() ? verdict : verdict + " " + by;
    }
  }

  /// In words, several lines.
  @Override
  public String toString() {
    var lines = new ArrayList<String>();
    lines.add(title() + ":");
    if (differences.isEmpty()) {
      lines.add("  the rules differ, but no call was found that shows a difference");
    }
    for (Difference difference : differences) {
      lines.add("  was: " + difference.before);
      lines.add("  now: " + difference.after);
      if (!difference.example.isEmpty()) {
        lines.add("  as in: " + difference.example);
      }
    }
    return String.join("\n", lines);
  }

  private String title() {
    if (calls.isEmpty()) {
      return where;
    }
    boolean all = calls.size() <= SHOWN;
    String shown = String.join(", ", all ? calls : calls.subList(0, SHOWN));
    return where + ": " + shown + (all ? "" : " and " + (calls.size() - SHOWN) + " more");
  }
}
