package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.audit.AuditRecord.NamedFile;
import dev.sluice.supervisor.audit.AuditRecord.Outcome;
import dev.sluice.supervisor.audit.AuditRecord.PolicyName;
import dev.sluice.supervisor.policy.SafetyClass;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Records that nobody made.
public final class Records {
  public static final AuditSession SESSION =
      new AuditSession("5e551", Instant.EPOCH, 5, 77, "host", "0::/");

  private Records() {}

  /// An openat for reading that was denied.
  public static AuditRecord denied(long sequence, String comm, byte[]... paths) {
    return new AuditRecord(
        sequence,
        Instant.EPOCH,
        99,
        new PolicyName("p", "ab12", 1),
        caller(comm),
        "x86_64",
        "openat",
        List.of(-100L, 140L, 0L, 0L, 0L, 0L),
        List.of(
            new Argument("dirfd", new Argument.Symbolic("AT_FDCWD")),
            new Argument("pathname", new Argument.Copied(new ByteText(paths[0]))),
            new Argument("flags", new Argument.Symbolic("O_RDONLY"))),
        Arrays.stream(paths).map(path -> new NamedFile(new ByteText(path), true)).toList(),
        Optional.empty(),
        Optional.of("no secrets"),
        "deny",
        Outcome.REFUSED,
        Optional.of("EACCES"),
        Optional.empty(),
        SafetyClass.EMULATED,
        false,
        12_345,
        Optional.empty());
  }

  public static AuditRecord denied(long sequence, String path) {
    return denied(sequence, "cat", path.getBytes(StandardCharsets.UTF_8));
  }

  /// An openat for reading that was allowed.
  public static AuditRecord opened(long sequence, String path) {
    return observed(
        sequence,
        caller("cat"),
        "openat",
        List.of(
            new Argument("dirfd", new Argument.Symbolic("AT_FDCWD")),
            new Argument("pathname", new Argument.Copied(ByteText.of(path))),
            new Argument("flags", new Argument.Symbolic("O_RDONLY"))),
        List.of(new NamedFile(ByteText.of(path), true)));
  }

  /// A newfstatat that was allowed.
  public static AuditRecord lookedAt(long sequence, String path) {
    return observed(
        sequence,
        caller("ls"),
        "newfstatat",
        List.of(),
        List.of(new NamedFile(ByteText.of(path), true)));
  }

  /// A call with an address that was allowed.
  public static AuditRecord connected(long sequence, Address address) {
    return addressed(sequence, "connect", address);
  }

  /// The same of any call that has one.
  public static AuditRecord addressed(long sequence, String syscall, Address address) {
    return new AuditRecord(
        sequence,
        Instant.ofEpochSecond(sequence),
        99,
        new PolicyName("p", "ab12", 1),
        caller("curl"),
        "x86_64",
        syscall,
        List.of(3L, 140L, 16L, 0L, 0L, 0L),
        List.of(
            new Argument("sockfd", new Argument.Plain(3)),
            new Argument("addr", new Argument.Plain(140)),
            new Argument("addrlen", new Argument.Plain(16))),
        List.of(),
        Optional.of(address),
        Optional.of("default"),
        "allow",
        Outcome.PERFORMED,
        Optional.empty(),
        Optional.of(0L),
        SafetyClass.EMULATED,
        true,
        1,
        Optional.empty());
  }

  /// A program that the kernel has executed.
  public static AuditRecord executed(long sequence, String path, String... argv) {
    var arguments = Arrays.stream(argv).map(ByteText::of).toList();
    return observed(
        sequence,
        caller("sh"),
        "execve",
        List.of(
            new Argument("pathname", new Argument.Copied(ByteText.of(path))),
            new Argument("argv", new Argument.Texts(arguments, false)),
            new Argument("envp", new Argument.Plain(8))),
        List.of(new NamedFile(ByteText.of(path), true)));
  }

  /// A call that failed before any rule could decide.
  public static AuditRecord failed(long sequence, String errno) {
    AuditRecord of = denied(sequence, "/x");
    return like(of, of.syscall(), Optional.empty(), "fail", of.outcome(), errno);
  }

  /// A call of any kind that a rule denied.
  public static AuditRecord refused(long sequence, String syscall) {
    AuditRecord of = denied(sequence, "/x");
    return like(of, syscall, of.rule(), of.action(), of.outcome(), "EPERM");
  }

  /// A call that a rule denied by its registers, before anybody looked where its path led.
  public static AuditRecord refusedUnseen(long sequence, String syscall) {
    AuditRecord of = observed(sequence, syscall);
    return like(of, syscall, of.rule(), "deny", Outcome.REFUSED, "EACCES");
  }

  private static AuditRecord like(
      AuditRecord of,
      String syscall,
      Optional<String> rule,
      String action,
      Outcome outcome,
      String errno) {
    return new AuditRecord(
        of.sequence(),
        of.time(),
        of.monotonicNanos(),
        of.policy(),
        of.caller(),
        of.arch(),
        syscall,
        of.args(),
        of.arguments(),
        of.paths(),
        of.address(),
        rule,
        action,
        outcome,
        Optional.of(errno),
        of.value(),
        of.safety(),
        of.alert(),
        of.latencyNanos(),
        of.shadow());
  }

  /// A call that the kernel was let make.
  public static AuditRecord observed(long sequence, String syscall) {
    return observed(sequence, caller("sh"), syscall, List.of(), List.of());
  }

  /// A call of a thread of which nothing but the number is known.
  public static AuditRecord unknown(long sequence) {
    var caller = new Caller(12, Optional.empty(), Optional.empty());
    return observed(sequence, caller, "getpid", List.of(), List.of());
  }

  private static AuditRecord observed(
      long sequence,
      Caller caller,
      String syscall,
      List<Argument> arguments,
      List<NamedFile> paths) {
    return new AuditRecord(
        sequence,
        Instant.EPOCH,
        99,
        new PolicyName("p", "ab12", 1),
        caller,
        "x86_64",
        syscall,
        List.of(140L, 150L, 8L, 0L, 0L, 0L),
        arguments,
        paths,
        Optional.empty(),
        Optional.of("default"),
        "allow",
        Outcome.OBSERVED,
        Optional.empty(),
        Optional.empty(),
        SafetyClass.VERIFIED,
        false,
        1,
        Optional.empty());
  }

  /// The same, and its rule says `audit: alert`.
  public static AuditRecord alerting(AuditRecord record) {
    return new AuditRecord(
        record.sequence(),
        record.time(),
        record.monotonicNanos(),
        record.policy(),
        record.caller(),
        record.arch(),
        record.syscall(),
        record.args(),
        record.arguments(),
        record.paths(),
        record.address(),
        record.rule(),
        record.action(),
        record.outcome(),
        record.errno(),
        record.value(),
        record.safety(),
        true,
        record.latencyNanos(),
        record.shadow());
  }

  private static Caller caller(String comm) {
    return new Caller(
        12,
        Optional.of(new ContainerName("c1", "", "", "", "")),
        Optional.of(
            new Caller.Known(
                11,
                10,
                0xffff_fffeL,
                4,
                -1,
                ByteText.of(comm),
                Optional.of(ByteText.of("/bin/x")),
                Optional.of(ByteText.of("/web.slice/c1")))));
  }
}
