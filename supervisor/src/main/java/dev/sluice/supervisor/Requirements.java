package dev.sluice.supervisor;

import dev.sluice.supervisor.policy.CompiledPolicy;

/// What Sluice cannot do without.
final class Requirements {
  private Requirements() {}

  /// Throws [SluiceException] saying what is missing and what follows.
  static void check(Features features, CompiledPolicy policy) {
    if (!policy.notifies() || features.has("user_notif")) {
      if (policy.watches()) {
        checkWatching(features);
      }
      return;
    }
    String found = features.describe("user_notif");
    throw new SluiceException(
        found.equals("no EBUSY")
            ? "we run under another seccomp listener already, and the kernel allows one (EBUSY);"
                + " run sluice outside of it"
            : "this kernel has no seccomp user notification ("
                + found.replace("no ", "")
                + "); Linux 5.14 or later is needed");
  }

  private static void checkWatching(Features features) {
    String policy = "the policy decides by path which programs are executed; ";
    if (!features.has("wait_killable")) {
      throw new SluiceException(policy + "Linux 5.19 or later is needed for that");
    }
    if (!features.has("trace")) {
      throw new SluiceException(
          policy
              + "for that we must trace its processes, which the system forbids ("
              + features.describe("trace").replace("no ", "ptrace: ")
              + ")");
    }
  }
}
