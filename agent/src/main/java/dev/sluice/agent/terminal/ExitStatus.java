package dev.sluice.agent.terminal;

/// What `sluice` ends with beside a command's own status: as env(1) has them.
public final class ExitStatus {
  /// Something that was given is wrong, and nothing has been done.
  public static final int USAGE = 2;

  /// It could not be done.
  public static final int FAILED = 125;

  /// Nobody reads what it writes: as of a program that SIGPIPE ends.
  public static final int READER_GONE = 141;

  private ExitStatus() {}
}
