package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.syscall.PathParameter.Last;

/// What execve or execveat executes: the file that the call names and, if that is a script, the
/// interpreter its first line names. The kernel loads each of them, so each is decided on.
public final class Executable {
  /// `exec_binprm`, fs/exec.c: more fail with ELOOP.
  private static final int MAX_INTERPRETERS = 5;

  /// execveat(2), 6.14: nothing is executed, and interpreters are not looked for.
  public static final int AT_EXECVE_CHECK = 0x10000;

  private static final PathParameter INTERPRETER =
      new PathParameter("path", -1, -1, Last.FOLLOW, -1);

  private static final int PREAD64 = Arch.host().number("pread64").orElseThrow();
  private static final int CAP_SYS_PTRACE = 19;

  private final Call call;
  private int interpreters;

  Executable(Call call) {
    this.call = call;
  }

  void begin() {
    if (interpreters > 0) {
      interpreters = 0;
      call.paths.at(1).clear();
    }
  }

  /// Whether it is no longer the file that the call names.
  boolean isElsewhere() {
    return interpreters > 0;
  }

  /// The file that is decided on: the one the call names, until [#descend] or [#confirm] has gone
  /// on to another. That is then the second path in the call's record.
  public PathArgument file() {
    return interpreters == 0 ? call.path(0) : call.paths.at(1);
  }

  /// Goes on to the interpreter, if the file is a script. Returns whether it is; for one that
  /// nobody can read, the kernel will tell. Throws [Abort].
  public boolean descend() {
    PathArgument script = file();
    if (interpreters == MAX_INTERPRETERS
        || script.object < 0
        || !script.stat().isRegular()
        || isCheck()) {
      return false;
    }
    byte[] path = interpreterOf(script);
    if (path.length == 0) {
      return false;
    }
    PathArgument interpreter = call.paths.at(1);
    interpreter.clear();
    interpreter.raw.put(0, path, 0, path.length);
    interpreter.raw.putByte(path.length, (byte) 0);
    interpreter.rawLength = path.length;
    interpreter.state = PathArgument.State.COPIED;
    interpreters++;
    PathResolver.resolve(call, interpreter, INTERPRETER);
    return true;
  }

  private boolean isCheck() {
    return call.name().equals("execveat") && (call.intArg(4) & AT_EXECVE_CHECK) != 0;
  }

  private byte[] interpreterOf(PathArgument script) {
    Syscalls syscalls = call.syscallsFor(script);
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC;
    // the kernel reads it, too, but only if it may be executed
    int fd = syscalls.reopen(script.object, flags | OpenFlags.O_NOATIME);
    if (fd == -Errno.EPERM.number()) {
      fd = syscalls.reopen(script.object, flags); // for others than its owner there is no such flag
    }
    if (fd < 0) {
      refuseWhatCannotBeConfirmed(fd);
      return new byte[0];
    }
    try {
      Operation operation = call.operation();
      operation.begin(PREAD64).descriptor(fd).output(ScriptHead.SIZE);
      long length = syscalls.make(operation.value(ScriptHead.SIZE).value(0), true);
      return ScriptHead.interpreter(operation.buffer(ScriptHead.SIZE), (int) Math.max(0, length));
    } finally {
      Files.close(fd);
    }
  }

  /// A process whose program its user may execute but not read is not dumpable, and shows nothing
  /// to others of the user.
  private void refuseWhatCannotBeConfirmed(int error) {
    Task caller = call.task();
    boolean mayTraceAll =
        (caller.ownIdentity().credentials().effective() >> CAP_SYS_PTRACE & 1) != 0;
    if (error == -Errno.EACCES.number() && !mayTraceAll) {
      throw Abort.errno(Errno.EACCES);
    }
  }

  /// Looks at what process `pid`, which is stopped before its first instruction, has executed. If
  /// it is not the file that was decided on, it becomes the file. Returns whether it is. Throws
  /// [Abort] if that cannot be seen.
  public boolean confirm(int pid) {
    int executed =
        Abort.check(
            Files.openat(
                OpenFlags.AT_FDCWD,
                NativeBytes.ofString("/proc/" + pid + "/exe"),
                OpenFlags.O_PATH | OpenFlags.O_CLOEXEC,
                0));
    boolean held = false;
    try {
      if (isSame(executed, file())) {
        return true;
      }
      PathArgument found = call.paths.at(1);
      found.clear();
      interpreters++;
      held = true;
      PathResolver.hold(call, found, executed);
      Attachment.check(call, found);
      return false;
    } finally {
      if (!held) {
        Files.close(executed);
      }
    }
  }

  /// The same object by the same path: a hard link has others.
  private static boolean isSame(int executed, PathArgument expected) {
    var stat = new Stat();
    return expected.object >= 0
        && Files.fstat(executed, stat) == 0
        && stat.dev() == expected.stat().dev()
        && stat.ino() == expected.stat().ino()
        && PathResolver.canonical(executed, stat).equalTo(expected.canonical.toBytes());
  }
}
