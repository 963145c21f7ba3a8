package dev.sluice.supervisor.launch;

import dev.sluice.supervisor.kernel.Errno;

/// A command that was not started.
public final class LaunchException extends Exception {
  private static final long serialVersionUID = 1;

  /// How far the launcher came (`enum report_stage`).
  public enum Stage {
    GONE,
    NO_COMMAND,
    NO_NEW_PRIVS,
    INSTALL,
    HELPER;

    static Stage ofNumber(int number) {
      return number >= 2 && number <= 5 ? values()[number - 1] : GONE;
    }
  }

  private final Stage stage;
  private final int errno;

  public LaunchException(Stage stage, int errno) {
    super(explain(stage, errno));
    this.stage = stage;
    this.errno = errno;
  }

  public Stage stage() {
    return stage;
  }

  public int errno() {
    return errno;
  }

  private static String explain(Stage stage, int errno) {
    String name = Errno.nameOf(errno);
    return switch (stage) {
      case GONE -> "the launcher ended before the filter was installed";
      case NO_COMMAND -> "the command cannot be executed: " + name;
      case NO_NEW_PRIVS -> "prctl(PR_SET_NO_NEW_PRIVS): " + name;
      case HELPER -> "pthread_create: " + name;
      case INSTALL -> install(errno, name);
    };
  }

  private static String install(int errno, String name) {
    if (errno == Errno.EBUSY.number()) {
      return "seccomp: EBUSY: we run under another seccomp listener already, and the kernel allows"
          + " one; run sluice outside of it";
    }
    if (errno == Errno.EACCES.number()) {
      return "seccomp: EACCES: a filter needs no_new_privs or CAP_SYS_ADMIN;"
          + " leave --allow-new-privileges out";
    }
    return "seccomp: " + name;
  }
}
