package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;

/// The session a process is in, and its controlling terminal (credentials(7), tty(4)).
///
/// @param id the session id, as seen from here; 0 if its leader is not
/// @param terminal the device number of the controlling terminal, as in `st_rdev`; 0 if there is
///   none
public record TaskSession(int id, int terminal) {
  private static final NativeBytes STAT = NativeBytes.ofString("stat");
  private static final TaskSession OWN = readOwn();

  /// Ours.
  public static TaskSession own() {
    return OWN;
  }

  private static TaskSession readOwn() {
    int procfd = Files.open("/proc/self", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    try {
      return read(procfd);
    } finally {
      Files.close(procfd);
    }
  }

  static TaskSession read(int procfd) {
    return parse(Proc.read(procfd, STAT));
  }

  /// Parses /proc/PID/stat: after the name, which may contain anything, come state, parent, process
  /// group, session and terminal.
  static TaskSession parse(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return new TaskSession(Integer.parseInt(fields[3]), Integer.parseInt(fields[4]));
  }
}
