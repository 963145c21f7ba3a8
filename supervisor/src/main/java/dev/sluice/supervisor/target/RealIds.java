package dev.sluice.supervisor.target;

/// Calls in which the kernel goes by the real ids of the caller, and not by the effective ones:
/// access(2).
final class RealIds {
  private static final int AT_EACCESS = 0x200;

  private RealIds() {}

  static boolean govern(Call call) {
    return switch (call.name()) {
      case "access", "faccessat" -> true;
      case "faccessat2" -> (call.intArg(3) & AT_EACCESS) == 0;
      default -> false;
    };
  }
}
