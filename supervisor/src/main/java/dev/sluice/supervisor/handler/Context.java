package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.policy.Verdict;

/// What a handler can do beside answering with a number.
public final class Context {
  static final Context INSTANCE = new Context();

  private Context() {}

  /// A verdict that gives the target a read-only file with this content, which exists nowhere else.
  ///
  /// @param name what /proc/PID/fd shows for it
  public Verdict file(String name, byte[] content, boolean closeOnExec) {
    return Verdict.InjectFd.of(Files.sealedFile(name, content), closeOnExec, true);
  }
}
