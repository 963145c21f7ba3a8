package dev.sluice.supervisor.policy.condition;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What CEL's parser says of a text that is no expression, in the terms of who wrote it.
final class CelSyntax {
  private record Translation(Pattern pattern, Function<MatchResult, String> words) {
    static Translation of(String regex, Function<MatchResult, String> words) {
      return new Translation(Pattern.compile(regex, Pattern.DOTALL), words);
    }
  }

  private static final String END = "<EOF>";

  private static final Map<String, String> MEANT = Map.of("=", "==", "&", "&&", "|", "||");

  private static final List<Translation> TRANSLATIONS =
      List.of(
          Translation.of("token recognition error at: '(.*)'", match -> token(match.group(1))),
          Translation.of(
              "(?:mismatched|extraneous) input '?(.*?)'? expecting .*",
              match -> unexpected(match.group(1))),
          Translation.of(
              "no viable alternative at input '(.*)'", match -> unexpected(match.group(1))),
          Translation.of(
              "missing (.*) at '(.*)'",
              match -> match.group(1) + " is missing" + before(match.group(2))),
          Translation.of(
              "unsupported syntax (.*)", match -> "a condition cannot use " + match.group(1)),
          Translation.of(
              "reserved identifier: (.*)",
              match -> "'" + match.group(1) + "' is a word that CEL keeps for itself"),
          Translation.of(
              "For input string: .*|.*exceeds range.*", _ -> "this is more than a number can be"),
          Translation.of(
              "Expression recursion limit exceeded. limit: (.*)",
              match -> "a condition can be " + match.group(1) + " deep, and this one is deeper"),
          Translation.of(
              "expression code point size exceeds limit: size: (.*), limit (.*)",
              match ->
                  "a condition has %s characters at most, and this one has %s"
                      .formatted(match.group(2), match.group(1))));

  private CelSyntax() {}

  static String explain(String message) {
    for (Translation translation : TRANSLATIONS) {
      Matcher matcher = translation.pattern.matcher(message);
      if (matcher.matches()) {
        return translation.words.apply(matcher);
      }
    }
    return "this is no condition: " + message;
  }

  private static String token(String text) {
    if (text.startsWith("\"") || text.startsWith("'")) {
      return "this text does not end, or has an escape that CEL does not know";
    }
    String operator = text.strip();
    String meant = MEANT.get(operator);
    return "there is no operator '"
        + operator
        + "'"
        + (meant == null ? "" : "; did you mean '" + meant + "'?");
  }

  private static String unexpected(String text) {
    return text.equals(END)
        ? "the condition ends here, but is not complete"
        : "'" + text + "' cannot stand here";
  }

  private static String before(String text) {
    return text.equals(END) ? "" : " before '" + text + "'";
  }
}
