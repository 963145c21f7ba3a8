package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.target.Call;

/// Takes over the calls that a rule, or the way a call must be allowed, leads to.
public interface Emulation {
  /// The name a policy and a record have for it.
  String name();

  /// Decides, having done whatever it does. May throw [dev.sluice.supervisor.target.Abort],
  /// `WOULD_BLOCK` among them: then it is asked again on a worker, where [Call#mayBlock] is true.
  Verdict perform(Call call);
}
