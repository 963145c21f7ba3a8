package dev.sluice.supervisor.policy.fuzz;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Values at the ends of what can be said, and beyond.
final class Oddities {
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-1",
          "1",
          "31",
          "64",
          "4095",
          "4096",
          "65536",
          "999999999",
          "1000000000",
          "2147483647",
          "2147483648",
          "-2147483649",
          "4294967295",
          "4294967296",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "18446744073709551615",
          "18446744073709551616",
          "99999999999999999999999",
          "0x7fffffffffffffff",
          "0xffffffffffffffff",
          "0777",
          "09",
          "1e999",
          "1.5",
          "1_000");

  /// In the place of a value or key.
  static final List<String> VALUES =
      List.of(
          "",
          "null",
          " ",
          "0",
          "-1",
          "true",
          "no",
          "~",
          ".",
          "/",
          "@",
          "@open",
          "a",
          "é𝄞",
          "\0",
          "\n",
          "\ud800",
          "#",
          "${X}",
          "${",
          "**",
          "x".repeat(300),
          "99999999999999999999999",
          "9223372036854775808",
          "4294967296",
          "2147483648",
          ".nan",
          "2001-01-01");

  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final Pattern WORD = Pattern.compile("[\\w.]+|[^\\s\\w.]+");
  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");
  private static final Pattern TERM = Pattern.compile("[^&|]+");

  private Oddities() {}

  /// A text with something odd in the place of one of its numbers, words or terms.
  static String in(String text, Choices choices) {
    return switch (choices.below(NUMBER.matcher(text).find() ? 12 : 6)) {
      case 6, 7, 8, 9, 10, 11 -> instead(text, NUMBER, choices, choices.any(NUMBERS));
      case 0 -> instead(text, WORD, choices, choices.any(VALUES));
      case 1 -> instead(text, QUOTED, choices, '"' + choices.any(VALUES) + '"');
      case 2 -> instead(text, WORD, choices, "");
      case 3 -> "!(" + text + ")";
      case 4 -> text + choices.any(List.of(" && ", " || ", "", " ? true : ", "|")) + text;
      default -> instead(text, TERM, choices, " true ");
    };
  }

  private static String instead(String text, Pattern what, Choices choices, String other) {
    List<MatchResult> found = what.matcher(text).results().toList();
    if (found.isEmpty()) {
      return other;
    }
    MatchResult one = choices.any(found);
    return text.substring(0, one.start()) + other + text.substring(one.end());
  }
}
