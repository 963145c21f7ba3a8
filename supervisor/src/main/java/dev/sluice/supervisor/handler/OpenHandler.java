package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Filesystems;
import dev.sluice.supervisor.target.OpenRequest;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Set;

/// open, openat, openat2, creat: opens the very object the decision was made on, and gives the
/// target the descriptor.
public final class OpenHandler implements SyscallHandler {
  static final Set<String> CALLS = Set.of("open", "openat", "openat2", "creat");

  private static final NativeBytes HERE = NativeBytes.ofString(".");

  /// The status flags that fcntl(2) can set.
  private static final int SETTABLE =
      OpenFlags.O_APPEND | OpenFlags.O_DIRECT | OpenFlags.O_NOATIME | 020000; // FASYNC

  /// Device majors whose open does not wait: mem, tty (5), and pts.
  private static final int MEM = 1;

  private static final int TTY = 5;
  private static final int PTS_FIRST = 136;
  private static final int PTS_LAST = 143;

  @Override
  public String name() {
    return "open";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Verdict handle(Call call, Context context) {
    OpenRequest open = call.open();
    PathArgument path = call.path(0);
    if (open.has(OpenFlags.O_CREAT) && path.isNameWithSlash()) {
      return Verdict.Fail.of(Errno.EISDIR.number());
    }
    if (path.object() < 0) {
      return create(call, open, path);
    }
    return openObject(call, open, path);
  }

  private static Verdict create(Call call, OpenRequest open, PathArgument path) {
    if (!open.has(OpenFlags.O_CREAT)) {
      return Verdict.Fail.of(Errno.ENOENT.number());
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    // O_EXCL: whatever has got the name since is not what was decided on. It could be a link that
    // leads elsewhere, or a FIFO, to wait for which would cost a thread of ours.
    int flags = ours(open) | OpenFlags.O_EXCL;
    int umask = call.task().umask();
    call.validate();
    int fd = call.syscalls().create(path.parent(), path.name(), flags, (int) open.mode(), umask);
    if (fd == -Errno.EEXIST.number() && !open.has(OpenFlags.O_EXCL)) {
      throw Abort.CHANGED;
    }
    return inject(open, fd);
  }

  private static Verdict openObject(Call call, OpenRequest open, PathArgument path) {
    Stat stat = path.stat();
    if (open.has(OpenFlags.O_CREAT | OpenFlags.O_EXCL)) {
      return Verdict.Fail.of(Errno.EEXIST.number());
    }
    if (open.has(OpenFlags.O_PATH)) {
      // the kernel injects no O_PATH descriptors; such a one reads and writes nothing, and whatever
      // is opened through it is
      // decided again
      return Verdict.CONTINUE_ON_FLOOR;
    }
    if (stat.isSymlink()) {
      boolean directory = open.has(OpenFlags.O_DIRECTORY);
      return Verdict.Fail.of((directory ? Errno.ENOTDIR : Errno.ELOOP).number());
    }
    if (stat.isDirectory() && open.has(OpenFlags.O_CREAT)) {
      return Verdict.Fail.of(Errno.EISDIR.number());
    }
    if (open.has(OpenFlags.O_TMPFILE)) {
      return createUnnamed(call, open, path);
    }
    if (!call.mayBlock()) {
      return openInline(call, open, path, stat);
    }
    if (ControllingTerminal.isMeantBy(stat) && !ControllingTerminal.isShared(call)) {
      return openElsewhere(call, open, ControllingTerminal.pin(call));
    }
    boolean ourselves = isPrompt(path, stat) && !path.isForeign();
    var syscalls = ourselves ? call.syscalls() : call.patientSyscalls();
    return inject(open, syscalls.reopen(path.object(), existing(open)));
  }

  private static Verdict createUnnamed(Call call, OpenRequest open, PathArgument directory) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    int umask = call.task().umask();
    call.validate();
    return inject(
        open,
        call.syscalls().create(directory.object(), HERE, ours(open), (int) open.mode(), umask));
  }

  /// On the event loop: only what does not wait. O_NONBLOCK, because of leases (fcntl(2)), and then
  /// taken back.
  private static Verdict openInline(Call call, OpenRequest open, PathArgument path, Stat stat) {
    if (open.has(OpenFlags.O_TRUNC) || !isPrompt(path, stat)) {
      throw Abort.WOULD_BLOCK;
    }
    int fd = call.syscalls().reopen(path.object(), existing(open) | OpenFlags.O_NONBLOCK);
    if (fd == -Errno.EAGAIN.number()) {
      throw Abort.WOULD_BLOCK;
    }
    if (fd >= 0 && !open.has(OpenFlags.O_NONBLOCK)) {
      Files.setStatusFlags(fd, (int) open.flags() & SETTABLE);
    }
    return inject(open, fd);
  }

  /// Opens what `pinned` refers to, or fails with its -errno, as if the target had named it; closes
  /// it. On a worker.
  static Verdict openElsewhere(Call call, OpenRequest open, int pinned) {
    if (pinned < 0) {
      return Verdict.Fail.of(-pinned);
    }
    try {
      return inject(open, call.syscalls().reopen(pinned, existing(open)));
    } finally {
      Files.close(pinned);
    }
  }

  private static boolean isPrompt(PathArgument path, Stat stat) {
    if (stat.isCharacterDevice()) {
      int major = Stat.major(stat.rdev());
      return major == MEM
          || (major == TTY && !ControllingTerminal.isMeantBy(stat))
          || (major >= PTS_FIRST && major <= PTS_LAST);
    }
    return (stat.isRegular() || stat.isDirectory())
        && Filesystems.of(path.object(), stat.dev()) != Filesystems.Kind.SLOW;
  }

  /// The flags for our own descriptor: close-on-exec, and a terminal must not become ours.
  private static int ours(OpenRequest open) {
    return (int) open.flags() | OpenFlags.O_CLOEXEC | OpenFlags.O_NOCTTY;
  }

  /// The same for an object that is there already, and was looked for as the flags say.
  private static int existing(OpenRequest open) {
    return ours(open) & ~(OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW);
  }

  private static Verdict inject(OpenRequest open, int fd) {
    return fd < 0
        ? Verdict.Fail.of(-fd)
        : Verdict.InjectFd.of(fd, open.has(OpenFlags.O_CLOEXEC), !open.writes());
  }
}
