package dev.sluice.supervisor.policy.format;

import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.yaml.YamlText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// Brings policies into one form: the order of keys, two blanks for each level, double quotes where
/// there are any, one blank line at most.
///
/// Works on whole lines, so that comments, flow style and long texts stay as they were written.
/// What comes out is compared with what went in: a text that would mean something else is never
/// returned.
public final class PolicyFormatter {
  private static final List<String> ORDER_OF_A_POLICY =
      List.of(
          "sluice",
          "name",
          "default",
          "vars",
          "architectures",
          "require",
          "deadline",
          "dynamic",
          "audit",
          "rules");

  /// Actions stand between `when` and `audit`.
  private static final List<String> BEFORE_THE_ACTION = List.of("name", "on", "when");

  private static final List<String> BEHIND_THE_ACTION = List.of("limit", "audit", "unsafe");

  private final SourceLines source;
  private final List<String> out = new ArrayList<>();

  /// How many lines were out behind the last text that keeps the blank lines at its end.
  private int kept;

  private PolicyFormatter(SourceLines source) {
    this.source = source;
  }

  /// The text in its form.
  ///
  /// @param file stands for it in diagnostics
  /// @throws PolicyException if it is not YAML, or is written in a way that cannot be kept
  public static String format(String file, String text) throws PolicyException {
    var diagnostics = new ArrayList<Diagnostic>();
    Optional<Node> top = compose(file, text, diagnostics);
    if (top.isEmpty()) {
      throw new PolicyException(diagnostics);
    }
    if (!(top.get() instanceof MappingNode mapping) || isFlow(mapping)) {
      return text; // on few lines, or nothing we know
    }
    if (SameText.isPlain(mapping)) {
      String formatted = new PolicyFormatter(new SourceLines(text)).policy(mapping);
      Optional<Node> again = compose(file, formatted, diagnostics);
      if (again.isPresent() && SameText.isSame(mapping, again.get(), text, formatted)) {
        return formatted;
      }
    }
    throw new PolicyException(
        List.of(
            Diagnostic.error(
                new Location(file, 1, 1),
                "this is written in a way that cannot be brought into form; it was left as it"
                    + " is")));
  }

  private static Optional<Node> compose(String file, String text, List<Diagnostic> diagnostics) {
    return YamlText.compose(file, text, "a policy begins with 'sluice: v1'", diagnostics);
  }

  private static boolean isFlow(Node node) {
    return node instanceof CollectionNode<?> collection
        && collection.getFlowStyle() == FlowStyle.FLOW;
  }

  private String policy(MappingNode top) {
    int first = SourceLines.line(top.getValue().getFirst().getKeyNode());
    List<String> head = source.between(-1, first);
    int ofFile = aboutTheFile(head);
    comments(head.subList(0, ofFile), 0);
    List<String> below = source.between(source.lastLine(top), source.size());
    mapping(top, 0, ORDER_OF_A_POLICY, ofFile, below);
    while (out.size() > kept && out.getLast().isEmpty()) {
      out.removeLast();
    }
    return String.join("\n", out) + "\n";
  }

  /// How many of the lines above the first key say what the file is for, whatever comes first: all,
  /// but for the last comments of several that stand apart.
  private static int aboutTheFile(List<String> head) {
    int apart = head.size();
    while (apart > 0 && isComment(head.get(apart - 1))) {
      apart--;
    }
    boolean areSeveral =
        apart > 0
            && Blanks.isBlank(head.get(apart - 1))
            && head.subList(0, apart).stream().anyMatch(PolicyFormatter::isComment);
    return areSeveral ? apart : head.size();
  }

  private static boolean isComment(String line) {
    return Blanks.strip(line).startsWith("#");
  }

  /// @param done the line from which on nothing has been looked at
  /// @param below comments behind it that are further right than what follows it
  private void mapping(
      MappingNode mapping, int indent, List<String> order, int done, List<String> below) {
    var entries = new ArrayList<Part<NodeTuple>>();
    int next = done;
    int column = SourceLines.column(mapping.getValue().getFirst().getKeyNode());
    for (NodeTuple tuple : mapping.getValue()) {
      int line = SourceLines.line(tuple.getKeyNode());
      entries.add(part(tuple, source.between(next - 1, line), column, entries));
      next = source.lastLine(tuple) + 1;
    }
    List<String> end = end(below, column, entries);
    Part<NodeTuple> first = entries.getFirst();
    entries.sort(Comparator.comparingInt(entry -> rank(entry, order)));
    if (indent == 0 && !entries.getFirst().equals(first)) {
      setApart(entries.getFirst().above());
    }
    for (Part<NodeTuple> entry : entries) {
      comments(indent == 0 ? entry.above() : withoutBlanks(entry.above()), indent);
      entry(entry, indent);
    }
    comments(indent == 0 ? end : withoutBlanks(end), indent);
  }

