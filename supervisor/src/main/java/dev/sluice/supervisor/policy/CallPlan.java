package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.CallView;
import dev.sluice.supervisor.target.IdentityChange;
import java.util.List;
import java.util.Optional;

/// How calls of one number are decided: the rules that are about them, in order.
public final class CallPlan {
  public record Step(Condition condition, Decision decision) {
    /// Whether what is decided must still be so once the kernel has looked.
    boolean isWatched() {
      return condition.readsMemory() || decision.audit() == AuditMode.EXACT;
    }
  }

  private final CallKind kind;
  private final List<Step> steps;
  private final Optional<Emulation> performer;
  private final boolean alwaysPerformed;
  private final IdentityChange change;
  private final SafetyClass safetyOfMemory;
  private final Questions questions;

  /// @param steps the last of them always holds
  /// @param performer what performs the call once memory has been looked at
  /// @param alwaysPerformed whether it is performed whenever it is allowed, whatever was looked at
  /// @param change what the supervisor must know of the call although no rule asks for it
  public CallPlan(
      CallKind kind,
      List<Step> steps,
      Optional<Emulation> performer,
      boolean alwaysPerformed,
      IdentityChange change) {
    this.kind = kind;
    this.steps = List.copyOf(steps);
    this.performer = performer;
    this.alwaysPerformed = alwaysPerformed;
    this.change = change;
    this.safetyOfMemory = performer.map(Emulation::safety).orElseGet(this::safetyUnperformed);
    this.questions = new Questions(this.steps);
  }

  public CallKind kind() {
    return kind;
  }

  /// The rules about the call, in their order.
  public List<Step> steps() {
    return steps;
  }

  /// Who performs the call where it may not simply go on; empty if nobody can.
  public Optional<Emulation> performer() {
    return performer;
  }

  /// Whether it is performed even if nothing but registers was looked at.
  public boolean alwaysPerformed() {
    return alwaysPerformed;
  }

  public IdentityChange change() {
    return change;
  }

  /// The first decision whose condition holds. Throws [dev.sluice.supervisor.target.Abort].
  public Decision decide(CallView call) {
    return steps.get(questions.ask(call)).decision;
  }

  /// Whether a decision lets the call be performed, whatever was looked at.
  public boolean alwaysPerforms(Decision decision) {
    return alwaysPerformed && decision.verdict() instanceof Verdict.Continue;
  }

  /// The class of decisions that rest on memory.
  public SafetyClass safetyOfMemory() {
    return safetyOfMemory;
  }

  /// What is refused after a look may take place after all, having been exchanged.
  private SafetyClass safetyUnperformed() {
    boolean floored =
        steps.stream().anyMatch(step -> step.decision.verdict() instanceof Verdict.ContinueOnFloor);
    return floored ? SafetyClass.FLOORED : SafetyClass.EMULATED;
  }

  /// Whether what the kernel executes is looked at again ([Verdict.ContinueWatched]).
  boolean isWatched() {
    return safetyOfMemory() == SafetyClass.VERIFIED && steps.stream().anyMatch(Step::isWatched);
  }

  /// Whether what cannot be watched goes on all the same.
  boolean acceptsRaces() {
    return steps.stream()
            .anyMatch(step -> step.decision.verdict() instanceof Verdict.ContinueUnsafely)
        && steps.stream()
            .noneMatch(
                step -> step.isWatched() && step.decision.verdict() instanceof Verdict.Continue);
  }

  /// Whether somebody may be asked.
  boolean asks() {
    return steps.stream().anyMatch(step -> step.decision.action().equals(Action.ASK));
  }

  /// Whether any decision here may depend on memory.
  public boolean readsMemory() {
    return steps.stream().anyMatch(step -> step.condition.readsMemory());
  }
}
