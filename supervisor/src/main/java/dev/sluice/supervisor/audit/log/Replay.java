package dev.sluice.supervisor.audit.log;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.policy.explain.Truth;
import dev.sluice.supervisor.policy.explain.UndescribedException;
import dev.sluice.supervisor.target.Abort;
import java.util.Optional;

/// Decides recorded calls again, by another policy. Nothing is looked at but the record.
public final class Replay {
  /// The word in records for what a limit does.
  private static final String LIMIT = "limit";

  private final CompiledPolicy policy;

  public Replay(CompiledPolicy policy) {
    this.policy = policy;
  }

  /// What the policy makes of a recorded call.
  public sealed interface Outcome {}

  /// The same as was decided then.
  public record Same() implements Outcome {}

  /// @param before such as `deny EACCES by 'secrets'`
  public record Changed(String before, String now) implements Outcome {}

  /// @param why what the record does not have
  public record Unknown(String why) implements Outcome {}

  /// No rule decided it then: it failed before one could, or its caller was gone.
  public record Undecided() implements Outcome {}

  /// What the policy decides of a call, if its record says enough.
  public sealed interface Redecision {}

  public record Decided(Decision decision) implements Redecision {}

  /// @param why what the record does not have
  public record Open(String why) implements Redecision {}

  /// What the policy makes of a recorded call, compared with what was decided then.
  public Outcome decide(AuditRecord record) {
    if (record.rule().isEmpty()) {
      return new Undecided();
    }
    return switch (redecide(record)) {
      case Decided(Decision decision) -> compare(record, decision);
      case Open(String why) -> new Unknown(why);
    };
  }

  /// The decision alone, whatever was decided then.
  public Redecision redecide(AuditRecord record) {
    Optional<RecordedCall> call = RecordedCall.of(record, false);
    if (call.isEmpty()) {
      return new Open("the call " + record.syscall() + " of " + record.arch());
    }
    CallPlan plan = policy.table().planOf(call.get().kind().arch(), call.get().kind().nr());
    if (plan == null) {
      return new Open("calls of " + record.arch() + ": the policy is for others");
    }
    try {
      return new Decided(decide(plan, call.get()));
    } catch (UndescribedException e) {
      return new Open(e.missing());
    } catch (Abort e) {
      return new Open("what it points to, which is wrong");
    }
  }

  private static Decision decide(CallPlan plan, RecordedCall call) {
    for (Step step : plan.steps()) {
      switch (Truth.of(step.condition(), call)) {
        case Truth.Known(boolean holds) when holds -> {
          return step.decision();
        }
        case Truth.Known _ -> {}
        case Truth.Open(UndescribedException why) -> throw why;
      }
    }
    throw new IllegalStateException("no step of " + plan.kind().name() + " always holds");
  }

  /// How often something happened is not decided again: a limit decides as it did.
  private static Outcome compare(AuditRecord record, Decision now) {
    boolean limited =
        record.action().equals(LIMIT)
            && now.limit().isPresent()
            && record.rule().equals(Optional.of(now.rule()));
    if (limited || (record.action().equals(now.action()) && isSameErrno(record, now))) {
      return new Same();
    }
    return new Changed(
        text(record.action(), errno(record), record.rule().orElse("")),
        text(now.action(), errno(now), now.rule()));
  }

  private static boolean isSameErrno(AuditRecord record, Decision now) {
    return errno(now).isEmpty() || errno(record).isEmpty() || errno(now).equals(errno(record));
  }

  /// What a rule says that the call fails with.
  private static Optional<String> errno(Decision decision) {
    return decision.verdict() instanceof Verdict.Fail(int errno)
        ? Optional.of(Errno.nameOf(errno))
        : Optional.empty();
  }

  private static Optional<String> errno(AuditRecord record) {
    return record.isDenial() ? record.errno() : Optional.empty();
  }

  private static String text(String action, Optional<String> errno, String rule) {
    return ByteText.harmless(
        action + errno.map(name -> " " + name).orElse("") + " by '" + rule + "'");
  }
}
