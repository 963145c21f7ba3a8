package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import java.util.Map;
import java.util.Set;

/// Decides or performs calls that a policy gives it with `emulate: NAME`. Found by
/// [java.util.ServiceLoader].
///
/// Several threads may call it at once. A plug-in runs on a worker under a deadline; when that
/// passes, or when it throws, its call fails with EIO, and after several in a row it is not asked
/// for a while.
public interface SyscallHandler {
  /// What a policy calls it.
  String name();

  /// The names of the calls it serves, such as `getppid`.
  Set<String> syscalls();

  /// Decides one call. `call` is only good until this returns.
  /// [dev.sluice.supervisor.target.Abort], which the methods of `call` throw, is to be let through.
  Verdict handle(Call call, Context context);

  /// The handler with the options a rule gives, which it checks: throws [IllegalArgumentException]
  /// in words for the policy's author. By default there are none.
  default SyscallHandler configure(Map<String, String> options) {
    if (!options.isEmpty()) {
      throw new IllegalArgumentException(
          "it takes no options, but there is '" + options.keySet().iterator().next() + "'");
    }
    return this;
  }
}
