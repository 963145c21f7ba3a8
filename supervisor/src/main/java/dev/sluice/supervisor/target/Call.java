package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.syscall.PathParameter.Last;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A system call that waits for a decision: its registers, and copies of what they point to.
///
/// Used by one thread at a time, and again for another call afterwards: whoever wants to keep
/// something copies it. Methods that look beyond the registers throw [Abort] when the call cannot
/// go on.
public final class Call {
  private static final long NO_DEADLINE = 0;

  private final SeccompNotif notif;
  final PathArgument[] paths = {new PathArgument(), new PathArgument()};
  private final @Nullable Text[] strings = new Text[6];
  private final NativeBytes stringBytes = NativeBytes.allocate(PathArgument.PATH_MAX);
  private final OpenRequest open = new OpenRequest();

  private int listener = -1;
  private CallKind kind = CallKind.UNKNOWN;
  private IdentityChange change = IdentityChange.NONE;
  private final Callers callers;
  private @Nullable Task task;
  private @Nullable Syscalls syscalls;
  private boolean mayBlock;
  private boolean memoryRead;
  private boolean openRead;
  private int stringsRead;
  private volatile long deadlineNanos = NO_DEADLINE;
  private volatile @Nullable Runnable cancellation;
  private volatile boolean interruptible;

  /// A call that is received into `notif`.
  public Call(SeccompNotif notif, Callers callers) {
    this.notif = notif;
    this.callers = callers;
  }

  /// Begins with the notification that has just been received.
  ///
  /// @param identityChange what the call will change, if it takes place
  public void begin(int listenerFd, CallKind callKind, IdentityChange identityChange) {
    listener = listenerFd;
    kind = callKind;
    change = identityChange;
    mayBlock = false;
    memoryRead = false;
    openRead = false;
    stringsRead = 0;
    // hardly ever set, and to write a volatile costs more than to read it
    if (deadlineNanos != NO_DEADLINE) {
      deadlineNanos = NO_DEADLINE;
    }
    if (cancellation != null) {
      cancellation = null;
    }
  }

  /// Begins again on a worker: from here on, looking at things may block. The caller has been
  /// looked for.
  public void allowBlocking() {
    mayBlock = true;
    for (PathArgument path : paths) {
      path.unpin();
    }
  }

  /// Lets go of the objects that were held for the call.
  public void letGo() {
    for (PathArgument path : paths) {
      path.clear();
    }
  }

  /// The call is over; on the event loop.
  public void end() {
    letGo();
    if (task != null) {
      callers.release(task);
      task = null;
    }
    syscalls = null;
  }

  public long id() {
    return notif.id();
  }

  /// The thread that calls; 0 if it is not visible in our pid namespace.
  public int tid() {
    return notif.pid();
  }

  public SeccompNotif notif() {
    return notif;
  }

  public CallKind kind() {
    return kind;
  }

  /// Such as `openat`.
  public String name() {
    return kind.name();
  }

  public Arch arch() {
    return kind.arch();
  }

  /// A register as it is. In 32-bit ABIs the upper half is zero.
  public long arg(int index) {
    return notif.arg(index);
  }

  /// A register that holds an int: its lower half, with the sign.
  public int intArg(int index) {
    return (int) notif.arg(index);
  }

  /// Who calls. Looked for when first asked, on the event loop.
  public Task task() {
    if (task == null) {
      task = callers.acquire(this);
    }
    return task;
  }

  /// Whether what is known of the caller will no longer be true when the call is over.
  boolean changesIdentity() {
    return change != IdentityChange.NONE;
  }

  public boolean hasTask() {
    return task != null;
  }

  /// Who makes calls with the caller's credentials, in its namespaces.
  public Syscalls syscalls() {
    if (syscalls == null) {
      syscalls = callers.performerFor(this);
    }
    return syscalls;
  }

  /// The same for calls that may never come back, unless the call is cancelled; on a worker.
  public Syscalls patientSyscalls() {
    return callers.patientPerformerFor(this);
  }

  public boolean mayBlock() {
    return mayBlock;
  }

  /// Whether anything but registers has been looked at: then to let the call continue would be a
  /// race.
  public boolean isMemoryRead() {
    return memoryRead;
  }

  /// Makes sure that the caller still waits, and with it that its thread id and memory were its own
  /// until now.
  public void validate() {
    if (!isValid()) {
      throw Abort.GONE;
    }
  }

  /// Whether the caller still waits.
  public boolean isValid() {
    return Seccomp.idValid(listener, notif) == 0;
  }

  /// From now on, what is done for the call may take so long and no longer.
  public void limit(Duration time) {
    deadlineNanos = System.nanoTime() + time.toNanos() | 1;
  }

  public boolean isLate(long nowNanos) {
    long deadline = deadlineNanos;
    return deadline != NO_DEADLINE && nowNanos - deadline > 0;
  }

  /// What to fail with for a signal that would end the call in the kernel, if it can be cancelled
  /// here; else 0.
  public int interruption() {
    Task caller = task;
    return interruptible && cancellation != null && caller != null ? caller.interruption() : 0;
  }

  /// Sets what to do, on another thread, should nobody wait for the result any more.
  ///
  /// @param onSignal whether a signal is reason enough: whether what is being done can be done
  ///   again
  public void onCancel(Runnable action, boolean onSignal) {
    interruptible = onSignal;
    cancellation = action;
  }

