package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.audit.AuditRecord.NamedFile;
import dev.sluice.supervisor.audit.AuditRecord.Outcome;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.Task;
import dev.sluice.supervisor.target.Text;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A place in the ring: copies of what a record needs, in memory that is used again and again.
final class AuditEvent {
  private static final int MAX_PATHS = 2;

  private long lost;
  private long receivedNanos;
  private long sentNanos;
  private int pid;
  private int tid;
  private String comm = "";
  private Optional<String> container = Optional.empty();
  private @Nullable CallKind kind;
  private final long[] args = new long[6];
  private int pathCount;
  private final Text[] paths = {new Text(), new Text()};
  private final boolean[] resolved = new boolean[MAX_PATHS];
  private @Nullable Decision decision;
  private Verdict verdict = Verdict.CONTINUE;
  private SafetyClass safety = SafetyClass.REGISTERS;
  private int result;

  void set(
      Optional<String> in,
      Call call,
      @Nullable Task task,
      @Nullable Decision by,
      Verdict what,
      SafetyClass how,
      int sent,
      long received,
      long lostBefore) {
    lost = lostBefore;
    receivedNanos = received;
    sentNanos = System.nanoTime();
    tid = call.tid();
    pid = task == null ? 0 : task.tgid();
    comm = task == null ? "" : task.status().name();
    container = in;
    kind = call.kind();
    for (int i = 0; i < args.length; i++) {
      args[i] = call.arg(i);
    }
    pathCount = 0;
    for (int i = 0; i < MAX_PATHS; i++) {
      if (call.describePath(i, paths[pathCount])) {
        resolved[pathCount++] = call.isPathResolved(i);
      }
    }
    decision = by;
    verdict = what;
    safety = how;
    result = sent;
  }

  long lost() {
    return lost;
  }

  /// @param now the time of day when [System#nanoTime] was `nowNanos`: the thread that decides
  ///   looks at one clock only
  AuditRecord toRecord(long sequence, Instant now, long nowNanos) {
    List<NamedFile> files = new ArrayList<>(pathCount);
    for (int i = 0; i < pathCount; i++) {
      files.add(new NamedFile(paths[i].toBytes(), resolved[i]));
    }
    List<Long> registers = new ArrayList<>(args.length);
    for (long arg : args) {
      registers.add(arg);
    }
    return new AuditRecord(
        sequence,
        lost,
        now.minusNanos(nowNanos - sentNanos),
        pid,
        tid,
        comm,
        container,
        kind == null ? "" : kind.arch().name().toLowerCase(Locale.ROOT),
        kind == null ? "" : kind.name(),
        List.copyOf(registers),
        List.copyOf(files),
        Optional.ofNullable(decision).map(Decision::rule),
        decision == null ? "fail" : decision.action(),
        outcome(),
        errno().map(Errno::nameOf),
        value(),
        safety,
        decision != null && decision.audit() == AuditMode.ALERT,
        sentNanos - receivedNanos);
  }

  private Outcome outcome() {
    if (result == -Errno.ENOENT.number()) {
      return Outcome.GONE;
    }
    return switch (verdict) {
      case Verdict.Continue _,
          Verdict.ContinueUnsafely _,
          Verdict.ContinueOnFloor _,
          Verdict.ContinueWatched _ ->
          Outcome.OBSERVED;
      case Verdict.Return _ -> Outcome.PERFORMED;
      case Verdict.InjectFd _ -> result < 0 ? Outcome.REFUSED : Outcome.PERFORMED;
      case Verdict.Fail _, Verdict.Emulate _ -> Outcome.REFUSED;
      case Verdict.Kill _ -> Outcome.KILLED;
    };
  }

  private Optional<Integer> errno() {
    return switch (verdict) {
      case Verdict.Fail(int errno) -> Optional.of(errno);
      case Verdict.InjectFd _ when result < 0 && result != -Errno.ENOENT.number() ->
          Optional.of(-result);
      default -> Optional.empty();
    };
  }

  private Optional<Long> value() {
    return switch (verdict) {
      case Verdict.Return(long value) -> Optional.of(value);
      case Verdict.InjectFd _ when result >= 0 -> Optional.of((long) result);
      default -> Optional.empty();
    };
  }
}
