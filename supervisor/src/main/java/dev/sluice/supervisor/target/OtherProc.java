package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import java.util.OptionalInt;

/// A proc(5) that is not ours, such as that of a container, where processes have other numbers.
/// Nothing that somebody has mounted over a file of it is looked at (RESOLVE_NO_XDEV).
final class OtherProc {
  private static final int PIN = OpenFlags.O_PATH | OpenFlags.O_CLOEXEC;
  private static final NativeBytes PARENT = NativeBytes.ofString("..");
  private static final NativeBytes STATUS = NativeBytes.ofString("status");
  private static final NativeBytes NAMESPACES = NativeBytes.ofString("ns");
  private static final NativeBytes PID = NativeBytes.ofString("pid");

  private OtherProc() {}

  /// Whether the directory `fd`, whose status is `stat`, is that of the caller's process or of a
  /// thread of it, or the one of that `name` in it.
  static boolean is(Call call, int fd, Stat stat, String name) {
    if (Filesystems.of(call, fd, stat) != Filesystems.Kind.PROC) {
      return false;
    }
    if (name.isEmpty()) {
      return isOfCaller(call, fd);
    }
    int above = open(fd, PARENT, PIN);
    try {
      return above >= 0 && isSame(above, name, stat) && isOfCaller(call, above);
    } finally {
      Files.close(above);
    }
  }

  private static boolean isSame(int directory, String name, Stat stat) {
    int found = open(directory, NativeBytes.ofString(name.substring(1)), PIN);
    try {
      var other = new Stat();
      return found >= 0
          && Files.fstat(found, other) == 0
          && other.ino() == stat.ino()
          && other.dev() == stat.dev();
    } finally {
      Files.close(found);
    }
  }

  /// A number means one process in one pid namespace: that which it is in itself, and has the last
  /// of its numbers in.
  private static boolean isOfCaller(Call call, int directory) {
    Task caller = call.task();
    OptionalInt tgid = tgid(directory);
    return tgid.isPresent()
        && tgid.getAsInt() == caller.status().nstgids().getLast()
        && caller.pidNamespace().equals(pidNamespace(directory));
  }

  /// Empty if it is the directory of no process.
  private static OptionalInt tgid(int directory) {
    int status = open(directory, STATUS, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC);
    if (status < 0) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(TaskStatus.parse(ProcText.read(status)).nstgids().getLast());
    } finally {
      Files.close(status);
    }
  }

  /// Empty if there is none.
  private static String pidNamespace(int directory) {
    int namespaces = open(directory, NAMESPACES, PIN);
    if (namespaces < 0) {
      return "";
    }
    try {
      return Proc.link(namespaces, PID);
    } catch (Abort ended) {
      if (ended.errno() == Errno.EACCES.number() || ended == Abort.GONE) {
        return "";
      }
      throw ended;
    } finally {
      Files.close(namespaces);
    }
  }

  private static int open(int directory, NativeBytes name, int flags) {
    long resolve = OpenFlags.RESOLVE_NO_XDEV | OpenFlags.RESOLVE_NO_SYMLINKS;
    return Files.openat2(directory, name, flags, 0, resolve);
  }
}