  /// There is nothing to cancel any more: when this returns, the action has run or never will.
  public synchronized void offCancel() {
    cancellation = null;
  }

  public synchronized void cancel() {
    Runnable action = cancellation;
    if (action != null) {
      action.run();
    }
  }

  /// How many paths it has.
  public int pathCount() {
    return kind.paths().size();
  }

  /// The `index`th path as it was given.
  public PathArgument copiedPath(int index) {
    PathArgument path = paths[index];
    if (path.state == PathArgument.State.EMPTY) {
      path.rawLength = copyString(arg(kind.paths().get(index).path()), path.raw);
      path.state = PathArgument.State.COPIED;
    }
    return path;
  }

  /// What the `index`th path leads to.
  public PathArgument path(int index) {
    PathArgument path = copiedPath(index);
    if (path.state == PathArgument.State.COPIED) {
      PathResolver.resolve(this, path, kind.paths().get(index));
    }
    return path;
  }

  /// Copies what is known of the `index`th path, without looking any further: where it leads, or
  /// what was given. Returns whether anything is.
  public boolean describePath(int index, Text to) {
    PathArgument path = paths[index];
    switch (path.state) {
      case EMPTY -> {
        return false;
      }
      case COPIED -> path.given(to);
      case PINNED, NAMED -> to.set(path.canonical);
    }
    return true;
  }

  /// Whether [#describePath] gives where the path leads.
  public boolean isPathResolved(int index) {
    PathArgument.State state = paths[index].state;
    return state == PathArgument.State.PINNED || state == PathArgument.State.NAMED;
  }

  /// The string that register `index` points to, such as a file system type; empty if it is NULL.
  public Text string(int index) {
    Text text = strings[index];
    if (text == null) {
      text = new Text();
      strings[index] = text;
    }
    // once: a second look could find another string than the one that was decided on
    if ((stringsRead & 1 << index) == 0) {
      text.clear();
      if (arg(index) != 0) {
        text.set(stringBytes, copyString(arg(index), stringBytes));
      }
      stringsRead |= 1 << index;
    }
    return text;
  }

  /// What a call of the open family asks for.
  public OpenRequest open() {
    if (!openRead) {
      switch (kind.name()) {
        case "open" -> open.set(intArg(1), intArg(2));
        case "openat" -> open.set(intArg(2), intArg(3));
        case "creat" ->
            open.set(OpenFlags.O_CREAT | OpenFlags.O_WRONLY | OpenFlags.O_TRUNC, intArg(1));
        case "openat2" -> open.read(this, arg(2), arg(3));
        default -> throw new IllegalStateException(kind.name() + " opens nothing");
      }
      openRead = true;
    }
    return open;
  }

  private int copyString(long address, NativeBytes to) {
    memoryRead = true;
    int length = TargetMemory.readString(tid(), address, to);
    validate();
    return checkRead(length);
  }

  /// Copies exactly `count` bytes at `address` of the caller's memory.
  void copy(long address, NativeBytes to, int count) {
    memoryRead = true;
    int read = TargetMemory.read(tid(), address, to, count);
    validate();
    checkRead(read);
  }

  private static int checkRead(int result) {
    return result == -Errno.ESRCH.number()
        ? Abort.check(-Errno.EFAULT.number())
        : Abort.check(result);
  }

  PathResolver.Last lastOf(PathParameter parameter, PathArgument path) {
    return switch (parameter.last()) {
      case FOLLOW -> PathResolver.Last.FOLLOW;
      case NOFOLLOW -> PathResolver.Last.NOFOLLOW;
      case NAME -> PathResolver.Last.NAME;
      case OPEN -> lastOfOpen(path);
      case AT_SYMLINK_FOLLOW ->
          (intArg(parameter.flags()) & OpenFlags.AT_SYMLINK_FOLLOW) != 0
              ? PathResolver.Last.FOLLOW
              : PathResolver.Last.NOFOLLOW;
      case AT_SYMLINK_NOFOLLOW ->
          (intArg(parameter.flags()) & OpenFlags.AT_SYMLINK_NOFOLLOW) != 0
              ? PathResolver.Last.NOFOLLOW
              : PathResolver.Last.FOLLOW;
    };
  }

  private PathResolver.Last lastOfOpen(PathArgument path) {
    if (open().has(OpenFlags.O_CREAT) && path.isNameWithSlash()) {
      return PathResolver.Last.NAME; // EISDIR whatever it is, so nobody looks
    }
    return open().has(OpenFlags.O_NOFOLLOW) || open().has(OpenFlags.O_CREAT | OpenFlags.O_EXCL)
        ? PathResolver.Last.NOFOLLOW
        : PathResolver.Last.FOLLOW;
  }

  boolean hasEmptyPathFlag(PathParameter parameter) {
    return parameter.last() != Last.OPEN
        && parameter.last() != Last.NAME
        && parameter.dirfd() >= 0
        && parameter.flags() >= 0
        && (intArg(parameter.flags()) & OpenFlags.AT_EMPTY_PATH) != 0;
  }

  /// The caller's own restrictions on path resolution (openat2(2)).
  long resolveFlags() {
    return openRead ? open.resolve() & ~OpenFlags.RESOLVE_CACHED : 0;
  }
}
