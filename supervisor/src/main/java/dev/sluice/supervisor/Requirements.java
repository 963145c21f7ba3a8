package dev.sluice.supervisor;

/// What Sluice cannot do without.
final class Requirements {
  private Requirements() {}

  /// Throws [SluiceException] saying what is missing and what follows.
  static void check(Features features) {
    if (features.has("user_notif")) {
      return;
    }
    String found = features.describe("user_notif");
    throw new SluiceException(
        found.equals("no EBUSY")
            ? "we run under another seccomp listener already, and the kernel allows one (EBUSY);"
                + " run sluice outside of it"
            : "this kernel has no seccomp user notification ("
                + found
                + "); Linux 5.14 or later is needed");
  }
}
