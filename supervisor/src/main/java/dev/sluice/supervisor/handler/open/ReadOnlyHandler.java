package dev.sluice.supervisor.handler.open;

import dev.sluice.supervisor.handler.Access;
import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.handler.socket.TargetSocket;
import dev.sluice.supervisor.handler.stat.AccessHandler;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Groups;
import dev.sluice.supervisor.syscall.PathParameter.Last;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.OpenRequest;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import java.util.HashSet;
import java.util.Set;

/// Lets calls read, and fails those that would change something, as the kernel does on a file
/// system that is mounted read-only: mostly with EROFS (mount(2), open(2)). Devices, pipes and
/// sockets can be opened for writing there.
public final class ReadOnlyHandler implements SyscallHandler {
  private static final Set<String> MAKE =
      Set.of("mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat", "link", "linkat");

  private static final int FACCESSAT2 = Numbers.of("faccessat2");
  private static final AccessHandler ACCESS = new AccessHandler();
  private static final Verdict READ_ONLY = Verdict.Fail.of(Errno.EROFS.number());

  @Override
  public String name() {
    return "read-only";
  }

  @Override
  public Set<String> syscalls() {
    var calls = new HashSet<String>(Groups.members("@modify").orElseThrow());
    calls.addAll(OpenHandler.CALLS);
    calls.addAll(AccessHandler.CALLS);
    calls.add("bind");
    return calls;
  }

  @Override
  public Verdict handle(Call call, Context context) {
    if (OpenHandler.CALLS.contains(call.name())) {
      return call.open().writes() ? open(call, call.open()) : Verdict.CONTINUE;
    }
    if (call.name().equals("bind")) {
      return call.address().isFile() ? bind(call) : Verdict.CONTINUE;
    }
    return AccessHandler.CALLS.contains(call.name()) ? access(call) : modify(call);
  }

  private static Verdict bind(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    checkSocket(call);
    PathArgument path = call.addressFile();
    if (path.object() >= 0 || isSpecial(path)) {
      throw Abort.errno(Errno.EADDRINUSE);
    }
    checkFree(call, path, Errno.EADDRINUSE);
    return READ_ONLY;
  }

  /// Throws [Abort] with EBADF or ENOTSOCK.
  private static void checkSocket(Call call) {
    int socket = TargetSocket.open(call);
    var stat = new Stat();
    boolean isSocket = Files.fstat(socket, stat) == 0 && stat.isSocket();
    TargetSocket.close(call, socket);
    if (!isSocket) {
      throw Abort.errno(Errno.ENOTSOCK);
    }
  }

  /// What is wrong with an open besides is for who performs it to say.
  private static Verdict open(Call call, OpenRequest open) {
    PathArgument path = call.path(0);
    if (open.has(OpenFlags.O_CREAT) && path.isNameWithSlash()) {
      return Verdict.CONTINUE;
    }
    if (path.object() < 0) {
      return open.has(OpenFlags.O_CREAT) ? READ_ONLY : Verdict.CONTINUE;
    }
    if (open.has(OpenFlags.O_TMPFILE)) {
      return path.stat().isDirectory() ? READ_ONLY : Verdict.CONTINUE;
    }
    boolean changes = !open.isReadOnly() || open.has(OpenFlags.O_TRUNC);
    boolean fails =
        open.has(OpenFlags.O_CREAT | OpenFlags.O_EXCL) || open.has(OpenFlags.O_DIRECTORY);
    return changes && path.stat().isRegular() && !fails
        ? changing(call, path, open)
        : Verdict.CONTINUE;
  }

  /// Who has no permission is told that first, unless an open is to cut the file off.
  private static Verdict changing(Call call, PathArgument path, OpenRequest open) {
    if (open.has(OpenFlags.O_TRUNC)) {
      return READ_ONLY;
    }
    boolean reads = (open.flags() & OpenFlags.O_ACCMODE) != OpenFlags.O_WRONLY;
    return changing(call, path, reads ? Access.R_OK | Access.W_OK : Access.W_OK);
  }

  private static Verdict changing(Call call, PathArgument path, int mode) {
    Operation operation =
        call.operation()
            .begin(FACCESSAT2)
            .itself(path.object())
            .value(mode)
            .value(Access.AT_EACCESS | OpenFlags.AT_EMPTY_PATH);
    long result = call.syscallsFor(path).make(operation, true);
    return result < 0 ? Verdict.Fail.of((int) -result) : READ_ONLY;
  }

  private static Verdict access(Call call) {
    if ((Access.modeOf(call) & Access.W_OK) == 0) {
      return Verdict.CONTINUE;
    }
    Stat stat = Paths.existing(call, 0).stat();
    boolean isOfFileSystem = stat.isRegular() || stat.isDirectory() || stat.isSymlink();
    Verdict verdict = isOfFileSystem ? ACCESS.perform(call) : Verdict.CONTINUE;
    return verdict instanceof Verdict.Return ? READ_ONLY : verdict;
  }

  /// Before it says that nothing can be changed, the kernel finds everything else wrong with the
  /// names.
  private static Verdict modify(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    if (call.name().startsWith("truncate")) {
      PathArgument path = Paths.existing(call, 0);
      // nothing else is ever cut off
      return path.stat().isRegular() ? changing(call, path, Access.W_OK) : Verdict.CONTINUE;
    }
    for (int i = 0; i < call.pathCount(); i++) {
      PathArgument path = call.path(i);
      if (call.kind().paths().get(i).last() != Last.NAME) {
        Paths.existing(call, i);
      } else if (isSpecial(path)) {
        return Verdict.CONTINUE; // never taken for a name
      } else if (MAKE.contains(call.name())) {
        checkFree(call, path, Errno.EEXIST);
      }
    }
    return READ_ONLY;
  }

  /// Whether it is the root, `.` or `..`.
  private static boolean isSpecial(PathArgument path) {
    NativeBytes name = path.name();
    int dots = 0;
    while (dots < 2 && name.getByte(dots) == '.') {
      dots++;
    }
    return name.getByte(dots) == 0;
  }

  /// Throws [Abort] if a name cannot be made because it is there, or because only a directory could
  /// have it.
  ///
  /// @param taken the errno of a name that is there
  private static void checkFree(Call call, PathArgument path, Errno taken) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;
    int pinned = call.syscalls().pin(path.parent(), path.name(), flags, 0);
    if (pinned >= 0) {
      Files.close(pinned);
      throw Abort.errno(taken);
    }
    if (path.isNameWithSlash() && !call.name().startsWith("mkdir")) {
      throw Abort.errno(Errno.ENOENT);
    }
  }
}
