package dev.sluice.supervisor.handler.open;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Groups;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import dev.sluice.supervisor.target.Text;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Has an open, or a look at a file, performed on another file than the one that was named, with
/// the target's permissions. Option `to`: its absolute path, without links on the way (EACCES):
/// what those lead to, no rule has decided on.
public final class RedirectHandler implements SyscallHandler {
  private final Text to;
  private final byte[] canonical;

  /// For [java.util.ServiceLoader].
  public RedirectHandler() {
    this("/dev/null");
  }

  private RedirectHandler(String to) {
    this.to = Text.of(to);
    this.canonical = this.to.toBytes();
  }

  @Override
  public String name() {
    return "redirect";
  }

  @Override
  public Set<String> syscalls() {
    var calls = new HashSet<String>(Groups.members("@stat").orElseThrow());
    calls.addAll(OpenHandler.CALLS);
    return calls;
  }

  @Override
  public SyscallHandler configure(Map<String, String> options) {
    String path = options.get("to");
    if (path == null || options.size() != 1) {
      throw new IllegalArgumentException("it takes one option, 'to': the file to open instead");
    }
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("'" + path + "' must be an absolute path");
    }
    return new RedirectHandler(path);
  }

  @Override
  public Verdict handle(Call call, Context context) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    PathArgument path = call.path(0);
    if (path.isDescriptor()) {
      return Verdict.CONTINUE; // whatever that is of
    }
    PathArgument found = call.file(to);
    if (found.object() < 0) {
      return Verdict.Fail.of(Errno.ENOENT.number());
    }
    if (!found.canonical().equalTo(canonical)) {
      return Verdict.Fail.of(Errno.EACCES.number());
    }
    if (path.isNameWithSlash() && !found.stat().isDirectory() && !makes(call)) {
      return Verdict.Fail.of(Errno.ENOTDIR.number());
    }
    path.lead(Abort.check(Files.duplicate(found.object())));
    return OpenHandler.CALLS.contains(call.name()) && call.open().has(OpenFlags.O_PATH)
        ? OpenHandler.openToRead(call, path)
        : Verdict.CONTINUE;
  }

  /// The kernel has another error for who would make a file of such a name.
  private static boolean makes(Call call) {
    return OpenHandler.CALLS.contains(call.name()) && call.open().has(OpenFlags.O_CREAT);
  }
}
