package dev.sluice.supervisor.policy.format;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a text of several lines is to be read, by what stands in front of it.
///
/// @param signs what stands behind `|` or `>`: how far in the text begins, `+` or `-`
record BlockHeader(String signs) {
  private static final Pattern FORM = Pattern.compile("(?:[!&]\\S*\\s+)*[|>](?<signs>[1-9+-]*)");

  static BlockHeader of(String text) {
    Matcher form = FORM.matcher(text);
    return new BlockHeader(form.lookingAt() ? form.group("signs") : "");
  }

  /// Whether blank lines at its end are a part of the text.
  boolean keeps() {
    return signs.contains("+");
  }

  /// How much further in than its key the text begins; 0 if it does not say.
  int indent() {
    return signs.chars().filter(Character::isDigit).map(digit -> digit - '0').findFirst().orElse(0);
  }
}
