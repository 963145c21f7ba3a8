package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.policy.SafetyClass;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One decision.
///
/// @param sequence counts the records of a supervisor from 1; a lost one leaves a gap
/// @param lost how many records before this one found no room
/// @param pid the process; 0 if it was not looked up
/// @param tid the thread that called
/// @param comm the program's name; empty if it was not looked up
/// @param container the id of its container, if an OCI runtime said that it is in one
/// @param args the registers
/// @param paths the files the call named
/// @param rule the rule that decided; empty if the call failed before any could
/// @param action what that rule does, such as `deny`; `fail` without one
/// @param outcome what became of the call
/// @param errno what it failed with, if it did
/// @param value its result, where the supervisor gave one
public record AuditRecord(
    long sequence,
    long lost,
    Instant time,
    int pid,
    int tid,
    String comm,
    Optional<String> container,
    String arch,
    String syscall,
    List<Long> args,
    List<NamedFile> paths,
    Optional<String> rule,
    String action,
    Outcome outcome,
    Optional<String> errno,
    Optional<Long> value,
    SafetyClass safety,
    boolean alert,
    long latencyNanos) {

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
    GONE
  }

  /// A file as a call named it.
  ///
  /// @param path the bytes, which need not be valid UTF-8
  /// @param resolved whether it is the canonical path of what was found, rather than the argument
  ///   itself
  public record NamedFile(byte[] path, boolean resolved) {}
}
