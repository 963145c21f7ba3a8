package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.syscall.Arch;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/// Reads a policy file into a [Policy]: its structure, not yet what its conditions mean.
final class PolicyReader {
  private static final List<String> KEYS =
      List.of("sluice", "name", "default", "vars", "rules", "audit", "architectures", "require");

  static final Set<String> ACTIONS =
      Set.of(
          "allow", "deny", "return", "emulate", "redirect", "ask", "kill", "trap", "trace", "log");

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
      Path path, Map<String, String> environment, List<Diagnostic> diagnostics) {
    var start = new Location(path.toString(), 1, 1);
    try {
      return read(path.toString(), Files.readString(path), environment, diagnostics);
    } catch (NoSuchFileException e) {
      diagnostics.add(Diagnostic.error(start, "there is no such file"));
    } catch (CharacterCodingException e) {
      diagnostics.add(Diagnostic.error(start, "the file is not UTF-8"));
    } catch (IOException e) {
      diagnostics.add(Diagnostic.error(start, "the file cannot be read: " + e.getMessage()));
    }
    return Optional.empty();
  }

  static Optional<Policy> read(
      String file, String text, Map<String, String> environment, List<Diagnostic> diagnostics) {
    var reader = new PolicyReader(file, environment, diagnostics);
    int before = diagnostics.size();
    Optional<Policy> policy =
        reader
            .compose(text)
            .flatMap(node -> YamlMapping.of(file, diagnostics, node, "a policy"))
            .map(reader::policy);
    return diagnostics.subList(before, diagnostics.size()).stream().anyMatch(Diagnostic::isError)
        ? Optional.empty()
        : policy;
  }

  private Optional<Node> compose(String text) {
    var settings =
        LoadSettings.builder()
            .setLabel(file)
            .setMaxAliasesForCollections(10)
            .setCodePointLimit(4 * 1024 * 1024)
            .build();
    try {
      Optional<Node> node =
          new Composer(settings, new ParserImpl(settings, new StreamReader(settings, text)))
              .getSingleNode();
      if (node.isEmpty()) {
        diagnostics.add(
            Diagnostic.error(
                new Location(file, 1, 1), "the file is empty; a policy begins with 'sluice: v1'"));
      }
      return node;
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark();
      var at =
          new Location(
              file, mark.map(Mark::getLine).orElse(0) + 1, mark.map(Mark::getColumn).orElse(0) + 1);
      diagnostics.add(Diagnostic.error(at, "this is not YAML: " + e.getProblem()));
    } catch (YamlEngineException e) {
      diagnostics.add(
          Diagnostic.error(new Location(file, 1, 1), "this is not YAML: " + e.getMessage()));
    }
    return Optional.empty();
  }

  private Policy policy(YamlMapping top) {
    top.onlyKeys("a policy", KEYS);
    if (!top.has("sluice")) {
      top.error(top.location(), "the key 'sluice' is missing; this version is 'sluice: v1'");
    } else if (!top.string("sluice").equals(Optional.of("v1"))) {
      top.error(top.locationOf("sluice"), "this version of sluice reads 'sluice: v1' only");
    }
    var rules = new ArrayList<Rule>();
    var reader = new RuleReader();
    for (YamlMapping rule : top.mappings("rules")) {
      reader.read(rule, rules.size() + 1).ifPresent(rules::add);
    }
    if (!top.has("rules") && !top.has("default")) {
      top.error(top.location(), "a policy needs 'rules', or a 'default' other than allow");
    }
    return new Policy(
        top.string("name").orElseGet(() -> nameOf(file)),
        top.location(),
        otherwise(top),
        vars(top),
        List.copyOf(rules),
        audited(top),
        architectures(top),
        requireEmulated(top));
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
      Action action =
          top.mapping("default").flatMap(new RuleReader()::action).orElseGet(Action.Allow::new);
      if (action instanceof Action.Emulate || action instanceof Action.Ask) {
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
          audit.onlyKeys("'audit'", List.of("record"));
          for (var word : audit.strings("record")) {
            if (word.getKey().equals("all")) {
              audited.addAll(ACTIONS);
            } else if (ACTIONS.contains(word.getKey())) {
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

  private Set<Arch> architectures(YamlMapping top) {
    var architectures = EnumSet.noneOf(Arch.class);
    for (var word : top.strings("architectures")) {
      try {
        architectures.add(Arch.valueOf(word.getKey().toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException unknown) {
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
