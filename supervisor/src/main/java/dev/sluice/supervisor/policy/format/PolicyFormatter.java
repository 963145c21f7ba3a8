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
    var formatter = new PolicyFormatter(new SourceLines(text));
    formatter.policy(mapping);
    String formatted = String.join("\n", formatter.out).stripTrailing() + "\n";
    Optional<Node> again = compose(file, formatted, diagnostics);
    if (again.isEmpty() || !SameText.isSame(top.get(), again.get(), text, formatted)) {
      throw new PolicyException(
          List.of(
              Diagnostic.error(
                  new Location(file, 1, 1),
                  "this is written in a way that cannot be brought into form; it was left as it"
                      + " is")));
    }
    return formatted;
  }

  private static Optional<Node> compose(String file, String text, List<Diagnostic> diagnostics) {
    return YamlText.compose(file, text, "a policy begins with 'sluice: v1'", diagnostics);
  }

  private static boolean isFlow(Node node) {
    return node instanceof CollectionNode<?> collection
        && collection.getFlowStyle() == FlowStyle.FLOW;
  }

  private void policy(MappingNode top) {
    int first = SourceLines.line(top.getValue().getFirst().getKeyNode());
    out.addAll(source.between(-1, first)); // says what the file is for, whatever comes first
    mapping(top, 0, ORDER_OF_A_POLICY, first);
    out.addAll(source.between(source.lastLine(top), source.size()));
  }

  /// @param done the line from which on nothing has been looked at
  private void mapping(MappingNode mapping, int indent, List<String> order, int done) {
    var entries = new ArrayList<Entry>();
    int next = done;
    for (NodeTuple tuple : mapping.getValue()) {
      int line = SourceLines.line(tuple.getKeyNode());
      List<String> gap = source.between(next - 1, line);
      int own = entries.isEmpty() ? 0 : deeper(gap, SourceLines.column(tuple.getKeyNode()));
      if (own > 0) {
        entries.getLast().tail().addAll(gap.subList(0, own));
      }
      entries.add(new Entry(tuple, gap.subList(own, gap.size()), new ArrayList<>()));
      next = source.lastLine(tuple.getValueNode(), line) + 1;
    }
    entries.sort(Comparator.comparingInt(entry -> rank(entry, order)));
    for (Entry entry : entries) {
      comments(indent == 0 ? entry.before() : withoutBlanks(entry.before()), indent);
      entry(entry.tuple(), indent);
      comments(withoutBlanks(entry.tail()), indent + 2);
    }
  }

  /// @param before the comments above it
  /// @param tail those below it that stand deeper than the next key
  private record Entry(NodeTuple tuple, List<String> before, List<String> tail) {}

  /// How many of the lines belong to what stands before them, being further to the right than what
  /// follows.
  private static int deeper(List<String> gap, int column) {
    for (int i = gap.size(); i > 0; i--) {
      String line = gap.get(i - 1);
      if (!line.isBlank() && SourceLines.indentOf(line) > column) {
        return i;
      }
    }
    return 0;
  }

  private static int rank(Entry entry, List<String> order) {
    int index = order.indexOf(keyOf(entry.tuple()));
    return index < 0 ? BEFORE_THE_ACTION.size() : index;
  }

  private static String keyOf(NodeTuple tuple) {
    return tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "";
  }

  /// Comments, and blank lines where there may be any.
  private void comments(List<String> lines, int indent) {
    for (String line : lines) {
      if (!line.isBlank()) {
        out.add(" ".repeat(indent) + line.strip());
      } else if (!out.isEmpty() && !out.getLast().isBlank()) {
        out.add("");
      }
    }
  }

  private static List<String> withoutBlanks(List<String> lines) {
    return lines.stream().filter(line -> !line.isBlank()).toList();
  }

  private void entry(NodeTuple tuple, int indent) {
    value(" ".repeat(indent) + source.text(tuple.getKeyNode()) + ":", tuple, indent);
  }

  /// @param head what stands before the value on its line
  private void value(String head, NodeTuple tuple, int indent) {
    Node value = tuple.getValueNode();
    int line = SourceLines.line(tuple.getKeyNode());
    String rest = source.behindColon(tuple.getKeyNode());
    switch (value) {
      case MappingNode mapping when !isFlow(mapping) -> {
        out.add((head + spaced(rest)).stripTrailing());
        mapping(mapping, indent + 2, List.of(), line + 1);
      }
      case SequenceNode sequence when !isFlow(sequence) -> {
        out.add((head + spaced(rest)).stripTrailing());
        sequence(sequence, indent + 2, keyOf(tuple).equals("rules"), line + 1);
      }
      default -> {
        out.add((head + spaced(quoted(value, rest))).stripTrailing());
        out.addAll(source.continuation(line, source.lastLine(value, line), indent + 2));
      }
    }
  }

  private static String spaced(String rest) {
    String text = rest.strip();
    // what is behind nothing is a comment, where its author put it
    return text.startsWith("#") ? rest.stripTrailing() : text.isEmpty() ? "" : " " + text;
  }

  private String quoted(Node value, String rest) {
    String text = rest.stripLeading();
    if (value instanceof ScalarNode scalar
        && scalar.getScalarStyle() == ScalarStyle.SINGLE_QUOTED
        && scalar.getValue().chars().noneMatch(c -> c == '"' || c == '\\' || c < ' ')) {
      String written = source.text(value);
      if (!written.isEmpty() && text.startsWith(written)) {
        return '"' + scalar.getValue() + '"' + text.substring(written.length());
      }
    }
    return text;
  }

  private void sequence(SequenceNode sequence, int indent, boolean isRules, int done) {
    List<Node> items = sequence.getValue();
    var gaps = new ArrayList<List<String>>();
    int next = done;
    for (Node item : items) {
      int line = source.dashLine(item);
      gaps.add(source.between(next - 1, line));
      next = source.lastLine(item, line) + 1;
    }
    boolean apart =
        isRules && gaps.stream().skip(1).anyMatch(gap -> gap.stream().anyMatch(String::isBlank));
    for (int i = 0; i < items.size(); i++) {
      Node item = items.get(i);
      if (i > 0 && apart && !(isFlow(item) && isFlow(items.get(i - 1)))) {
        comments(List.of(""), indent);
      }
      comments(i > 0 && isRules ? gaps.get(i) : withoutBlanks(gaps.get(i)), indent);
      item(item, indent);
    }
  }

  private void item(Node item, int indent) {
    String dash = " ".repeat(indent) + "- ";
    int line = source.dashLine(item);
    if (item instanceof MappingNode mapping && !isFlow(mapping)) {
      int from = out.size();
      int first = SourceLines.line(mapping.getValue().getFirst().getKeyNode());
      mapping(mapping, indent + 2, orderOf(mapping), first);
      int at =
          IntStream.range(from, out.size())
              .filter(i -> !out.get(i).isBlank() && !out.get(i).strip().startsWith("#"))
              .findFirst()
              .orElseThrow();
      out.set(at, dash + out.get(at).strip());
      for (int i = from; i < at; i++) {
        out.set(i, out.get(i).isBlank() ? "" : " ".repeat(indent) + out.get(i).strip());
      }
    } else {
      out.add((dash + quoted(item, source.behindDash(item))).stripTrailing());
      out.addAll(source.continuation(line, source.lastLine(item, line), indent + 2));
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
