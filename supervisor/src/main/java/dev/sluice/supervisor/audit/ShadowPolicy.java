package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.audit.AuditRecord.Shadow;
import dev.sluice.supervisor.audit.log.Replay;
import dev.sluice.supervisor.bpf.Node;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A policy that is tried out: it decides every recorded call, by its record and on the thread that
/// writes it, and nothing is enforced. So no call waits for it, and it knows what the record has.
public final class ShadowPolicy {
  private static final Logger LOG = LoggerFactory.getLogger(ShadowPolicy.class);

  private final CompiledPolicy policy;
  private final Replay replay;
  private boolean failed;

  public ShadowPolicy(CompiledPolicy policy) {
    this.policy = policy;
    this.replay = new Replay(policy);
  }

  /// The record, with what this policy would have done if that is something else.
  AuditRecord beside(AuditRecord record) {
    try {
      return switch (replay.decide(record)) {
        case Replay.Same _, Replay.Undecided _ -> record;
        case Replay.Changed(_, String now) ->
            record.beside(shadow(Optional.of(now), Optional.empty()));
        case Replay.Unknown(String why) ->
            record.beside(shadow(Optional.empty(), Optional.of(why)));
      };
    } catch (RuntimeException | StackOverflowError e) {
      if (!failed) {
        failed = true;
        LOG.error("the shadow policy could not decide a call", e);
      }
      return record.beside(shadow(Optional.empty(), Optional.of("what it failed with")));
    }
  }

  private Shadow shadow(Optional<String> verdict, Optional<String> open) {
    return new Shadow(policy.edition().name(), verdict, open);
  }

  /// The calls that a rule of this policy does not simply allow, and of which the one that is
  /// enforced leaves no record of each, as the kernel decides some of them alone.
  public Set<String> unseen(CompiledPolicy enforced) {
    var unseen = new TreeSet<String>();
    Arch.host()
        .numbers()
        .forEach((call, nr) -> {
          CallPlan theirs = enforced.table().planOf(Arch.host(), nr);
          CallPlan ours = policy.table().planOf(Arch.host(), nr);
          boolean matters =
              ours != null
                  && ours.steps().stream().map(Step::decision).anyMatch(ShadowPolicy::matters);
          boolean seen = theirs != null && isSeen(enforced, theirs);
          if (matters && !seen) {
            unseen.add(call);
          }
        });
    return unseen;
  }

  private static boolean matters(Decision decision) {
    return !(decision.verdict() instanceof Verdict.Continue)
        && !decision.rule().equals(PolicyCompiler.GUARD);
  }

  private static boolean isSeen(CompiledPolicy policy, CallPlan plan) {
    boolean quiet =
        plan.steps().stream().anyMatch(step -> step.decision().audit() == AuditMode.NEVER);
    return !quiet && isNotified(policy.filterOf(plan), new HashSet<>());
  }

  /// Whether every way through a filter leads to the supervisor.
  private static boolean isNotified(Node node, Set<Node> visited) {
    return switch (node) {
      case Node.Return(int action) -> action == Seccomp.RET_USER_NOTIF;
      case Node.Test test ->
          !visited.add(test) || (isNotified(test.yes(), visited) && isNotified(test.no(), visited));
    };
  }
}
