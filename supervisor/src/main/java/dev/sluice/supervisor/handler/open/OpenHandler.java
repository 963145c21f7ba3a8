package dev.sluice.supervisor.handler.open;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.kernel.Capability;
import dev.sluice.supervisor.kernel.Descriptors;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.kernel.ThreadUsage;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.DeviceCgroups;
import dev.sluice.supervisor.target.Effect;
import dev.sluice.supervisor.target.Filesystems;
import dev.sluice.supervisor.target.Identity;
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

  private static final Verdict FULL = Verdict.Fail.of(Errno.EMFILE.number());

  /// What an off_t of 32 bits can say of a file's size.
  private static final int MAX_NON_LFS = Integer.MAX_VALUE;

  /// Of all event loops: who makes opens wait does so everywhere.
  private static final OpenDelays DELAYS = new OpenDelays(System.nanoTime());

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
    if (path.object() >= 0 && isCreated(call)) {
      return openCreated(call, open, path);
    }
    if (open.has(OpenFlags.O_CREAT) && path.isNameWithSlash()) {
      return Verdict.Fail.of(Errno.EISDIR.number());
    }
    if (path.object() < 0) {
      return create(call, open, path);
    }
    return openObject(call, open, path);
  }

  /// Whether what is there was created for this very call, by somebody before us.
  private static boolean isCreated(Call call) {
    return call.unfinished().isPresent()
        && call.unfinished().get().effect() == Effect.CREATION
        && call.unfinished().get().isMade();
  }

  private static Verdict openCreated(Call call, OpenRequest open, PathArgument path) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    return inject(open, call.patientSyscalls().reopen(path.object(), existing(open)));
  }

  private static Verdict create(Call call, OpenRequest open, PathArgument path) {
    if (!open.has(OpenFlags.O_CREAT)) {
      return Verdict.Fail.of(Errno.ENOENT.number());
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    if (!call.task().hasFreeDescriptor(call)) {
      return FULL;
    }
    // O_EXCL: whatever has got the name since is not what was decided on. It could be a link that
    // leads elsewhere, or a FIFO, to wait for which would cost a thread of ours.
    int flags = ours(open) | OpenFlags.O_EXCL;
    int umask = call.task().umask();
    call.validate();
    call.progress().means(Effect.CREATION, 0);
    int fd =
        call.syscallsFor(path).create(path.parent(), path.name(), flags, (int) open.mode(), umask);
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
      // is opened through it is decided again. But openat2's flags lie in memory: by the time the
      // kernel looks, it may be asked for something else.
      return call.name().equals("openat2")
          ? Verdict.Fail.of(Errno.ENOSYS.number())
          : Verdict.CONTINUE_ON_FLOOR;
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
    // of a device there is nothing to cut off, and shells open /dev/null so
    if (!call.mayBlock() && open.has(OpenFlags.O_TRUNC) && !stat.isCharacterDevice()) {
      throw Abort.WOULD_BLOCK;
    }
    boolean waits = !stat.isRegular() && !stat.isDirectory();
    if (call.mayBlock()
        && (waits || open.has(OpenFlags.O_TRUNC))
        && !call.task().hasFreeDescriptor(call)) {
      return FULL;
    }
    if (isTooLarge(call, open, stat)) {
      return tooLarge(call, open, path);
    }
    if (call.mayBlock()
        && ControllingTerminal.isMeantBy(stat)
        && !ControllingTerminal.isShared(call)) {
      return openElsewhere(call, open, ControllingTerminal.pin(call));
    }
    boolean ofMemory = MemoryFiles.isOne(call, path);
    int fd = reopen(call, open, path.object(), stat, ofMemory || path.isForeign());
    if (fd == -Errno.EACCES.number()
        && ofMemory
        && !path.isForeign()
        && call.syscalls().isInline()) {
      // Yama lets us, who started it, read and write its memory, but not a worker
      fd = call.syscalls().reopen(path.object(), existing(open));
    }
    if (fd == -Errno.EACCES.number() && path.filesystem(call) == Filesystems.Kind.PROC) {
      fd = reopenOwn(call, open, path);
    }
    return inject(open, fd);
  }

  /// What the kernel lets its owner open, whoever else is refused: the files if their modes do.
  private static int reopenOwn(Call call, OpenRequest open, PathArgument path) {
    if (path.stat().isDirectory()) {
      boolean isOpen = path.isOwnAndOpen(call) || path.isOwnFacts(call);
      return isOpen ? Descriptors.reopen(path.object(), existing(open)) : -Errno.EACCES.number();
    }
    Identity own = call.task().ownIdentity();
    boolean mayLook = Capability.CAP_SYS_PTRACE.isIn(own.credentials().effective());
    if (!mayLook || path.isForeign() || call.syscalls().isInline() || !path.isOwnEntry(call)) {
      return -Errno.EACCES.number();
    }
    Identity caller = call.identity();
    boolean isInOurs = caller.userNamespace() == own.userNamespace();
    long capabilities = isInOurs ? caller.credentials().effective() : 0;
    return call.privilegedSyscalls(capabilities | Capability.CAP_SYS_PTRACE.bit())
        .reopen(path.object(), existing(open));
  }

  /// A caller of i386 says O_LARGEFILE if it can tell the size of any file. openat2 and creat say
  /// so for it.
  private static boolean isTooLarge(Call call, OpenRequest open, Stat stat) {
    return !call.arch().is64Bit()
        && !open.has(OpenFlags.O_LARGEFILE)
        && (call.name().equals("open") || call.name().equals("openat"))
        && stat.isRegular()
        && stat.length() > MAX_NON_LFS;
  }

  /// The kernel finds that when it has found nothing else wrong, and before it cuts the file off.
  private static Verdict tooLarge(Call call, OpenRequest open, PathArgument path) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    int flags = existing(open) & ~OpenFlags.O_TRUNC;
    int fd = call.patientSyscalls().reopen(path.object(), flags);
    if (fd < 0) {
      return Verdict.Fail.of(-fd);
    }
    Files.close(fd);
    return Verdict.Fail.of(Errno.EOVERFLOW.number());
  }

  private static Verdict createUnnamed(Call call, OpenRequest open, PathArgument directory) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    if (!call.task().hasFreeDescriptor(call)) {
      return FULL;
    }
    int umask = call.task().umask();
    call.validate();
    var syscalls = call.syscallsFor(directory);
    call.progress().means(Effect.READING, 0); // nobody else ever sees it
    return inject(
        open, syscalls.create(directory.object(), HERE, ours(open), (int) open.mode(), umask));
  }

  /// In the place of an O_PATH descriptor, which the kernel does not inject: one to read with. On a
  /// worker.
  static Verdict openToRead(Call call, PathArgument path) {
    OpenRequest open = call.open();
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | (existing(open) & ~OpenFlags.O_PATH);
    return inject(open, call.patientSyscalls().reopen(path.object(), flags));
  }

  /// Opens what `pinned` refers to, or fails with its -errno, as if the target had named it; closes
  /// it. On a worker.
  static Verdict openElsewhere(Call call, OpenRequest open, int pinned) {
    if (pinned < 0) {
      return Verdict.Fail.of(-pinned);
    }
    try {
      var stat = new Stat();
      Files.fstat(pinned, stat);
      return inject(open, reopen(call, open, pinned, stat, false));
    } finally {
      Files.close(pinned);
    }
  }

  /// Opens what `pinned` refers to: ourselves, if that waits for nobody. O_NONBLOCK is because of
  /// leases (fcntl(2)), and then taken back.
  ///
  /// @param elsewhere whether another process has to, or should as it may wait
  private static int reopen(Call call, OpenRequest open, int pinned, Stat stat, boolean elsewhere) {
    long now = System.nanoTime();
    if (!elsewhere && call.syscalls().isInline() && isPrompt(call, open, pinned, stat, now)) {
      int fd = reopenInline(call, pinned, existing(open) | OpenFlags.O_NONBLOCK, now);
      if (fd >= 0 && !open.has(OpenFlags.O_NONBLOCK)) {
        Files.setStatusFlags(fd, (int) open.flags() & SETTABLE);
      }
      if (fd != -Errno.EAGAIN.number()) {
        return fd;
      }
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    if (!stat.isRegular() && !stat.isDirectory()) {
      call.cancellation().waitAtLeisure(); // for the other end of a FIFO, or for a device
    }
    return call.patientSyscalls().reopen(pinned, existing(open));
  }

  private static int reopenInline(Call call, int pinned, int flags, long now) {
    if (call.mayBlock()) {
      return call.syscalls().reopen(pinned, flags);
    }
    if (DELAYS.areSuspected(now)) {
      int fd = Descriptors.reopenWatched(pinned, flags);
      DELAYS.tookWatched(now, System.nanoTime(), ThreadUsage.waits());
      return fd;
    }
    int fd = call.syscalls().reopen(pinned, flags);
    DELAYS.took(now, System.nanoTime());
    return fd;
  }

  private static boolean isPrompt(Call call, OpenRequest open, int fd, Stat stat, long now) {
    if (stat.isCharacterDevice()) {
      // others may wait, or be for nobody in the caller's cgroup
      return DeviceCgroups.isCommon(Stat.major(stat.rdev()), Stat.minor(stat.rdev()))
          && !ControllingTerminal.isMeantBy(stat);
    }
    if ((!stat.isRegular() && !stat.isDirectory()) || DELAYS.areLong(now)) {
      return false;
    }
    return switch (Filesystems.of(call, fd, stat)) {
      case PROMPT, PROC, UNNAMED -> true;
      case STACKED -> !open.writes(); // what is to be written is copied first, however much it is
      case SLOW -> false;
    };
  }

  /// The flags for our own descriptor: close-on-exec, and a terminal must not become ours.
  private static int ours(OpenRequest open) {
    return (int) open.flags() | OpenFlags.O_CLOEXEC | OpenFlags.O_NOCTTY;
  }

  /// The same for an object that is there already, and was looked for as the flags say.
  private static int existing(OpenRequest open) {
    // O_EXCL stays: without O_CREAT it claims a block device
    return ours(open) & ~(OpenFlags.O_CREAT | OpenFlags.O_NOFOLLOW);
  }

  private static Verdict inject(OpenRequest open, int fd) {
    return fd < 0
        ? Verdict.Fail.of(-fd)
        : Verdict.InjectFd.of(fd, open.has(OpenFlags.O_CLOEXEC), !open.writes());
  }
}
