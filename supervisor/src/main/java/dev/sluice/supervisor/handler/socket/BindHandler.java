package dev.sluice.supervisor.handler.socket;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Set;

/// bind: binds the caller's own socket to the address that the decision was made on. A path is made
/// in the very directory that was looked at.
public final class BindHandler implements SyscallHandler {
  @Override
  public String name() {
    return "bind";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("bind");
  }

  @Override
  public Verdict handle(Call call, Context context) {
    return call.address().isFile() ? bindFile(call) : bindAddress(call);
  }

  private static Verdict bindAddress(Call call) {
    int socket = TargetSocket.open(call);
    try {
      call.validate();
      var address = call.address();
      return Results.of(call.syscalls().bind(socket, address.raw(), address.length()));
    } finally {
      TargetSocket.close(call, socket);
    }
  }

  private static Verdict bindFile(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    PathArgument file = call.addressFile();
    boolean isRoot = file.name().getByte(0) == 0;
    if (file.object() >= 0 || isRoot) {
      return Verdict.Fail.of(Errno.EADDRINUSE.number());
    }
    if (file.isNameWithSlash()) {
      return Verdict.Fail.of((isThere(call, file) ? Errno.EADDRINUSE : Errno.ENOENT).number());
    }
    int umask = call.task().umask();
    int socket = TargetSocket.open(call);
    try {
      call.validate();
      return Results.of(call.syscallsFor(file).bindName(socket, file.parent(), file.name(), umask));
    } finally {
      TargetSocket.close(call, socket);
    }
  }

  private static boolean isThere(Call call, PathArgument file) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;
    int pinned = call.syscallsFor(file).pin(file.parent(), file.name(), flags, 0);
    if (pinned >= 0) {
      Files.close(pinned);
    }
    return pinned >= 0;
  }
}
