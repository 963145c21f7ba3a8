package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import java.util.Optional;

/// Performs calls as the kernel does, in its order: whoever makes a call with two mistakes learns
/// of the same one.
public interface Performer extends SyscallHandler {
  /// What the kernel answers before it looks where the call's paths lead, if it does: mostly EINVAL
  /// for flags. Throws [dev.sluice.supervisor.target.Abort] as well.
  Optional<Verdict> early(Call call);

  /// Performs a call that did not end early.
  Verdict perform(Call call);

  @Override
  default Verdict handle(Call call, Context context) {
    return early(call).orElseGet(() -> perform(call));
  }
}
