package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.target.Call;

/// What access(2) and its kind ask for (unistd.h, fcntl.h).
public final class Access {
  public static final int X_OK = 1;
  public static final int W_OK = 2;
  public static final int R_OK = 4;
  public static final int AT_EACCESS = 0x200;

  private Access() {}

  /// The mode that access(2), faccessat(2) or faccessat2(2) asks for.
  public static int modeOf(Call call) {
    return call.intArg(call.name().equals("access") ? 1 : 2);
  }
}
