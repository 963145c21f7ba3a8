package dev.sluice.supervisor.policy.format;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/// A policy with comments in all places, in any style. Each has a number, and belongs to a key, an
/// item or the file, whatever the order of keys.
final class CommentedPolicy {
  private static final Pattern COMMENT = Pattern.compile("#[^<>\n]{0,9}<(\\d+)>");

  private final Random random;
  private final int dash;
  private final String head;
  private final List<Entry> entries = new ArrayList<>();
  private final Entry rules;
  private final List<Rule> list = new ArrayList<>();
  private final String endOfRules;
  private final String end;
  private int comments;
  private boolean keepsBlanks;

  /// A key and its value, with the comments at them.
  private record Entry(String above, String own) {}

  /// @param dashed comments beside its dash, which stands alone if there are any
  /// @param column of its keys
  private record Rule(String above, String dashed, int column, List<Entry> keys, String end) {}

  CommentedPolicy(long seed) {
    random = new Random(seed);
    dash = random.nextInt(4);
    head =
        oneOf("", "", "", "%YAML 1.2\n---\n", "---" + beside() + "\n")
            + comment(0)
            + above(0, 0)
            + blank();
    for (String key : List.of("sluice", "name", "default")) {
      entries.add(entry(0, key, value(0)));
    }
    entries.add(entry(0, "vars", mapping(0)));
    for (String key : List.of("architectures", "require", "deadline", "audit")) {
      entries.add(entry(0, key, random.nextBoolean() ? list(0) : value(0)));
    }
    entries.subList(1, entries.size()).removeIf(_ -> random.nextInt(3) == 0);
    rules = new Entry(paragraph(), oneOf("rules:", "\"rules\":", "rules :") + beside() + "\n");
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      list.add(rule());
    }
    endOfRules = dash > 0 ? above(1, dash) : "";
    end = above(0, 0) + oneOf("", "", "", "...\n" + above(0, 5));
  }

  /// Whether there are texts to which the blank lines behind them belong.
  boolean keepsBlanks() {
    return keepsBlanks;
  }

  /// The numbers of the comments in a text.
  static List<String> commentsIn(String text) {
    return COMMENT.matcher(text).results().map(match -> match.group(1)).toList();
  }

  String text() {
    var text = new StringBuilder(head);
    entries.forEach(entry -> text.append(entry.above()).append(entry.own()));
    return text + rules(list) + end;
  }

  /// The same with its keys in another order.
  String shuffled() {
    var texts = new ArrayList<>(entries.stream().map(e -> e.above() + e.own()).toList());
    texts.add(
        rules(
            list.stream()
                .map(rule -> {
                  var keys = new ArrayList<>(rule.keys());
                  Collections.shuffle(keys, random);
                  return new Rule(rule.above(), rule.dashed(), rule.column(), keys, rule.end());
                })
                .toList()));
    Collections.shuffle(texts, random);
    return head + String.join("", texts) + end;
  }

  private String rules(List<Rule> rules) {
    var text = new StringBuilder(this.rules.above() + this.rules.own());
    for (Rule rule : rules) {
      text.append(rule.above()).append(" ".repeat(dash)).append('-');
      boolean isAlone = !rule.dashed().isEmpty() || !rule.keys().getFirst().above().isEmpty();
      if (isAlone) {
        text.append(rule.dashed()).append('\n');
      }
      for (Entry key : rule.keys()) {
        boolean isFirst = key.equals(rule.keys().getFirst());
        text.append(key.above())
            .append(isAlone || !isFirst ? key.own() : key.own().substring(dash + 1));
      }
      text.append(rule.end());
    }
    return text + endOfRules;
  }

  private Rule rule() {
    int column = dash + 2 + random.nextInt(4);
    var keys = new ArrayList<Entry>();
    for (String key : List.of("name", "on", "when", "serve", "limit", "audit", "unsafe")) {
      if (key.equals("on") || random.nextInt(3) > 0) {
        String value =
            switch (random.nextInt(5)) {
              case 0 -> list(column);
              case 1 -> mapping(column);
              default -> value(column);
            };
        keys.add(entry(column, key, value));
      }
    }
    return new Rule(
        above(0, dash),
        random.nextInt(4) == 0 ? beside() : "",
        column,
        keys,
        above(dash + 1, column));
  }

  private Entry entry(int column, String key, String value) {
    String own = " ".repeat(column) + oneOf(key, key, '"' + key + '"') + ":";
    return new Entry(
        column == 0 ? paragraph() : above(0, column),
        own + (random.nextInt(6) == 0 ? comments(column, own.length()) : value));
  }

  /// What follows the colon of a key at `column`, or a dash.
  private String value(int column) {
    String in = " ".repeat(column + 1 + random.nextInt(6));
    int further = column + 2 + random.nextInt(5);
    return switch (random.nextInt(9)) {
      case 0 ->
          " ['a#b',"
              + beside()
              + "\n"
              + above(0, 9)
              + in
              + "{ c: \"d # e\" }"
              + beside()
              + "\n"
              + above(0, 9)
              + in
              + "]"
              + beside()
              + "\n"
              + below(column);
      case 1 ->
          " \"a # b"
              + oneOf("", " ", "\\")
              + "\n"
              + oneOf("", "\n", "  \n")
              + in
              + "# <x> ü\n"
              + in
              + " c\""
              + beside()
              + "\n"
              + below(column);
      case 2 -> " a ||\n" + in + "b#c\n" + in + "  d" + beside() + "\n" + below(column);
      case 3 -> beside() + "\n" + above(0, 9) + in + line() + beside() + "\n" + below(column);
      case 4 ->
          " '"
              + oneOf("a # b", "it''s # ", "\"#\"", "\\")
              + "\n"
              + in
              + " c # d'"
              + beside()
              + "\n"
              + below(column);
      case 5 -> block(column, further, "");
      case 6 -> block(column, further, String.valueOf(further - column));
      default -> (random.nextInt(8) == 0 ? "" : " " + line()) + beside() + "\n" + below(column);
    };
  }

  private String line() {
    return oneOf(
        "a",
        "-1",
        "\"a # b\"",
        "'a # b'",
        "'it''s'",
        "'a\"b'",
        "'\\'",
        "\"\\\" # é😀\"",
        "5s",
        "{ a: 'b#c', d: [] }",
        "[a, 'b']",
        "a#b",
        "http://a/#b",
        "!!str 'x'",
        "日本　# 語");
  }

  /// @param signs how far in it is, if its first line begins further in
  private String block(int column, int further, String signs) {
    String in = " ".repeat(further);
    String chomp = oneOf("", "-", "-", "+");
    keepsBlanks |= chomp.equals("+");
    var text = new StringBuilder(" " + oneOf("|", ">") + signs + chomp + beside() + "\n");
    text.append(oneOf("", "\n", in + "\n"))
        .append(in + (signs.isEmpty() ? "" : oneOf("", "  ")) + "# no comment\n")
        .append(oneOf("", "\n", in + "  # nor this\n", in + "\t\n", in + "   \n"))
        .append(in + oneOf("a", "\tb", "é", "　"))
        .append(oneOf("\n", "  \n", "\n" + in + "  \n"));
    // what stands further in than the key, and less than the text
    return text
        + (random.nextInt(3) == 0
            ? comment(column + 1 + random.nextInt(further - column - 1))
            : "");
  }

  private String mapping(int column) {
    int in = column + 1 + random.nextInt(4);
    var text = new StringBuilder(beside() + "\n" + above(0, 9));
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      text.append(i == 0 ? "" : above(0, in))
          .append(" ".repeat(in))
          .append("k" + i + ":")
          .append(random.nextInt(8) == 0 && column < 20 ? mapping(in) : value(in));
    }
    return text + above(column + 1, in);
  }

  private String list(int column) {
    int in = column + random.nextInt(4);
    var text = new StringBuilder(beside() + "\n" + above(0, 9));
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      text.append(i == 0 ? "" : above(0, in)).append(" ".repeat(in)).append('-').append(item(in));
    }
    return text + (in > column ? above(column + 1, in) : "");
  }

  private String item(int column) {
    int in = column + 2 + random.nextInt(3);
    return switch (random.nextInt(6)) {
      case 0 ->
          " ".repeat(in - column - 1)
              + "k:"
              + value(in)
              + above(0, in)
              + " ".repeat(in)
              + "l:"
              + value(in)
              + above(column + 1, in);
      case 1 -> mapping(column);
      case 2 ->
          " ".repeat(in - column - 1)
              + "-"
              + value(in)
              + above(0, in)
              + " ".repeat(in)
              + "-"
              + value(in)
              + above(column + 1, in);
      default -> value(column);
    };
  }

  /// Comments and blank lines, from one column to another.
  private String above(int from, int to) {
    var text = new StringBuilder();
    while (random.nextInt(3) == 0) {
      text.append(random.nextInt(3) == 0 ? blank() : "")
          .append(comment(from + random.nextInt(to - from + 1)));
    }
    return text + (random.nextInt(6) == 0 ? blank() : "");
  }

  /// Comments that belong together, perhaps apart from others.
  private String paragraph() {
    String text = random.nextInt(3) == 0 ? blank() : "";
    return text + oneOf("", "", comment(0), comment(0) + comment(0));
  }

  /// Comments further in than a key.
  private String below(int column) {
    return random.nextInt(4) > 0 ? "" : oneOf("", "\n") + comment(column + 1 + random.nextInt(5));
  }

  /// A value with a comment that goes on below it.
  private String comments(int column, int at) {
    String value = oneOf(" ", "  'a'  ", " [a, 'b'] ");
    String go = comment(at + value.length());
    return value + sign() + "\n" + go + oneOf("", go.replace("<", "<0")) + below(column);
  }

  private String comment(int column) {
    return " ".repeat(column) + sign() + "\n";
  }

  private String beside() {
    return random.nextInt(4) > 0 ? "" : oneOf(" ", "  ", "\t", "      ") + sign();
  }

  private String sign() {
    return "#"
        + oneOf("", " ", "\t", " é ", " a: ")
        + "<"
        + comments++
        + ">"
        + oneOf("", "", " # x", " - 'y\"", "\tz ]}", " 語　", "  ");
  }

  private String blank() {
    return oneOf("\n", "\n", "\n\n", " \n");
  }

  private String oneOf(String... texts) {
    return texts[random.nextInt(texts.length)];
  }
}
