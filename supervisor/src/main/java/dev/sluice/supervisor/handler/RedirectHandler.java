package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.OpenRequest;
import java.util.Map;
import java.util.Set;

/// Opens another file than the one that was named, with the target's permissions. Option `to`: its
/// absolute path.
public final class RedirectHandler implements SyscallHandler {
  private final NativeBytes to;

  /// For [java.util.ServiceLoader].
  public RedirectHandler() {
    this("/dev/null");
  }

  private RedirectHandler(String to) {
    this.to = NativeBytes.ofString(to);
  }

  @Override
  public String name() {
    return "redirect";
  }

  @Override
  public Set<String> syscalls() {
    return OpenHandler.CALLS;
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
    OpenRequest open = call.open();
    int pinned =
        call.syscalls().pin(OpenFlags.AT_FDCWD, to, OpenFlags.O_PATH | OpenFlags.O_CLOEXEC, 0);
    return OpenHandler.openElsewhere(call, open, pinned);
  }
}
