package dev.sluice.supervisor.audit.learn;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.log.CallText;
import dev.sluice.supervisor.audit.log.Replay;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.Rule;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// What a policy would have to grant besides, that what was recorded could be done under it.
///
/// Rules that allow what it denies are put right before those that deny it, so that whatever stands
/// before them decides as it did. What has a limit, asks, or is exchanged stays as it is.
public final class PolicyUpdate {
  private final CompiledPolicy old;
  private final Replay replay;
  private final String workingDirectory;
  private final String home;
  private final Map<Denier, PolicyLearner> missing = new LinkedHashMap<>();
  private final Map<String, Long> denials = new LinkedHashMap<>();
  private final Map<String, Long> open = new TreeMap<>();
  private final Set<String> used = new HashSet<>();

  /// @param location of the rule; of what is no rule, that of the policy
  private record Denier(String rule, Location location) {}

  private long granted;

  /// @param workingDirectory of the command: what lies there is its own
  /// @param home what `~` stands for
  public PolicyUpdate(CompiledPolicy old, String workingDirectory, String home) {
    this.old = old;
    this.replay = new Replay(old);
    this.workingDirectory = workingDirectory;
    this.home = home;
  }

  /// The calls that the policy may deny: those that must be recorded.
  public Set<String> deniable() {
    return calls(_ -> true);
  }

  /// Those of them that it may deny for where their paths led, which must be known then.
  public Set<String> looked() {
    return calls(plan ->
        plan.readsMemory() && !plan.kind().paths().isEmpty() && plan.performer().isPresent());
  }

  private Set<String> calls(Predicate<CallPlan> wanted) {
    var calls = new TreeSet<String>();
    Arch.host()
        .numbers()
        .forEach((call, nr) -> {
          CallPlan plan = old.table().planOf(Arch.host(), nr);
          if (plan != null && wanted.test(plan) && !deniers(plan).isEmpty()) {
            calls.add(call);
          }
        });
    return calls;
  }

  private static List<Decision> deniers(CallPlan plan) {
    return plan.steps().stream().map(CallPlan.Step::decision).filter(PolicyUpdate::denies).toList();
  }

  private static boolean denies(Decision decision) {
    return decision.verdict() instanceof Verdict.Fail || decision.verdict() instanceof Verdict.Kill;
  }

  /// What was denied, as a log may say, was not done.
  public void add(AuditRecord record) {
    if (record.isDenial()) {
      return;
    }
    switch (replay.redecide(record)) {
      case Replay.Decided(Decision decision) -> {
        used.add(decision.rule());
        if (denies(decision)) {
          missing
              .computeIfAbsent(denierIn(decision), _ -> new PolicyLearner(workingDirectory, home))
              .add(record);
          String what = CallText.call(record) + ": denied by '" + decision.rule() + "'";
          denials.merge(what, 1L, Long::sum);
        } else {
          granted++;
        }
      }
      case Replay.Open(String why) -> open.merge(why, 1L, Long::sum);
    }
  }

  /// Whether nothing is missing.
  public boolean isComplete() {
    return missing.isEmpty();
  }

  /// Makes sure that rules can be put wherever any may be missing, before a command has run for
  /// nothing.
  ///
  /// @throws IllegalArgumentException as [#merged]
  public void check(String text) {
    var edits = new RuleInsertions(text);
    Arch.host().numbers().values().stream()
        .map(nr -> old.table().planOf(Arch.host(), nr))
        .filter(Objects::nonNull)
        .flatMap(plan -> deniers(plan).stream())
        .map(PolicyUpdate::denierIn)
        .distinct()
        .forEach(denier -> insert(denier, "", edits));
  }

  private static Denier denierIn(Decision decision) {
    return new Denier(decision.rule(), decision.location());
  }

  /// The policy with what is missing.
  ///
  /// @param text of the policy
  /// @throws IllegalArgumentException saying where the text is not such that a rule can be put
  ///   there
  public String merged(String text) {
    var edits = new RuleInsertions(text);
    missing.forEach((denier, learner) -> insert(denier, learner.allowing(suffix(denier)), edits));
    return edits.text();
  }

  private void insert(Denier denier, String allowing, RuleInsertions edits) {
    List<Rule> rules = old.policy().rules();
    if (denier.rule().equals(PolicyCompiler.GUARD)) {
      return; // no rule opens what a policy closes by itself
    }
    if (rules.isEmpty()) {
      throw new IllegalArgumentException(
          old.policy().location() + ": there is no rule that another could be put beside");
    }
    if (rules.stream().anyMatch(rule -> rule.location().equals(denier.location()))) {
      edits.before(denier.location(), allowing);
    } else if (denier.rule().equals(PolicyCompiler.DEFAULT)) {
      edits.behind(rules.getLast().location(), allowing);
    }
  }

  /// Behind the names of rules, such that there is none of the name yet.
  private String suffix(Denier denier) {
    String suffix = "-before-" + denier.rule().replaceAll("[^A-Za-z0-9._-]+", "-");
    String free = suffix;
    for (int number = 2; isTaken(free); number++) {
      free = suffix + "-" + number;
    }
    return free;
  }

  private boolean isTaken(String suffix) {
    return old.policy().rules().stream().anyMatch(rule -> rule.name().endsWith(suffix));
  }

  /// What was observed beside what is granted: a line for each call that is not, and for each rule
  /// that grants what never happened.
  public List<String> difference() {
    var lines = new ArrayList<String>();
    long denied = denials.values().stream().mapToLong(Long::longValue).sum();
    lines.add(granted + " calls were granted, " + denied + " were not");
    denials.forEach((what, count) -> lines.add("not granted: " + what + times(count)));
    open.forEach((why, count) -> lines.add("not known: it depends on " + why + times(count)));
    for (Rule rule : old.policy().rules()) {
      if (rule.action().keyword().equals("allow") && !used.contains(rule.name())) {
        lines.add("granted, and not used: '" + rule.name() + "' (" + rule.location() + ")");
      }
    }
    return lines;
  }

  private static String times(long count) {
    return count == 1 ? "" : ", " + count + " times";
  }
}
