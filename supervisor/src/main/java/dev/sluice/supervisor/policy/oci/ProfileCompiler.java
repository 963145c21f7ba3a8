package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.Action;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.Policy;
import dev.sluice.supervisor.policy.Rule;
import dev.sluice.supervisor.policy.Suggestion;
import dev.sluice.supervisor.policy.Unlisted;
import dev.sluice.supervisor.policy.condition.Condition.Constant;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.X32;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.IdentityChange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/// Makes of a profile what libseccomp makes of it, in the hands of a container runtime.
public final class ProfileCompiler {
  private static final Set<String> KNOWN_CALLS = knownCalls();
  private static final int MAX_HINTS = 100;

  /// The calls of one ABI, and what is said of them.
  private record Abi(boolean wide, Map<String, Integer> numbers, Map<String, RuleTree> trees) {
    RuleTree tree(String call) {
      return trees.computeIfAbsent(call, _ -> new RuleTree(wide));
    }
  }

  private final String file;
  private final Profile profile;
  private final Predicate<String> calls;
  private final List<Diagnostic> diagnostics;
  private final Map<Arch, Abi> abis = new HashMap<>();
  private final Optional<Abi> x32;

  private ProfileCompiler(
      String file, Profile profile, Predicate<String> calls, List<Diagnostic> diagnostics) {
    this.file = file;
    this.profile = profile;
    this.calls = calls;
    this.diagnostics = diagnostics;
    for (Arch arch : profile.architectures()) {
      abis.put(arch, new Abi(arch.is64Bit(), arch.numbers(), new HashMap<>()));
    }
    // pointers of 32 bits: libseccomp compares nothing more of any register
    this.x32 =
        profile.x32() && abis.containsKey(Arch.X86_64)
            ? Optional.of(new Abi(false, X32.numbers(), new HashMap<>()))
            : Optional.empty();
  }

  /// Reads a profile and compiles it. Empty, with diagnostics that say why, if something is wrong
  /// with it.
  ///
  /// @param file stands for it in diagnostics
  public static Optional<CompiledProfile> compile(
      String file, String text, Host host, List<Diagnostic> diagnostics) {
    return compile(file, text, host, _ -> true, diagnostics);
  }

  /// The same of some calls only, by their names.
  public static Optional<CompiledProfile> compile(
      String file, String text, Host host, Predicate<String> calls, List<Diagnostic> diagnostics) {
    Optional<Profile> profile = ProfileReader.read(file, text, host, diagnostics);
    return profile.flatMap(each -> new ProfileCompiler(file, each, calls, diagnostics).compile());
  }

  private Optional<CompiledProfile> compile() {
    int before = diagnostics.size();
    profile.rules().forEach(this::add);
    if (diagnostics.subList(before, diagnostics.size()).stream().anyMatch(Diagnostic::isError)) {
      return Optional.empty();
    }
    var plans = new ArrayList<CallPlan>();
    abis.forEach((arch, abi) -> addPlans(abi, (_, nr) -> CallKind.of(arch, nr), plans));
    x32.ifPresent(abi -> addPlans(abi, (name, nr) -> CallKind.named(Arch.X86_64, nr, name), plans));
    return Optional.of(new CompiledProfile(policy(), plans, unlisted()));
  }

  private void add(ProfileRule rule) {
    if (rule.action() == profile.defaultAction()) {
      return; // as runtimes do; libseccomp would refuse it
    }
    for (ProfileRule.Name name : rule.names()) {
      if (!KNOWN_CALLS.contains(name.text())) {
        skip(name);
        continue;
      }
      if (!calls.test(name.text())) {
        continue;
      }
      for (List<Argument> arguments : rule.alternatives()) {
        for (Abi abi : abis.values()) {
          add(abi, rule, name, arguments);
        }
        x32.ifPresent(abi -> add(abi, rule, name, arguments));
      }
    }
  }

