package dev.sluice.supervisor.handler.stat;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// fanotify_mark: marks the very object the decision was made on, for the target's own fanotify(7)
/// group and with its capabilities, which most marks need.
public final class FanotifyHandler implements Performer {
  static final Set<String> CALLS = Set.of("fanotify_mark");

  private static final int FANOTIFY_MARK = Numbers.of("fanotify_mark");

  /// The object has been found already, and is the link itself if that was asked for.
  private static final int FAN_MARK_DONT_FOLLOW = 4;

  /// Removes all marks; has no object.
  private static final int FAN_MARK_FLUSH = 0x80;

  @Override
  public String name() {
    return "fanotify_mark";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Optional<Verdict> early(Call call) {
    try (var group = TargetDescriptor.copy(call, 0)) {
      check(call, group);
      return Optional.empty();
    }
  }

  @Override
  public Verdict handle(Call call, Context context) {
    return perform(call);
  }

  @Override
  public Verdict perform(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    try (var group = TargetDescriptor.copy(call, 0)) {
      if ((flags(call) & FAN_MARK_FLUSH) != 0) {
        call.validate();
        Operation flush = begin(call, group).value(OpenFlags.AT_FDCWD).value(0);
        return Results.of(call.syscalls().make(flush, false));
      }
      check(call, group);
      PathArgument path = Paths.existing(call, 0);
      checkDescriptor(call, path);
      return Results.changed(
          call, path, begin(call, group).value(OpenFlags.AT_FDCWD).pathOf(path.object()));
    }
  }

  /// A path of NULL stands for an open file; AT_FDCWD is none. Throws [Abort] with EBADF.
  private static void checkDescriptor(Call call, PathArgument path) {
    if (path.isDescriptor()) {
      if (call.intArg(call.kind().paths().getFirst().dirfd()) == OpenFlags.AT_FDCWD) {
        throw Abort.errno(Errno.EBADF);
      }
      Paths.checkFile(call, 0, path);
    }
  }

  private static Operation begin(Call call, TargetDescriptor group) {
    return group
        .begin(call, FANOTIFY_MARK)
        .value(flags(call) & ~FAN_MARK_DONT_FOLLOW)
        .value(mask(call));
  }

  private static int flags(Call call) {
    return call.intArg(1);
  }

  /// It has 64 bits, for which i386 takes two registers.
  private static long mask(Call call) {
    return call.arch() == Arch.I386 ? call.arg(2) | call.arg(3) << Integer.SIZE : call.arg(2);
  }

  /// All but the path comes before it. Throws [Abort].
  private static void check(Call call, TargetDescriptor group) {
    if ((flags(call) & FAN_MARK_FLUSH) == 0) {
      Operation operation = begin(call, group).value(OpenFlags.AT_FDCWD).input(Judgement.EMPTY, 1);
      Judgement.accept(call.syscalls().make(operation, true));
    }
  }
}
