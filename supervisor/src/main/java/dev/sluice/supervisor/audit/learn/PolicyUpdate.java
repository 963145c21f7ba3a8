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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

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
    var calls = new TreeSet<String>();
    Arch.host()
        .numbers()
        .forEach((call, nr) -> {
          CallPlan plan = old.table().planOf(Arch.host(), nr);
          if (plan != null && plan.steps().stream().anyMatch(step -> denies(step.decision()))) {
            calls.add(call);
          }
        });
    return calls;
  }

  private static boolean denies(Decision decision) {
    return decision.verdict() instanceof Verdict.Fail || decision.verdict() instanceof Verdict.Kill;
  }

  public void add(AuditRecord record) {
    switch (replay.redecide(record)) {
      case Replay.Decided(Decision decision) -> {
        used.add(decision.rule());
        if (denies(decision)) {
          missing
              .computeIfAbsent(
                  new Denier(decision.rule(), decision.location()),
                  _ -> new PolicyLearner(workingDirectory, home))
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

  /// The policy with what is missing.
  ///
  /// @param text of the policy
  /// @throws IllegalArgumentException saying where the text is not such that a rule can be put
  ///   there
  public String merged(String text) {
    List<Rule> rules = old.policy().rules();
    if (rules.isEmpty()) {
      throw new IllegalArgumentException(
          old.policy().location() + ": there is no rule that another could be put beside");
    }
    var edits = new RuleInsertions(text);
    missing.forEach((denier, learner) -> {
      String allowing = learner.allowing(suffix(denier));
      if (rules.stream().anyMatch(rule -> rule.location().equals(denier.location()))) {
        edits.before(denier.location(), allowing);
      } else if (denier.rule().equals(PolicyCompiler.DEFAULT)) {
        edits.behind(rules.getLast().location(), allowing);
      }
    });
    return edits.text();
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