  private void add(Abi abi, ProfileRule rule, ProfileRule.Name name, List<Argument> arguments) {
    var outcome = new RuleTree.Outcome(rule.action(), rule);
    boolean i386 = abi.numbers().equals(Arch.I386.numbers());
    try {
      var way = i386 ? MultiplexedCalls.way(name.text()) : Optional.<MultiplexedCalls.Way>empty();
      if (way.isPresent()) {
        abi.tree(way.get().through()).add(way.get().arguments(arguments), outcome);
      }
      // even of a call that the ABI does not have: libseccomp merges its rules, and may refuse them
      if (!i386 || way.isPresent() || abi.numbers().containsKey(name.text())) {
        abi.tree(name.text()).add(arguments, outcome);
      }
    } catch (RuleConflict conflict) {
      ProfileRule other = conflict.existing().rule();
      diagnostics.add(
          Diagnostic.error(
              name.location(),
              "the action for "
                  + name.text()
                  + " is not that of "
                  + other.name()
                  + " ("
                  + other.location()
                  + "), which is about the same arguments; libseccomp refuses such a profile"));
    }
  }

  private void skip(ProfileRule.Name name) {
    // nobody means what is said that often
    String hint =
        diagnostics.size() < MAX_HINTS ? Suggestion.didYouMean(name.text(), KNOWN_CALLS) : "";
    diagnostics.add(
        Diagnostic.warning(
            name.location(), "the unknown system call '" + name.text() + "' is skipped" + hint));
  }

  private void addPlans(
      Abi abi, BiFunction<String, Integer, CallKind> kinds, List<CallPlan> plans) {
    abi.numbers()
        .forEach((name, nr) -> {
          if (calls.test(name)) {
            plans.add(plan(kinds.apply(name, nr), abi));
          }
        });
  }

  private CallPlan plan(CallKind kind, Abi abi) {
    var steps = new ArrayList<Step>();
    RuleTree tree = abi.trees().get(kind.name());
    if (tree != null) {
      for (TreePaths.Path path : TreePaths.of(tree)) {
        ProfileRule rule = path.outcome().rule();
        int action = path.outcome().action();
        steps.add(new Step(path.condition(), decision(rule.name(), rule.location(), action)));
      }
    }
    if (steps.isEmpty() || !steps.getLast().condition().equals(Constant.TRUE)) {
      steps.add(
          new Step(
              Constant.TRUE, decision("default", profile.location(), profile.defaultAction())));
    }
    return new CallPlan(kind, steps, Optional.empty(), false, IdentityChange.NONE);
  }

  private static Decision decision(String rule, Location location, int action) {
    return new Decision(
        rule,
        location,
        ScmpAction.actionOf(action).keyword(),
        ScmpAction.verdictOf(action),
        ScmpAction.auditOf(action),
        action);
  }

  private Unlisted unlisted() {
    int otherwise = profile.defaultAction();
    int otherAbi = ScmpAction.KILL.ret();
    return new Unlisted(otherwise, otherAbi, x32.isPresent() ? otherwise : otherAbi, otherwise);
  }

  private Policy policy() {
    String name = Path.of(file).getFileName().toString().replaceFirst("\\.json$", "");
    Action otherwise = ScmpAction.actionOf(profile.defaultAction());
    List<Rule> rules = profile.rules().stream().map(ProfileCompiler::rule).toList();
    return new Policy(
        name,
        profile.location(),
        otherwise,
        Map.of(),
        rules,
        Set.of(),
        false,
        Set.of(),
        Set.of(),
        profile.architectures(),
        Optional.empty(),
        false);
  }

  private static Rule rule(ProfileRule rule) {
    var calls = new TreeSet<String>();
    rule.names().forEach(name -> calls.add(name.text()));
    calls.retainAll(KNOWN_CALLS);
    String operator = rule.alternatives().size() > 1 ? " || " : " && ";
    String when = String.join(operator, rule.arguments().stream().map(Argument::toString).toList());
    return new Rule(
        rule.name(),
        rule.location(),
        calls,
        calls,
        false,
        when.isEmpty()
            ? Optional.empty()
            : Optional.of(new Rule.When(when, new TreeMap<>(Map.of(0, rule.location())))),
        ScmpAction.actionOf(rule.action()),
        Optional.empty(),
        rule.action() == Seccomp.RET_USER_NOTIF
            ? Optional.of(ScmpAction.auditOf(rule.action()))
            : Optional.empty(),
        false);
  }

  private static Set<String> knownCalls() {
    var known = new HashSet<>(X32.numbers().keySet());
    for (Arch arch : Arch.values()) {
      known.addAll(arch.numbers().keySet());
    }
    known.addAll(MultiplexedCalls.names());
    return known;
  }
}
