package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.yaml.YamlMapping;
import dev.sluice.supervisor.policy.yaml.YamlText;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Vector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Reads a policy file into a [Policy]: its structure, not yet what its conditions mean.
final class PolicyReader {
  private static final List<String> KEYS =
      List.of(
          "sluice",
          "name",
          "default",
          "vars",
          "rules",
          "audit",
          "dynamic",
          "architectures",
          "require",
          "deadline");

  /// A hundred rules, each about all calls there are, have fewer. For each of them something is
  /// made, and needs room.
  private static final int MAX_CALLS = 50_000;

  private static final Pattern ENVIRONMENT = Pattern.compile("\\$\\{(\\w+)}");

  private final String file;
  private final Map<String, String> environment;
  private final List<Diagnostic> diagnostics;

  private PolicyReader(String file, Map<String, String> environment, List<Diagnostic> diagnostics) {
    this.file = file;
    this.environment = environment;
    this.diagnostics = diagnostics;
  }

  /// @param environment what `${NAME}` in `vars` stands for
  /// @param diagnostics where everything that is wrong is added
  static Optional<Policy> read(
      String file, String text, Map<String, String> environment, List<Diagnostic> diagnostics) {
    var reader = new PolicyReader(file, environment, diagnostics);
    int before = diagnostics.size();
    Optional<Policy> policy =
        YamlText.compose(file, text, "a policy begins with 'sluice: v1'", diagnostics)
            .flatMap(node -> YamlMapping.of(file, diagnostics, node, "a policy"))
            .map(reader::policy);
    return diagnostics.subList(before, diagnostics.size()).stream().anyMatch(Diagnostic::isError)
        ? Optional.empty()
        : policy;
  }

  private Policy policy(YamlMapping top) {
    top.onlyKeys("a policy", KEYS);
    if (!top.has("sluice")) {
      top.error(top.location(), "the key 'sluice' is missing; this version is 'sluice: v1'");
    } else if (!top.string("sluice").equals(Optional.of("v1"))) {
      top.error(top.locationOf("sluice"), "this version of sluice reads 'sluice: v1' only");
    }
    List<Rule> rules = rules(top);
    if (!top.has("rules") && !top.has("default")) {
      top.error(top.location(), "a policy needs 'rules', or a 'default' other than allow");
    }
    return new Policy(
        top.name("name").orElseGet(() -> nameOf(file)),
        top.location(),
        otherwise(top),
        vars(top),
        List.copyOf(rules),
        audited(top),
        lossless(top),
        shown(top),
        RuleReader.calls(top, "dynamic", new TreeSet<>()),
        architectures(top),
        Deadline.read(top),
        requireEmulated(top));
  }

  private static List<Rule> rules(YamlMapping top) {
    var rules = new ArrayList<Rule>();
    int calls = 0;
    for (YamlMapping rule : top.mappings("rules")) {
      Optional<Rule> read = RuleReader.read(rule, rules.size() + 1);
      read.ifPresent(rules::add);
      calls += read.map(each -> each.calls().size()).orElse(0);
      if (calls > MAX_CALLS) {
        top.error(
            rule.location(),
            "the rules up to here name more than "
                + MAX_CALLS
                + " calls, each counted for every rule: say it in fewer");
        break;
      }
    }
    return rules;
  }

  private static String nameOf(String file) {
    String name = Path.of(file).getFileName().toString();
    return name.replaceFirst("\\.ya?ml$", "");
  }

  private Action otherwise(YamlMapping top) {
    if (!top.has("default")) {
      return new Action.Allow();
    }
    if (top.isMapping("default")) {
      YamlMapping mapping = top.mapping("default").orElseThrow();
      mapping.onlyKeys("'default'", ActionReader.ACTIONS.stream().sorted().toList());
      Action action = ActionReader.read(mapping).orElseGet(Action.Allow::new);
      if (action.isForRulesOnly()) {
        top.error(
            top.locationOf("default"),
            "'default' cannot be " + action.keyword() + ": write a rule for the calls it is about");
      }
      return action;
    }
    String word = top.string("default").orElse("allow");
    return switch (word) {
      case "allow" -> new Action.Allow();
      case "deny" -> new Action.Deny(Errno.EPERM.number());
      case "log" -> new Action.Log();
      case "trap" -> new Action.Trap();
      case "kill" -> new Action.Kill(Action.Kill.Scope.PROCESS);
      default -> {
        top.error(
            top.locationOf("default"),
            "'default' is one of allow, deny, log, trap, kill, or a mapping such as"
                + " '{ deny: EACCES }', not '"
                + word
                + "'");
        yield new Action.Allow();
      }
    };
  }

