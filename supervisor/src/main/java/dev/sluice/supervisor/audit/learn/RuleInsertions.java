package dev.sluice.supervisor.audit.learn;

import dev.sluice.supervisor.policy.Location;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Rules that are put between those of a policy's text, which stays as it is otherwise: comments,
/// order and all.
final class RuleInsertions {
  private final List<String> lines;

  /// What is put in front of a line, numbered from 0.
  private final Map<Integer, StringBuilder> inserted = new TreeMap<>();

  RuleInsertions(String text) {
    lines = text.lines().toList();
  }

  /// @param location of the rule
  /// @param rules each an entry of a list, indented by two
  void before(Location location, String rules) {
    put(location.line() - 1, dash(location), rules);
  }

  /// The same behind a rule and its comments.
  void behind(Location location, String rules) {
    int dash = dash(location);
    int line = location.line();
    while (line < lines.size() && (lines.get(line).isBlank() || indent(lines.get(line)) > dash)) {
      line++;
    }
    put(line, dash, rules);
  }

  private void put(int line, int indent, String rules) {
    inserted.computeIfAbsent(line, _ -> new StringBuilder()).append(rules.indent(indent - 2));
  }

  private static int indent(String line) {
    return line.length() - line.stripLeading().length();
  }

  /// The column of a rule's `-`, from 0.
  private int dash(Location location) {
    String line = lines.get(location.line() - 1);
    String before = line.substring(0, Math.min(location.column() - 1, line.length()));
    if (!before.isBlank() && before.strip().equals("-")) {
      return before.indexOf('-');
    }
    throw new IllegalArgumentException(
        location
            + ": no rule can be put in front of this one: begin it on a line of its own, with '-"
            + " '");
  }

  String text() {
    var all = new ArrayList<String>();
    for (int i = 0; i <= lines.size(); i++) {
      if (inserted.containsKey(i)) {
        inserted.get(i).toString().lines().forEach(all::add);
      }
      if (i < lines.size()) {
        all.add(lines.get(i));
      }
    }
    return String.join("\n", all) + "\n";
  }
}
