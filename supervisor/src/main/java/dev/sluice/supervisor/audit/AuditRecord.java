package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One decision.
///
/// @param sequence counts the records of a session from 1, those included that were lost
///   ([AuditGap])
/// @param time when it was answered
/// @param monotonicNanos the same by a clock that nobody sets (CLOCK_MONOTONIC)
/// @param policy what decided
/// @param args the registers
/// @param arguments the same, decoded
/// @param paths the files the call named, and the interpreter of a script that is executed
/// @param rule the rule that decided; empty if the call failed before any could
/// @param action what that rule does, such as `deny`; `fail` without one
/// @param outcome what became of the call
/// @param errno what it failed with, if it did
/// @param value its result, where the supervisor gave one
/// @param latencyNanos from receiving to answering
/// @param shadow what a policy that is only tried out would have done instead; empty if the same
public record AuditRecord(
    long sequence,
    Instant time,
    long monotonicNanos,
    PolicyName policy,
    Caller caller,
    String arch,
    String syscall,
    List<Long> args,
    List<Argument> arguments,
    List<NamedFile> paths,
    Optional<Address> address,
    Optional<String> rule,
    String action,
    Outcome outcome,
    Optional<String> errno,
    Optional<Long> value,
    SafetyClass safety,
    boolean alert,
    long latencyNanos,
    Optional<Shadow> shadow) {

  public enum Outcome {
    /// The kernel executed the call; what the record says of its memory was so a moment before, but
    /// if it is VERIFIED.
    OBSERVED,
    /// The supervisor did what the record says.
    PERFORMED,
    /// It failed with `errno`.
    REFUSED,
    /// Its process was killed.
    KILLED,
    /// Its caller was gone before the answer came.
    GONE;

    /// What became of a call with this verdict.
    ///
    /// @param result what sending it returned
    public static Outcome of(Verdict verdict, int result) {
      if (result == -Errno.ENOENT.number()) {
        return GONE;
      }
      return switch (verdict) {
        case Verdict.Continue _,
            Verdict.ContinueUnsafely _,
            Verdict.ContinueOnFloor _,
            Verdict.ContinueWatched _ ->
            OBSERVED;
        case Verdict.Return _ -> PERFORMED;
        case Verdict.InjectFd _ -> result < 0 ? REFUSED : PERFORMED;
        case Verdict.Fail _, Verdict.Emulate _ -> REFUSED;
        case Verdict.Kill _ -> KILLED;
      };
    }
  }

  /// A file as a call named it.
  ///
  /// @param path the bytes, which need not be valid UTF-8
  /// @param resolved whether it is the canonical path of what was found, rather than the argument
  ///   itself
  public record NamedFile(ByteText path, boolean resolved) {}

  /// @param digest SHA-256 of the policy's text, in hexadecimal
  /// @param epoch how often the supervisor had read its policy by then, from 1
  public record PolicyName(String name, String digest, int epoch) {}

  /// @param policy that is not enforced
  /// @param verdict such as `deny EACCES by 'secrets'`; empty if the record does not say enough to
  ///   tell
  /// @param open what that would depend on, if so
  public record Shadow(String policy, Optional<String> verdict, Optional<String> open) {
    /// For people.
    public String text() {
      return policy
          + ": "
          + verdict.orElseGet(() -> "depends on " + open.orElse("what is not recorded"));
    }
  }

  AuditRecord beside(Shadow other) {
    return new AuditRecord(
        sequence,
        time,
        monotonicNanos,
        policy,
        caller,
        arch,
        syscall,
        args,
        arguments,
        paths,
        address,
        rule,
        action,
        outcome,
        errno,
        value,
        safety,
        alert,
        latencyNanos,
        Optional.of(other));
  }

  public int tid() {
    return caller.tid();
  }

  /// The process; 0 if it was not looked up.
  public int pid() {
    return caller.pid();
  }

  /// The program's name; empty if it was not looked up.
  public String comm() {
    return caller.comm();
  }

  /// Whether a rule, a guard or the default kept the call from taking place.
  public boolean isDenial() {
    return rule.isPresent()
        && (outcome == Outcome.REFUSED || outcome == Outcome.KILLED)
        && !action.equals("allow")
        && !action.equals("emulate");
  }
}