  private Map<String, String> vars(YamlMapping top) {
    var vars = new LinkedHashMap<String, String>();
    top.mapping("vars")
        .ifPresent(mapping -> {
          for (String name : mapping.keys()) {
            mapping
                .string(name)
                .ifPresent(text -> vars.put(name, expand(text, mapping.locationOf(name))));
          }
        });
    return vars;
  }

  private String expand(String text, Location at) {
    return ENVIRONMENT
        .matcher(text)
        .replaceAll(match -> {
          String value = environment.get(match.group(1));
          if (value == null) {
            diagnostics.add(
                Diagnostic.error(at, "the environment has no variable " + match.group(1)));
            return "";
          }
          return Matcher.quoteReplacement(value);
        });
  }

  private Set<String> audited(YamlMapping top) {
    var audited = new HashSet<String>();
    top.mapping("audit")
        .ifPresent(audit -> {
          audit.onlyKeys("'audit'", List.of("record", "mode", "arguments"));
          for (var word : audit.strings("record")) {
            if (word.getKey().equals("all")) {
              audited.addAll(ActionReader.ACTIONS);
            } else if (ActionReader.ACTIONS.contains(word.getKey())) {
              audited.add(word.getKey());
            } else {
              audit.error(
                  word.getValue(),
                  "'record' takes all, or actions such as deny and emulate, not '"
                      + word.getKey()
                      + "'");
            }
          }
        });
    return audited;
  }

  private static boolean lossless(YamlMapping top) {
    if (!top.isMapping("audit")) {
      return false; // of what it is instead, 'record' complains
    }
    YamlMapping audit = top.mapping("audit").orElseThrow();
    Optional<String> mode = audit.has("mode") ? audit.string("mode") : Optional.empty();
    if (mode.isPresent() && !Set.of("bounded", "lossless").contains(mode.get())) {
      audit.error(
          audit.locationOf("mode"), "'mode' is bounded or lossless, not '" + mode.get() + "'");
    }
    return mode.equals(Optional.of("lossless"));
  }

  private static Set<Vector> shown(YamlMapping top) {
    var shown = EnumSet.noneOf(Vector.class);
    if (!top.isMapping("audit")) {
      return shown;
    }
    YamlMapping audit = top.mapping("audit").orElseThrow();
    for (var word : audit.strings("arguments")) {
      Optional<Vector> vector =
          Stream.of(Vector.values())
              .filter(each -> each.keyword().equals(word.getKey()))
              .findFirst();
      vector.ifPresent(shown::add);
      if (vector.isEmpty()) {
        audit.error(
            word.getValue(), "'arguments' takes argv, env and data, not '" + word.getKey() + "'");
      }
    }
    return shown;
  }

  private Set<Arch> architectures(YamlMapping top) {
    var architectures = EnumSet.noneOf(Arch.class);
    for (var word : top.strings("architectures")) {
      Optional<Arch> arch = Arch.named(word.getKey());
      arch.ifPresent(architectures::add);
      if (arch.isEmpty()) {
        top.error(
            word.getValue(),
            "unknown architecture '" + word.getKey() + "'; known are x86_64, i386, aarch64");
      }
    }
    return architectures.isEmpty() ? EnumSet.of(Arch.host()) : architectures;
  }

  private boolean requireEmulated(YamlMapping top) {
    Optional<String> required = top.string("require");
    if (required.isPresent() && !required.get().equals("emulated")) {
      top.error(
          top.locationOf("require"), "'require' can be 'emulated', not '" + required.get() + "'");
    }
    return required.isPresent();
  }
}
