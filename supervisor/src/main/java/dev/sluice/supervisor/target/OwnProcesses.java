package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The processes that decide, perform and record calls: we, and whichever programs of ours there
/// are. The command may be called like one of them, but has more filters than we have.
final class OwnProcesses {
  private static final String PREFIX = "sluice-";

  /// Number 1 in `NSpid` would be the init of a namespace below ours.
  private static final int OWN_NAMESPACE = 1;

  private OwnProcesses() {}

  /// Whether a thread is one of theirs.
  ///
  /// @param pid as the caller counts
  static boolean include(int pid, Task caller) {
    if (pid <= 0 || caller.status().nspids().size() != OWN_NAMESPACE) {
      return false; // in a namespace below, we have no number
    }
    return Processes.isOwnThread(pid) || isOurProgram(pid);
  }

  private static boolean isOurProgram(int pid) {
    try {
      String status = status(Integer.toString(pid));
      return field(status, "Name").startsWith(PREFIX) && filters(status) <= filters(status("self"));
    } catch (IOException gone) {
      return false;
    }
  }

  private static String status(String process) throws IOException {
    return Files.readString(Path.of("/proc", process, "status"), StandardCharsets.ISO_8859_1);
  }

  /// `Seccomp_filters` of proc(5).
  private static int filters(String status) {
    String filters = field(status, "Seccomp_filters");
    return filters.isEmpty() ? 0 : Integer.parseInt(filters);
  }

  private static String field(String status, String name) {
    return status
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .findFirst()
        .map(line -> line.substring(name.length() + 1).strip())
        .orElse("");
  }
}
