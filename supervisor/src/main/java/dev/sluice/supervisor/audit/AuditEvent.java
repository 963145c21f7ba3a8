package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.audit.AuditRecord.NamedFile;
import dev.sluice.supervisor.audit.AuditRecord.Outcome;
import dev.sluice.supervisor.audit.AuditRecord.PolicyName;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Edition;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.CallDetails;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.SocketAddress;
import dev.sluice.supervisor.target.Task;
import dev.sluice.supervisor.target.Text;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A place in the ring: copies of what a record needs, in memory that is used again and again.
final class AuditEvent {
  /// What most calls need for their registers, paths and strings.
  static final int ROOM = 768;

  private static final int MAX_PATHS = 2;

  private long lost;
  private Edition edition = Edition.NONE;
  private long receivedNanos;
  private long sentNanos;
  private int tid;
  private @Nullable Task task;
  private @Nullable Text exe;
  private @Nullable Text cgroup;
  private Optional<Container> container = Optional.empty();
  private @Nullable CallKind kind;
  private final CallDetails details = new CallDetails();
  private final byte[] room = new byte[ROOM];
  private byte @Nullable [] borrowed;
  private @Nullable Decision decision;
  private Verdict verdict = Verdict.CONTINUE;
  private SafetyClass safety = SafetyClass.REGISTERS;
  private int result;

  /// Whether all of it is of one call.
  private boolean complete;

  private @Nullable RuntimeException failure;

  /// The place is claimed.
  ///
  /// @param lostBefore how many records before this one found no room
  /// @param larger room for the details, if they need more than [#ROOM]; goes back by [#giveBack]
  void begin(Optional<Container> in, long lostBefore, byte @Nullable [] larger) {
    container = in;
    lost = lostBefore;
    borrowed = larger;
    complete = false;
    failure = null;
  }

  /// It could not be [#set], for this reason.
  void fail(RuntimeException why) {
    failure = why;
  }

  /// Whether it was [#set], and is not half of one call and half of another.
  boolean isComplete() {
    return complete;
  }

  /// Why it is not, if that is known.
  @Nullable RuntimeException failure() {
    return failure;
  }

  void set(
      Edition policy,
      Call call,
      @Nullable Task caller,
      @Nullable Decision by,
      Verdict what,
      SafetyClass how,
      int sent,
      long received) {
    edition = policy;
    receivedNanos = received;
    sentNanos = System.nanoTime();
    tid = call.tid();
    task = caller;
    exe = caller == null ? null : caller.knownExe();
    cgroup = caller == null ? null : cgroup(caller, sent);
    kind = call.kind();
    details.copy(call, borrowed == null ? room : borrowed);
    decision = by;
    verdict = what;
    safety = how;
    result = sent;
    complete = true;
  }

  /// Of a caller that is gone, version 1 would say that it is in the root.
  private Text cgroup(Task caller, int sent) {
    return sent == -Errno.ENOENT.number() ? caller.knownCgroup() : caller.cgroup(sentNanos);
  }

  /// How many records before this one found no room.
  long lost() {
    return lost;
  }

  /// Where its caller is.
  Container container() {
    return container.orElse(Container.NONE);
  }

  /// Whether its call would rather have waited than lose it.
  boolean isLossless() {
    return edition.lossless();
  }

  /// What was borrowed for its details, which are of no use afterwards.
  byte @Nullable [] giveBack() {
    byte[] larger = borrowed;
    borrowed = null;
    task = null;
    return larger;
  }

  /// @param now the time of day when [System#nanoTime] was `nowNanos`: the thread that decides
  ///   looks at one clock only
  AuditRecord toRecord(long sequence, ArgumentDecoder decoder, Instant now, long nowNanos) {
    return new AuditRecord(
        sequence,
        now.minusNanos(nowNanos - sentNanos),
        sentNanos,
        new PolicyName(edition.name(), edition.digest(), edition.epoch()),
        caller(),
        kind == null ? "" : kind.arch().name().toLowerCase(Locale.ROOT),
        kind == null ? "" : kind.name(),
        Arrays.stream(details.registers()).boxed().toList(),
        kind == null ? List.of() : List.copyOf(decoder.decode(kind, details)),
        files(),
        address(),
        Optional.ofNullable(decision).map(Decision::rule),
        decision == null ? "fail" : decision.action(),
        Outcome.of(verdict, result),
        errno().map(Errno::nameOf),
        value(),
        safety,
        decision != null && decision.audit() == AuditMode.ALERT,
        sentNanos - receivedNanos,
        Optional.empty());
  }

  private Caller caller() {
    if (task == null) {
      return new Caller(tid, container.map(ContainerName::of), Optional.empty());
    }
    var known =
        new Caller.Known(
            task.tgid(),
            task.status().parent(),
            Integer.toUnsignedLong(task.uid()),
            Integer.toUnsignedLong(task.gid()),
            task.capabilities(),
            new ByteText(task.comm().toBytes()),
            Optional.ofNullable(exe).map(text -> new ByteText(text.toBytes())),
            Optional.ofNullable(cgroup)
                .filter(text -> !text.isEmpty())
                .map(text -> new ByteText(text.toBytes())));
    return new Caller(tid, container.map(ContainerName::of), Optional.of(known));
  }

  private List<NamedFile> files() {
    List<NamedFile> files = new ArrayList<>(MAX_PATHS);
    for (int i = 0; i < MAX_PATHS; i++) {
      if (details.isPathResolved(i)) {
        files.add(new NamedFile(new ByteText(details.canonicalPath(i)), true));
      } else if (details.hasPath(i)) {
        files.add(new NamedFile(new ByteText(details.givenPath(i)), false));
      } else {
        break; // what follows would be taken for this one
      }
    }
    return List.copyOf(files);
  }

  private Optional<Address> address() {
    if (!details.hasAddress()) {
      return Optional.empty();
    }
    var address = new SocketAddress();
    byte[] raw = details.address();
    boolean bind = kind != null && kind.name().equals("bind");
    address.set(raw, bind ? SocketAddress.Use.BIND : SocketAddress.Use.CONNECT);
    Optional<ByteText> path =
        details.isAddressPathResolved()
            ? Optional.of(new ByteText(details.addressPath()))
            : Optional.of(new ByteText(address.path().toBytes())).filter(text -> !text.isEmpty());
    return Optional.of(
        new Address(
            address.family().toString(),
            address.ip().toString(),
            address.port(),
            path,
            details.isAddressPathResolved(),
            new ByteText(raw)));
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
