package dev.sluice.agent.lxc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the command line of a monitor says, once it is in the background: `[lxc monitor] LXCPATH
/// NAME`.
///
/// @param directory of the container
record MonitorName(String name, String directory) {
  private static final Pattern TITLE = Pattern.compile("\\[lxc monitor] (\\S.*) (\\S+)");

  /// Empty if it has another: one that stays in the foreground keeps that of its command.
  static Optional<MonitorName> of(int pid) {
    try {
      byte[] line = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "cmdline"));
      return of(new String(line, StandardCharsets.UTF_8));
    } catch (IOException ended) {
      return Optional.empty();
    }
  }

  static Optional<MonitorName> of(String line) {
    int end = line.indexOf('\0');
    Matcher title = TITLE.matcher(end < 0 ? line : line.substring(0, end));
    return title.matches()
        ? Optional.of(new MonitorName(title.group(2), title.group(1) + '/' + title.group(2)))
        : Optional.empty();
  }
}
