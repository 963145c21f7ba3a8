package dev.sluice.supervisor.policy.unit;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Suggestion;
import dev.sluice.supervisor.policy.explain.ArchName;
import dev.sluice.supervisor.policy.explain.CallReader;
import dev.sluice.supervisor.policy.explain.DescribedCall;
import dev.sluice.supervisor.policy.explain.DescribedTask;
import dev.sluice.supervisor.policy.explain.Explanation.Tier;
import dev.sluice.supervisor.policy.unit.TestCase.Expected;
import dev.sluice.supervisor.policy.yaml.YamlMapping;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Groups;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads the list of tests in a file of them.
final class TestReader {
  private static final int MAX_CASES = 10_000;

  private static final List<String> KEYS =
      List.of(
          "name", "call", "args", "task", "arch", "expect", "content", "limit", "rule", "tier",
          "class");

  /// Whether a verdict has something behind its first word, and must have it.
  private static final List<String> VERDICTS =
      List.of(
          "allow",
          "deny",
          "return",
          "emulate",
          "redirect",
          "serve",
          "read-only",
          "hide",
          "ask",
          "kill",
          "trap",
          "trace",
          "log");

  private static final Set<String> ALONE =
      Set.of("allow", "redirect", "serve", "read-only", "hide", "ask", "trap", "log");

  private final Set<Arch> architectures;
  private final String home;
  private final List<TestCase> cases = new ArrayList<>();

  /// @param architectures those of the policy
  /// @param home what `~` stands for
  TestReader(Set<Arch> architectures, String home) {
    this.architectures = architectures;
    this.home = home;
  }

  List<TestCase> read(YamlMapping top) {
    DescribedTask task = task(top, DescribedTask.UNKNOWN);
    if (!top.has("tests")) {
      top.error(top.location(), "'tests' is missing: a list of calls, each with what is expected");
    }
    for (YamlMapping test : top.mappings("tests")) {
      readOne(test, task);
      if (cases.size() > MAX_CASES) {
        top.error(
            test.location(), "the tests up to here are about more than " + MAX_CASES + " calls");
        break;
      }
    }
    return cases;
  }

  private void readOne(YamlMapping test, DescribedTask ofAll) {
    test.onlyKeys("a test", KEYS);
    DescribedTask task = task(test, ofAll);
    Arch arch = arch(test);
    Optional<Expected> expected = expected(test);
    if (!test.has("call")) {
      test.error(test.location(), "'call' is missing: a system call, or a group such as \"@open\"");
    }
    List<String> words = words(test);
    for (var word : test.strings("call")) {
      for (String call : callsOf(test, word.getKey(), word.getValue(), arch)) {
        try {
          DescribedCall described = CallReader.read(arch, call, words, task, home);
          expected.ifPresent(what ->
              cases.add(
                  new TestCase(
                      test.name("name").orElse(described.toString()),
                      test.location(),
                      described,
                      what)));
        } catch (IllegalArgumentException e) {
          boolean ofCall = arch.number(call).isEmpty();
          test.error(
              ofCall || !test.has("args") ? word.getValue() : test.locationOf("args"),
              String.valueOf(e.getMessage()));
        }
      }
    }
  }

  /// The calls of a group that the architecture has.
  private static List<String> callsOf(YamlMapping test, String word, Location at, Arch arch) {
    if (!word.startsWith("@")) {
      return List.of(word);
    }
    var members = Groups.members(word);
    if (members.isEmpty()) {
      test.error(at, "unknown group '" + word + "'" + Suggestion.didYouMean(word, Groups.names()));
      return List.of();
    }
    return members.get().stream().filter(call -> arch.number(call).isPresent()).toList();
  }

  private static List<String> words(YamlMapping test) {
    if (!test.isMapping("args")) {
      return test.strings("args").stream().map(word -> word.getKey()).toList();
    }
    YamlMapping args = test.mapping("args").orElseThrow();
    var words = new ArrayList<String>();
    for (String name : args.keys()) {
      args.string(name).ifPresent(value -> words.add(name + "=" + value));
    }
    return words;
  }

  private DescribedTask task(YamlMapping mapping, DescribedTask base) {
    DescribedTask task = base;
    if (mapping.has("task")) {
      Optional<YamlMapping> facts = mapping.mapping("task");
      for (String name : facts.map(YamlMapping::keys).orElse(Set.of())) {
        Optional<String> value = facts.get().string(name);
        if (value.isPresent()) {
          try {
            task = task.with(name, value.get(), home);
          } catch (IllegalArgumentException e) {
            facts.get().error(facts.get().locationOf(name), String.valueOf(e.getMessage()));
          }
        }
      }
    }
    return task;
  }

  private Arch arch(YamlMapping test) {
    Arch usual =
        architectures.contains(Arch.host()) ? Arch.host() : architectures.iterator().next();
    Optional<String> name = test.has("arch") ? test.string("arch") : Optional.empty();
    try {
      return name.map(ArchName::parse).orElse(usual);
    } catch (IllegalArgumentException e) {
      test.error(test.locationOf("arch"), String.valueOf(e.getMessage()));
      return usual;
    }
  }

  private static Optional<Expected> expected(YamlMapping test) {
    if (!test.has("expect")) {
      test.error(test.location(), "'expect' is missing: a verdict such as allow, or deny EACCES");
      return Optional.empty();
    }
    Optional<String> verdict =
        test.string("expect").flatMap(text -> verdict(test, String.join(" ", words(text))));
    Optional<String> content = test.has("content") ? test.string("content") : Optional.empty();
    Optional<String> limit = test.has("limit") ? test.string("limit") : Optional.empty();
    Optional<String> rule = test.has("rule") ? test.name("rule") : Optional.empty();
    Optional<Tier> tier = oneOf(test, "tier", Tier.class);
    Optional<SafetyClass> safety = oneOf(test, "class", SafetyClass.class);
    return verdict.map(text -> new Expected(text, content, limit, rule, tier, safety));
  }

  private static List<String> words(String text) {
    return List.of(text.strip().split("\\s+", -1));
  }

  private static Optional<String> verdict(YamlMapping test, String text) {
    String[] words = text.split(" ", -1);
    String wrong = "";
    if (!VERDICTS.contains(words[0])) {
      wrong =
          Suggestion.closest(words[0], VERDICTS)
              .map(best -> "; did you mean '" + best + "'?")
              .orElse("; there are " + String.join(", ", VERDICTS));
    } else if (words.length > (ALONE.contains(words[0]) ? 1 : 2)) {
      wrong = "; it has too many words";
    } else if (words.length == 2 && words[0].equals("deny") && Errno.named(words[1]).isEmpty()) {
      wrong = "; '" + words[1] + "' is no errno";
    } else {
      return Optional.of(text);
    }
    test.error(
        test.locationOf("expect"),
        "'expect' takes a verdict such as allow, or deny EACCES, not '" + text + "'" + wrong);
    return Optional.empty();
  }

  private static <E extends Enum<E>> Optional<E> oneOf(
      YamlMapping test, String key, Class<E> type) {
    Optional<String> text = test.has(key) ? test.string(key) : Optional.empty();
    List<E> all = Arrays.asList(type.getEnumConstants());
    Optional<E> found =
        all.stream().filter(each -> text.equals(Optional.of(each.toString()))).findFirst();
    if (text.isPresent() && found.isEmpty()) {
      test.error(
          test.locationOf(key),
          "'"
              + key
              + "' is one of "
              + String.join(", ", all.stream().map(Object::toString).toList())
              + ", not '"
              + text.get()
              + "'");
    }
    return found;
  }
}