  /// A key with its value, or an item.
  ///
  /// @param above the comments above it
  /// @param below those below it that are further right than it is
  private record Part<T>(T what, List<String> above, List<String> below) {}

  /// @param gap the lines between it and the one before it
  /// @param column of both
  /// @param before those before it; the last gets what is its own of the gap
  private static <T> Part<T> part(T what, List<String> gap, int column, List<Part<T>> before) {
    List<String> above = before.isEmpty() ? gap : end(gap, column, before);
    return new Part<>(what, above, new ArrayList<>());
  }

  /// Gives the last part the lines behind it that are its own. Returns the others.
  private static <T> List<String> end(List<String> behind, int column, List<Part<T>> parts) {
    int own = deeper(behind, column);
    parts.getLast().below().addAll(behind.subList(0, own));
    return behind.subList(own, behind.size());
  }

  /// How many of the lines belong to what stands before them, being further to the right than it:
  /// until the first that is not.
  private static int deeper(List<String> lines, int column) {
    int own = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (!Blanks.isBlank(line)) {
        if (Blanks.indentOf(line) <= column) {
          break;
        }
        own = i + 1;
      }
    }
    return own;
  }

  private static int rank(Part<NodeTuple> entry, List<String> order) {
    int index = order.indexOf(keyOf(entry.what()));
    return index < 0 ? BEFORE_THE_ACTION.size() : index;
  }

  private static String keyOf(NodeTuple tuple) {
    return tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "";
  }

  /// Keeps the comments of a key that comes first now from becoming a part of what is said about
  /// the file.
  private void setApart(List<String> comments) {
    if (!out.isEmpty() && isComment(out.getLast()) && !withoutBlanks(comments).isEmpty()) {
      out.add("");
    }
  }

  /// Comments, and blank lines where there may be any.
  private void comments(List<String> lines, int indent) {
    for (String line : lines) {
      if (!Blanks.isBlank(line)) {
        out.add(" ".repeat(indent) + Blanks.strip(line));
      } else if (out.size() > kept && !out.getLast().isEmpty()) {
        out.add("");
      }
    }
  }

  private static List<String> withoutBlanks(List<String> lines) {
    return lines.stream().filter(line -> !Blanks.isBlank(line)).toList();
  }

  private void entry(Part<NodeTuple> entry, int indent) {
    Node key = entry.what().getKeyNode();
    Node value = entry.what().getValueNode();
    int line = SourceLines.line(key);
    String head = " ".repeat(indent) + source.text(key) + ":";
    String rest = source.behindColon(key);
    switch (value) {
      case MappingNode mapping when !isFlow(mapping) -> {
        out.add(head + spaced(rest));
        int next = line + 1 + goOn(rest, line, source.between(line, source.size()));
        mapping(mapping, indent + 2, List.of(), next, entry.below());
      }
      case SequenceNode sequence when !isFlow(sequence) -> {
        out.add(head + spaced(rest));
        boolean isRules = keyOf(entry.what()).equals("rules");
        int next = line + 1 + goOn(rest, line, source.between(line, source.size()));
        sequence(sequence, indent + 2, isRules, next, entry.below());
      }
      default -> {
        out.add(head + spaced(written(value, rest)));
        out.addAll(source.continuation(value, line, SourceLines.column(key), indent));
        below(entry.below(), value, indent);
      }
    }
  }

  /// Comments below a value of its own lines.
  private void below(List<String> comments, Node value, int indent) {
    if (SourceLines.isBlock(value)) {
      kept = source.header(value).keeps() ? out.size() : kept;
      comments(withoutBlanks(comments), indent); // further in, they would be a part of it
    } else {
      int own = goOn(source.behind(value), SourceLines.endLine(value), comments);
      comments(withoutBlanks(comments.subList(own, comments.size())), indent + 2);
    }
  }

  /// Comments that go on with the one beside what is out stay under it.
  ///
  /// @param beside what stands there, at the end of `line`
  /// @param below the lines behind it
  /// @return how many of them do
  private int goOn(String beside, int line, List<String> below) {
    if (!isComment(beside)) {
      return 0;
    }
    String comment = Blanks.strip(beside);
    int own = source.going(line, comment, below);
    comments(below.subList(0, own), out.getLast().length() - comment.length());
    return own;
  }

  private static String spaced(String rest) {
    String text = Blanks.strip(rest);
    // what is behind nothing is a comment, where its author put it
    return text.startsWith("#") ? Blanks.stripTrailing(rest) : text.isEmpty() ? "" : " " + text;
  }

  /// A value as it is to be written on the line of its key or dash.
  ///
  /// @param rest what is written there
  private String written(Node value, String rest) {
    String text = Blanks.strip(rest);
    String old = source.text(value);
    if (value instanceof ScalarNode scalar
        && scalar.getScalarStyle() == ScalarStyle.SINGLE_QUOTED
        && old.startsWith("'")
        && text.startsWith(old)
        && scalar.getValue().chars().noneMatch(c -> c == '"' || c == '\\' || c < ' ')) {
      return '"' + scalar.getValue() + '"' + text.substring(old.length());
    }
    return rest;
  }

  private void sequence(
      SequenceNode sequence, int indent, boolean isRules, int done, List<String> below) {
    var items = new ArrayList<Part<Node>>();
    int next = done;
    int column = source.dashColumn(sequence.getValue().getFirst());
    boolean apart = false;
    for (Node item : sequence.getValue()) {
      int line = source.dashLine(item);
      List<String> gap = source.between(next - 1, line);
      apart |= isRules && !items.isEmpty() && gap.stream().anyMatch(Blanks::isBlank);
      items.add(part(item, gap, column, items));
      next = source.lastLineOfItem(item) + 1;
    }
    List<String> end = end(below, column, items);
    boolean wasFlow = true;
    for (Part<Node> item : items) {
      boolean isFirst = item.equals(items.getFirst());
      if (!isFirst && apart && !(isFlow(item.what()) && wasFlow)) {
        comments(List.of(""), indent);
      }
      comments(isRules && !isFirst ? item.above() : withoutBlanks(item.above()), indent);
      item(item, indent);
      wasFlow = isFlow(item.what());
    }
    comments(isRules ? end : withoutBlanks(end), indent);
  }

  private void item(Part<Node> part, int indent) {
    Node item = part.what();
    int line = source.dashLine(item);
    String rest = source.behindDash(item);
    int from = out.size();
    switch (item) {
      case MappingNode mapping when !isFlow(mapping) -> {
        beside(rest, indent);
        mapping(mapping, indent + 2, orderOf(mapping), line + 1, part.below());
        hang(from, indent);
      }
      case SequenceNode sequence when !isFlow(sequence) -> {
        beside(rest, indent);
        sequence(sequence, indent + 2, false, line + 1, part.below());
        hang(from, indent);
      }
      default -> {
        out.add(" ".repeat(indent) + "-" + spaced(written(item, rest)));
        out.addAll(source.continuation(item, line, source.dashColumn(item), indent));
        below(part.below(), item, indent);
      }
    }
  }

  /// A comment that stands alone beside a dash is above it then.
  private void beside(String rest, int indent) {
    if (isComment(rest)) {
      comments(List.of(rest), indent);
    }
  }

  /// Gives what is out since `from` its dash, before which all comments are that stand above the
  /// first of it.
  private void hang(int from, int indent) {
    int at =
        IntStream.range(from, out.size())
            .filter(i -> !isComment(out.get(i)))
            .findFirst()
            .orElseThrow();
    out.set(at, " ".repeat(indent) + "- " + out.get(at).substring(indent + 2));
    for (int i = from; i < at; i++) {
      out.set(i, " ".repeat(indent) + Blanks.strip(out.get(i)));
    }
  }

  private static List<String> orderOf(MappingNode mapping) {
    boolean isRule = mapping.getValue().stream().anyMatch(tuple -> keyOf(tuple).equals("on"));
    if (!isRule) {
      return List.of();
    }
    var order = new ArrayList<>(BEFORE_THE_ACTION);
    order.add("");
    order.addAll(BEHIND_THE_ACTION);
    return order;
  }
}
