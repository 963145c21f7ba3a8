package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.audit.AuditRecord.Shadow;
import dev.sluice.supervisor.audit.log.Replay;
import dev.sluice.supervisor.bpf.Node;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A policy that is tried out: it decides every recorded call, by its record and on the thread that
/// writes it, and nothing is enforced. So no call waits for it, and it knows what the record has.
public final class ShadowPolicy {
  private static final Logger LOG = LoggerFactory.getLogger(ShadowPolicy.class);

  /// Of how many containers it is kept what the policy is for them.
  private static final int CONTAINERS = 64;

  /// What a policy is for targets in a container, of which its conditions may speak.
  public interface Compilation {
    CompiledPolicy in(Container container) throws PolicyException;
  }

  private final Compilation compilation;
  private final CompiledPolicy policy;
  private final SequencedMap<Container, Optional<Replay>> replays =
      new LinkedHashMap<>(CONTAINERS, 0.75f, true);
  private boolean failed;

  /// @throws PolicyException if it is wrong for targets in no container
  public ShadowPolicy(Compilation compilation) throws PolicyException {
    this.compilation = compilation;
    this.policy = compilation.in(Container.NONE);
  }

  /// The record, with what this policy would have done if that is something else.
  ///
  /// @param container where the call was made
  AuditRecord beside(AuditRecord record, Container container) {
    try {
      Optional<Replay> replay = replays.computeIfAbsent(container, this::replay);
      if (replays.size() > CONTAINERS) {
        replays.pollFirstEntry();
      }
      return replay.isPresent()
          ? beside(record, replay.get())
          : record.beside(open("a policy that is right for this container"));
    } catch (RuntimeException | StackOverflowError e) {
      if (!failed) {
        failed = true;
        LOG.error("the shadow policy could not decide a call", e);
      }
      return record.beside(open("what it failed with"));
    }
  }

  private AuditRecord beside(AuditRecord record, Replay replay) {
    return switch (replay.decide(record)) {
      case Replay.Same _, Replay.Undecided _ -> record;
      case Replay.Changed(_, String now) ->
          record.beside(shadow(Optional.of(now), Optional.empty()));
      case Replay.Unknown(String why) -> record.beside(open(why));
    };
  }

  private Optional<Replay> replay(Container container) {
    try {
      return Optional.of(new Replay(compilation.in(container)));
    } catch (PolicyException e) {
      LOG.error("the shadow policy is wrong for container {}: {}", container.id(), e.getMessage());
      return Optional.empty();
    }
  }

  private Shadow open(String why) {
    return shadow(Optional.empty(), Optional.of(why));
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
